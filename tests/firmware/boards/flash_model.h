// The flash controller of an STM32L552 as its reference manual (RM0438, chapter
// 6) describes it, behind the functions of flash_port.h: keys, locks, busy and
// error flags, watermarks and write protection, two banks or one, ECC, and a
// cache that shows what was until it is told otherwise. Where the manual leaves
// room it is the stricter one. Power goes when it is told to. Not thread-safe.
#ifndef BOOTSEAL_TESTS_FIRMWARE_BOARDS_FLASH_MODEL_H_
#define BOOTSEAL_TESTS_FIRMWARE_BOARDS_FLASH_MODEL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "firmware/boards/stm32l5/flash_registers.h"

namespace bootseal::tests {

// What a doubleword can be.
enum class Cell : std::uint8_t {
  kErased,
  kProgrammed,
  kCorrected,  // programmed; one wrong bit is corrected whenever it is read
  kWeak,       // reads as erased, one bit corrected; cannot be programmed
  kLost,       // two wrong bits
};

struct Doubleword {
  std::uint64_t value = ~std::uint64_t{0};
  Cell cell = Cell::kErased;
  bool operator==(const Doubleword&) const = default;
};

struct FlashOptions {
  bool two_banks = true;
  bool trust_zone = true;
  bool swapped = false;
  std::uint32_t secure_end = 0x41000;  // watermarks begin at 0 and end here
  // Write protection: register, first and last page.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> protection = {};
};

// The operation that power goes in, counted from 0, and what is left of it.
struct PowerCut {
  enum class Tear : std::uint8_t {
    kNothing,    // it did not begin
    kAll,        // it is complete
    kLost,       // a doubleword that cannot be read; of a page every one
    kWeak,       // a doubleword that reads as erased and is not
    kCorrected,  // complete, but for one bit
    kMixed,      // some value; of a page each doubleword in another way
    kFront,      // of a page: erased up to `split`, untouched from there
    kBack,       // the other way round
  };
  std::uint64_t operation = 0;
  Tear tear = Tear::kNothing;
  std::uint32_t split = 0;  // bytes; or what kMixed begins with
};

struct FlashOperation {
  bool is_erasure = false;
  std::uint32_t offset = 0;  // in flash
};

class FlashModel {
 public:
  // All erased. It is the chip's flash until the next one is made.
  explicit FlashModel(FlashOptions options = {});
  ~FlashModel();
  FlashModel(const FlashModel&) = delete;
  FlashModel& operator=(const FlashModel&) = delete;
  static FlashModel& Current();

  // As a programmer puts it there, from a multiple of 8 on, filled up with
  // ones; and what is there.
  void Put(std::uint32_t offset, const std::string& bytes);
  std::string Bytes(std::uint32_t offset, std::uint32_t size) const;
  Doubleword At(std::uint32_t offset) const { return cells_[offset / 8]; }
  void Set(std::uint32_t offset, const Doubleword& doubleword);

  // What the core and the driver see.
  std::uint32_t Get(std::uint32_t offset);
  void SetRegister(std::uint32_t offset, std::uint32_t value);
  std::uint32_t LoadWord(std::uint32_t address);
  void StoreWord(std::uint32_t address, std::uint32_t value);
  const std::byte* Mapped(std::uint32_t address) const;
  void CacheOff();
  void CacheOn();

  // The ECC register as if a read had left it so.
  void LeaveEcc(std::uint32_t value) { ecc_ = value; }
  // How often a status register says busy after an operation began.
  void BusyFor(std::uint32_t looks) { busy_for_ = looks; }
  // The next operation ends with this flag and does nothing.
  void FailNextWith(std::uint32_t flag) { failure_ = flag; }
  // The next doubleword is programmed with one bit missing, and nobody says so.
  void SpoilNext() { spoil_ = true; }

  void CutAt(const PowerCut& cut) { cut_ = cut; }
  bool is_off() const { return off_; }
  // Registers are as after reset; the cells stay.
  void Reset();

  // Cells and log as they are now, to come back to.
  void Mark();
  void BackToMark();

  const std::vector<FlashOperation>& log() const { return log_; }
  // What a driver must not do, whatever the chip would make of it.
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  struct World {
    std::uint32_t status = 0;
    std::uint32_t control = boards::stm32l5::kLock;
    int keys = 0;  // of the sequence
    bool locked_out = false;
    std::optional<std::pair<std::uint32_t, std::uint32_t>> first_word;
  };

  World& WorldAt(std::uint32_t address);
  void Key(World& world, std::uint32_t value);
  void Control(World& world, bool secure, std::uint32_t value);
  std::uint32_t Status(World& world);
  void ErasePage(World& world, bool secure);
  void ProgramDoubleword(World& world, bool secure, std::uint32_t offset,
                         std::uint64_t value);
  // False: power went, or an error flag says why it does not begin.
  bool Begin(World& world, bool secure, const FlashOperation& operation);
  bool IsSecure(std::uint32_t offset) const;
  bool IsProtected(std::uint32_t offset) const;
  std::uint32_t PageSize() const;
  void Change(std::uint32_t index, const Doubleword& to);
  Doubleword Torn(const Doubleword& old, const Doubleword& to_be,
                  PowerCut::Tear tear);
  void TearPage(std::uint32_t offset, const PowerCut& cut);
  void Show();
  void RaiseEcc(std::uint32_t index);
  void Violation(const std::string& what);
  std::uint32_t Random();

  FlashOptions options_;
  std::vector<Doubleword> cells_;
  std::vector<std::byte> view_;         // what the core sees
  std::vector<std::uint32_t> changed_;  // since it saw all
  bool cache_on_ = true;
  std::uint32_t kept_[2] = {UINT32_MAX,
                            UINT32_MAX};  // lines read last, by bank
  std::vector<std::pair<std::uint32_t, Doubleword>> undo_;
  World secure_, non_secure_;
  std::uint32_t ecc_ = 0;
  std::uint32_t busy_ = 0;
  std::uint32_t busy_for_ = 3;
  std::uint32_t failure_ = 0;
  bool spoil_ = false;
  std::optional<PowerCut> cut_;
  std::optional<PowerCut> torn_;  // by the operation that begins
  bool off_ = false;
  std::uint32_t random_ = 1;
  std::vector<FlashOperation> log_;
  std::size_t marked_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_BOARDS_FLASH_MODEL_H_
