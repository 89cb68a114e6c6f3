// The image in the secondary slot takes the place of the one in the primary
// slot, for good. Whichever way its trailer asks (test or permanent): there is
// nothing to go back to. As MCUboot's MCUBOOT_OVERWRITE_ONLY_FAST leaves the
// slots.
#include "firmware/image/mcuboot/swap_type.h"
#include "firmware/upgrade/in_order.h"
#include "firmware/upgrade/slot.h"
#include "firmware/upgrade/upgrade.h"

namespace bootseal::upgrade {
namespace {

using image::Error;
using image::Result;
using image::Verified;
using image::mcuboot::FlagState;
using image::mcuboot::MagicState;
using image::mcuboot::Rules;

class Overwrite {
 public:
  Overwrite(const Rules& rules, std::uint8_t image)
      : rules_(rules),
        sector_(SectorSize(rules)),
        primary_(rules, image, boards::Slot::kPrimary),
        secondary_(rules, image, boards::Slot::kSecondary) {}

  Error Prepare(Outcome& outcome);
  bool installs() const { return end_ != 0; }
  bool moves() const { return installs(); }
  void Leave() { end_ = 0; }
  void KeepPrimary() {}
  image::Bytes candidate() const {
    return installs() ? secondary_.bytes() : primary_.bytes();
  }
  Error Install(Outcome& outcome) const;
  Result<Verified> Verify() const { return primary_.Verify(); }
  Error Settle() const;

 private:
  bool IsAsked() const;

  const Rules& rules_;
  const std::uint32_t sector_;
  const Slot primary_;
  const Slot secondary_;
  std::uint32_t end_ = 0;  // of the image to install; 0: none
};

bool Overwrite::IsAsked() const {
  // A test or a permanent swap: of DecideSwap's table, what is left when the
  // primary slot's trailer means nothing.
  const image::mcuboot::TrailerState trailer = secondary_.Trailer();
  return trailer.magic == MagicState::kGood &&
         trailer.image_ok != FlagState::kBad;
}

Error Overwrite::Prepare(Outcome& outcome) {
  if (!IsAsked()) return Error::kOk;
  const Result<Verified> candidate = secondary_.Verify();
  if (candidate.ok()) {
    end_ = candidate->end();
    return Error::kOk;
  }
  // A refused image is not asked about twice. Its trailer goes last: until then
  // this is where the next reset leads.
  outcome.refused = candidate.error();
  return secondary_.Erase(0, rules_.slot_size);
}

// Known: the secondary slot holds an image that ends at `end_` and was
// verified. It stays as it is until the end of everything, trailer and all: a
// reset at any point of this starts it anew.
Error Overwrite::Install(Outcome& outcome) const {
  if (!installs()) return Error::kOk;
  outcome.done = "overwritten";
  std::uint32_t offset = 0;
  for (; offset < end_; offset += sector_) {
    BOOTSEAL_TRY(primary_.Erase(offset, sector_));
  }
  // The rest of an older trailer must not speak about the new image. A large
  // image shares its last sectors with it.
  const std::uint32_t status = primary_.layout().status;
  while (offset + sector_ <= status) offset += sector_;
  for (; offset < rules_.slot_size; offset += sector_) {
    BOOTSEAL_TRY(primary_.Erase(offset, sector_));
  }
  const std::uint32_t part = end_ % rules_.align;
  const std::uint32_t size = part == 0 ? end_ : end_ - part + rules_.align;
  BOOTSEAL_TRY(primary_.CopyFrom(secondary_, 0, 0, size));
  // As applications expect it of an image that they may mark as confirmed.
  return primary_.WriteMagic();
}

// Known: the primary slots of all images hold what they are to hold, verified
// there. From the first of these erasures on nothing asks for this one again;
// without a header no other bootloader takes it either.
Error Overwrite::Settle() const {
  if (!installs()) return Error::kOk;
  BOOTSEAL_TRY(secondary_.Erase(rules_.slot_size - sector_, sector_));
  return secondary_.Erase(0, sector_);
}

}  // namespace

Outcome Choose(Images images) { return ChooseInOrder<Overwrite>(images); }

const Verified& VerifiedBeside() { return beside; }

// There is no way back.
bool Stays(const image::mcuboot::Rules&, std::uint8_t) { return true; }

}  // namespace bootseal::upgrade
