// The slot's end: where images may end, what trailers say, and what a
// bootloader makes of them.
#include "firmware/image/host/slot_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "firmware/image/host/convert.h"
#include "firmware/image/host/explain.h"
#include "firmware/image/host/upgrade_prediction.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/trailer.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Error;
using image::host::AsBytes;
using image::host::NameOf;
using image::host::ReadSlotFacts;
using image::host::ReadTrailer;
using image::host::SlotFacts;
using image::host::SwapType;
using image::host::ToString;
using image::host::TrailerFacts;
using image::host::TrailerFlag;
using image::host::TrailerMagic;
using namespace image::mcuboot;
using testing::HasSubstr;
using testing::Not;

Rules SmallSlot() {
  Rules rules;
  rules.slot_size = 0x2000;
  rules.sector_size = 0x800;
  rules.align = 8;
  rules.strategy = Strategy::kSwapScratch;
  return rules;
}

std::string Slot(const Rules& rules, TrailerKind kind) {
  std::array<std::byte, 80> buffer;
  const auto trailer = WriteTrailer(rules, kind, std::byte{0xff}, buffer);
  std::string file(rules.slot_size - trailer->size(), '\xff');
  return file + ToString(*trailer);
}

struct Limit {
  Strategy strategy;
  std::uint32_t align;
  std::uint32_t max_align;
  std::uint32_t sectors;
  std::uint32_t trailer;  // imgtool's (facts: mcuboot 1.14)
};

class ImgtoolTrailer : public testing::TestWithParam<Limit> {};

TEST_P(ImgtoolTrailer, HasItsSize) {
  Rules rules;
  rules.slot_size = 0x20000;
  rules.strategy = GetParam().strategy;
  rules.align = GetParam().align;
  rules.max_align = GetParam().max_align;
  rules.max_sectors = GetParam().sectors;
  EXPECT_EQ(rules.slot_size - image::host::ImgtoolLimit(rules),
            GetParam().trailer);
}

INSTANTIATE_TEST_SUITE_P(
    Modes, ImgtoolTrailer,
    testing::Values(Limit{Strategy::kOverwriteOnly, 1, 8, 128, 32},
                    Limit{Strategy::kOverwriteOnly, 32, 32, 128, 96},
                    Limit{Strategy::kSwapMove, 1, 8, 128, 0x1b0},
                    Limit{Strategy::kSwapMove, 8, 8, 128, 0xc30},
                    Limit{Strategy::kSwapScratch, 32, 32, 128, 0x30a0},
                    Limit{Strategy::kSwapScratch, 8, 8, 256, 0x1830},
                    Limit{Strategy::kSwapScratch, 8, 32, 128, 0xca0}));

TEST(SlotFacts, ReadATrailerOfEachKind) {
  const Rules rules = SmallSlot();
  const TrailerFacts pad =
      ReadTrailer(rules, AsBytes(Slot(rules, TrailerKind::kPad)));
  EXPECT_EQ(pad.magic, TrailerMagic::kGood);
  EXPECT_EQ(pad.magic_offset, 0x1ff0U);
  EXPECT_EQ(pad.image_ok, TrailerFlag::kUnset);
  EXPECT_EQ(pad.copy_done, TrailerFlag::kUnset);
  EXPECT_FALSE(pad.swap_info);
  const std::string confirmed = Slot(rules, TrailerKind::kConfirm);
  EXPECT_EQ(ReadTrailer(rules, AsBytes(confirmed)).image_ok, TrailerFlag::kSet);
}

TEST(SlotFacts, ReadEveryCellAtItsOffset) {
  for (const std::uint32_t align : {8U, 16U, 32U}) {
    Rules rules = SmallSlot();
    rules.max_align = align;
    std::string file = Slot(rules, TrailerKind::kPad);
    // Facts: mcuboot 1.14.
    const std::size_t ok = align == 8 ? 24 : align == 16 ? 32 : 64;
    file[file.size() - ok] = 1;
    file[file.size() - ok - align] = 7;
    file[file.size() - ok - 2 * align] = 0x23;
    const TrailerFacts facts = ReadTrailer(rules, AsBytes(file));
    EXPECT_EQ(facts.magic, TrailerMagic::kGood) << align;
    EXPECT_EQ(facts.magic_align, align);
    EXPECT_EQ(facts.image_ok, TrailerFlag::kSet) << align;
    EXPECT_EQ(facts.copy_done, TrailerFlag::kBad) << align;
    EXPECT_EQ(facts.swap_info, 0x23) << align;
  }
}

