// A bare-metal program for Thumb as its ELF file tells of it: what lies where
// in memory, and what the linker called it. ELF for the Arm architecture (Arm
// IHI 0044, 5.5.5 for the symbols that tell code from data).
#ifndef BOOTSEAL_TESTS_GLITCH_PROGRAM_H_
#define BOOTSEAL_TESTS_GLITCH_PROGRAM_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bootseal::tests {

// Bytes from `begin` on.
struct Bytes32 {
  std::uint32_t begin = 0;
  std::string bytes;
};

// [begin, end).
struct Range32 {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool Holds(std::uint32_t address) const {
    return address >= begin && address < end;
  }
};

struct Symbol {
  std::uint32_t address = 0;  // without the Thumb bit
  std::uint32_t size = 0;
  std::string name;  // demangled
};

class Program {
 public:
  // Errors: NOT_A_PROGRAM, and those of base::ReadFile.
  static absl::StatusOr<Program> Read(const std::string& elf);

  // Everything that is loaded where code is: with constants, and with what will
  // be copied to RAM. The vector table is its beginning.
  const Bytes32& code() const { return code_; }
  std::uint16_t Halfword(std::uint32_t address) const;
  std::uint32_t Word(std::uint32_t address) const;

  // The first whose name is `name`, or begins with it where it ends in "(".
  absl::StatusOr<Symbol> Find(absl::string_view name) const;
  // "boot::Run()+0x1c"; the address alone where no function is.
  std::string Describe(std::uint32_t address) const;
  // Where instructions are, and not constants between them.
  const std::vector<Range32>& instructions() const { return instructions_; }

 private:
  Bytes32 code_;
  std::map<std::uint32_t, Symbol> functions_;
  std::vector<Symbol> symbols_;
  std::vector<Range32> instructions_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_GLITCH_PROGRAM_H_
