#include "tests/firmware/upgrade/power_cuts.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/swap_type.h"
#include "firmware/image/mcuboot/trailer.h"
#include "firmware/image/mcuboot/trailer_layout.h"

namespace bootseal::tests {
namespace {

using boards::Slot;
using image::Algorithm;
using image::mcuboot::Rules;

// Of the same signature length for every content: sizes can be met exactly.
constexpr Algorithm kAlgorithm = Algorithm::kEd25519;
// No device needs more resets than this, nor has a test more patience.
constexpr int kMostBoots = 24;

std::string Magic(const Rules& rules) {
  return image::host::ToString(image::mcuboot::TrailerMagicOf(rules.max_align));
}

}  // namespace

PowerCuts::PowerCuts(image::mcuboot::Strategy strategy,
                     const Scenario& scenario, BootFlow boot)
    : scenario_(scenario),
      boot_(std::move(boot)),
      target_(SharedKey(kAlgorithm)) {
  target_.rules.strategy = strategy;
  target_.rules.slot_size = kSlotSize;
  target_.rules.sector_size = kSectorSize;
  target_.rules.max_sectors = kSlotSize / kSectorSize;
  target_.rules.align = scenario.align;
  target_.rules.max_align = scenario.max_align;
  largest_ = image::mcuboot::MaxImageEnd(target_.rules);
  const auto end_of = [this](std::uint32_t end) {
    return std::min(end, largest_);
  };
  if (scenario_.old_end != 0) old_ = Seal(kOld, end_of(scenario_.old_end));
  new_ = Seal(kNew, end_of(scenario_.new_end));
  Reset();
}

std::string PowerCuts::Seal(int version, std::uint32_t end) const {
  image::mcuboot::ProtectedTlvs tlvs;
  tlvs.has_security_counter = scenario_.counted;
  tlvs.security_counter = CounterOf(version);
  const auto make = [&](std::uint32_t payload_size) {
    ImageParts parts = MakeParts(target_, TestPayload(payload_size), tlvs,
                                 {static_cast<std::uint8_t>(version), 0, 0, 0});
    for (char& byte : parts.payload) {
      byte = static_cast<char>(byte ^ (version * 0x5a));
    }
    SignAgain(target_, parts);
    return Join(parts);
  };
  const auto rest = static_cast<std::uint32_t>(make(64).size()) - 64;
  return make(end - rest);
}

void PowerCuts::ResetWithoutTrailer() {
  flash_.reset();
  flash_.emplace(
      boards::FlashGeometry{scenario_.align, kSectorSize, std::byte{0xff}},
      kSlotSize);
  flash_->Put(Slot::kPrimary, 0, old_);
  std::string candidate = new_;
  if (scenario_.tampered) {
    candidate[candidate.size() / 2] =
        static_cast<char>(candidate[candidate.size() / 2] ^ 1);
  }
  flash_->Put(Slot::kSecondary, 0, candidate);
}

void PowerCuts::Reset() {
  ResetWithoutTrailer();
  const auto layout = image::mcuboot::LayOutTrailer(rules());
  PutMagic(Slot::kSecondary);
  if (scenario_.permanent) {
    flash_->Put(Slot::kSecondary, layout.image_ok, "\x01");
  }
}

void PowerCuts::PutMagic(Slot slot) {
  const auto layout = image::mcuboot::LayOutTrailer(rules());
  flash_->Put(slot, layout.magic, Magic(rules()));
}

bool PowerCuts::SecondaryAsks() const {
  const auto layout = image::mcuboot::LayOutTrailer(rules());
  return flash_->Get(Slot::kSecondary, layout.magic, 16) == Magic(rules());
}

// What MCUboot's boot_set_confirmed does to the primary trailer.
void PowerCuts::Application(int version) {
  if (version != kNew || !scenario_.confirms) return;
  const auto layout = image::mcuboot::LayOutTrailer(rules());
  const bool good =
      flash_->Get(Slot::kPrimary, layout.magic, 16) == Magic(rules());
  if (!good || flash_->Get(Slot::kPrimary, layout.image_ok, 1) != "\xff") {
    return;
  }
  std::vector<std::byte> cell(scenario_.align, std::byte{0xff});
  cell[0] = std::byte{0x01};
  // Power may go in it as well; the next boot tells.
  static_cast<void>(flash_->Write(Slot::kPrimary, layout.image_ok, cell));
}

std::string PowerCuts::CheckBoot(const upgrade::Outcome& outcome,
                                 int& version) const {
  if (!outcome.image.ok()) {
    return absl::StrCat("no boot: ", image::Text(outcome.image.error()));
  }
  if (!outcome.image->intact()) return "a boot without proof";
  version = outcome.image->version().major;
  const std::string& expected = image(version);
  const image::Bytes there(outcome.image->image(), expected.size());
  if (!image::Equal(there, image::host::AsBytes(expected))) {
    return absl::StrCat("booted something else than version ", version);
  }
  if (outcome.image->image() != flash_->Mapped(Slot::kPrimary).data()) {
    return "booted another slot";
  }
  return "";
}

upgrade::Outcome PowerCuts::Boot() const {
  const Rules* const images[] = {&rules()};
  return boot_(images);
}

Course PowerCuts::Run(const std::vector<Cut>& cuts) {
  Reset();
  Course course;
  std::size_t next_cut = 0;
  for (int boots = 0; boots < kMostBoots; ++boots) {
    if (next_cut < cuts.size()) flash_->CutAt(cuts[next_cut]);
    const std::uint64_t before = flash_->operations();
    const upgrade::Outcome outcome = Boot();
    if (!flash_->is_off()) {
      int version = 0;
      course.failure = CheckBoot(outcome, version);
      if (!course.failure.empty()) return course;
      course.booted.push_back(version);
      Application(version);
    }
    if (!flash_->violations().empty()) {
      course.failure = flash_->violations().front();
      return course;
    }
    course.operations = flash_->operations();
    const bool cut = flash_->is_off();
    if (cut) {
      course.cut = flash_->log().back();
      ++next_cut;
      flash_->PowerOn();
    } else if (flash_->operations() == before) {
      return course;
    }
  }
  course.failure = "it never comes to rest";
  return course;
}

std::vector<Cut> PowerCuts::TearsOf(std::uint64_t number,
                                    const Operation& operation) {
  std::vector<Cut> cuts{{number, Tear::kNothing, 0},
                        {number, Tear::kAll, 0},
                        {number, Tear::kBits, 0},
                        {number, Tear::kBits, 1},
                        {number, Tear::kUnreadable, 0},
                        {number, Tear::kFront, operation.size / 2},
                        {number, Tear::kBack, operation.size / 2}};
  // Where the trailer's cells are, every border between two of them.
  const bool is_trailer = operation.kind == Operation::Kind::kErase &&
                          operation.offset + operation.size == kSlotSize;
  if (!is_trailer) return cuts;
  for (std::uint32_t from_end = 8; from_end <= 256; from_end += 8) {
    cuts.push_back({number, Tear::kFront, operation.size - from_end});
    cuts.push_back({number, Tear::kBack, operation.size - from_end});
  }
  return cuts;
}

CutTally PowerCuts::CutEverywhere(const Judge& judge) {
  CutTally tally;
  const Course whole = Run({});
  tally.operations = whole.operations;
  const std::vector<Operation> log = flash_->log();
  const std::string undisturbed =
      whole.failure.empty() ? judge(whole) : whole.failure;
  if (!undisturbed.empty()) tally.failures.push_back(undisturbed);
  for (std::uint64_t number = 0; number < log.size(); ++number) {
    for (const Cut& cut : TearsOf(number, log[number])) {
      const Course course = Run({cut});
      ++tally.runs;
      const std::string wrong =
          course.failure.empty() ? judge(course) : course.failure;
      if (wrong.empty()) continue;
      tally.failures.push_back(absl::StrFormat(
          "%s: %s (%s 0x%x of slot %d, operation %d of %d, tear %d at %d)",
          scenario_.name, wrong,
          log[number].kind == Operation::Kind::kErase ? "erase" : "write",
          log[number].offset, static_cast<int>(log[number].slot), number,
          log.size(), static_cast<int>(cut.tear), cut.split));
    }
  }
  return tally;
}

}  // namespace bootseal::tests
