#include "tests/glitch/program.h"

#include <cxxabi.h>
#include <elf.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/file.h"
#include "base/status.h"

namespace bootseal::tests {
namespace {

constexpr std::size_t kMostBytes = 1 << 26;
constexpr std::uint32_t kMostCode = 1 << 24;

absl::Status NotAProgram(absl::string_view why) {
  return base::Invalid("NOT_A_PROGRAM", "elf", why);
}

// Records of `file`, copied; none when they are not all inside.
template <typename Record>
std::vector<Record> Records(const std::string& file, std::size_t offset,
                            std::size_t count) {
  if (offset > file.size() || count > (file.size() - offset) / sizeof(Record)) {
    return {};
  }
  std::vector<Record> records(count);
  if (count != 0) {
    std::memcpy(records.data(), file.data() + offset, count * sizeof(Record));
  }
  return records;
}

std::string Demangled(const char* name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> plain(
      abi::__cxa_demangle(name, nullptr, nullptr, &status), &std::free);
  return status == 0 ? plain.get() : name;
}

struct NamedSymbol {
  Elf32_Sym symbol;
  const char* name;
};

std::vector<NamedSymbol> SymbolsOf(const std::string& file,
                                   const std::vector<Elf32_Shdr>& sections) {
  std::vector<NamedSymbol> all;
  for (const Elf32_Shdr& section : sections) {
    if (section.sh_type != SHT_SYMTAB || section.sh_link >= sections.size()) {
      continue;
    }
    const Elf32_Shdr& names = sections[section.sh_link];
    for (const Elf32_Sym& symbol : Records<Elf32_Sym>(
             file, section.sh_offset, section.sh_size / sizeof(Elf32_Sym))) {
      const std::size_t at = std::size_t{names.sh_offset} + symbol.st_name;
      if (symbol.st_name >= names.sh_size || at >= file.size()) continue;
      all.push_back({symbol, file.c_str() + at});
    }
  }
  return all;
}

// The segments around the code, put together; RAM's lies where it is loaded.
Bytes32 CodeOf(const std::string& file, const std::vector<Elf32_Phdr>& parts) {
  Bytes32 code{~std::uint32_t{0}, ""};
  std::uint32_t end = 0;
  for (const Elf32_Phdr& part : parts) {
    if (part.p_type != PT_LOAD || part.p_filesz == 0) continue;
    code.begin = std::min(code.begin, part.p_paddr);
    end = std::max(end, part.p_paddr + part.p_filesz);
  }
  if (end <= code.begin || end - code.begin > kMostCode) return {};
  code.bytes.assign(end - code.begin, '\0');
  for (const Elf32_Phdr& part : parts) {
    if (part.p_type != PT_LOAD || part.p_filesz == 0) continue;
    if (part.p_offset + std::size_t{part.p_filesz} > file.size()) return {};
    code.bytes.replace(part.p_paddr - code.begin, part.p_filesz, file,
                       part.p_offset, part.p_filesz);
  }
  return code;
}

// From "$t" to the next "$d", or to the end of what is loaded.
std::vector<Range32> InstructionsIn(const std::vector<NamedSymbol>& symbols,
                                    const Bytes32& code) {
  std::map<std::uint32_t, bool> marks;
  for (const auto& [symbol, name] : symbols) {
    const bool is_code = absl::StartsWith(name, "$t");
    if (is_code || absl::StartsWith(name, "$d")) {
      marks.emplace(symbol.st_value, is_code);
    }
  }
  const auto end = static_cast<std::uint32_t>(code.begin + code.bytes.size());
  std::vector<Range32> ranges;
  for (auto mark = marks.begin(); mark != marks.end(); ++mark) {
    const auto next = std::next(mark);
    const std::uint32_t until =
        std::min(next == marks.end() ? end : next->first, end);
    if (mark->second && mark->first >= code.begin && mark->first < until) {
      ranges.push_back({mark->first, until});
    }
  }
  return ranges;
}

}  // namespace

absl::StatusOr<Program> Program::Read(const std::string& elf) {
  absl::StatusOr<std::string> file = base::ReadFile(elf, kMostBytes);
  if (!file.ok()) return file.status();
  const auto headers = Records<Elf32_Ehdr>(*file, 0, 1);
  if (headers.empty() ||
      std::memcmp(headers[0].e_ident, ELFMAG, SELFMAG) != 0 ||
      headers[0].e_machine != EM_ARM) {
    return NotAProgram(elf + " is no ELF file of a 32-bit Arm");
  }
  const Elf32_Ehdr& header = headers[0];
  Program program;
  program.code_ =
      CodeOf(*file, Records<Elf32_Phdr>(*file, header.e_phoff, header.e_phnum));
  const std::vector<NamedSymbol> symbols = SymbolsOf(
      *file, Records<Elf32_Shdr>(*file, header.e_shoff, header.e_shnum));
  program.instructions_ = InstructionsIn(symbols, program.code_);
  if (program.code_.bytes.size() < 8 || program.instructions_.empty()) {
    return NotAProgram(elf + " holds no code, or no symbols");
  }
  for (const auto& [symbol, name] : symbols) {
    if (*name == '\0' || *name == '$') continue;
    const bool is_function = ELF32_ST_TYPE(symbol.st_info) == STT_FUNC;
    const std::uint32_t thumb = is_function ? 1 : 0;
    Symbol found{symbol.st_value & ~thumb, symbol.st_size, Demangled(name)};
    if (is_function) program.functions_.emplace(found.address, found);
    program.symbols_.push_back(std::move(found));
  }
  return program;
}

std::uint16_t Program::Halfword(std::uint32_t address) const {
  const std::size_t at = address - code_.begin;
  if (address < code_.begin || at + 2 > code_.bytes.size()) return 0;
  std::uint16_t halfword;
  std::memcpy(&halfword, code_.bytes.data() + at, sizeof(halfword));
  return halfword;
}

std::uint32_t Program::Word(std::uint32_t address) const {
  return Halfword(address) | static_cast<std::uint32_t>(Halfword(address + 2))
                                 << 16;
}

absl::StatusOr<Symbol> Program::Find(absl::string_view name) const {
  const bool is_begin = absl::EndsWith(name, "(");
  for (const Symbol& symbol : symbols_) {
    if (symbol.name == name ||
        (is_begin && absl::StartsWith(symbol.name, name))) {
      return symbol;
    }
  }
  return base::NotFound("SYMBOL_NOT_FOUND",
                        absl::StrCat("no symbol ", name, " in the program"));
}

std::string Program::Describe(std::uint32_t address) const {
  auto after = functions_.upper_bound(address);
  if (after != functions_.begin()) {
    const Symbol& function = std::prev(after)->second;
    if (address - function.address <
        std::max<std::uint32_t>(function.size, 1)) {
      return absl::StrFormat("%08x %s+0x%x", address, function.name,
                             address - function.address);
    }
  }
  return absl::StrFormat("%08x", address);
}

}  // namespace bootseal::tests
