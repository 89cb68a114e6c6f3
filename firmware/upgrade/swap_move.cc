// The images of both slots change places, with the spare sector of the primary
// slot as the only room: MCUboot's swap-using-move, trailer and all. README.md
// tells why this one.
//
// With n sectors that hold the larger image:
//
//   begin   primary trailer: swap_info, image_ok, swap_size, magic
//           secondary trailer: erased
//   move    n steps: primary n-1 -> n, n-2 -> n-1, ... 0 -> 1
//   swap    2n steps: secondary i -> primary i, primary i+1 -> secondary i
//   end     image_ok when there is no way back, copy_done
//
// After each step its cell in the primary trailer's status is written. A step
// reads what no earlier step left half done and no later one has touched: one
// whose cell is not written is done once more.
#include <algorithm>

#include "firmware/image/mcuboot/swap_type.h"
#include "firmware/image/mcuboot/trailer.h"
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
using image::mcuboot::SwapType;
using image::mcuboot::TrailerState;

// What the trailers say. Nothing of it is trusted: it decides what is verified,
// and which of two images that were verified takes which place.
struct Task {
  SwapType type = SwapType::kNone;
  std::uint32_t size = 0;   // bytes to swap, once the trailer says so
  std::uint32_t steps = 0;  // that are done
  bool begun = false;       // the primary trailer is written
};

const char* NameOf(SwapType type) {
  if (type == SwapType::kTest) return "to be tested";
  return type == SwapType::kRevert ? "reverted" : "permanent";
}

class Swap {
 public:
  Swap(const Rules& rules, std::uint8_t image)
      : rules_(rules),
        sector_(rules.sector_size),
        primary_(rules, image, boards::Slot::kPrimary),
        secondary_(rules, image, boards::Slot::kSecondary) {}

  Error Prepare(Outcome& outcome);
  bool installs() const { return task_.type != SwapType::kNone; }
  bool moves() const {
    return resumed_ || (installs() && task_.type != SwapType::kRevert);
  }
  void Leave() { task_ = Task(); }
  void KeepPrimary() {
    if (task_.type == SwapType::kRevert) Leave();
  }
  image::Bytes candidate() const {
    return installs() ? secondary_.bytes() : primary_.bytes();
  }
  Error Install(Outcome& outcome);
  Result<Verified> Verify() const { return primary_.Verify(); }
  Error Settle() const { return Error::kOk; }

 private:
  Task ReadTask() const;
  bool IsBegun(const TrailerState& trailer, const Task& written) const;
  std::uint32_t Sectors(std::uint32_t size) const;
  std::uint32_t SizeToSwap() const;
  std::uint32_t StepsDone(std::uint32_t sectors) const;
  std::uint32_t CellOf(std::uint32_t step, std::uint32_t sectors) const;

  Error Begin(const Task& task) const;
  Error KeepRevert(std::uint32_t size) const;
  Error Continue(const Task& task) const;
  Error Step(std::uint32_t step, std::uint32_t sectors) const;
  Error End(SwapType type) const;
  Error GiveUp(const Task& task) const;

  const Rules& rules_;
  const std::uint32_t sector_;
  const Slot primary_;
  const Slot secondary_;
  Task task_;
  bool resumed_ = false;
};

std::uint32_t Swap::Sectors(std::uint32_t size) const {
  return (size + sector_ - 1) / sector_;
}

// Both images are whole where they are.
std::uint32_t Swap::SizeToSwap() const {
  return std::max(primary_.StatedEnd(), secondary_.StatedEnd());
}

// The status area has max_sectors cells for moves and twice as many for swaps,
// of which `sectors` and twice as many are used.
std::uint32_t Swap::CellOf(std::uint32_t step, std::uint32_t sectors) const {
  const std::uint32_t unused =
      step < sectors ? 0 : rules_.max_sectors - sectors;
  return primary_.layout().status + (step + unused) * rules_.align;
}

// The last cell that holds anything, a write that was cut short included: what
// it stands for was complete before.
std::uint32_t Swap::StepsDone(std::uint32_t sectors) const {
  std::uint32_t step = 3 * sectors;
  while (step > 0 && primary_.IsErased(CellOf(step - 1, sectors))) --step;
  return step;
}

// Whether the primary trailer is that of a swap under way. Nobody but a
// bootloader writes swap_info and swap_size into it, nor leaves copy_done out.
bool Swap::IsBegun(const TrailerState& trailer, const Task& written) const {
  return trailer.magic == MagicState::kGood &&
         trailer.copy_done == FlagState::kUnset &&
         written.type != SwapType{0} && written.size != 0 &&
         written.size <= image::mcuboot::MaxImageEnd(rules_);
}

Task Swap::ReadTask() const {
  TrailerState primary = primary_.Trailer();
  const TrailerState secondary = secondary_.Trailer();
  Task written{primary_.SwapTypeWritten(), primary_.SwapSizeWritten(), 0, true};
  if (IsBegun(primary, written)) {
    written.steps = StepsDone(Sectors(written.size));
    // The secondary trailer is erased before the first step: no magic there
    // means that the primary one is complete and speaks of now.
    if (secondary.magic != MagicState::kGood) return written;
    // That erasure may have been cut short, and have taken image_ok before the
    // magic. Is the primary trailer the one that was just written, and not one
    // of an older swap, it knows better.
    const bool for_good = written.type != SwapType::kTest;
    const bool just_written =
        written.steps == 0 &&
        for_good == (primary.image_ok == FlagState::kSet) &&
        written.size == SizeToSwap();
    if (just_written && secondary.image_ok != FlagState::kSet) return written;
  }
  // A copy_done that was cut short: the swap before was complete.
  if (primary.copy_done == FlagState::kBad) {
    primary.copy_done = FlagState::kSet;
  }
  Task task;
  task.type = DecideSwap(rules_.strategy, primary, secondary);
  return task;
}

