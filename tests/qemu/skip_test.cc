// A glitch that makes the core skip one instruction, at any of those that turn
// the verdict into a jump: an image that is to be refused does not start.
#include <gmock/gmock.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "firmware/image/algorithm.h"
#include "tests/qemu/bench.h"
#include "tests/qemu/debugger.h"
#include "tests/support/device.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using testing::IsEmpty;

constexpr const char* kBoard = "mps2-an505";

// Walks the bootloader's way with an image that it refuses. At each step it
// looks what becomes of the device when this instruction is skipped, and goes
// back.
class Campaign {
 public:
  // `hashes_and_numbers`: functions in which nothing is decided; they are taken
  // in one step, as the log's are.
  Campaign(const Bench& bench, const std::string& image,
           const std::vector<std::string>& hashes_and_numbers)
      : elf_(bench.elf()),
        boot_(bench.With(image)),
        board_(std::make_unique<Debugger>(boot_)) {
    ram_end_ = AddressOf(elf_, "__ram_end");
    run_ = AddressOf(elf_, "bootseal::boot::Run()");
    stop_ = AddressOf(elf_, "bootseal::arch::Stop()");
    entry_ = board_->Word(0x10100404) & ~1U;
    for (const char* name :
         {"bootseal::boot::Print(", "bootseal::boot::PrintHex(",
          "bootseal::image::ImageText("}) {
      passed_over_.push_back(AddressOf(elf_, name));
    }
    for (const std::string& name : hashes_and_numbers) {
      passed_over_.push_back(AddressOf(elf_, name));
    }
  }

  // Goes to the begin of a function, for the n-th time from here.
  void Begin(const std::string& function, int times = 1) {
    const std::uint32_t begin = AddressOf(elf_, function);
    for (int time = 1; time <= times; ++time) {
      if (board_->Get(kPc) == begin) board_->Step();
      ASSERT_TRUE(board_->RunTo(begin)) << function << " " << time;
    }
    SetBreaks();
  }

  // The instructions whose skipping starts the payload, from here to the end.
  std::vector<std::string> Holes() {
    std::vector<std::string> holes;
    int tried = 0;
    for (; board_->Get(kPc) != stop_; board_->Step()) {
      while (PassOver(board_->Get(kPc))) {
      }
      const std::uint32_t at = board_->Get(kPc);
      const std::uint32_t stack = board_->Get(kSp);
      const std::string registers = board_->Registers();
      const std::string memory = board_->Read(stack, ram_end_ - stack);
      if (StartsWithout()) holes.push_back(absl::StrFormat("%08x", at));
      GoBack(registers, stack, memory);
      if (++tried > 20'000 || testing::Test::HasFailure()) break;
    }
    EXPECT_EQ(board_->Get(kPc), stop_);
    EXPECT_GT(tried, 50);
    return holes;
  }

 private:
  bool PassOver(std::uint32_t at) {
    for (const std::uint32_t function : passed_over_) {
      if (at != function) continue;
      EXPECT_TRUE(board_->RunTo(board_->Get(kLr) & ~1U));
      return true;
    }
    return false;
  }

  bool StartsWithout() {
    board_->Skip();
    board_->RunFor(std::chrono::milliseconds(500));
    board_->Uart();  // takes it: a full pipe stops the core
    return board_->alive() && board_->Get(kPc) == entry_;
  }

  void SetBreaks() {
    board_->BreakAt(entry_);
    board_->BreakAt(stop_);
  }

  void GoBack(const std::string& registers, std::uint32_t stack,
              const std::string& memory) {
    if (!board_->alive()) {  // locked up
      board_ = std::make_unique<Debugger>(boot_);
      EXPECT_TRUE(board_->RunTo(run_));
      SetBreaks();
    } else if ((board_->Get(kXpsr) & 0x1ff) != 0 ||
               board_->Get(kPc) != stop_) {  // faulted, or somewhere
      board_->Reset();
      EXPECT_TRUE(board_->RunTo(run_));
    }
    board_->Write(stack, memory);
    board_->SetRegisters(registers);
  }

  std::string elf_;
  Boot boot_;
  std::unique_ptr<Debugger> board_;
  std::uint32_t ram_end_ = 0;
  std::uint32_t run_ = 0;
  std::uint32_t stop_ = 0;
  std::uint32_t entry_ = 0;
  std::vector<std::uint32_t> passed_over_;
};

std::vector<std::string> Hashing() {
  return {"bootseal::image::Hash::Update(", "bootseal::image::Hash::Finish("};
}

TEST(SkippedInstruction, DoesNotMakeAWrongEcdsaSignatureRight) {
  const Device device(Algorithm::kP256);
  const Bench bench(device, kBoard);
  Campaign campaign(bench, device.SealForged(Payload(kBoard)),
                    {"void bootseal::crypto::MontgomeryMultiply<8u>("});
  // Is the x of the point that came out the signature's r?
  campaign.Begin(
      "bootseal::crypto::(anonymous namespace)::"
      "Verification<bootseal::crypto::P256>::SumHasX(");
  EXPECT_THAT(campaign.Holes(), IsEmpty());
}

TEST(SkippedInstruction, DoesNotMakeAWrongRsaSignatureRight) {
  const Device device(Algorithm::kRsa2048);
  const Bench bench(device, kBoard);
  Campaign campaign(bench, device.SealForged(Payload(kBoard)), Hashing());
  // Seven hashes make the mask. Is the eighth what is in the signature?
  campaign.Begin("bootseal::crypto::CheckPssEncoding(");
  campaign.Begin("bootseal::image::Hash::Finish(", 8);
  EXPECT_THAT(campaign.Holes(), IsEmpty());
}

TEST(SkippedInstruction, DoesNotMakeAWrongEd25519SignatureRight) {
  const Device device(Algorithm::kEd25519);
  const Bench bench(device, kBoard);
  Campaign campaign(bench, device.SealForged(Payload(kBoard)),
                    {"bootseal::crypto::field25519::RaiseToRootPower(",
                     "bootseal::crypto::field25519::SquareRepeatedly(",
                     "bootseal::crypto::field25519::Multiply(",
                     "bootseal::crypto::field25519::Reduce("});
  // Base point and key are read. Is the point that came out the signature's R?
  campaign.Begin("bootseal::crypto::field25519::RaiseToRootPower(", 3);
  EXPECT_THAT(campaign.Holes(), IsEmpty());
}

TEST(SkippedInstruction, DoesNotMakeAForeignKeyOurs) {
  Device device(Algorithm::kRsa2048);
  device.rules().key_format = image::mcuboot::KeyFormat::kFull;
  const Bench bench(device, kBoard);
  Device other(Algorithm::kRsa2048);
  other.rules().key_format = image::mcuboot::KeyFormat::kFull;
  other.rules().key_hash = device.rules().key_hash;  // in its boot record
  Campaign campaign(bench, other.Seal(Payload(kBoard)), Hashing());
  campaign.Begin("bootseal::image::mcuboot::checks::KeyIsTheTargets(");
  EXPECT_THAT(campaign.Holes(), IsEmpty());
}

TEST(SkippedInstruction, DoesNotBringAnOldImageBack) {
  Device device(Algorithm::kP256);
  device.rules().minimum_security_counter = 8;
  const Bench bench(device, kBoard);
  Campaign campaign(bench, device.Seal(Payload(kBoard)), {});
  campaign.Begin(
      "bootseal::image::mcuboot::checks::SecurityCounterIsHighEnough(");
  EXPECT_THAT(campaign.Holes(), IsEmpty());
}

}  // namespace
}  // namespace bootseal::tests
