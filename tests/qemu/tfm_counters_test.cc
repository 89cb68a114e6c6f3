// The board's rollback counters: raised when there is no way back, and no image
// below them starts.
#include <gmock/gmock.h>

#include <string>

#include "tests/qemu/bench.h"
#include "tests/qemu/tfm_bench.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::mcuboot::Strategy;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kTooLow =
    "bootseal: refused: security counter too low (0x";

class Counters : public testing::Test {
 protected:
  explicit Counters(Strategy strategy) : device_(Algorithm::kP256, strategy) {}

  void Begin(const std::string& more = "") {
    device_.Start({"--counters", "board"}, more);
    device_.Put(PrimaryOf(0), device_.Seal(0, 7));
    device_.Put(PrimaryOf(1), device_.Seal(1, 9));
  }
  void PutCandidate(int image, std::uint32_t counter, std::uint8_t major = 2,
                    std::uint8_t wants = 0) {
    device_.Put(SecondaryOf(image), device_.Seal(image, counter, major, wants));
    device_.AskForUpgrade(image);
  }

  TfmBench device_;
};

class OverwriteCounters : public Counters {
 protected:
  OverwriteCounters() : Counters(Strategy::kOverwriteOnly) {}
};

TEST_F(OverwriteCounters, GoUpToThoseOfTheFirstImages) {
  Begin();
  EXPECT_THAT(device_.Counters(), ElementsAre(0, 0));
  device_.BootToPayload();
  EXPECT_THAT(device_.Counters(), ElementsAre(7, 9));
  device_.Reset();
  device_.BootToPayload();
  EXPECT_THAT(device_.Counters(), ElementsAre(7, 9));
}

TEST_F(OverwriteCounters, GoUpAtOnceWithAnUpgrade) {
  Begin();
  device_.BootToPayload();
  PutCandidate(1, 12);
  device_.Reset();
  EXPECT_THAT(device_.BootToPayload(), HasSubstr("upgrade: overwritten"));
  EXPECT_THAT(device_.Counters(), ElementsAre(7, 12));
}

TEST_F(OverwriteCounters, RefuseAnOldImageInEitherSlot) {
  Begin();
  device_.BootToPayload();
  for (const int image : {0, 1}) {
    PutCandidate(image, 6);
    device_.Reset();
    EXPECT_THAT(device_.BootToPayload(),
                HasSubstr("upgrade: refused: security counter too low"));
  }
  const std::string second = device_.Seal(1, 9);
  for (const int image : {0, 1}) {
    device_.Put(PrimaryOf(1), second);
    device_.Put(PrimaryOf(image), device_.Seal(image, 6));
    device_.Reset();
    EXPECT_THAT(device_.BootToRefusal(), StartsWith(kTooLow));
  }
  EXPECT_THAT(device_.Counters(), ElementsAre(7, 9));
}

// Each image has one of its own: 8 is enough for the first and not for the
// second.
TEST_F(OverwriteCounters, AreNotThoseOfTheOtherImage) {
  Begin();
  device_.BootToPayload();
  PutCandidate(0, 8);
  PutCandidate(1, 8);
  device_.Reset();
  EXPECT_THAT(device_.BootToPayload(), HasSubstr("counter 8"));
  EXPECT_THAT(device_.Counters(), ElementsAre(8, 9));
}

TEST_F(OverwriteCounters, GoUpForNoImageWhoseCompanionIsRefused) {
  Begin();
  device_.board().Write(PrimaryOf(1) + 0x400 + 100, "tampered");
  EXPECT_THAT(device_.BootToRefusal(),
              StartsWith("bootseal: refused: digest does not match"));
  EXPECT_THAT(device_.Counters(), ElementsAre(0, 0));
}

TEST_F(OverwriteCounters, GoUpForNoImageThatThisBoardCannotStart) {
  Begin();
  std::string payload = Payload(kTfmBoard);
  payload.replace(0, 4, U32(0x10000000));  // a stack in the bootloader
  image::mcuboot::ProtectedTlvs tlvs = Device::Tlvs();
  tlvs.dependencies = {};
  device_.Put(PrimaryOf(0), device_.of(0).Seal(payload, tlvs));
  EXPECT_THAT(device_.BootToRefusal(),
              StartsWith("bootseal: refused: reset vector outside the image"));
  EXPECT_THAT(device_.Counters(), ElementsAre(0, 0));
}

