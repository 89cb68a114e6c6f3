// What the payload finds at its first instruction: a core as after reset, and
// no trace of the bootloader.
#include <gmock/gmock.h>

#include <cstdint>
#include <string>

#include "firmware/image/algorithm.h"
#include "tests/qemu/bench.h"
#include "tests/qemu/debugger.h"
#include "tests/qemu/on_board.h"
#include "tests/support/device.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;

constexpr std::uint32_t kTable = 0x10100400;  // the payload's vectors
constexpr std::uint32_t kRam = 0x38000000;
constexpr std::size_t kRamSize = 0x8000;
constexpr std::size_t kSharedData = 0x400;  // first; it hands nothing on here

class Handover : public OnBoard {
 protected:
  Handover() : board_(bench_.With(image_)) {}

  // All RAM of the bootloader is full of something when it starts.
  void SetUp() override {
    const std::string dirt(1024, '\xa5');
    for (std::uint32_t at = kRam; at < kRam + kRamSize; at += 1024) {
      board_.Write(at, dirt);
    }
    entry_ = board_.Word(kTable + 4);
    ASSERT_TRUE(board_.RunTo(entry_ & ~1U)) << board_.Uart();
  }

  Debugger board_;
  std::uint32_t entry_ = 0;
};

TEST_P(Handover, LeavesNothingInRegistersButTheEntryPoint) {
  for (unsigned number = 0; number < 12; ++number) {
    EXPECT_EQ(board_.Get(number), 0U) << "r" << number;
  }
  EXPECT_EQ(board_.Get(12), entry_);
  EXPECT_EQ(board_.Get(kLr), 0xffffffff);
  EXPECT_EQ(board_.Get(kSp), board_.Word(kTable));
  EXPECT_EQ(board_.Get(kXpsr), 1U << 24);  // Thumb, no exception, no flag
}

TEST_P(Handover, LeavesNothingInTheRamThatItUsed) {
  const std::uint32_t begin = AddressOf(bench_.elf(), "__ram_begin");
  const std::uint32_t end = AddressOf(bench_.elf(), "__ram_end");
  ASSERT_EQ(begin, kRam + kSharedData);
  ASSERT_GT(end, begin);
  EXPECT_EQ(board_.Read(begin, end - begin), std::string(end - begin, '\0'));
  // It used no other.
  EXPECT_EQ(board_.Read(kRam, kSharedData), std::string(kSharedData, '\xa5'));
  const std::size_t rest = kRam + kRamSize - end;
  EXPECT_EQ(board_.Read(end, rest), std::string(rest, '\xa5'));
}

TEST_P(Handover, SetsTheCoreAsAfterReset) {
  for (const Special special :
       {Special::kMsplim, Special::kPsplim, Special::kPrimask,
        Special::kBasepri, Special::kFaultmask, Special::kControl}) {
    EXPECT_EQ(board_.Get(special), 0U) << static_cast<int>(special);
  }
  EXPECT_EQ(board_.Word(0xe000ed08), kTable);  // VTOR
}

TEST_P(Handover, LeavesTheMpuOff) {
  EXPECT_EQ(board_.Word(0xe000ed94), 0U);  // MPU_CTRL
  // MPU_RLAR and two of its aliases: regions 0 to 2.
  for (const std::uint32_t limit : {0xe000eda0U, 0xe000eda8U, 0xe000edb0U}) {
    EXPECT_EQ(board_.Word(limit) & 1, 0U) << std::hex << limit;
  }
}

// Only Secure code sees this register.
TEST_P(Handover, StaysInTheSecureStateWithAllMemorySecure) {
  constexpr std::uint32_t kValue = 0x20001000;
  EXPECT_EQ(board_.Execute({0xf381, 0x8888,   // msr msp_ns, r1
                            0xf3ef, 0x8088},  // mrs r0, msp_ns
                           0, kValue),
            kValue);
  EXPECT_EQ(board_.Word(0xe000edd0), 0U);  // SAU_CTRL
}

// ARM DDI 0553, D1.2.
TEST_P(Handover, LeavesNoInterruptEnabledOrWaiting) {
  constexpr std::uint32_t kEnabled = 0xe000e100;
  constexpr std::uint32_t kWaiting = 0xe000e200;
  for (std::uint32_t word = 0; word < 4; ++word) {
    EXPECT_EQ(board_.Word(kEnabled + 4 * word), 0U);
    EXPECT_EQ(board_.Word(kWaiting + 4 * word), 0U);
  }
  EXPECT_EQ(board_.Word(0xe000e010) & 3, 0U);           // SysTick
  EXPECT_EQ(board_.Word(0xe000ed04) & 0xfffff, 0x800U)  // none active
      << "or one waiting";
  EXPECT_EQ(board_.Word(0xe000ed24), 0U);  // SHCSR
  EXPECT_EQ(board_.Word(0xe000ed28), 0U);  // CFSR
  EXPECT_EQ(board_.Word(0xe000ed2c), 0U);  // HFSR
}

// From the first instruction to the jump, with some to spare for a signature
// that takes another way.
TEST(FirmwareStack, IsNeverMoreThanThreeQuartersFull) {
  for (const image::AlgorithmTraits& traits : image::kAlgorithms) {
    for (const Crypto crypto : {Crypto::kOwn, Crypto::kLibrary}) {
      const Device device(traits.algorithm);
      const Bench bench(device, "mps2-an505", crypto);
      Debugger board(bench.With(device.Seal(Payload("mps2-an505"))));
      const std::uint32_t limit = AddressOf(bench.elf(), "__stack_limit");
      const std::uint32_t size = AddressOf(bench.elf(), "__stack_top") - limit;
      board.Write(limit, std::string(size, '\xa5'));
      ASSERT_TRUE(board.RunTo(AddressOf(bench.elf(), "bootseal::arch::Start(")))
          << bench.name();
      const std::string stack = board.Read(limit, size);
      EXPECT_GT(stack.find_first_not_of('\xa5'), size / 4) << bench.name();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Firmware, Handover, kBoards, ShortName);

}  // namespace
}  // namespace bootseal::tests
