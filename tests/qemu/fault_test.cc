// A fault at any moment and of any kind: the bootloader says so, starts
// nothing, and nothing brings it back.
#include <gmock/gmock.h>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "tests/qemu/bench.h"
#include "tests/qemu/debugger.h"
#include "tests/qemu/on_board.h"
#include "tests/support/device.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

// Arm DDI 0553, D1.2.
constexpr std::uint32_t kSysTickControl = 0xe000e010;
constexpr std::uint32_t kSysTickReload = 0xe000e014;
constexpr std::uint32_t kInterruptControl = 0xe000ed04;
constexpr std::uint32_t kPendNmi = 1U << 31;
constexpr std::uint32_t kPendPendSv = 1U << 28;
constexpr std::uint32_t kPendSysTick = 1U << 26;
constexpr std::uint32_t kFaultStatus = 0xe000ed28;  // CFSR
constexpr std::uint32_t kUndefined = 1U << 16;
constexpr std::uint32_t kStackOverflow = 1U << 20;

constexpr std::uint32_t kNothingThere = 0x37fffff0;  // below RAM
constexpr std::uint32_t kResetVector = 0x10100404;   // of the payload

// Where the next instruction of a kind is, from a function on.
std::uint32_t Find(Debugger& board, std::uint32_t from, std::uint16_t half) {
  for (std::uint32_t at = from; at < from + 0x80; at += 2) {
    if ((board.Word(at) & 0xffff) == half) return at;
  }
  ADD_FAILURE() << "no instruction " << std::hex << half;
  return from;
}

class Faults : public OnBoard {
 protected:
  // The bootloader with a good image, just before a function of its own; the
  // payload is not to be reached from there.
  std::unique_ptr<Debugger> Before(const std::string& function) const {
    auto board = std::make_unique<Debugger>(bench_.With(image_));
    EXPECT_TRUE(board->RunTo(Symbol(function))) << function;
    board->BreakAt(board->Word(kResetVector) & ~1U);
    return board;
  }

  // Goes on; what the log says when the bootloader has come to its end. Proves
  // that interrupts are off there and that one that waits does not change a
  // thing.
  std::string LogOfTheEnd(Debugger& board) const {
    const std::uint32_t stop = Symbol("bootseal::arch::Stop()");
    const std::uint32_t blinks = Symbol("bootseal::arch::OnStop()");
    EXPECT_TRUE(board.RunTo(blinks)) << std::hex << board.Get(kPc);
    EXPECT_GT(board.Get(kLr), stop);
    EXPECT_LT(board.Get(kLr), stop + 8);
    EXPECT_EQ(board.Get(Special::kPrimask), 1U);
    const std::string log = board.Uart();

    board.Store(kSysTickReload, 100);
    board.Store(kSysTickControl, 7);  // the core's clock, interrupt, enable
    auto waits = [&board] {
      return (board.Word(kInterruptControl) & kPendSysTick) != 0;
    };
    for (int round = 0; !waits() && round < 1000; ++round) {
      board.RunFor(std::chrono::milliseconds(10));
    }
    EXPECT_TRUE(waits());
    // It blinks on, and comes round.
    EXPECT_TRUE(board.RunTo(blinks)) << std::hex << board.Get(kPc);
    EXPECT_EQ(board.Get(Special::kPrimask), 1U);
    EXPECT_EQ(board.Uart(), log);
    return log;
  }

  // What is said of a fault.
  static std::string Report(std::uint32_t status, int exception = 3) {
    return absl::StrFormat("\nbootseal: fault\nexception %d, status 0x%08x\n",
                           exception, status);
  }
};

TEST_P(Faults, AreReportedAtEveryMomentFromResetToTheJump) {
  const std::string name = "bootseal " + bench_.name();
  struct Moment {
    const char* function;
    std::string said;
  };
  for (const Moment& moment :
       {Moment{"Reset", ""},
        {"bootseal::arch::Main()", ""},
        {"bootseal::boot::Run()", ""},
        {"bootseal::image::Hash::Update(", name + "\n"},
        {"bootseal::image::VerifySignature(", name + "\n"},
        {"bootseal::boot::PrintDecimal(", name + "\nslot "},
        {"bootseal::arch::Start(", name +
                                       "\nslot 0: version 1.2.3+4, counter 7\n"
                                       "verified; starting at 0x10100400\n"}}) {
    SCOPED_TRACE(moment.function);
    const auto board = Before(moment.function);
    board->Inject({0xde00});  // undefined
    EXPECT_EQ(LogOfTheEnd(*board), moment.said + Report(kUndefined));
  }
}

