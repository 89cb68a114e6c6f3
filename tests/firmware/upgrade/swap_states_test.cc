// What the two trailers ask for, and that it is what MCUboot does: every state
// of every cell, by the real strategy. And more than one power cut.
#include <gmock/gmock.h>

#include <tuple>

#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/upgrade_prediction.h"
#include "firmware/image/mcuboot/swap_type.h"
#include "firmware/image/mcuboot/trailer_layout.h"
#include "tests/firmware/upgrade/power_cuts.h"
#include "tests/support/random_rounds.h"

namespace bootseal::tests {
namespace {

using boards::Slot;
using image::mcuboot::FlagState;
using image::mcuboot::MagicState;
using image::mcuboot::Strategy;
using image::mcuboot::SwapType;
using image::mcuboot::TrailerLayout;
using image::mcuboot::TrailerState;

constexpr MagicState kMagics[] = {MagicState::kUnset, MagicState::kGood,
                                  MagicState::kBad};
constexpr FlagState kFlags[] = {FlagState::kUnset, FlagState::kSet,
                                FlagState::kBad};

std::vector<TrailerState> EveryState() {
  std::vector<TrailerState> states;
  for (const MagicState magic : kMagics) {
    for (const FlagState image_ok : kFlags) {
      for (const FlagState copy_done : kFlags) {
        states.push_back({magic, image_ok, copy_done});
      }
    }
  }
  return states;
}

Scenario Plain() {
  Scenario scenario;
  scenario.name = "states";
  scenario.old_end = kSectorSize + 7;
  scenario.new_end = 2 * kSectorSize + 5;
  return scenario;
}

void PutFlag(SimulatedFlash& flash, Slot slot, std::uint32_t offset,
             FlagState state) {
  if (state == FlagState::kUnset) return;
  flash.Put(slot, offset, state == FlagState::kSet ? "\x01" : "\x7f");
}

// A device whose slots hold both images, and these trailers.
void PutTrailer(PowerCuts& device, Slot slot, const TrailerState& state) {
  SimulatedFlash& flash = device.flash();
  const TrailerLayout layout = image::mcuboot::LayOutTrailer(device.rules());
  std::string magic = image::host::ToString(
      image::mcuboot::TrailerMagicOf(device.rules().max_align));
  if (state.magic == MagicState::kBad) magic[3] ^= 1;
  if (state.magic != MagicState::kUnset) flash.Put(slot, layout.magic, magic);
  PutFlag(flash, slot, layout.image_ok, state.image_ok);
  PutFlag(flash, slot, layout.copy_done, state.copy_done);
}

image::host::TrailerFacts FactsOf(const TrailerState& state) {
  constexpr image::host::TrailerMagic kHostMagics[] = {
      image::host::TrailerMagic::kUnset, image::host::TrailerMagic::kGood,
      image::host::TrailerMagic::kBad};
  constexpr image::host::TrailerFlag kHostFlags[] = {
      image::host::TrailerFlag::kUnset, image::host::TrailerFlag::kSet,
      image::host::TrailerFlag::kBad};
  image::host::TrailerFacts facts;
  facts.magic = kHostMagics[static_cast<int>(state.magic)];
  facts.image_ok = kHostFlags[static_cast<int>(state.image_ok)];
  facts.copy_done = kHostFlags[static_cast<int>(state.copy_done)];
  return facts;
}

// MCUboot's rows (facts: mcuboot 3.9), written out.
SwapType ExpectedOf(const TrailerState& primary,
                    const TrailerState& secondary) {
  if (secondary.magic == MagicState::kGood) {
    if (secondary.image_ok == FlagState::kUnset) return SwapType::kTest;
    if (secondary.image_ok == FlagState::kSet) return SwapType::kPermanent;
  }
  if (primary.magic == MagicState::kGood &&
      primary.image_ok == FlagState::kUnset &&
      primary.copy_done == FlagState::kSet) {
    return SwapType::kRevert;
  }
  return SwapType::kNone;
}

TEST(SwapTypes, AreThoseOfMcubootsTableInEveryStateOfBothTrailers) {
  for (const TrailerState& primary : EveryState()) {
    for (const TrailerState& secondary : EveryState()) {
      EXPECT_EQ(DecideSwap(Strategy::kSwapMove, primary, secondary),
                ExpectedOf(primary, secondary));
    }
  }
}

TEST(SwapTypes, AreWhatExplainPredictsForEveryStrategy) {
  for (const Strategy strategy :
       {Strategy::kOverwriteOnly, Strategy::kSwapScratch, Strategy::kSwapMove,
        Strategy::kSwapOffset}) {
    for (const TrailerState& primary : EveryState()) {
      for (const TrailerState& secondary : EveryState()) {
        EXPECT_EQ(static_cast<int>(DecideSwap(strategy, primary, secondary)),
                  static_cast<int>(image::host::PredictSwapType(
                      strategy, FactsOf(primary), FactsOf(secondary))));
      }
    }
  }
}

struct Done {
  const char* said;
  int boots;
  char image_ok, copy_done;
};

Done DoneFor(SwapType type) {
  switch (type) {
    case SwapType::kTest:
      return {"to be tested", kNew, '\xff', '\x01'};
    case SwapType::kPermanent:
      return {"permanent", kNew, '\x01', '\x01'};
    case SwapType::kRevert:
      return {"reverted", kNew, '\x01', '\x01'};
    case SwapType::kNone:
      break;
  }
  return {nullptr, kOld, 0, 0};
}

// The one difference: a copy_done that was torn is one, or an image could stay
// that never confirmed itself.
TEST(Swap, DoesWhatTheTableSaysInEveryStateOfBothTrailers) {
  PowerCuts device(Strategy::kSwapMove, Plain());
  for (const TrailerState& primary : EveryState()) {
    for (const TrailerState& secondary : EveryState()) {
      device.ResetWithoutTrailer();
      PutTrailer(device, Slot::kPrimary, primary);
      PutTrailer(device, Slot::kSecondary, secondary);
      TrailerState taken = primary;
      if (taken.copy_done == FlagState::kBad) taken.copy_done = FlagState::kSet;
      const Done done = DoneFor(ExpectedOf(taken, secondary));

      const upgrade::Outcome outcome = Choose(device.rules());
      ASSERT_TRUE(outcome.image.ok());
      EXPECT_EQ(outcome.image->version().major, done.boots);
      EXPECT_STREQ(outcome.done, done.said);
      EXPECT_EQ(device.flash().violations().size(), 0U);
      if (done.said == nullptr) {
        EXPECT_EQ(device.flash().operations(), 0U);
        continue;
      }
      const TrailerLayout layout =
          image::mcuboot::LayOutTrailer(device.rules());
      EXPECT_EQ(device.flash().Get(Slot::kPrimary, layout.image_ok, 1)[0],
                done.image_ok);
      EXPECT_EQ(device.flash().Get(Slot::kPrimary, layout.copy_done, 1)[0],
                done.copy_done);
      EXPECT_FALSE(device.SecondaryAsks());
    }
  }
}

// A magic for another BOOT_MAX_ALIGN is no magic.
TEST(Swap, IsNotAskedForByATrailerOfAnotherAlignment) {
  PowerCuts device(Strategy::kSwapMove, Plain());
  device.ResetWithoutTrailer();
  device.flash().Put(Slot::kSecondary, kSlotSize - 16,
                     image::host::ToString(image::mcuboot::TrailerMagicOf(16)));
  const upgrade::Outcome outcome = Choose(device.rules());
  ASSERT_TRUE(outcome.image.ok());
  EXPECT_EQ(outcome.image->version().major, kOld);
  EXPECT_EQ(device.flash().operations(), 0U);
}

// Step n+1 is the first that writes into the first sector.
TEST(Swap, GoesBackAtTheNextResetWhenACopyIsNotWhatWasCopied) {
  PowerCuts device(Strategy::kSwapMove, Plain());
  device.Run({});
  const std::vector<Operation> log = device.flash().log();
  std::uint64_t copy = 0;
  while (log[copy].kind != Operation::Kind::kErase || log[copy].offset != 0 ||
         log[copy].slot != Slot::kPrimary) {
    ++copy;
  }
  device.Reset();
  device.flash().SpoilAt(copy + 1);
  EXPECT_FALSE(Choose(device.rules()).image.ok());
  const upgrade::Outcome again = Choose(device.rules());
  ASSERT_TRUE(again.image.ok());
  EXPECT_STREQ(again.done, "reverted");
  EXPECT_EQ(again.image->version().major, kOld);
}

// An attacker who can write trailers, but sign nothing, gets nothing started.
TEST(Swap, StartsOnlyWhatVerifiesWhateverTheStatusSays) {
  PowerCuts device(Strategy::kSwapMove, Plain());
  Dice dice(1);
  int refused = 0;
  for (int round = 0; round < 300; ++round) {
    device.ResetWithoutTrailer();
    PutTrailer(device, Slot::kPrimary,
               {MagicState::kGood, FlagState::kUnset, FlagState::kUnset});
    const TrailerLayout layout = image::mcuboot::LayOutTrailer(device.rules());
    SimulatedFlash& flash = device.flash();
    flash.Put(Slot::kPrimary, layout.swap_info,
              std::string(1, static_cast<char>(dice.Below(6))));
    std::string size(4, '\0');
    size[0] = static_cast<char>(dice.Below(256));
    size[1] = static_cast<char>(dice.Below(64));
    flash.Put(Slot::kPrimary, layout.swap_size, size);
    for (std::uint32_t cell = 0; cell < 48; ++cell) {
      if (dice.Chance(2)) continue;
      flash.Put(Slot::kPrimary, layout.status + cell * device.rules().align,
                "\x01");
    }
    const upgrade::Outcome outcome = Choose(device.rules());
    if (!outcome.image.ok()) {
      ++refused;
      continue;
    }
    const std::string& expected = device.image(outcome.image->version().major);
    EXPECT_EQ(flash.Get(Slot::kPrimary, 0,
                        static_cast<std::uint32_t>(expected.size())),
              expected);
  }
  EXPECT_GT(refused, 0);
}

TEST(Swap, RefusesRulesThatTheFlashCannotFollow) {
  PowerCuts device(Strategy::kSwapMove, Plain());
  const auto error_with = [&device](auto change) {
    image::mcuboot::Rules rules = device.rules();
    change(rules);
    return Choose(rules).image.error();
  };
  EXPECT_EQ(error_with([](auto& rules) { rules.align = 4; }),
            image::Error::kRules);
  EXPECT_EQ(error_with([](auto& rules) { rules.slot_size *= 2; }),
            image::Error::kRules);
  EXPECT_EQ(error_with([](auto& rules) { rules.sector_size = 512; }),
            image::Error::kRules);
  EXPECT_EQ(error_with([](auto& rules) { rules.sector_size = 0; }),
            image::Error::kRules);
  EXPECT_EQ(error_with([](auto& rules) { rules.max_sectors = 15; }),
            image::Error::kRules);
  EXPECT_EQ(error_with([](auto&) {}), image::Error::kOk);
}

class ManyCuts : public testing::TestWithParam<std::tuple<bool, bool>> {};

TEST_P(ManyCuts, EndWithAVerifiedImage) {
  const auto [permanent, confirms] = GetParam();
  Scenario scenario = Plain();
  scenario.permanent = permanent;
  scenario.confirms = confirms;
  PowerCuts device(Strategy::kSwapMove, scenario);
  Dice dice(permanent ? 2 : confirms ? 3 : 4);
  constexpr Tear kTears[] = {Tear::kNothing, Tear::kFront,      Tear::kBack,
                             Tear::kBits,    Tear::kUnreadable, Tear::kAll};
  for (int round = 0; round < 500; ++round) {
    std::vector<Cut> cuts;
    std::uint64_t number = 0;
    for (int i = 0; i < 8; ++i) {
      number += dice.Below(12);
      cuts.push_back({number, kTears[dice.Below(6)], dice.Below(kSectorSize)});
    }
    const Course course = device.Run(cuts);
    ASSERT_EQ(course.failure, "") << "round " << round;
    if (permanent) {
      EXPECT_EQ(course.booted.back(), kNew);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Swap, ManyCuts,
                         testing::Values(std::tuple(true, false),
                                         std::tuple(false, true),
                                         std::tuple(false, false)));

}  // namespace
}  // namespace bootseal::tests
