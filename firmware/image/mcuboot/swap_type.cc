#include "firmware/image/mcuboot/swap_type.h"

namespace bootseal::image::mcuboot {
namespace {

// What a row wants of one cell.
enum class Wants : std::uint8_t { kAny, kUnset, kSet };

struct SlotRow {
  bool good;  // magic
  Wants image_ok, copy_done;
};

struct Row {
  bool offset_only;  // of swap-using-offset
  SlotRow primary, secondary;
  SwapType type;
};

using enum Wants;
constexpr SlotRow kWhatever{false, kAny, kAny};
constexpr Row kRows[] = {
    {true, kWhatever, {true, kUnset, kSet}, SwapType::kRevert},
    {false, kWhatever, {true, kUnset, kAny}, SwapType::kTest},
    {false, kWhatever, {true, kSet, kAny}, SwapType::kPermanent},
    {false, {true, kUnset, kSet}, kWhatever, SwapType::kRevert},
};

bool Fits(Wants wants, FlagState flag) {
  if (wants == kAny) return true;
  return flag == (wants == kSet ? FlagState::kSet : FlagState::kUnset);
}

bool Fits(const SlotRow& row, const TrailerState& trailer) {
  return (!row.good || trailer.magic == MagicState::kGood) &&
         Fits(row.image_ok, trailer.image_ok) &&
         Fits(row.copy_done, trailer.copy_done);
}

}  // namespace

SwapType DecideSwap(Strategy strategy, const TrailerState& primary,
                    const TrailerState& secondary) {
  for (const Row& row : kRows) {
    if (row.offset_only && strategy != Strategy::kSwapOffset) continue;
    if (Fits(row.primary, primary) && Fits(row.secondary, secondary)) {
      return row.type;
    }
  }
  return SwapType::kNone;
}

}  // namespace bootseal::image::mcuboot
