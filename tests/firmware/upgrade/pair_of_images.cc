#include "tests/firmware/upgrade/pair_of_images.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/trailer_layout.h"
#include "tests/support/signing_key.h"

namespace bootseal::tests {
namespace {

using boards::Slot;
using boards::SlotOf;
using image::Algorithm;
using image::mcuboot::TrailerLayout;

constexpr std::uint8_t kImages = 2;
constexpr int kMostBoots = 24;
// Image 1 is the smaller one.
constexpr std::uint32_t kPayloadSizes[] = {kSectorSize + 900, 700};

std::string Magic() {
  return image::host::ToString(image::mcuboot::TrailerMagicOf(8));
}

}  // namespace

PairOfImages::PairOfImages(image::mcuboot::Strategy strategy,
                           const PairScenario& scenario, BootFlow boot)
    : scenario_(scenario), boot_(std::move(boot)) {
  for (auto& target : targets_) {
    target = std::make_unique<TestTarget>(SharedKey(Algorithm::kEd25519));
    target->rules.strategy = strategy;
    target->rules.slot_size = kSlotSize;
    target->rules.sector_size = kSectorSize;
    target->rules.max_sectors = kSlotSize / kSectorSize;
    target->rules.align = scenario.align;
    target->rules.image_count = kImages;
  }
  for (const int version : {kOld, kNew}) {
    for (int number = 0; number < kImages; ++number) {
      images_[static_cast<std::size_t>(version - 1)]
             [static_cast<std::size_t>(number)] = Seal(version, number);
    }
  }
}

const std::string& PairOfImages::image(int version, int number) const {
  return images_[static_cast<std::size_t>(version - 1)]
                [static_cast<std::size_t>(number)];
}

// Each version wants the same of the other image.
std::string PairOfImages::Seal(int version, int number) const {
  const bool asks_for_more = version == kNew && number == 0;
  const auto wants =
      asks_for_more ? scenario_.wants : static_cast<std::uint8_t>(version);
  const image::mcuboot::Dependency dependency{
      static_cast<std::uint8_t>(1 - number), {wants, 0, 0, 0}};
  image::mcuboot::ProtectedTlvs tlvs;
  tlvs.dependencies = {&dependency, 1};
  tlvs.has_security_counter = scenario_.counted;
  tlvs.security_counter = CounterOf(version);
  const auto index = static_cast<std::size_t>(number);
  return MakeImage(*targets_[index],
                   TestPayload(kPayloadSizes[index] + 10 * version), tlvs,
                   {static_cast<std::uint8_t>(version), 0, 0, 0});
}

void PairOfImages::Reset() {
  flash_.reset();
  flash_.emplace(
      boards::FlashGeometry{scenario_.align, kSectorSize, std::byte{0xff}},
      kSlotSize);
  const TrailerLayout layout =
      image::mcuboot::LayOutTrailer(targets_[0]->rules);
  for (std::uint8_t number = 0; number < kImages; ++number) {
    const Slot secondary = SlotOf(number, Slot::kSecondary);
    std::string candidate = image(kNew, number);
    if (scenario_.tampered && number == 1) candidate[200] ^= 1;
    flash_->Put(SlotOf(number, Slot::kPrimary), 0, image(kOld, number));
    flash_->Put(secondary, 0, candidate);
    flash_->Put(secondary, layout.magic, Magic());
    if (scenario_.permanent) flash_->Put(secondary, layout.image_ok, "\x01");
  }
}

bool PairOfImages::IsVerdict(const Operation& operation) const {
  const TrailerLayout layout =
      image::mcuboot::LayOutTrailer(targets_[0]->rules);
  const bool is_primary = static_cast<int>(operation.slot) % 2 == 0;
  return is_primary && operation.kind == Operation::Kind::kWrite &&
         (operation.offset == layout.copy_done ||
          operation.offset == layout.image_ok);
}

int PairOfImages::Booted() const {
  for (const int version : {kOld, kNew}) {
    bool all = true;
    for (std::uint8_t number = 0; number < kImages; ++number) {
      const std::string& expected = image(version, number);
      all = all && flash_->Get(SlotOf(number, Slot::kPrimary), 0,
                               static_cast<std::uint32_t>(expected.size())) ==
                       expected;
    }
    if (all) return version;
  }
  return 0;
}

void PairOfImages::Confirm() {
  const TrailerLayout layout =
      image::mcuboot::LayOutTrailer(targets_[0]->rules);
  std::vector<std::byte> cell(scenario_.align, std::byte{0xff});
  cell[0] = image::mcuboot::kFlagSet;
  for (std::uint8_t number = 0; number < kImages; ++number) {
    const Slot slot = SlotOf(number, Slot::kPrimary);
    if (flash_->Get(slot, layout.magic, 16) != Magic() ||
        flash_->Get(slot, layout.image_ok, 1) != "\xff") {
      continue;
    }
    if (flash_->Write(slot, layout.image_ok, cell) != image::Error::kOk) return;
  }
}

PairOfImages::Course PairOfImages::Run(const std::optional<Cut>& cut) {
  Reset();
  if (cut) flash_->CutAt(*cut);
  const image::mcuboot::Rules* const rules[] = {&targets_[0]->rules,
                                                &targets_[1]->rules};
  Course course;
  for (int boots = 0; boots < kMostBoots; ++boots) {
    const std::uint64_t before = flash_->operations();
    const upgrade::Outcome outcome = boot_(rules);
    if (!flash_->is_off()) {
      course.refused = outcome.refused;
      const int version = Booted();
      if (!outcome.image.ok()) course.failure = "no boot";
      if (version == 0) course.failure = "booted one old and one new image";
      if (!flash_->violations().empty()) {
        course.failure = flash_->violations().front();
      }
      if (!course.failure.empty()) return course;
      course.booted.push_back(version);
      if (version == kNew && scenario_.confirms) Confirm();
    }
    if (flash_->is_off()) {
      course.cut = flash_->log().back();
      flash_->PowerOn();
    } else if (flash_->operations() == before) {
      return course;
    }
  }
  course.failure = "it never comes to rest";
  return course;
}

CutTally CutPairEverywhere(PairOfImages& device, int last) {
  CutTally tally;
  const PairOfImages::Course whole = device.Run(std::nullopt);
  if (!whole.failure.empty() || whole.booted.back() != last) {
    tally.failures.push_back("undisturbed: " + whole.failure);
  }
  const std::vector<Operation> log = device.flash().log();
  tally.operations = log.size();
  for (std::uint64_t number = 0; number < log.size(); ++number) {
    for (const Cut& cut : PowerCuts::TearsOf(number, log[number])) {
      const PairOfImages::Course course = device.Run(cut);
      ++tally.runs;
      std::string wrong = course.failure;
      const bool may_go_back = course.cut && device.IsVerdict(*course.cut);
      if (wrong.empty() && course.booted.back() != last && !may_go_back) {
        wrong = absl::StrCat("ends with version ", course.booted.back());
      }
      if (wrong.empty()) continue;
      tally.failures.push_back(absl::StrCat(
          wrong, " (operation ", number, " of ", log.size(), ", slot ",
          static_cast<int>(log[number].slot), " at ", log[number].offset,
          ", tear ", static_cast<int>(cut.tear), " at ", cut.split, ")"));
    }
  }
  return tally;
}

}  // namespace bootseal::tests
