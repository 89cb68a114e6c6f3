// Upgrades on the board: what a new image in the secondary slot comes to, reset
// by reset. Slots are written as a programmer would: what QEMU loads itself, it
// loads again at every reset.
#include <gmock/gmock.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/swap_type.h"
#include "firmware/image/mcuboot/trailer_layout.h"
#include "tests/qemu/bench.h"
#include "tests/qemu/debugger.h"
#include "tests/support/device.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::mcuboot::Strategy;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kBoard = "mps2-an521";
constexpr std::uint32_t kPrimary = 0x10100000;
constexpr std::uint32_t kSecondary = 0x10180000;
constexpr std::uint32_t kSector = 0x1000;
constexpr std::uint32_t kHeader = 0x400;

class UpgradeOnBoard : public testing::Test {
 protected:
  explicit UpgradeOnBoard(Strategy strategy) : device_(Algorithm::kP256) {
    device_.rules().strategy = strategy;
    device_.rules().sector_size = kSector;
    bench_.emplace(device_, kBoard);
    board_.emplace(Boot{kBoard, bench_->elf(), ""});
    old_ = Seal(7);
    new_ = Seal(8);
    entry_ =
        image::Reader(image::host::AsBytes(old_).subspan(kHeader + 4)).U32() &
        ~1U;
  }

  // The log tells images apart by their counter.
  std::string Seal(std::uint32_t counter,
                   const std::string& payload = Payload(kBoard)) const {
    image::mcuboot::ProtectedTlvs tlvs = Device::Tlvs();
    tlvs.security_counter = counter;
    return device_.Seal(payload, tlvs);
  }

  void Put(std::uint32_t slot, const std::string& image) {
    board_->Write(slot, image);
  }
  // What imgtool --pad leaves at the slot's end.
  void AskForUpgrade() {
    const std::string erased(kSector, '\xff');
    const std::uint32_t end = kSecondary + device_.rules().slot_size;
    board_->Write(end - kSector, erased);
    board_->Write(end - 16,
                  image::host::ToString(image::mcuboot::TrailerMagicOf(8)));
  }
  // What the application's boot_set_confirmed writes.
  void Confirm() {
    const auto layout = image::mcuboot::LayOutTrailer(device_.rules());
    board_->Write(kPrimary + layout.image_ok, "\x01");
  }

  // From reset to the payload's first instruction: what the log said.
  std::string RunToPayload(std::uint32_t entry) {
    EXPECT_TRUE(board_->RunTo(entry)) << board_->Uart();
    const std::string said = board_->UartSince(heard_, "verified; starting");
    heard_ += said.size();
    EXPECT_THAT(said, HasSubstr("verified; starting"));
    return said;
  }
  std::string BootToPayload() { return RunToPayload(entry_); }
  std::string ResetToPayload() {
    board_->Reset();
    return BootToPayload();
  }

  Device device_;
  std::optional<Bench> bench_;
  std::optional<Debugger> board_;
  std::string old_, new_;
  std::uint32_t entry_ = 0;
  std::size_t heard_ = 0;  // of the log
};

class SwapOnBoard : public UpgradeOnBoard {
 protected:
  SwapOnBoard() : UpgradeOnBoard(Strategy::kSwapMove) {
    Put(kPrimary, old_);
    Put(kSecondary, new_);
  }
};

TEST_F(SwapOnBoard, LeavesSlotsAloneThatAskForNothing) {
  EXPECT_THAT(BootToPayload(), HasSubstr("slot 0: version 1.2.3+4, counter 7"));
  EXPECT_THAT(ResetToPayload(), Not(HasSubstr("upgrade")));
  EXPECT_EQ(board_->Read(kSecondary, new_.size()), new_);
}

TEST_F(SwapOnBoard, TriesAnImageOnceAndGoesBackWhenItDoesNotConfirmItself) {
  AskForUpgrade();
  EXPECT_THAT(BootToPayload(),
              HasSubstr("upgrade: to be tested\n"
                        "slot 0: version 1.2.3+4, counter 8\n"));
  EXPECT_EQ(board_->Read(kSecondary, old_.size()), old_);
  EXPECT_THAT(ResetToPayload(),
              HasSubstr("upgrade: reverted\n"
                        "slot 0: version 1.2.3+4, counter 7\n"));
  const std::string third = ResetToPayload();
  EXPECT_THAT(third, HasSubstr("counter 7"));
  EXPECT_THAT(third, Not(HasSubstr("upgrade")));
}

TEST_F(SwapOnBoard, KeepsAnImageThatConfirmsItself) {
  AskForUpgrade();
  EXPECT_THAT(BootToPayload(), HasSubstr("counter 8"));
  Confirm();
  for (int resets = 0; resets < 2; ++resets) {
    const std::string log = ResetToPayload();
    EXPECT_THAT(log, HasSubstr("counter 8"));
    EXPECT_THAT(log, Not(HasSubstr("upgrade")));
  }
}