TEST_F(OverwriteCounters, StayWithTheImagesWhoseDependencyDoesNotHold) {
  Begin();
  device_.BootToPayload();
  PutCandidate(0, 20, 2, /*wants=*/2);  // of image 1, which stays at 1
  device_.Reset();
  EXPECT_THAT(device_.BootToPayload(),
              HasSubstr("upgrade: refused: dependency missing"));
  EXPECT_THAT(device_.Counters(), ElementsAre(7, 9));
  // With its companion it is installed.
  PutCandidate(1, 21);
  device_.Reset();
  EXPECT_THAT(device_.BootToPayload(), HasSubstr("counter 20"));
  EXPECT_THAT(device_.Counters(), ElementsAre(20, 21));
}

TEST_F(OverwriteCounters, DoNotLowerTheMinimumThatWasCompiledIn) {
  device_.of(1).rules().minimum_security_counter = 10;
  Begin();
  EXPECT_THAT(device_.BootToRefusal(), StartsWith(kTooLow));
  EXPECT_THAT(device_.Counters(), ElementsAre(0, 0));
}

TEST_F(OverwriteCounters, TakeNoImageAboveWhatTheBoardCanCount) {
  Begin(
      "#include \"firmware/boards/counters.h\"\n"
      "namespace bootseal::boards {\n"
      "std::uint32_t HighestCounter() { return 8; }\n"
      "image::Result<std::uint32_t> ReadCounter(std::uint8_t) { return 0U; }\n"
      "image::Error RaiseCounter(std::uint8_t, std::uint32_t) {\n"
      "  return image::Error::kOk;\n"
      "}\n"
      "}  // namespace bootseal::boards\n");
  EXPECT_THAT(
      device_.BootToRefusal(),
      StartsWith("bootseal: refused: security counter above the ceiling"));
}

std::string BrokenBoard(const std::string& read, const std::string& raise) {
  return "#include \"firmware/boards/counters.h\"\n"
         "namespace bootseal::boards {\n"
         "std::uint32_t HighestCounter() { return 0xffffffff; }\n"
         "image::Result<std::uint32_t> ReadCounter(std::uint8_t) {\n"
         "  return " +
         read +
         ";\n}\n"
         "image::Error RaiseCounter(std::uint8_t, std::uint32_t) {\n"
         "  return " +
         raise + ";\n}\n}  // namespace bootseal::boards\n";
}

TEST_F(OverwriteCounters, StartNothingOnABoardThatCannotReadThem) {
  Begin(BrokenBoard("image::Error::kStorage", "image::Error::kOk"));
  EXPECT_THAT(device_.BootToRefusal(),
              StartsWith("bootseal: refused: flash cannot be read or written"));
}

TEST_F(OverwriteCounters, StartNothingOnABoardThatCannotRaiseThem) {
  Begin(BrokenBoard("0U", "image::Error::kStorage"));
  EXPECT_THAT(device_.BootToRefusal(),
              StartsWith("bootseal: refused: flash cannot be read or written"));
}

class SwapCounters : public Counters {
 protected:
  SwapCounters() : Counters(Strategy::kSwapMove) {}
};

TEST_F(SwapCounters, StayInATrialThatGoesBack) {
  Begin();
  device_.BootToPayload();
  PutCandidate(0, 8);
  PutCandidate(1, 10);
  device_.Reset();
  EXPECT_THAT(device_.BootToPayload(), HasSubstr("upgrade: to be tested"));
  EXPECT_THAT(device_.Counters(), ElementsAre(7, 9));
  device_.Reset();
  const std::string log = device_.BootToPayload();
  EXPECT_THAT(log, HasSubstr("upgrade: reverted"));
  EXPECT_THAT(log, HasSubstr("counter 7"));
  EXPECT_THAT(device_.Counters(), ElementsAre(7, 9));
}

TEST_F(SwapCounters, GoUpAtTheFirstResetAfterTheImageConfirmedItself) {
  Begin();
  device_.BootToPayload();
  PutCandidate(0, 8);
  device_.Reset();
  device_.BootToPayload();
  device_.Confirm(0);
  EXPECT_THAT(device_.Counters(), ElementsAre(7, 9));
  device_.Reset();
  device_.BootToPayload();
  EXPECT_THAT(device_.Counters(), ElementsAre(8, 9));
  // The old image is in the secondary slot, and cannot be asked for any more.
  device_.AskForUpgrade(0);
  device_.Reset();
  EXPECT_THAT(device_.BootToPayload(),
              HasSubstr("upgrade: refused: security counter too low"));
}

TEST_F(SwapCounters, AreAskedBeforeATrialBegins) {
  Begin();
  device_.BootToPayload();
  PutCandidate(0, 6);
  device_.Reset();
  const std::string log = device_.BootToPayload();
  EXPECT_THAT(log, HasSubstr("upgrade: refused: security counter too low"));
  EXPECT_THAT(log, Not(HasSubstr("to be tested")));
}

}  // namespace
}  // namespace bootseal::tests
