// What the campaign rests on: skips, turned branches and IT blocks, over code
// written for it, and a weak bootloader in which it has to find starts.
#include <gmock/gmock.h>

#include <cstdint>
#include <initializer_list>
#include <string>

#include "base/file.h"
#include "tests/glitch/campaign.h"
#include "tests/glitch/scenario.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr std::uint32_t kSlot = 0x10100000;

// A program in assembly: `refused` ends in Stop, `started` jumps into the slot.
class Emulation : public testing::Test {
 protected:
  Report Try(const std::string& code) {
    const std::string source = folder_.File("program.s");
    const std::string elf = folder_.File("program.elf");
    EXPECT_EQ(base::WriteFileAtomically(
                  source,
                  ".syntax unified\n.thumb\n.cpu cortex-m33\n"
                  ".word 0x38001000\n.word Reset\n"
                  ".thumb_func\n.global Reset\n.type Reset, %function\n"
                  "Reset:\n" +
                      code +
                      "\nrefused: .rept 12\nb Stop\n.endr\n"
                      "started: ldr r7, =0x10100001\nbx r7\n.space 16\n.pool\n"
                      ".thumb_func\n.type Stop, %function\nStop: b Stop\n"
                      ".rept 16\nb Stop\n.endr\n"),
              absl::OkStatus());
    const Outcome built = tests::Run(
        {"arm-none-eabi-gcc", "-mcpu=cortex-m33", "-mthumb", "-nostdlib",
         "-Wl,-Ttext=0x10000000,-e,Reset", source, "-o", elf});
    EXPECT_EQ(built.exit_code, 0) << built.err;
    Board board{Program::Read(elf).value(),
                {{0x38000000, 0x38001000}},
                {{kSlot, kSlot + 0x1000}},
                {},
                0,
                {}};
    board.stops = {board.program.Find("Stop").value().address};
    Limits limits;
    limits.budget = 10'000;
    return Disturb(board, std::nullopt, limits);
  }

  TemporaryFolder folder_;
};

TEST_F(Emulation, StartsNothingUndisturbed) {
  const Report report = Try("nop\nnop");
  EXPECT_EQ(report.end, End::kStopped);
  EXPECT_GT(report.runs, 0U);
}

TEST_F(Emulation, SeesTheStartThatASkippedBranchIsInTheWayOf) {
  EXPECT_THAT(Try("b refused\nb started\n").starts,
              Contains(AllOf(HasSubstr("skip 2 in the first execution of "
                                       "10000008 Reset+0x0"),
                             HasSubstr("executed a slot at 10100000"))));
}

TEST_F(Emulation, SkipsBytesNotInstructions) {
  EXPECT_THAT(Try("b.w refused\nb started\n").starts,
              Contains(HasSubstr("skip 4 in the first")));
}

TEST_F(Emulation, TurnsBranchesOfEveryEncoding) {
  for (const char* branch :
       {"movs r0, #0\nbne started\n", "movs r0, #1\nbeq started\n",
        "movs r0, #0\nbne.w started\n", "movs r0, #1\nbeq.w started\n",
        "movs r0, #1\ncbz r0, started\n", "movs r0, #0\ncbnz r0, started\n",
        "movs r0, #0\ncmp r0, #1\nbhi started\n",
        "movs r0, #0\ncmp r0, #1\nbge started\n"}) {
    EXPECT_THAT(Try(branch).starts,
                Contains(HasSubstr("invert branch in the first")))
        << branch;
  }
}

TEST_F(Emulation, TurnsABranchThatWasTaken) {
  EXPECT_THAT(Try("movs r0, #0\nbeq refused\nb started\n").starts,
              Contains(HasSubstr("invert branch in the first")));
}

TEST_F(Emulation, TurnsTheConditionOfAnItBlock) {
  EXPECT_THAT(Try("movs r0, #0\nit ne\nbne.n started\n").starts,
              Contains(HasSubstr("invert IT in the first")));
  EXPECT_THAT(Try("movs r0, #0\nmovs r1, #0\ncmp r0, #0\nittee ne\n"
                  "movne r1, #1\nmovne r2, #1\nmoveq r2, #0\nmoveq r3, #0\n"
                  "cbnz r1, started\n")
                  .starts,
              Contains(HasSubstr("invert IT in the first")));
}