TEST_F(SwapOnBoard, RefusesATamperedImageBeforeAnythingIsErased) {
  std::string tampered = new_;
  tampered[kHeader + 100] = static_cast<char>(tampered[kHeader + 100] ^ 1);
  Put(kSecondary, tampered);
  AskForUpgrade();
  EXPECT_THAT(BootToPayload(),
              HasSubstr("upgrade: refused: digest does not match (0x"));
  EXPECT_EQ(board_->Read(kPrimary, old_.size()), old_);
  EXPECT_EQ(board_->Read(kSecondary, 64), std::string(64, '\xff'));
  EXPECT_THAT(ResetToPayload(), Not(HasSubstr("upgrade")));
}

// Image of several sectors; the reset comes at one erasure after the other.
TEST_F(SwapOnBoard, GoesOnAfterAResetInTheMiddle) {
  const std::string filling(3 * kSector, '\x5a');
  Put(kPrimary, Seal(7, Payload(kBoard) + filling));
  Put(kSecondary, Seal(8, Payload(kBoard) + filling + "x"));
  AskForUpgrade();
  const std::uint32_t erase =
      AddressOf(bench_->elf(), "bootseal::boards::EraseFlash");
  for (int resets = 1; resets < 12; ++resets) {
    ASSERT_TRUE(board_->RunTo(erase));
    board_->Step();
    ASSERT_TRUE(board_->RunTo(erase));
    board_->Reset();
  }
  EXPECT_THAT(BootToPayload(), HasSubstr("counter 8"));
  EXPECT_THAT(ResetToPayload(), HasSubstr("upgrade: reverted\n"));
}

class OverwriteOnBoard : public UpgradeOnBoard {
 protected:
  OverwriteOnBoard() : UpgradeOnBoard(Strategy::kOverwriteOnly) {
    Put(kPrimary, old_);
    Put(kSecondary, new_);
  }
};

TEST_F(OverwriteOnBoard, KeepsTheNewImage) {
  AskForUpgrade();
  EXPECT_THAT(BootToPayload(),
              HasSubstr("upgrade: overwritten\n"
                        "slot 0: version 1.2.3+4, counter 8\n"));
  const std::string second = ResetToPayload();
  EXPECT_THAT(second, HasSubstr("counter 8"));
  EXPECT_THAT(second, Not(HasSubstr("upgrade")));
}

TEST_F(OverwriteOnBoard, KeepsTheOldImageWhenTheNewOneIsOfAnotherKey) {
  Device other(Algorithm::kP256);
  Put(kSecondary, other.Seal(Payload(kBoard)));
  AskForUpgrade();
  EXPECT_THAT(BootToPayload(),
              HasSubstr("upgrade: refused: signed with another key (0x"));
  EXPECT_EQ(board_->Read(kPrimary, old_.size()), old_);
}

// A secure and a non-secure image, each with a key of its own.
class PairOnBoard : public testing::Test {
 protected:
  static constexpr std::uint32_t kPrimary1 = 0x10200000;
  static constexpr std::uint32_t kSecondary1 = 0x10280000;

  PairOnBoard() {
    for (Device* device : {&secure_, &other_}) {
      device->rules().strategy = Strategy::kSwapMove;
      device->rules().sector_size = kSector;
      device->rules().image_count = 2;
    }
    EXPECT_EQ(secure_.ProvisionPair(other_, kBoard, elf()), "");
    board_.emplace(Boot{kBoard, elf(), ""});
    board_->Write(kPrimary, Seal(secure_, 7));
    board_->Write(kSecondary, Seal(secure_, 8));
    board_->Write(kPrimary1, Seal(other_, 7));
    board_->Write(kSecondary1, Seal(other_, 8));
  }

  static std::string Seal(const Device& device, std::uint32_t counter) {
    image::mcuboot::ProtectedTlvs tlvs = Device::Tlvs();
    tlvs.security_counter = counter;
    return device.Seal(Payload(kBoard), tlvs);
  }

  void AskForUpgrade(std::uint32_t slot) {
    const std::uint32_t end = slot + secure_.rules().slot_size;
    board_->Write(end - kSector, std::string(kSector, '\xff'));
    board_->Write(end - 16,
                  image::host::ToString(image::mcuboot::TrailerMagicOf(8)));
  }

  std::string BootToPayload() {
    const std::uint32_t entry = board_->Word(kPrimary + kHeader + 4) & ~1U;
    EXPECT_TRUE(board_->RunTo(entry)) << board_->Uart();
    const std::string said = board_->UartSince(heard_, "verified; starting");
    heard_ += said.size();
    return said;
  }
  std::string elf() const { return folder_.File("boot.elf"); }

  TemporaryFolder folder_;
  Device secure_{Algorithm::kP256};
  Device other_{Algorithm::kP256};
  std::optional<Debugger> board_;
  std::size_t heard_ = 0;
};