TEST(SlotFacts, TellAnotherMagicFromABadOneAndFromNone) {
  const Rules rules = SmallSlot();
  Rules other = rules;
  other.max_align = 16;
  const std::string file = Slot(other, TrailerKind::kPad);
  EXPECT_EQ(ReadTrailer(rules, AsBytes(file)).magic, TrailerMagic::kOther);
  std::string bad = Slot(rules, TrailerKind::kPad);
  bad[bad.size() - 3] ^= 1;
  EXPECT_EQ(ReadTrailer(rules, AsBytes(bad)).magic, TrailerMagic::kBad);
  const std::string erased(rules.slot_size, '\xff');
  EXPECT_EQ(ReadTrailer(rules, AsBytes(erased)).magic, TrailerMagic::kUnset);
  const std::string zeros(rules.slot_size, '\0');
  EXPECT_EQ(ReadTrailer(rules, AsBytes(zeros)).magic, TrailerMagic::kBad);
  EXPECT_EQ(ReadTrailer(rules, AsBytes(zeros), std::byte{0}).magic,
            TrailerMagic::kUnset);
  EXPECT_EQ(ReadTrailer(rules, AsBytes(erased).first(0x1fff)).magic,
            TrailerMagic::kAbsent);
}

TEST(SlotFacts, SeeForWhichSlotAFileIsPadded) {
  const Rules rules = SmallSlot();
  Rules half = rules;
  half.slot_size = 0x1000;
  const std::string file = Slot(half, TrailerKind::kPad);
  EXPECT_EQ(ReadSlotFacts(rules, AsBytes(file), 0x100).padded_for, 0x1000U);
  // A magic inside the image is the image's own affair.
  EXPECT_EQ(ReadSlotFacts(rules, AsBytes(file), 0xff8).padded_for, 0U);
  EXPECT_EQ(ReadSlotFacts(half, AsBytes(file), 0x100).padded_for, 0x1000U);
}

TrailerFacts Trailer(TrailerMagic magic, TrailerFlag ok, TrailerFlag done) {
  TrailerFacts facts;
  facts.magic = magic;
  facts.image_ok = ok;
  facts.copy_done = done;
  return facts;
}

constexpr auto kGood = TrailerMagic::kGood;
constexpr auto kNoMagic = TrailerMagic::kUnset;
constexpr auto kBadMagic = TrailerMagic::kBad;
constexpr auto kSet = TrailerFlag::kSet;
constexpr auto kUnset = TrailerFlag::kUnset;
constexpr auto kBadFlag = TrailerFlag::kBad;

struct State {
  const char* name;
  TrailerFacts primary;
  TrailerFacts secondary;
  const char* type;
  Strategy strategy = Strategy::kSwapMove;
};

std::ostream& operator<<(std::ostream& out, const State& state) {
  return out << state.name;
}

class Swap : public testing::TestWithParam<State> {};

TEST_P(Swap, FollowsFromTrailers) {
  EXPECT_STREQ(
      NameOf(image::host::PredictSwapType(
          GetParam().strategy, GetParam().primary, GetParam().secondary)),
      GetParam().type);
}