// Without the IT state the MOV would be unconditional, and start.
TEST_F(Emulation, KeepsTheConditionBehindASkipInAnItBlock) {
  const Report report =
      Try("movs r1, #0\ncmp r1, #0\nitee eq\nmoveq r2, #1\n"
          "movne r1, #1\nmovne r1, #1\ncmp r1, #1\nbeq started\n");
  EXPECT_THAT(report.starts,
              Not(Contains(HasSubstr("skip 2 in the first execution of "
                                     "1000000e"))));
  // Without the IT itself both are.
  EXPECT_THAT(report.starts, Contains(HasSubstr("skip 2 in the first execution "
                                                "of 1000000c")));
}

TEST_F(Emulation, TakesALoopForAHang) {
  const Report report =
      Try("movs r0, #1\n1: subs r0, #1\nbne 1b\nb 2f\n"
          "3: b 3b\n2:\n");
  EXPECT_THAT(report.starts, IsEmpty());
  EXPECT_GT(report.ends.at(End::kHung), 0U);
}

TEST_F(Emulation, TakesAJumpToNowhereForAFault) {
  const Report report = Try("movs r0, #1\nb refused\nbx r0\n");
  EXPECT_THAT(report.starts, IsEmpty());
  EXPECT_GT(report.ends.at(End::kFault), 0U);
}

TEST_F(Emulation, SeesExecutionOfRam) {
  EXPECT_THAT(Try("ldr r0, =0x38000001\nb refused\nbx r0\n.pool\n").starts,
              Contains(HasSubstr("executed RAM at 38000000")));
}

TEST_F(Emulation, KnowsTheMpu) {
  const std::string forbid =
      "ldr r1, =0xe000ed90\nmovs r0, #0\nstr r0, [r1, #8]\n"
      "ldr r0, =0x10000201\nstr r0, [r1, #12]\n"
      "ldr r0, =0x3fffffe1\nstr r0, [r1, #16]\n"
      "movs r0, #5\nstr r0, [r1, #4]\n";
  const Report report =
      Try(forbid + "ldr r0, =0x38000001\nb refused\nbx r0\n.pool\n");
  EXPECT_THAT(report.starts, IsEmpty());
}

TEST_F(Emulation, TriesTheLastExecutionToo) {
  EXPECT_THAT(Try("movs r0, #3\nmovs r1, #3\n1: subs r1, #1\n"
                  "2: cmp r1, #1\n bne 3f\n movs r0, #0\n"
                  "3: cmp r1, #0\nbne 1b\ncmp r0, #3\nbeq started\n")
                  .starts,
              Not(IsEmpty()));
}

// As bootloaders are written that nobody tried to glitch: one verdict, one
// branch, one jump.
constexpr const char* kNaiveFlow = R"(
#include "firmware/arch/armv8m/arch.h"
#include "firmware/boards/board.h"
#include "firmware/boot/boot.h"
#include "firmware/boot/log.h"
#include "firmware/image/mcuboot/verifier.h"

namespace bootseal::boot {

void Run() {
  const image::Bytes slot = boards::PrimarySlot();
  if (!image::mcuboot::Verify(kRules, slot).ok()) {
    Print("naive: refused: \n");
    arch::Stop();
  }
  arch::Start(reinterpret_cast<std::uintptr_t>(slot.data()) + 0x400);
}

}  // namespace bootseal::boot
)";

TEST(Campaign, FindsTheStartsOfANaiveBootloader) {
  Setting setting({image::Algorithm::kRsa3072,
                   image::mcuboot::Strategy::kSingleSlot, Refused::kBody},
                  kNaiveFlow);
  Limits limits;
  limits.budget = setting.budget();
  limits.every = 3;
  const Report report = Disturb(setting.board(), setting.permitted(), limits);
  EXPECT_THAT(report.log, HasSubstr("naive: refused"));
  EXPECT_THAT(report.starts,
              Contains(AllOf(HasSubstr("bootseal::boot::Run()"),
                             HasSubstr("handed over at 101004"))));
}

TEST(Campaign, HasNothingToDisturbWhenTheImageIsNotRefused) {
  const Setting setting({});
  Limits limits;
  limits.budget = setting.budget();
  const Report report = Disturb(setting.board(), std::nullopt, limits);
  EXPECT_EQ(report.end, End::kHandover);
  EXPECT_EQ(report.runs, 0U);
  EXPECT_THAT(report.log, HasSubstr("verified; starting at 0x10100400"));
}

}  // namespace
}  // namespace bootseal::tests
