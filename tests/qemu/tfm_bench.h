// A device in TF-M's configuration on the board: two images, each with a key of
// its own whose hash is in OTP, counters, and the shared area. The test is the
// programmer of its memory and the reader of what is handed on.
#ifndef BOOTSEAL_TESTS_QEMU_TFM_BENCH_H_
#define BOOTSEAL_TESTS_QEMU_TFM_BENCH_H_

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/qemu/debugger.h"
#include "tests/support/device.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {

inline constexpr const char* kTfmBoard = "mps2-an521";
// boards/mps2: shared_data.cc, otp.cc, flash.cc.
inline constexpr std::uint32_t kSharedData = 0x38000000;
inline constexpr std::size_t kSharedDataBytes = 0x400;
inline constexpr std::uint32_t kOtp = 0x10309000;
inline constexpr std::uint32_t kOtpSlot = 64;
inline constexpr std::uint32_t kCounterRecords = 0x10300000;

// Of image 0 or 1.
constexpr std::uint32_t PrimaryOf(int image) {
  return 0x10100000 + static_cast<std::uint32_t>(image) * 0x100000;
}
constexpr std::uint32_t SecondaryOf(int image) {
  return PrimaryOf(image) + 0x80000;
}

// Little-endian.
std::string U16(std::uint32_t value);
std::string U32(std::uint32_t value);

class TfmBench {
 public:
  // Keys of their own for both images, which demand all that TF-M's do.
  TfmBench(image::Algorithm algorithm, image::mcuboot::Strategy strategy);

  Device& of(int image) { return images_[static_cast<std::size_t>(image)]; }
  // Provisions both with these options, and switches the board on. `more`: put
  // behind the rules of image 0, in place of parts of the board.
  void Start(const std::vector<std::string>& options = {"--configuration",
                                                        "tfm"},
             const std::string& more = "");
  // What firmware/provision says to it.
  std::string Provision(const std::vector<std::string>& options,
                        const std::string& more = "");

  // An image with this counter and version number, properly signed.
  std::string Seal(int image, std::uint32_t counter, std::uint8_t major = 1,
                   std::uint8_t wants_of_other = 0);
  // The same, with a key of the test's own.
  std::string SealWith(Device& key, int image, std::uint32_t counter,
                       std::uint8_t major = 1, std::uint8_t wants_of_other = 0);

  // The programmer. Slots of keys that are not in force: zeros.
  void ProgramKey(int image, int slot, const std::string& hash);
  void ProgramKeys();
  void Put(std::uint32_t slot, const std::string& image);
  void AskForUpgrade(int image);
  void Confirm(int image);

  // From reset to the payload's first instruction; what the log said. Fails the
  // test when it does not come there.
  std::string BootToPayload();
  // From reset to the end of a refusal; the log from its line on.
  std::string BootToRefusal();
  void Reset() { board_->Reset(); }
  Debugger& board() { return *board_; }
  std::string elf() const { return folder_.File("boot.elf"); }

  // The highest valid record of the board's counters.
  std::array<std::uint32_t, 2> Counters();
  std::string SharedData() {
    return board_->Read(kSharedData, kSharedDataBytes);
  }

 private:
  TemporaryFolder folder_;
  std::array<Device, 2> images_;
  std::optional<Debugger> board_;
  std::size_t heard_ = 0;
};

// A boot record as facts (mcuboot 1.10) have it, with the measurement that the
// bootloader fills in: what is handed on of `image`. For SHA-256.
std::string ExpectedRecord(const std::string& software_type,
                           const std::string& version, const Device& device,
                           const std::string& image);
// An entry of the shared area, and the area with these entries.
std::string Entry(std::uint16_t type, const std::string& value);
std::string ExpectedArea(const std::string& entries);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_QEMU_TFM_BENCH_H_