TEST_F(PairOnBoard, IsTriedTogetherAndGoesBackTogether) {
  const std::string old = board_->Read(kPrimary1, 2048);
  const std::string candidate = board_->Read(kSecondary1, 2048);
  ASSERT_NE(old, candidate);
  AskForUpgrade(kSecondary);
  AskForUpgrade(kSecondary1);
  EXPECT_THAT(BootToPayload(), HasSubstr("upgrade: to be tested\n"
                                         "slot 0: version 1.2.3+4, counter 8"));
  EXPECT_EQ(board_->Read(kPrimary1, 2048), candidate);
  board_->Reset();
  BootToPayload();
  EXPECT_EQ(board_->Read(kPrimary1, 2048), old);
}

TEST_F(PairOnBoard, StartsNothingWhenTheOtherImageWasTampered) {
  board_->Write(kPrimary1 + kHeader + 100, "tampered");
  EXPECT_THAT(board_->RunToRefusal(),
              HasSubstr("bootseal: refused: digest does not match"));
  EXPECT_THAT(board_->Uart(), Not(HasSubstr("starting")));
}

TEST_F(PairOnBoard, StartsNothingWhenTheOtherImageHasTheKeyOfTheFirst) {
  board_->Write(kPrimary1, Seal(secure_, 7));
  EXPECT_THAT(board_->RunToRefusal(),
              HasSubstr("bootseal: refused: signed with another key"));
}

TEST_F(PairOnBoard, IsNotProvisionedWithTwoStrategies) {
  other_.rules().strategy = Strategy::kOverwriteOnly;
  EXPECT_THAT(secure_.ProvisionPair(other_, kBoard, folder_.File("other.elf")),
              HasSubstr("have different strategies"));
}

TEST_F(PairOnBoard, IsNotProvisionedWhereOnlyOneImageIsKnown) {
  secure_.rules().strategy = Strategy::kDirectXip;
  other_.rules().strategy = Strategy::kDirectXip;
  EXPECT_THAT(
      secure_.ProvisionPair(other_, kBoard, folder_.File("other.elf")),
      HasSubstr("two images need Strategy::kOverwriteOnly or kSwapMove"));
}

TEST(UpgradeStrategy, IsRefusedByProvisionWhenThereIsNone) {
  const TemporaryFolder folder;
  for (const Strategy strategy :
       {Strategy::kSwapScratch, Strategy::kSwapOffset, Strategy::kRamLoad}) {
    Device device(Algorithm::kP256);
    device.rules().strategy = strategy;
    EXPECT_THAT(device.Provision(kBoard, folder.File("boot.elf")),
                HasSubstr("this bootloader has kSingleSlot"));
  }
}

// Each slot has an image linked for it.
class XipOnBoard : public UpgradeOnBoard {
 protected:
  static constexpr std::uint32_t kDistance = kSecondary - kPrimary;

  XipOnBoard() : UpgradeOnBoard(Strategy::kDirectXip) {}

  std::string SealForSlot1(std::uint32_t build) const {
    return SealVersion(build, PayloadForSlot1(kBoard));
  }
  std::string SealVersion(std::uint32_t build,
                          const std::string& payload) const {
    return device_.Seal(payload, Device::Tlvs(), {1, 2, 3, build});
  }
};

TEST_F(XipOnBoard, StartsTheNewerImageInItsOwnSlot) {
  Put(kPrimary, SealVersion(4, Payload(kBoard)));
  Put(kSecondary, SealForSlot1(5));
  EXPECT_THAT(RunToPayload(entry_ + kDistance),
              HasSubstr("upgrade: in slot 1\nslot 1: version 1.2.3+5"));
}

TEST_F(XipOnBoard, StartsTheOlderImageWhenTheNewerOneIsTampered) {
  Put(kPrimary, SealVersion(4, Payload(kBoard)));
  std::string tampered = SealForSlot1(5);
  tampered[kHeader + 100] = static_cast<char>(tampered[kHeader + 100] ^ 1);
  Put(kSecondary, tampered);
  EXPECT_THAT(BootToPayload(),
              HasSubstr("upgrade: refused: digest does not match"));
  EXPECT_EQ(board_->Read(kSecondary, tampered.size()), tampered);
}

TEST_F(XipOnBoard, StartsTheImageOfSlot0WhenBothAreTheSame) {
  Put(kPrimary, SealVersion(4, Payload(kBoard)));
  Put(kSecondary, SealForSlot1(4));
  EXPECT_THAT(BootToPayload(), HasSubstr("slot 0: version 1.2.3+4"));
}

TEST_F(XipOnBoard, StartsNoImageInASlotThatItWasNotLinkedFor) {
  Put(kPrimary, SealVersion(4, Payload(kBoard)));
  Put(kSecondary, SealVersion(5, Payload(kBoard)));
  EXPECT_THAT(board_->RunToRefusal(),
              HasSubstr("refused: reset vector outside the image"));
}

}  // namespace
}  // namespace bootseal::tests
