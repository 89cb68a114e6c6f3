#include "tests/glitch/scenario.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "firmware/image/algorithm.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/trailer_layout.h"
#include "tests/qemu/bench.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::mcuboot::Strategy;

constexpr const char* kBoard = "mps2-an505";
constexpr std::uint32_t kPrimary = 0x10100000;
constexpr std::uint32_t kSecondary = 0x10180000;
constexpr std::uint32_t kPrimaryOfImage1 = 0x10200000;
constexpr std::uint32_t kSecondaryOfImage1 = 0x10280000;
// Enough for these images; the board has more.
constexpr std::uint32_t kSlotSize = 0x4000;
constexpr std::uint32_t kSector = 0x1000;
constexpr std::uint32_t kUart = 0x50200000;
// FPGAIO, of which the first register is the LEDs.
constexpr std::uint32_t kLeds = 0x50302000;
constexpr std::uint32_t kLedBytes = 0x1000;
constexpr std::uint32_t kMinimumCounter = 7;

const char* NameOf(Refused refused) {
  switch (refused) {
    case Refused::kNone:
      return "Valid";
    case Refused::kForgedWhole:
      return "SignatureOfAnother";
    case Refused::kForeignKey:
      return "ForeignKey";
    case Refused::kBody:
      return "ChangedBody";
    case Refused::kHeader:
      return "ChangedHeader";
    case Refused::kOld:
      return "LowCounter";
    case Refused::kNoCounter:
      return "NoCounter";
    case Refused::kNoSignature:
      return "NoSignature";
    case Refused::kEmpty:
      return "EmptySlot";
  }
  return "";
}

const char* NameOf(Strategy strategy) {
  switch (strategy) {
    case Strategy::kOverwriteOnly:
      return "Overwrite";
    case Strategy::kSwapMove:
      return "Swap";
    case Strategy::kDirectXip:
      return "DirectXip";
    default:
      return "SingleSlot";
  }
}

}  // namespace

std::string Scenario::name() const {
  return absl::StrCat(second ? "SecondOfTwo" : NameOf(strategy), "_",
                      image::TraitsOf(algorithm)->name, "_", NameOf(refused));
}

Board Mps2(const std::string& elf) {
  absl::StatusOr<Program> program = Program::Read(elf);
  EXPECT_EQ(program.status(), absl::OkStatus());
  Board board{*std::move(program), {}, {}, {}, kUart, {}};
  const Symbol begin = board.program.Find("__ram_begin").value();
  const Symbol end = board.program.Find("__ram_end").value();
  board.ram = {{begin.address, end.address}, {kLeds, kLeds + kLedBytes}};
  board.slots = {{kPrimary, kPrimary + kSlotSize}};
  board.stops = {board.program.Find("bootseal::arch::Stop()").value().address};
  return board;
}

void Setting::Apply(const Scenario& scenario, Device& device) const {
  device.rules().minimum_security_counter = kMinimumCounter;
  device.rules().slot_size = kSlotSize;
  device.rules().strategy = scenario.strategy;
  device.rules().image_count = scenario.second ? 2 : 1;
  if (scenario.strategy != Strategy::kSingleSlot) {
    device.rules().sector_size = kSector;
  }
}

std::string Setting::Provision(const Scenario& scenario,
                               const std::string& source,
                               const std::string& elf) {
  if (scenario.second) return device_.ProvisionPair(second_, kBoard, elf);
  return device_.ProvisionFrom(device_.RulesSource() + source, kBoard, elf);
}