// Known: the secondary image was verified. Both trailers may hold anything.
// Until the primary one ends with its magic, the secondary one asks for this
// swap, so a reset leads here again; from then on it is the other way round.
Error Swap::Begin(const Task& task) const {
  if (task.type == SwapType::kRevert) BOOTSEAL_TRY(KeepRevert(task.size));
  BOOTSEAL_TRY(primary_.EraseTrailer());
  BOOTSEAL_TRY(primary_.WriteSwapType(task.type));
  if (task.type != SwapType::kTest) {
    BOOTSEAL_TRY(primary_.WriteFlag(primary_.layout().image_ok));
  }
  BOOTSEAL_TRY(primary_.WriteSwapSize(task.size));
  return primary_.WriteMagic();
}

// What asks for a revert is the primary trailer, which is about to be erased:
// the secondary one is made to ask for the same swap.
Error Swap::KeepRevert(std::uint32_t size) const {
  BOOTSEAL_TRY(secondary_.EraseTrailer());
  BOOTSEAL_TRY(secondary_.WriteFlag(secondary_.layout().image_ok));
  BOOTSEAL_TRY(secondary_.WriteSwapSize(size));
  return secondary_.WriteMagic();
}

Error Swap::Step(std::uint32_t step, std::uint32_t sectors) const {
  // Known: every step before this one is complete; its sources are whole.
  if (step < sectors) {
    const std::uint32_t to = (sectors - step) * sector_;
    BOOTSEAL_TRY(primary_.Erase(to, sector_));
    return primary_.CopyFrom(primary_, to - sector_, to, sector_);
  }
  const std::uint32_t at = (step - sectors) / 2 * sector_;
  if ((step - sectors) % 2 == 0) {
    BOOTSEAL_TRY(primary_.Erase(at, sector_));
    return primary_.CopyFrom(secondary_, at, at, sector_);
  }
  BOOTSEAL_TRY(secondary_.Erase(at, sector_));
  return secondary_.CopyFrom(primary_, at + sector_, at, sector_);
}

// Known: the primary trailer says which swap this is and how large.
Error Swap::Continue(const Task& task) const {
  const std::uint32_t sectors = Sectors(task.size);
  // What asked for the swap must not ask again once it is done.
  if (task.steps == 0) BOOTSEAL_TRY(secondary_.EraseTrailer());
  for (std::uint32_t step = task.steps; step < 3 * sectors; ++step) {
    BOOTSEAL_TRY(Step(step, sectors));
    // MCUboot's values; only that it is not erased means something.
    const bool second = step >= sectors && (step - sectors) % 2 == 1;
    const std::byte value{static_cast<std::uint8_t>(second ? 2 : 1)};
    BOOTSEAL_TRY(
        primary_.WriteCell(CellOf(step, sectors), image::Bytes(&value, 1)));
  }
  return End(task.type);
}

// Proves to whoever reads the trailer that both images are whole again. Without
// image_ok the next reset goes back.
Error Swap::End(SwapType type) const {
  const TrailerState trailer = primary_.Trailer();
  if (type != SwapType::kTest && trailer.image_ok == FlagState::kUnset) {
    BOOTSEAL_TRY(primary_.WriteFlag(primary_.layout().image_ok));
  }
  if (trailer.copy_done != FlagState::kUnset) return Error::kOk;
  return primary_.WriteFlag(primary_.layout().copy_done);
}

// Known: the secondary image was refused. It is not asked about twice, and
// there is nothing to go back to any more: the primary image stays.
Error Swap::GiveUp(const Task& task) const {
  if (task.type == SwapType::kRevert || task.begun) {
    BOOTSEAL_TRY(End(SwapType::kPermanent));
  }
  return secondary_.Erase(0, rules_.slot_size);
}

Error Swap::Prepare(Outcome& outcome) {
  task_ = ReadTask();
  if (!installs()) return Error::kOk;
  // Between the first step and the last no image is whole. The one that comes
  // was verified before the first.
  if (task_.steps != 0) {
    resumed_ = true;
    outcome.done = NameOf(task_.type);
    const Task task = task_;
    Leave();
    return Continue(task);
  }
  const Result<Verified> candidate = secondary_.Verify();
  if (candidate.ok()) return Error::kOk;
  outcome.refused = candidate.error();
  const Task task = task_;
  Leave();
  return GiveUp(task);
}

// Known: the secondary image was verified, and goes with the other images.
Error Swap::Install(Outcome& outcome) {
  if (!installs()) return Error::kOk;
  outcome.done = NameOf(task_.type);
  if (!task_.begun) {
    task_.size = SizeToSwap();
    BOOTSEAL_TRY(Begin(task_));
  }
  return Continue(task_);
}

}  // namespace

Outcome Choose(Images images) {
  for (const Rules* rules : images) {
    if (rules->sector_size == 0) return {Error::kRules};
  }
  return ChooseInOrder<Swap>(images);
}

const Verified& VerifiedBeside() { return beside; }

bool Stays(const Rules& rules, std::uint8_t image) {
  const TrailerState trailer =
      Slot(rules, image, boards::Slot::kPrimary).Trailer();
  return trailer.magic != MagicState::kGood ||
         trailer.image_ok == FlagState::kSet;
}

}  // namespace bootseal::upgrade