// Facts: mcuboot 3.9, row by row.
INSTANTIATE_TEST_SUITE_P(
    Rows, Swap,
    testing::Values(
        State{"none", Trailer(kNoMagic, kUnset, kUnset),
              Trailer(kNoMagic, kUnset, kUnset), "NONE"},
        State{"test", Trailer(kNoMagic, kUnset, kUnset),
              Trailer(kGood, kUnset, kUnset), "TEST"},
        State{"test again, copied or not", Trailer(kGood, kSet, kSet),
              Trailer(kGood, kUnset, kSet), "TEST"},
        State{"permanent", Trailer(kNoMagic, kUnset, kUnset),
              Trailer(kGood, kSet, kUnset), "PERM"},
        State{"permanent before a revert", Trailer(kGood, kUnset, kSet),
              Trailer(kGood, kSet, kUnset), "PERM"},
        State{"test before a revert", Trailer(kGood, kUnset, kSet),
              Trailer(kGood, kUnset, kUnset), "TEST"},
        State{"revert", Trailer(kGood, kUnset, kSet),
              Trailer(kNoMagic, kUnset, kUnset), "REVERT"},
        State{"confirmed", Trailer(kGood, kSet, kSet),
              Trailer(kNoMagic, kUnset, kUnset), "NONE"},
        State{"not copied", Trailer(kGood, kUnset, kUnset),
              Trailer(kNoMagic, kUnset, kUnset), "NONE"},
        State{"bad magic", Trailer(kNoMagic, kUnset, kUnset),
              Trailer(kBadMagic, kUnset, kUnset), "NONE"},
        State{"magic of another alignment", Trailer(kNoMagic, kUnset, kUnset),
              Trailer(TrailerMagic::kOther, kSet, kUnset), "NONE"},
        State{"bad flag", Trailer(kNoMagic, kUnset, kUnset),
              Trailer(kGood, kBadFlag, kUnset), "NONE"},
        State{"revert of swap-offset", Trailer(kNoMagic, kUnset, kUnset),
              Trailer(kGood, kUnset, kSet), "REVERT", Strategy::kSwapOffset},
        State{"test of swap-offset", Trailer(kNoMagic, kUnset, kUnset),
              Trailer(kGood, kUnset, kUnset), "TEST", Strategy::kSwapOffset}));

std::string Upgrade(Strategy strategy, SwapType type,
                    const TrailerFacts& trailer) {
  Rules rules = SmallSlot();
  rules.strategy = strategy;
  return image::host::DescribeUpgrade(rules, type, trailer);
}

TEST(Upgrade, SaysWhatFollowsTheBoot) {
  const TrailerFacts pad = Trailer(kGood, kUnset, kUnset);
  const TrailerFacts confirm = Trailer(kGood, kSet, kUnset);
  const TrailerFacts none = Trailer(kNoMagic, kUnset, kUnset);
  EXPECT_THAT(Upgrade(Strategy::kSwapMove, SwapType::kTest, pad),
              HasSubstr("swaps back unless"));
  EXPECT_THAT(Upgrade(Strategy::kSwapMove, SwapType::kPermanent, confirm),
              HasSubstr("no way back"));
  EXPECT_THAT(Upgrade(Strategy::kOverwriteOnly, SwapType::kTest, pad),
              HasSubstr("does not look at image_ok"));
  EXPECT_THAT(Upgrade(Strategy::kSwapOffset, SwapType::kTest, pad),
              HasSubstr("one sector (0x800)"));
  EXPECT_THAT(Upgrade(Strategy::kSwapMove, SwapType::kNone, none),
              HasSubstr("there is no trailer"));
  EXPECT_THAT(Upgrade(Strategy::kSingleSlot, SwapType::kNone, none),
              Not(HasSubstr("upgrade")));
}

TEST(Upgrade, TellsTheRuleOfDirectXip) {
  const auto told = [](const TrailerFacts& trailer) {
    return Upgrade(Strategy::kDirectXip, SwapType::kNone, trailer);
  };
  EXPECT_THAT(told(Trailer(kGood, kUnset, kSet)),
              HasSubstr("copy_done without image_ok"));
  EXPECT_THAT(told(Trailer(kGood, kSet, kSet)), HasSubstr("it stays"));
  EXPECT_THAT(told(Trailer(kGood, kUnset, kUnset)), HasSubstr("tried once"));
  EXPECT_THAT(told(Trailer(kBadMagic, kUnset, kUnset)),
              HasSubstr("no good magic"));
}

TEST(Upgrade, ComparesVersionsWithoutTheirBuild) {
  using image::host::CompareVersions;
  EXPECT_LT(CompareVersions({1, 2, 3, 0}, {1, 2, 4, 0}), 0);
  EXPECT_GT(CompareVersions({2, 0, 0, 0}, {1, 255, 65535, 0}), 0);
  EXPECT_LT(CompareVersions({1, 0, 0, 0}, {1, 1, 0, 0}), 0);
  EXPECT_EQ(CompareVersions({1, 2, 3, 4}, {1, 2, 3, 5}), 0);
}