Setting::Setting(const Scenario& scenario, const std::string& source)
    : device_(scenario.algorithm),
      second_(scenario.algorithm),
      judged_(scenario.second ? second_ : device_),
      payload_(Payload(kBoard)) {
  Apply(scenario, device_);
  Apply(scenario, second_);
  const TemporaryFolder folder;
  const std::string elf = folder.File("boot.elf");
  EXPECT_EQ(Provision(scenario, source, elf), "");
  board_ = Mps2(elf);
  const std::string image = Image(scenario.refused);
  if (scenario.second) {
    image::mcuboot::ProtectedTlvs tlvs = Device::Tlvs();
    tlvs.security_counter = kMinimumCounter;
    const std::string valid = device_.Seal(payload_, tlvs);
    for (const std::uint32_t slot :
         {kSecondary, kPrimaryOfImage1, kSecondaryOfImage1}) {
      board_->slots.push_back({slot, slot + kSlotSize});
    }
    board_->loaded = {{kPrimary, valid}, {kPrimaryOfImage1, image}};
    if (scenario.refused == Refused::kNone) {
      permitted_ =
          PermittedImage({kPrimary, valid}, device_.rules().header_size);
    }
  } else if (scenario.strategy == Strategy::kSingleSlot) {
    board_->loaded = {{kPrimary, image}};
    if (scenario.refused == Refused::kNone) {
      permitted_ =
          PermittedImage({kPrimary, image}, device_.rules().header_size);
    }
  } else if (scenario.strategy == Strategy::kDirectXip) {
    const std::string valid = Image(Refused::kNone);
    payload_ = PayloadForSlot1(kBoard);
    board_->slots.push_back({kSecondary, kSecondary + kSlotSize});
    board_->loaded = {{kPrimary, valid}, {kSecondary, Image(scenario.refused)}};
    permitted_ = PermittedImage({kPrimary, valid}, device_.rules().header_size);
  } else {
    const std::string old = SealWithCounter(kMinimumCounter);
    board_->slots.push_back({kSecondary, kSecondary + kSlotSize});
    board_->loaded = {{kPrimary, std::string(kSlotSize, '\xff')},
                      {kPrimary, old},
                      {kSecondary, device_.WaitingSlot(image)}};
    permitted_ = PermittedImage({kPrimary, old}, device_.rules().header_size);
  }
  budget_ = MeasureBudget(scenario);
}

// What a valid image takes from reset to its start, or this one to its refusal,
// and a quarter more.
std::uint64_t Setting::MeasureBudget(const Scenario& scenario) {
  constexpr std::uint64_t kMost = 500'000'000;
  Board board = *board_;
  const std::string image = Image(Refused::kNone);
  const bool upgrades =
      !scenario.second && (scenario.strategy == Strategy::kOverwriteOnly ||
                           scenario.strategy == Strategy::kSwapMove);
  board.loaded.back().bytes = upgrades ? device_.WaitingSlot(image) : image;
  Machine valid(board);
  const End end = valid.Reset(kMost);
  EXPECT_TRUE(IsStart(end)) << Text(end) << ": " << valid.said();
  Machine refused(*board_);
  refused.Reset(kMost);
  const std::uint64_t most = std::max(valid.spent(), refused.spent());
  return most + most / 4;
}

std::string Setting::SealWithCounter(std::uint32_t counter) const {
  image::mcuboot::ProtectedTlvs tlvs = Device::Tlvs();
  tlvs.security_counter = counter;
  return judged_.Seal(payload_, tlvs);
}

std::string Setting::Image(Refused refused) {
  const std::uint32_t header = judged_.rules().header_size;
  std::string image = SealWithCounter(kMinimumCounter + 1);
  switch (refused) {
    case Refused::kNone:
      break;
    case Refused::kForgedWhole:
      image = judged_.SealForged(payload_);
      break;
    case Refused::kForeignKey:
      image = Device(judged_.rules().algorithm).Seal(payload_);
      break;
    case Refused::kBody:
      image[header + 0x40] = static_cast<char>(image[header + 0x40] ^ 1);
      break;
    case Refused::kHeader:
      image[0x14] = static_cast<char>(image[0x14] ^ 1);
      break;
    case Refused::kOld:
      image = SealWithCounter(kMinimumCounter - 1);
      break;
    case Refused::kNoCounter: {
      image::mcuboot::ProtectedTlvs tlvs = Device::Tlvs();
      tlvs.has_security_counter = false;
      image = judged_.Seal(payload_, tlvs);
      break;
    }
    case Refused::kNoSignature: {
      ImageParts parts = judged_.Parts(payload_);
      parts.unprotected.pop_back();
      image = Join(parts);
      break;
    }
    case Refused::kEmpty:
      image.assign(image.size(), '\xff');
      break;
  }
  return image;
}

}  // namespace bootseal::tests
