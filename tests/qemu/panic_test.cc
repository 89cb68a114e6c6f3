// A device that stops says why on its UART, and its light blinks what kind of
// reason that is. Nothing brings it back to the image.
#include <gmock/gmock.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "firmware/boot/blinks.h"
#include "tests/qemu/bench.h"
#include "tests/qemu/debugger.h"
#include "tests/qemu/on_board.h"
#include "tests/support/device.h"

namespace bootseal::tests {
namespace {

using boot::Blinks;
using image::Algorithm;
using testing::EndsWith;
using testing::HasSubstr;

constexpr std::uint32_t kLeds = 0x50302000;  // FPGAIO, secure alias

class Panics : public OnBoard {
 protected:
  std::string Tampered() const {
    std::string tampered = image_;
    tampered.back() = static_cast<char>(tampered.back() ^ 1);
    return tampered;
  }

  // Lets it come to its end and counts how often the light goes on until the
  // pattern begins anew.
  int CountBlinks(Debugger& board) const {
    const std::uint32_t pattern = Symbol("bootseal::arch::OnStop()");
    EXPECT_TRUE(board.RunTo(pattern));
    const std::uint32_t show = Symbol("bootseal::boards::Show(");
    board.BreakAt(show);
    int lit = 0;
    bool on = false;
    for (int shown = 0; shown < 40; ++shown) {
      board.Step();  // off the breakpoint
      if (board.RunTo(pattern)) return lit;
      EXPECT_EQ(board.Get(kPc), show);
      EXPECT_EQ(board.Word(kLeds) & 1, on ? 1U : 0U);
      on = board.Get(kR0) == 1;
      if (on) ++lit;
    }
    ADD_FAILURE() << "the pattern never ends";
    return lit;
  }

  static int Number(Blinks blinks) { return static_cast<int>(blinks); }
};

TEST_P(Panics, BlinkThreeTimesForAnImageThatIsNotGenuine) {
  Debugger board(bench_.With(Tampered()));
  EXPECT_EQ(CountBlinks(board), Number(Blinks::kSignature));
  EXPECT_EQ(board.Uart(), bench_.Refusal(image::Error::kSignatureMismatch));
}

TEST_P(Panics, BlinkTwiceForAnEmptySlot) {
  Debugger board(bench_.With(std::string(64, '\xff')));
  EXPECT_EQ(CountBlinks(board), Number(Blinks::kImage));
  EXPECT_EQ(board.Uart(), bench_.Refusal(image::Error::kHeaderMagic));
}

TEST_P(Panics, BlinkFourTimesForAGenuineImageThatIsTooOld) {
  Device device(Algorithm::kP256);
  const std::string old = device.Seal(Payload(GetParam()));
  device.rules().minimum_security_counter = 8;
  const Bench bench(device, GetParam());
  Debugger board(bench.With(old));
  ASSERT_TRUE(board.RunTo(AddressOf(bench.elf(), "bootseal::boot::BlinkFor(")));
  EXPECT_EQ(board.Get(kR0), static_cast<unsigned>(Blinks::kNotAllowed));
  EXPECT_THAT(board.Uart(),
              EndsWith(bench.RefusalLine(image::Error::kSecurityCounterLow)));
}

TEST_P(Panics, BlinkSixTimesForAFaultAndNameItsCause) {
  Debugger board(bench_.With(image_));
  ASSERT_TRUE(board.RunTo(Symbol("bootseal::boot::Run()")));
  board.Inject({0xde00});
  EXPECT_EQ(CountBlinks(board), Number(Blinks::kFault));
  EXPECT_EQ(board.Uart(),
            "\nbootseal: fault\nexception 3, status 0x00010000\n");
}

TEST_P(Panics, SayThatAFaultCameWhileTheyBlinked) {
  Debugger board(bench_.With(Tampered()));
  EXPECT_EQ(CountBlinks(board), Number(Blinks::kSignature));
  board.Inject({0xde00});
  EXPECT_EQ(CountBlinks(board), Number(Blinks::kFault));
  EXPECT_THAT(board.Uart(), HasSubstr("signature does not match"));
  EXPECT_THAT(board.Uart(), EndsWith("exception 3, status 0x00010000\n"));
}

TEST_P(Panics, LeaveTheLightAloneWhenAnImageStarts) {
  Debugger board(bench_.With(image_));
  board.BreakAt(Symbol("bootseal::boards::Show("));
  EXPECT_TRUE(board.RunTo(board.Word(0x10100404) & ~1U));
}

// Whatever instruction of the way from the refusal into the blinking, or of the
// loop itself, is skipped: the light blinks on and no image starts.
TEST_P(Panics, GoOnWhenAnyBranchOfTheirLoopIsSkipped) {
  Debugger board(bench_.With(Tampered()));
  const std::uint32_t entry = board.Word(0x10100404) & ~1U;
  const std::uint32_t stop = Symbol("bootseal::arch::Stop()");
  ASSERT_TRUE(board.RunTo(stop));
  board.BreakAt(entry);
  const std::uint32_t pattern = Symbol("bootseal::arch::OnStop()");
  ASSERT_TRUE(board.RunTo(pattern));
  // It never came to OnStop, or came back from there: at each branch behind.
  constexpr std::uint32_t kBranches = 6;
  for (std::uint32_t skipped = 0; skipped < kBranches; ++skipped) {
    board.Set(kPc, stop + 6 + 2 * skipped);
    EXPECT_TRUE(board.RunTo(pattern)) << skipped;
  }
}

TEST_P(Panics, StayWhereTheyAreWhenTheCallThatStopsIsSkipped) {
  Debugger board(bench_.With(Tampered()));
  const std::uint32_t entry = board.Word(0x10100404) & ~1U;
  ASSERT_TRUE(board.RunTo(Symbol("bootseal::arch::Stop()")));
  const std::uint32_t behind = board.Get(kLr) & ~1U;
  board.BreakAt(entry);
  for (std::uint32_t skipped = 0; skipped < 6; ++skipped) {
    board.Set(kPc, behind + 2 * skipped);
    board.RunFor(std::chrono::milliseconds(5));
    EXPECT_EQ(board.Get(kPc), behind + 2 * skipped);
  }
}

INSTANTIATE_TEST_SUITE_P(Firmware, Panics, kBoards, ShortName);

}  // namespace
}  // namespace bootseal::tests
