// The linked bootloader of the NUCLEO-L552ZE-Q, in an emulated core.
#include <gmock/gmock.h>

#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/file.h"
#include "firmware/boards/nucleo-l552ze-q/layout.h"
#include "firmware/image/mcuboot/trailer_layout.h"
#include "tests/firmware/boards/nucleo_chip.h"
#include "tests/support/device.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::mcuboot::Strategy;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kBoard = "nucleo-l552ze-q";
constexpr const char* kFolder = BOOTSEAL_BUILD_DIR "/firmware/nucleo-l552ze-q/";
constexpr std::uint32_t kPrimary = 0x14000;
constexpr std::uint32_t kSecondary = 0x4a000;
constexpr std::uint64_t kMost = 60'000'000;  // instructions

std::string Read(const std::string& path) {
  absl::StatusOr<std::string> content = base::ReadFile(path, 1 << 20);
  EXPECT_EQ(content.status(), absl::OkStatus());
  return content.ok() ? *std::move(content) : std::string();
}

std::string Flat(const std::string& elf) {
  const TemporaryFolder folder;
  const std::string flat = folder.File("boot.bin");
  EXPECT_EQ(Run({"arm-none-eabi-objcopy", "-O", "binary", elf, flat}).exit_code,
            0);
  return Read(flat);
}

std::string Payload() { return Read(absl::StrCat(kFolder, "payload.bin")); }

class NucleoProgram : public testing::Test {
 protected:
  NucleoProgram() : device_(Algorithm::kP256) {
    image::mcuboot::Rules& rules = device_.rules();
    rules.slot_address = 0x0c014000;
    rules.slot_size = 0x2d000;
    rules.sector_size = 0x1000;
    rules.max_sectors = 0x2d;
    rules.align = 8;
    rules.max_align = 8;
    rules.strategy = Strategy::kOverwriteOnly;
  }

  std::string Provisioned() const {
    const TemporaryFolder folder;
    EXPECT_EQ(device_.Provision(kBoard, folder.File("boot.elf")), "");
    return Flat(folder.File("boot.elf"));
  }

  std::string Image(int version) const {
    return device_.Seal(Payload(), Device::Tlvs(),
                        {static_cast<std::uint8_t>(version), 0, 0, 0});
  }

  void AskForUpgrade(NucleoChip& chip) const {
    const auto layout = image::mcuboot::LayOutTrailer(device_.rules());
    const image::mcuboot::TrailerMagicBytes magic =
        image::mcuboot::TrailerMagicOf(8);
    chip.flash().Put(
        kSecondary + layout.magic,
        {reinterpret_cast<const char*>(magic.data()), magic.size()});
  }

  Device device_;
};

TEST_F(NucleoProgram, SaysThatItHoldsNoKeyAndBlinksOnce) {
  NucleoChip chip({},
                  Flat(absl::StrCat(kFolder, "boot-", kBoard, "-p256.elf")));
  chip.Run(1, kMost);
  EXPECT_THAT(chip.uart(),
              HasSubstr("bootseal nucleo-l552ze-q p256\n"
                        "bootseal: refused: no key provisioned (0x"));
  EXPECT_EQ(chip.blinks(), 1);
  EXPECT_EQ(chip.left_for(), 0U);
}

TEST_F(NucleoProgram, StartsWhatItVerifiedInSlot0) {
  NucleoChip chip({}, Provisioned());
  chip.flash().Put(kPrimary, Image(1));
  chip.Run(1, kMost);
  EXPECT_EQ(
      chip.uart(),
      "bootseal nucleo-l552ze-q p256\nslot 0: version 1.0.0+0, counter 7\n"
      "verified; starting at 0x0c014400\n");
  EXPECT_EQ(chip.left_for() & ~0xfffU, 0x0c014000U);
  EXPECT_EQ(chip.blinks(), 0);
  EXPECT_THAT(chip.flash().violations(), IsEmpty());
  EXPECT_THAT(chip.flash().log(), IsEmpty());
}