TEST(Upgrade, SaysWhatComesOfAnOlderVersion) {
  Rules rules = SmallSlot();
  const auto describe = [&rules](SwapType type, Version image) {
    return image::host::DescribeDowngrade(rules, type, image, {1, 0, 0, 0});
  };
  EXPECT_THAT(describe(SwapType::kTest, {0, 9, 0, 0}),
              HasSubstr("MCUBOOT_DOWNGRADE_PREVENTION erases it"));
  EXPECT_THAT(describe(SwapType::kNone, {0, 9, 0, 0}),
              HasSubstr("without an upgrade"));
  EXPECT_THAT(describe(SwapType::kTest, {1, 0, 0, 9}), HasSubstr("allowed"));
  EXPECT_THAT(describe(SwapType::kTest, {1, 0, 1, 0}), HasSubstr("newer"));
  rules.strategy = Strategy::kDirectXip;
  EXPECT_THAT(describe(SwapType::kNone, {0, 9, 0, 0}),
              HasSubstr("the other slot is started"));
}

TEST(Upgrade, JudgesDependenciesAgainstTheOtherImages) {
  TestTarget target(SharedKey(Algorithm::kEd25519));
  target.rules.image_count = 3;
  const std::vector<Dependency> wants{
      {1, {2, 0, 0, 0}}, {2, {0, 0, 0, 0}}, {7, {1, 0, 0, 0}}};
  ProtectedTlvs tlvs;
  tlvs.dependencies = wants;
  const std::string image = MakeImage(target, TestPayload(40), tlvs);
  const Reading reading = ReadImage(AsBytes(image), target.rules.hash);
  const auto told = image::host::PredictDependencies(
      target.rules, reading.facts, {{1, {1, 9, 0, 0}}});
  ASSERT_EQ(told.size(), 3U);
  EXPECT_FALSE(told[0].satisfied);
  EXPECT_EQ(told[0].offset, 0x20U + 40 + 4);
  EXPECT_THAT(told[0].text, HasSubstr("no image is upgraded"));
  EXPECT_TRUE(told[1].satisfied);
  EXPECT_FALSE(told[2].satisfied);
  EXPECT_THAT(told[2].text, HasSubstr("the device has 3 images"));
  const auto newer = image::host::PredictDependencies(
      target.rules, reading.facts, {{1, {2, 0, 0, 0}}});
  EXPECT_TRUE(newer[0].satisfied);
  const auto untold =
      image::host::PredictDependencies(target.rules, reading.facts, {});
  EXPECT_FALSE(untold[0].satisfied);
  EXPECT_THAT(untold[0].text, HasSubstr("--other 1=VERSION"));
}

TEST(Explain, SaysAtWhichOffsetEachThingLies) {
  TestTarget target(SharedKey(Algorithm::kEd25519));
  ProtectedTlvs tlvs;
  tlvs.has_security_counter = true;
  tlvs.security_counter = 3;
  const std::string image = MakeImage(target, TestPayload(40), tlvs);
  const auto explained = image::host::Explain(target.rules, AsBytes(image));
  const std::uint64_t end = 0x20 + 40 + 12;
  const std::pair<Error, std::uint64_t> expected[] = {
      {Error::kHeaderMagic, 0},
      {Error::kHeaderSize, 8},
      {Error::kFlags, 0x10},
      {Error::kVectorTable, 0x20},
      {Error::kSecurityCounterLow, 0x20 + 40 + 4},
      {Error::kDigestMismatch, end + 4},
      {Error::kKeyUnknown, end + 4 + 36},
      {Error::kSignatureMismatch, end + 4 + 36 + 36},
      {Error::kImageTooLarge, image.size()}};
  for (const auto& [code, offset] : expected) {
    bool found = false;
    for (const auto& finding : explained.findings) {
      if (finding.code != code) continue;
      found = true;
      EXPECT_EQ(finding.offset, offset) << NameOf(code);
    }
    EXPECT_TRUE(found) << NameOf(code);
  }
}

}  // namespace
}  // namespace bootseal::tests
