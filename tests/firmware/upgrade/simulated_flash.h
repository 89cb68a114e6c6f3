// The flash of boards/flash.h in memory, which loses power when told to: at the
// n-th write or erasure, which then is torn in one of several ways. Stricter
// than any chip: nothing is programmed that was not erased as a whole before,
// and an erasure that was cut short does not count. Not thread-safe.
#ifndef BOOTSEAL_TESTS_FIRMWARE_UPGRADE_SIMULATED_FLASH_H_
#define BOOTSEAL_TESTS_FIRMWARE_UPGRADE_SIMULATED_FLASH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "firmware/boards/flash.h"

namespace bootseal::tests {

// What is left of the operation that was going on when power went.
enum class Tear : std::uint8_t {
  kNothing,     // it did not begin
  kFront,       // its first bytes are done, up to Cut::split
  kBack,        // its last bytes are done, from Cut::split on
  kBits,        // every bit of every byte, or not
  kUnreadable,  // no byte of it can be read (ECC)
  kAll,         // it is complete
};

struct Cut {
  std::uint64_t operation = 0;  // counted from 0
  Tear tear = Tear::kNothing;
  std::uint32_t split = 0;  // bytes
};

struct Operation {
  enum class Kind : std::uint8_t { kWrite, kErase } kind = Kind::kWrite;
  boards::Slot slot = boards::Slot::kPrimary;
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
};

class SimulatedFlash {
 public:
  // Slots of two images and the counters' area, all erased. It is the board's
  // flash until the next one is made.
  SimulatedFlash(boards::FlashGeometry geometry, std::uint32_t slot_size);
  ~SimulatedFlash();
  SimulatedFlash(const SimulatedFlash&) = delete;
  SimulatedFlash& operator=(const SimulatedFlash&) = delete;
  static SimulatedFlash& Current();

  // As a programmer puts it there: no operation. The rest of the slot stays.
  void Put(boards::Slot slot, std::uint32_t offset, const std::string& bytes);
  std::string Get(boards::Slot slot, std::uint32_t offset,
                  std::uint32_t size) const;

  void CutAt(const Cut& cut) { cut_ = cut; }
  // This write says that it went well, and one bit did not.
  void SpoilAt(std::uint64_t operation) { spoilt_ = operation; }
  // From the cut on every operation fails and changes nothing.
  bool is_off() const { return off_; }
  void PowerOn();

  std::uint64_t operations() const { return log_.size(); }
  const std::vector<Operation>& log() const { return log_; }
  // Writes to what was not erased, sizes and places that are not the board's.
  const std::vector<std::string>& violations() const { return violations_; }

  const boards::FlashGeometry& geometry() const { return geometry_; }
  image::Bytes Mapped(boards::Slot slot) const;
  image::Error Read(boards::Slot slot, std::uint32_t offset,
                    image::MutableBytes to) const;
  image::Error Write(boards::Slot slot, std::uint32_t offset,
                     image::Bytes from);
  image::Error Erase(boards::Slot slot, std::uint32_t offset,
                     std::uint32_t size);

 private:
  enum class Cell : std::uint8_t { kErased, kProgrammed, kUnreadable };
  struct Memory {
    std::vector<std::byte> bytes;
    std::vector<Cell> cells;  // one for each unit of writing
  };

  Memory& Of(boards::Slot slot);
  const Memory& Of(boards::Slot slot) const;
  image::Error Refuse(const char* what, std::uint32_t offset, std::size_t size);
  // Nothing when the operation goes through; else how it is torn.
  std::optional<Cut> Begin(const Operation& operation);
  void Tears(Memory& memory, std::uint32_t offset, image::Bytes to_be,
             const Cut& cut, Operation::Kind kind);
  std::uint32_t Random();

  boards::FlashGeometry geometry_;
  Memory slots_[5];
  std::optional<Cut> cut_;
  std::optional<std::uint64_t> spoilt_;
  bool off_ = false;
  std::uint32_t random_ = 1;
  std::vector<Operation> log_;
  std::vector<std::string> violations_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_UPGRADE_SIMULATED_FLASH_H_