TEST_F(NucleoProgram, InstallsAnUpgradeThroughTheControllerAndStartsIt) {
  NucleoChip chip({}, Provisioned());
  const std::string image = Image(2);
  chip.flash().Put(kPrimary, Image(1));
  chip.flash().Put(kSecondary, image);
  AskForUpgrade(chip);
  chip.Run(1, 4 * kMost);
  EXPECT_THAT(chip.uart(), HasSubstr("slot 0: version 2.0.0+0"));
  EXPECT_THAT(chip.uart(), EndsWith("verified; starting at 0x0c014400\n"));
  const auto size = static_cast<std::uint32_t>(image.size());
  EXPECT_EQ(chip.flash().Bytes(kPrimary, size), image);
  EXPECT_THAT(chip.flash().violations(), IsEmpty());
  EXPECT_GT(chip.flash().log().size(), size / 8);
}

TEST_F(NucleoProgram, RefusesAnImageThatIsNotGenuineAndBlinks) {
  NucleoChip chip({}, Provisioned());
  std::string tampered = Image(1);
  tampered.back() = static_cast<char>(tampered.back() ^ 1);
  chip.flash().Put(kPrimary, tampered);
  chip.Run(2, 4 * kMost);
  EXPECT_THAT(chip.uart(), HasSubstr("refused: signature does not match"));
  EXPECT_EQ(chip.blinks(), 2);
  EXPECT_EQ(chip.left_for(), 0U);
}

TEST_F(NucleoProgram, NamesTheOptionByteThatDoesNotFit) {
  NucleoChip chip({.secure_end = 0x40000}, Provisioned());
  chip.flash().Put(kPrimary, Image(1));
  chip.Run(1, kMost);
  EXPECT_THAT(chip.uart(), HasSubstr("refused: option byte SECWM2 (0x"));
  EXPECT_EQ(chip.left_for(), 0U);
}

TEST_F(NucleoProgram, SaysThatFlashIsWriteProtected) {
  NucleoChip chip(
      {.protection = {{boards::stm32l5::kProtection1A, 40 | 127 << 16}}},
      Provisioned());
  chip.flash().Put(kSecondary, Image(2));
  AskForUpgrade(chip);
  chip.Run(1, 4 * kMost);
  EXPECT_THAT(chip.uart(), HasSubstr("flash cannot be read or written"));
  EXPECT_EQ(chip.left_for(), 0U);
}

TEST_F(NucleoProgram, GoesOnSlowlyWhenThePllDoesNotComeUp) {
  NucleoChip chip({}, Provisioned());
  chip.BreakClock();
  chip.flash().Put(kPrimary, Image(1));
  chip.Run(1, kMost);
  EXPECT_THAT(chip.uart(), EndsWith("verified; starting at 0x0c014400\n"));
}

TEST_F(NucleoProgram, ReadsAndWritesTheOtherSlotsAsNonSecureMemory) {
  NucleoChip chip({}, Provisioned());
  chip.flash().Put(kPrimary, Image(1));
  chip.Run(1, kMost);
  EXPECT_EQ(chip.Register(0xe000edd0), 1U);           // SAU on, not all
  EXPECT_EQ(chip.Register(0xe000eddc), 0x08041000U);  // RBAR
  EXPECT_EQ(chip.Register(0xe000ede0), 0x0807ffe1U);  // RLAR
}

// The handler of NMI itself, with what the controller would show it.
class NucleoNmi : public testing::Test {
 protected:
  NucleoNmi() : chip_({}, Flat(kElf)) {
    chip_.Run(1, kMost);
    const std::string listing = tests::Run({"arm-none-eabi-nm", kElf}).out;
    const std::size_t line = listing.find(" T NonMaskable\n");
    EXPECT_NE(line, std::string::npos);
    handler_ = static_cast<std::uint32_t>(
        std::stoul(listing.substr(line - 8, 8), nullptr, 16));
  }

  bool Returns(std::uint32_t ecc) {
    chip_.flash().LeaveEcc(ecc);
    return chip_.Call(handler_, 1, kMost);
  }