TEST_P(Faults, AreReportedWhileTheBootloaderWipesItsTraces) {
  constexpr std::uint16_t kStoreMultiple = 0xe8a2;  // stmia r2!, {...}
  const auto board = Before("bootseal::arch::Start(");
  ASSERT_TRUE(board->RunTo(Find(*board, board->Get(kPc), kStoreMultiple)));
  board->Set(kR0 + 2, kNothingThere);
  EXPECT_THAT(LogOfTheEnd(*board), EndsWith(Report(0x8200)));
}

TEST_P(Faults, AreReportedWhateverTheirKind) {
  struct Kind {
    const char* name;
    std::initializer_list<std::uint16_t> code;
    std::uint32_t r0;
    std::uint32_t status;  // CFSR
    std::uint32_t r1 = 0;
    int exception = 3;  // HardFault
  };
  constexpr std::uint16_t kLoad = 0x6800;    // ldr r0, [r0]
  constexpr std::uint16_t kStore = 0x6001;   // str r1, [r0]
  constexpr std::uint16_t kBranch = 0x4700;  // bx r0
  for (const Kind& kind :
       {Kind{"undefined instruction", {0xde00}, 0, 1 << 16},
        {"load from nowhere", {kLoad}, kNothingThere, 0x8200},
        {"store to nowhere", {kStore}, kNothingThere, 0x8200},
        {"branch to nowhere", {kBranch}, 0x70000001, 1},
        {"branch to the slot's other address", {kBranch}, 0x00100401, 1},
        {"branch to memory outside the chip", {kBranch}, 0x80000001, 1},
        {"branch into a device", {kBranch}, 0x50200001, 1},
        {"branch into an image", {kBranch}, 0x10100401, 1},
        {"branch into the stack", {kBranch}, 0x38000001, 1},
        {"branch to Arm code", {kBranch}, 0x10000000, 1 << 17},
        {"return from no exception", {kBranch}, 0xfffffff9, 1},
        {"unaligned pair", {0xe9d0, 0x0001}, 0x38000001, 1 << 24},
        {"floating point", {0xee00, 0x0a10}, 0, 1 << 19},
        {"supervisor call", {0xdf00}, 0, 0, 0, 11},
        {"breakpoint", {0xbe01}, 0, 0},
        {"NMI", {kStore}, kInterruptControl, 0, kPendNmi, 2},
        {"PendSV", {kStore}, kInterruptControl, 0, kPendPendSv, 14},
        {"SysTick", {kStore}, kInterruptControl, 0, kPendSysTick, 15}}) {
    SCOPED_TRACE(kind.name);
    const auto board = Before("bootseal::image::VerifySignature(");
    board->Inject(kind.code, kind.r0, kind.r1);
    EXPECT_EQ(LogOfTheEnd(*board), "bootseal " + bench_.name() + "\n" +
                                       Report(kind.status, kind.exception));
    EXPECT_EQ(board->Word(kFaultStatus), kind.status) << std::hex;
  }
}

// The bootloader's own code runs into the limit, and what lies below it stays.
TEST_P(Faults, AreReportedWhenTheStackOverflows) {
  const std::uint32_t limit = Symbol("__stack_limit");
  for (const char* function :
       {"bootseal::boot::Run()", "bootseal::image::VerifySignature("}) {
    SCOPED_TRACE(function);
    const auto board = Before(function);
    board->Set(kSp, limit + 32);
    EXPECT_THAT(LogOfTheEnd(*board), EndsWith(Report(kStackOverflow)));
    EXPECT_EQ(board->Word(kFaultStatus), kStackOverflow);
  }
}

TEST_P(Faults, AreReportedWhenTheStackIsInNoMemory) {
  for (const std::uint32_t stack : {0x20000000U, 0x38400010U, 0xfffffff8U}) {
    SCOPED_TRACE(stack);
    const auto board = Before("bootseal::image::VerifySignature(");
    board->Set(kSp, stack);
    EXPECT_THAT(LogOfTheEnd(*board),
                HasSubstr("\nbootseal: fault\nexception 3"));
  }
}

// Refused, and blinking: whatever comes then, the payload does not.
TEST_P(Faults, AreReportedAfterARefusal) {
  std::string tampered = image_;
  tampered.back() = static_cast<char>(tampered.back() ^ 1);
  const std::string refusal = bench_.Refusal(image::Error::kSignatureMismatch);

  Debugger board(bench_.With(tampered));
  EXPECT_EQ(LogOfTheEnd(board), refusal);

  Debugger disturbed(bench_.With(tampered));
  ASSERT_TRUE(disturbed.RunTo(Symbol("bootseal::arch::Stop()")));
  disturbed.Inject({0x6001}, kInterruptControl, kPendNmi);
  EXPECT_EQ(LogOfTheEnd(disturbed), refusal + Report(0, 2));
}

INSTANTIATE_TEST_SUITE_P(Firmware, Faults, kBoards, ShortName);

}  // namespace
}  // namespace bootseal::tests
