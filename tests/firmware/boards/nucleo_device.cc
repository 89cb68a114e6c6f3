#include "tests/firmware/boards/nucleo_device.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "firmware/boards/flash.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/swap_type.h"
#include "firmware/image/mcuboot/trailer.h"
#include "firmware/image/mcuboot/trailer_layout.h"

namespace bootseal::tests {
namespace {

using boards::Slot;
using image::Algorithm;
using image::mcuboot::Rules;
using Tear = PowerCut::Tear;

// Of one signature length: sizes can be met exactly.
constexpr Algorithm kAlgorithm = Algorithm::kEd25519;
constexpr int kMostBoots = 12;
constexpr std::uint32_t kSectors = 6;

std::string Magic() {
  return image::host::ToString(image::mcuboot::TrailerMagicOf(8));
}

}  // namespace

std::uint32_t NucleoDevice::Primary(int image, std::uint32_t offset) {
  return (image == 0 ? 0x14000 : 0x41000) + offset;
}

std::uint32_t NucleoDevice::Secondary(int image, std::uint32_t offset) {
  return (image == 0 ? 0x4a000 : 0x77000) + offset;
}

NucleoDevice::NucleoDevice(image::mcuboot::Strategy strategy,
                           NucleoScenario scenario)
    : scenario_(std::move(scenario)),
      model_({.two_banks = scenario_.two_banks}) {
  for (int image = 0; image < scenario_.images; ++image) {
    auto target = std::make_unique<TestTarget>(SharedKey(kAlgorithm));
    target->rules.strategy = strategy;
    target->rules.sector_size = scenario_.sector_size;
    target->rules.slot_size = kSectors * scenario_.sector_size;
    target->rules.max_sectors = kSectors;
    target->rules.align = 8;
    target->rules.max_align = 8;
    rules_.push_back(&target->rules);
    targets_.push_back(std::move(target));
    old_.push_back(scenario_.old_end == 0
                       ? ""
                       : Seal(image, kOldVersion, scenario_.old_end));
    new_.push_back(Seal(image, kNewVersion, scenario_.new_end));
  }
  Fill();
  model_.BusyFor(1);
  model_.Mark();
}

std::string NucleoDevice::Seal(int image, int version,
                               std::uint32_t end) const {
  const TestTarget& target = *targets_[static_cast<std::size_t>(image)];
  const std::uint32_t most = image::mcuboot::MaxImageEnd(target.rules);
  const auto make = [&](std::uint32_t payload_size) {
    ImageParts parts = MakeParts(target, TestPayload(payload_size), {},
                                 {static_cast<std::uint8_t>(version), 0, 0, 0});
    for (char& byte : parts.payload) {
      byte = static_cast<char>(byte ^ (version * 0x5a + image));
    }
    SignAgain(target, parts);
    return Join(parts);
  };
  const auto rest = static_cast<std::uint32_t>(make(64).size()) - 64;
  return make(std::min(end, most) - rest);
}

void NucleoDevice::Fill() {
  const auto layout = image::mcuboot::LayOutTrailer(rules());
  for (int image = 0; image < scenario_.images; ++image) {
    const auto index = static_cast<std::size_t>(image);
    model_.Put(Primary(image), old_[index]);
    std::string candidate = new_[index];
    if (scenario_.tampered) {
      candidate[candidate.size() / 2] =
          static_cast<char>(candidate[candidate.size() / 2] ^ 1);
    }
    model_.Put(Secondary(image), candidate);
    model_.Put(Secondary(image, layout.magic), Magic());
    if (scenario_.permanent) {
      model_.Put(Secondary(image, layout.image_ok), "\x01");
    }
  }
}

bool NucleoDevice::Holds(std::uint32_t where, int version, int image) const {
  const auto index = static_cast<std::size_t>(image);
  const std::string& expected =
      version == kOldVersion ? old_[index] : new_[index];
  return model_.Bytes(where, static_cast<std::uint32_t>(expected.size())) ==
         expected;
}

std::string NucleoDevice::CheckBoot(const upgrade::Outcome& outcome,
                                    int& version) const {
  if (!outcome.image.ok()) {
    return absl::StrCat("no boot: ", image::Text(outcome.image.error()));
  }
  if (!outcome.image->intact()) return "a boot without proof";
  version = outcome.image->version().major;
  if (!Holds(Primary(0), version, 0)) return "booted something else";
  if (outcome.image->image() != boards::MappedFlash(Slot::kPrimary).data()) {
    return "booted another slot";
  }
  if (scenario_.images == 2 && !Holds(Primary(1), kOldVersion, 1) &&
      !Holds(Primary(1), kNewVersion, 1)) {
    return "image 1 is neither of the two";
  }
  return "";
}

// What MCUboot's boot_set_confirmed does to the primary trailers.
void NucleoDevice::Application(int version) {
  if (version != kNewVersion || !scenario_.confirms) return;
  const auto layout = image::mcuboot::LayOutTrailer(rules());
  constexpr std::array<std::byte, 8> kSet = [] {
    std::array<std::byte, 8> cell;
    cell.fill(std::byte{0xff});
    cell[0] = std::byte{0x01};
    return cell;
  }();
  for (int image = 0; image < scenario_.images; ++image) {
    if (model_.Bytes(Primary(image, layout.magic), 16) != Magic()) continue;
    if (model_.At(Primary(image, layout.image_ok)).cell != Cell::kErased) {
      continue;
    }
    // Power may go in it as well; the next boot tells.
    static_cast<void>(boards::WriteFlash(
        boards::SlotOf(static_cast<std::uint8_t>(image), Slot::kPrimary),
        layout.image_ok, kSet));
  }
}

NucleoCourse NucleoDevice::Run(const PowerCut* cut) {
  model_.BackToMark();
  NucleoCourse course;
  if (cut != nullptr) model_.CutAt(*cut);
  for (int boots = 0; boots < kMostBoots; ++boots) {
    const std::size_t before = model_.log().size();
    const upgrade::Outcome outcome = upgrade::Choose(rules_);
    if (!model_.is_off()) {
      int version = 0;
      course.failure = CheckBoot(outcome, version);
      if (!course.failure.empty()) return course;
      course.booted.push_back(version);
      Application(version);
    }
    if (!model_.violations().empty()) {
      course.failure = model_.violations().front();
      return course;
    }
    course.log = model_.log();
    if (model_.is_off()) {
      course.cut = true;
      course.cut_in = course.log.back();
      model_.Reset();
    } else if (course.log.size() == before) {
      return course;
    }
  }
  course.failure = "it never comes to rest";
  return course;
}

std::vector<PowerCut> NucleoDevice::TearsOf(
    std::uint64_t number, const FlashOperation& operation) const {
  std::vector<PowerCut> tears;
  for (const Tear tear : {Tear::kNothing, Tear::kAll, Tear::kLost, Tear::kWeak,
                          Tear::kCorrected, Tear::kMixed}) {
    tears.push_back({number, tear, 0});
  }
  const std::uint32_t page = scenario_.two_banks ? 0x800 : 0x1000;
  const auto layout = image::mcuboot::LayOutTrailer(rules());
  bool is_trailer = false;
  for (int image = 0; image < scenario_.images; ++image) {
    for (const std::uint32_t slot : {Primary(image), Secondary(image)}) {
      is_trailer = is_trailer ||
                   (operation.offset >= slot + layout.status / page * page &&
                    operation.offset < slot + rules().slot_size);
    }
  }
  if (!operation.is_erasure) {
    if (is_trailer) return tears;
    return {tears[number % 6], tears[(number + 2) % 6],
            tears[(number + 3) % 6]};
  }
  for (const std::uint32_t seed : {1U, 2U, 3U}) {
    tears.push_back({number, Tear::kMixed, seed});
  }
  tears.push_back({number, Tear::kFront, page / 2});
  tears.push_back({number, Tear::kBack, page / 2});
  if (!is_trailer) return tears;
  for (std::uint32_t from_end = 8; from_end <= 256; from_end += 8) {
    tears.push_back({number, Tear::kFront, page - from_end});
    tears.push_back({number, Tear::kBack, page - from_end});
  }
  return tears;
}

CutTally NucleoDevice::CutEverywhere(const Judge& judge) {
  CutTally tally;
  const NucleoCourse whole = Run(nullptr);
  tally.operations = whole.log.size();
  const std::string undisturbed =
      whole.failure.empty() ? judge(whole) : whole.failure;
  if (!undisturbed.empty()) tally.failures.push_back(undisturbed);
  for (std::uint64_t number = 0; number < whole.log.size(); ++number) {
    for (const PowerCut& cut : TearsOf(number, whole.log[number])) {
      const NucleoCourse course = Run(&cut);
      ++tally.runs;
      const std::string wrong =
          course.failure.empty() ? judge(course) : course.failure;
      if (wrong.empty()) continue;
      tally.failures.push_back(absl::StrFormat(
          "%s: %s (%s 0x%x, operation %d of %d, tear %d at %d)", scenario_.name,
          wrong, whole.log[number].is_erasure ? "erasure" : "doubleword",
          whole.log[number].offset, number, whole.log.size(),
          static_cast<int>(cut.tear), cut.split));
    }
  }
  return tally;
}

}  // namespace bootseal::tests