  static const std::string kElf;
  NucleoChip chip_;
  std::uint32_t handler_ = 0;
};

const std::string NucleoNmi::kElf =
    absl::StrCat(kFolder, "boot-", kBoard, "-p256.elf");

TEST_F(NucleoNmi, ReturnsFromTwoWrongBitsInASlotAndClearsTheirFlags) {
  using boards::stm32l5::kDetected;
  EXPECT_TRUE(Returns(kDetected | kPrimary));
  EXPECT_EQ(chip_.flash().Get(boards::stm32l5::kEcc), kPrimary);
  EXPECT_TRUE(Returns(kDetected | boards::stm32l5::kEccBank2 | 0x37000));
  EXPECT_TRUE(Returns(boards::stm32l5::kDetected2 | kSecondary));
  EXPECT_TRUE(Returns(kDetected | boards::nucleo::kCounters));
  EXPECT_THAT(chip_.uart(), Not(HasSubstr("fault")));
}

TEST_F(NucleoNmi, IsAFaultForAnyOtherCause) {
  namespace l5 = boards::stm32l5;
  for (const std::uint32_t ecc :
       {0U, kPrimary, l5::kCorrected | kPrimary, l5::kDetected | 0x400U,
        l5::kDetected | 0xaff8U,
        l5::kDetected | l5::kEccSystemFlash | kPrimary}) {
    const std::size_t before = chip_.uart().size();
    EXPECT_FALSE(Returns(ecc)) << std::hex << ecc;
    EXPECT_THAT(chip_.uart().substr(before), HasSubstr("\nbootseal: fault\n"));
  }
}

// Of TF-M's area for its BL2, what is left to the program.
constexpr std::uint32_t kArea = boards::nucleo::kProgramEnd;

// Bytes of flash: text and data.
std::uint32_t SizeOf(const std::string& elf) {
  std::istringstream lines(Run({"arm-none-eabi-size", elf}).out);
  std::string titles;
  std::getline(lines, titles);
  std::uint32_t text = 0;
  std::uint32_t data = 0;
  lines >> text >> data;
  EXPECT_GT(text, 4096U) << elf;
  return text + data;
}

// What each takes, and no more. Lower them when something was saved.
TEST(NucleoSize, FitsIntoTheAreaAndTheBudget) {
  struct Budget {
    const char* algorithm;
    std::uint32_t bytes;
  };
  for (const Budget& budget : {Budget{"rsa2048", 14'200},
                               {"rsa3072", 14'220},
                               {"p256", 15'150},
                               {"p384", 15'690},
                               {"ed25519", 16'570}}) {
    const std::uint32_t size = SizeOf(
        absl::StrCat(kFolder, "boot-", kBoard, "-", budget.algorithm, ".elf"));
    EXPECT_LE(size, kArea) << budget.algorithm;
    EXPECT_LE(size, budget.bytes) << budget.algorithm;
  }
}

// TF-M's own configuration: two images, overwrite, RSA-3072 with the whole key.
TEST(NucleoSize, FitsIntoTheAreaWithTwoImages) {
  for (const Strategy strategy :
       {Strategy::kOverwriteOnly, Strategy::kSwapMove}) {
    Device secure(Algorithm::kRsa3072);
    Device other(Algorithm::kRsa3072);
    for (Device* device : {&secure, &other}) {
      device->rules().strategy = strategy;
      device->rules().slot_address = 0;
      device->rules().slot_size = device == &secure ? 0x2d000 : 0x9000;
      device->rules().key_format = image::mcuboot::KeyFormat::kFull;
    }
    const TemporaryFolder folder;
    const std::string elf = folder.File("boot.elf");
    ASSERT_EQ(secure.ProvisionPair(other, kBoard, elf), "");
    EXPECT_LE(SizeOf(elf), kArea);
    EXPECT_LE(SizeOf(elf), 25'000U);
  }
}

}  // namespace
}  // namespace bootseal::tests
