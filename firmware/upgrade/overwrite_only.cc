// The image in the secondary slot takes the place of the one in the primary
// slot, for good. Whichever way its trailer asks (test or permanent): there is
// nothing to go back to. As MCUboot's MCUBOOT_OVERWRITE_ONLY_FAST leaves the
// slots.
#include "firmware/image/mcuboot/swap_type.h"
#include "firmware/upgrade/slot.h"
#include "firmware/upgrade/upgrade.h"

namespace bootseal::upgrade {
namespace {

using image::Error;
using image::Result;
using image::Verified;
using image::mcuboot::Rules;
using image::mcuboot::SwapType;

class Overwrite {
 public:
  explicit Overwrite(const Rules& rules)
      : rules_(rules),
        sector_(SectorSize(rules)),
        primary_(rules, boards::Slot::kPrimary),
        secondary_(rules, boards::Slot::kSecondary) {}

  Outcome Run();

 private:
  bool IsAsked() const;
  Error Copy(std::uint32_t end) const;
  Error Forget() const;

  const Rules& rules_;
  const std::uint32_t sector_;
  const Slot primary_;
  const Slot secondary_;
};

bool Overwrite::IsAsked() const {
  // Whether a primary image was confirmed means nothing here: no row about it.
  const SwapType type = DecideSwap(
      rules_.strategy, image::mcuboot::TrailerState(), secondary_.Trailer());
  return type == SwapType::kTest || type == SwapType::kPermanent;
}

// Known: the secondary slot holds an image that ends at `end` and was verified.
// It stays as it is until the end of everything, trailer and all: a reset at
// any point of this starts it anew.
Error Overwrite::Copy(std::uint32_t end) const {
  std::uint32_t offset = 0;
  for (; offset < end; offset += sector_) {
    BOOTSEAL_TRY(primary_.Erase(offset, sector_));
  }
  // The rest of an older trailer must not speak about the new image. A large
  // image shares its last sectors with it.
  const std::uint32_t status = primary_.layout().status;
  while (offset + sector_ <= status) offset += sector_;
  for (; offset < rules_.slot_size; offset += sector_) {
    BOOTSEAL_TRY(primary_.Erase(offset, sector_));
  }
  const std::uint32_t part = end % rules_.align;
  const std::uint32_t size = part == 0 ? end : end - part + rules_.align;
  BOOTSEAL_TRY(primary_.CopyFrom(secondary_, 0, 0, size));
  // As applications expect it of an image that they may mark as confirmed.
  return primary_.WriteMagic();
}

// Known: the primary slot holds the image, verified there. From the first of
// these erasures on nothing asks for it again; without a header no other
// bootloader takes it either.
Error Overwrite::Forget() const {
  BOOTSEAL_TRY(secondary_.Erase(rules_.slot_size - sector_, sector_));
  return secondary_.Erase(0, sector_);
}

Outcome Overwrite::Run() {
  Outcome outcome;
  const bool asked = IsAsked();
  if (asked) {
    const Result<Verified> candidate = secondary_.Verify();
    // A refused image is not asked about twice. Its trailer goes last: until
    // then this is where the next reset leads.
    const Error written = candidate.ok()
                              ? Copy(candidate->end())
                              : secondary_.Erase(0, rules_.slot_size);
    if (written != Error::kOk) return {written};
    outcome.refused = candidate.error();
    if (candidate.ok()) outcome.done = "overwritten";
  }
  outcome.image = primary_.Verify();
  // Where the copy is not what was copied, the original is still there and asks
  // again.
  if (!outcome.image.ok() || outcome.done == nullptr) return outcome;
  const Error forgotten = Forget();
  if (forgotten != Error::kOk) outcome.image = forgotten;
  return outcome;
}

}  // namespace

Outcome Choose(const Rules& rules) {
  const Error fits = CheckGeometry(rules);
  if (fits != Error::kOk) return {fits};
  return Overwrite(rules).Run();
}

}  // namespace bootseal::upgrade
