// Targets for first stages: what a policy must say, what a request may, and
// what approvers are told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"
#include "server/trust/decision.h"
#include "server/trust/first_stage_format.h"
#include "server/trust/package_profile.h"
#include "server/trust/parts.h"
#include "server/trust/rollback.h"
#include "tests/server/trust/spoilt_policy.h"
#include "tests/support/key_table.h"
#include "tests/support/signing_key.h"
#include "tests/support/test_package.h"

namespace bootseal::trust {
namespace {

using tests::EightKeys;
using tests::MessageHas;
using tests::PemOf;
using tests::SigningKey;
using tests::Spoilt;
using tests::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kState = absl::StatusCode::kFailedPrecondition;

// Of the eight, the third is the target's.
const SigningKey& Own() { return EightKeys()[2]; }

v1::Stm32HeaderFormat WithTable(v1::Stm32Chip chip) {
  v1::Stm32HeaderFormat format = tests::TestFirstStageFormat();
  format.set_chip(chip);
  format.set_key_index(2);
  for (const SigningKey& key : EightKeys())
    format.add_public_keys(PemOf(key.public_key()));
  return format;
}

v1::Policy WithFirstStage() {
  v1::Policy policy = tests::ExamplePolicy();
  tests::AddKey(policy, "fsbl", Own().public_key());
  *tests::AddTarget(policy, "fsbl", "fsbl").mutable_stm32_header() =
      tests::TestFirstStageFormat();
  return policy;
}

v1::Stm32HeaderFormat& FormatOf(v1::Policy& policy) {
  return *tests::AddedTarget(policy).mutable_stm32_header();
}

TEST(FirstStageFormat, IsTakenForEveryChip) {
  EXPECT_OK(Policy::Parse(tests::TextOf(WithFirstStage())));
  for (const auto chip :
       {v1::STM32MP13, v1::STM32MP21, v1::STM32MP23, v1::STM32MP25}) {
    v1::Policy policy = WithFirstStage();
    FormatOf(policy) = WithTable(chip);
    EXPECT_OK(Policy::Parse(tests::TextOf(policy))) << chip;
  }
}

class FirstStageRefuses : public ::testing::TestWithParam<Spoilt> {};

TEST_P(FirstStageRefuses, ByName) {
  tests::ExpectAddedRefusedByName(WithFirstStage(), GetParam());
}

const Spoilt kSpoilt[] = {
    {"NoChip", [](auto& p) { FormatOf(p).clear_chip(); },
     "stm32_header.chip: required"},
    {"NoSize", [](auto& p) { FormatOf(p).clear_max_size(); },
     "stm32_header.max_size: 0, expected 1 to 4294967295"},
    {"SizeOfMoreThan32Bits",
     [](auto& p) { FormatOf(p).set_max_size(1ull << 32); },
     "stm32_header.max_size: 4294967296, expected 1 to 4294967295"},
    {"CeilingAboveTheSteps",
     [](auto& p) { FormatOf(p).set_security_counter_ceiling(33); },
     "stm32_header.security_counter_ceiling: 33, expected at most 32"},
    {"TableForTheChipWithoutOne",
     [](auto& p) {
       FormatOf(p) = WithTable(v1::STM32MP15);
       FormatOf(p).set_key_index(0);
       FormatOf(p).mutable_public_keys()->SwapElements(0, 2);
     },
     "stm32_header.public_keys: has 8, expected 0 for an stm32mp15"},
    {"IndexForTheChipWithoutATable",
     [](auto& p) { FormatOf(p).set_key_index(1); },
     "stm32_header.key_index: 1, expected below 1"},
    {"SevenKeys",
     [](auto& p) {
       FormatOf(p) = WithTable(v1::STM32MP13);
       FormatOf(p).mutable_public_keys()->RemoveLast();
     },
     "stm32_header.public_keys: has 7, expected 8 for an stm32mp13"},
    {"KeyThatIsNone",
     [](auto& p) {
       FormatOf(p) = WithTable(v1::STM32MP13);
       FormatOf(p).set_public_keys(7, "x");
     },
     "stm32_header.public_keys[7]: "},
    {"KeyThatTheRomDoesNotKnow",
     [](auto& p) {
       FormatOf(p) = WithTable(v1::STM32MP13);
       FormatOf(p).set_public_keys(
           7, PemOf(tests::SharedKey(image::Algorithm::kP384).public_key()));
     },
     "stm32_header.public_keys[7]: a key on secp384r1, for header 2.0"},
    {"IndexBehindTheTable",
     [](auto& p) {
       FormatOf(p) = WithTable(v1::STM32MP13);
       FormatOf(p).set_key_index(8);
     },
     "stm32_header.key_index: 8, expected below 8"},
    {"IndexOfAnotherKey",
     [](auto& p) {
       FormatOf(p) = WithTable(v1::STM32MP13);
       FormatOf(p).set_key_index(3);
     },
     "stm32_header.key_index: 3 is the place of the key with"},
    {"KeyOfAnotherKind",
     [](auto& p) {
       p.mutable_keys(p.keys_size() - 1)->set_algorithm(v1::P384);
     },
     "stm32_header: needs a key of P256 or BRAINPOOL_P256T1 for an stm32mp15; "
     "the key is P384"},
};
INSTANTIATE_TEST_SUITE_P(Policy, FirstStageRefuses, testing::ValuesIn(kSpoilt),
                         [](const auto& one) { return one.param.name; });

class FirstStageRules : public ::testing::Test {
 protected:
  static v1::SignHeader Header(std::uint32_t version,
                               std::uint64_t size = 1000) {
    v1::SignHeader header;
    header.set_target("fsbl");
    header.set_version("1.2.3");
    header.set_security_counter(version);
    header.set_request_id("id");
    header.set_payload_size(size);
    return header;
  }
  static Admission Admit(const v1::SignHeader& header,
                         const v1::Policy& policy = WithFirstStage()) {
    // The admission points into it.
    static std::shared_ptr<const Policy> parsed;
    parsed = Policy::Parse(tests::TextOf(policy)).value();
    v1::Caller caller;
    caller.set_identity("ci");
    return Judge(*parsed).Admit(caller, header);
  }
};

TEST_F(FirstStageRules, TakeImageVersionsThatAClosedChipStarts) {
  EXPECT_EQ(Admit(Header(1)).decision, v1::ALLOWED);
  EXPECT_EQ(Admit(Header(32)).decision, v1::ALLOWED);
  EXPECT_EQ(Admit(Header(33)).code, "SECURITY_COUNTER_TOO_HIGH");
  const Admission zero = Admit(Header(0));
  EXPECT_EQ(zero.code, "IMAGE_VERSION_ZERO");
  EXPECT_EQ(zero.rule, "target.open_chips");
  EXPECT_THAT(zero.reason, testing::HasSubstr("give 1 or more"));
  v1::Policy open = WithFirstStage();
  FormatOf(open).set_open_chips(true);
  EXPECT_EQ(Admit(Header(0), open).decision, v1::ALLOWED);
  v1::SignHeader none = Header(1);
  none.clear_security_counter();
  EXPECT_EQ(Admit(none).code, "SECURITY_COUNTER_MISSING");
}

TEST_F(FirstStageRules, RefuseALeapOfTheImageVersion) {
  v1::Policy policy = WithFirstStage();
  v1::SigningEvent last;
  last.set_security_counter(3);
  v1::SigningEvent asked;
  asked.set_security_counter(5);
  const auto leap = LeapFrom(tests::AddedTarget(policy), asked, &last);
  ASSERT_TRUE(leap);
  EXPECT_EQ(leap->from, 3u);
  EXPECT_FALSE(leap->first_release);
  FormatOf(policy).set_security_counter_step(2);
  EXPECT_FALSE(LeapFrom(tests::AddedTarget(policy), asked, &last).has_value());
}

TEST_F(FirstStageRules, RefuseALeapOfTheFirstImageVersion) {
  v1::Policy policy = WithFirstStage();
  const auto leap = [&](std::uint32_t version) {
    v1::SigningEvent asked;
    asked.set_security_counter(version);
    return LeapFrom(tests::AddedTarget(policy), asked, nullptr);
  };
  EXPECT_FALSE(leap(2));
  // All steps of the chip's counter at once, by a slip of the hand.
  ASSERT_TRUE(leap(32));
  EXPECT_EQ(leap(32)->from, 1u);
  EXPECT_TRUE(leap(32)->first_release);
  // Chips in the field have 30 already.
  FormatOf(policy).set_default_security_counter(30);
  EXPECT_FALSE(leap(31));
  EXPECT_TRUE(leap(32));
}

TEST_F(FirstStageRules, RefuseWhatDoesNotFitAndWhatIsNoFirstStages) {
  EXPECT_EQ(Admit(Header(1, 0)).code, "EMPTY_PAYLOAD");
  EXPECT_EQ(Admit(Header(1, 64 << 10)).decision, v1::ALLOWED);
  EXPECT_EQ(Admit(Header(1, (64 << 10) + 1)).code, "PAYLOAD_TOO_LARGE");
  v1::SignHeader components = Header(1);
  components.add_components()->set_name("tos-fw");
  EXPECT_EQ(Admit(components).code, "COMPONENTS_NOT_OF_TARGET");
  v1::SignHeader counters = Header(1);
  counters.set_non_trusted_counter(1);
  EXPECT_EQ(Admit(counters).code, "NON_TRUSTED_COUNTER_NOT_OF_TARGET");
}

v1::Profile ProfileFor(const v1::Stm32HeaderFormat& format,
                       const SigningKey& key) {
  v1::Profile profile;
  profile.mutable_target()->set_name("fsbl");
  profile.mutable_target()->set_key("fsbl");
  *profile.mutable_target()->mutable_stm32_header() = format;
  profile.set_algorithm(key.algorithm() == image::Algorithm::kP384 ? v1::P384
                                                                   : v1::P256);
  profile.set_public_key(key.public_key());
  return profile;
}

TEST(FirstStageProfile, KnowsWhatIsFused) {
  const auto one =
      FirstStageProfile::Make(ProfileFor(tests::TestFirstStageFormat(), Own()));
  ASSERT_OK(one);
  EXPECT_EQ((*one)->fused_hash(), Sha256Of(Own().public_key().substr(27)));
  const auto eight =
      FirstStageProfile::Make(ProfileFor(WithTable(v1::STM32MP13), Own()));
  ASSERT_OK(eight);
  std::string hashes;
  for (const SigningKey& key : EightKeys()) {
    hashes += Sha256Of(
        absl::StrCat(std::string("\1\0\0\0", 4), key.public_key().substr(27)));
  }
  EXPECT_EQ((*eight)->fused_hash(), Sha256Of(hashes));
  EXPECT_THAT(FirstStageProfile::Make(
                  ProfileFor(WithTable(v1::STM32MP13), EightKeys()[3])),
              StatusIs(kInvalid, "PROFILE_INVALID"));
}

v1::SigningEvent PendingFor(const v1::Stm32HeaderFormat& format) {
  const auto keys = KeysOf(format, Own().public_key()).value();
  const auto header =
      image::host::PlanStm32Header(DescriptionOf(format, 5), 1000, keys)
          .value();
  v1::SigningEvent event;
  event.set_security_counter(5);
  event.set_payload_size(1000);
  v1::SignedDigest& digest = *event.add_digests();
  digest.set_digest(std::string(32, 'd'));
  digest.mutable_preimage()->set_header(
      image::host::SignedStm32Front(header).value());
  return event;
}

TEST(FirstStageMessage, TellsApproversWhatTheHeaderSays) {
  for (const auto chip : {v1::STM32MP15, v1::STM32MP13, v1::STM32MP21,
                          v1::STM32MP23, v1::STM32MP25}) {
    const v1::SigningEvent event =
        PendingFor(chip == v1::STM32MP15 ? tests::TestFirstStageFormat()
                                         : WithTable(chip));
    ASSERT_TRUE(IsFirstStageMessage(event.digests(0).preimage())) << chip;
    const auto header = OpenFirstStageMessage(event);
    ASSERT_OK(header);
    EXPECT_EQ(header->image_version, 5u);
    EXPECT_EQ(header->image_length, 1000u);
    EXPECT_EQ(header->entry_point, 0x2ffc2500u);
    EXPECT_EQ(header->binary_type, 0x10u);
  }
}

TEST(FirstStageMessage, IsNoneWhenItContradictsTheEntry) {
  using Event = v1::SigningEvent;
  const auto preimage = [](Event& e) {
    return e.mutable_digests(0)->mutable_preimage();
  };
  const std::function<void(Event&)> kSpoils[] = {
      [](Event& e) { e.set_security_counter(6); },
      [](Event& e) { e.set_payload_size(1001); },
      [](Event& e) { *e.add_digests() = e.digests(0); },
      [](Event& e) { e.clear_digests(); },
      [](Event& e) { e.mutable_digests(0)->set_pure(true); },
      [&](Event& e) { preimage(e)->mutable_header()->pop_back(); },
      [&](Event& e) { preimage(e)->mutable_header()->push_back('\0'); },
      [&](Event& e) { preimage(e)->mutable_header()->at(2) = '\7'; },
      [&](Event& e) { preimage(e)->set_padding_bytes(1); },
      [&](Event& e) { preimage(e)->set_protected_tlvs("x"); },
      [&](Event& e) { preimage(e)->set_message("x"); },
  };
  for (const auto& spoil : kSpoils) {
    Event event = PendingFor(tests::TestFirstStageFormat());
    spoil(event);
    EXPECT_THAT(OpenFirstStageMessage(event),
                StatusIs(kState, "FIRST_STAGE_MISMATCH"));
  }
}

}  // namespace
}  // namespace bootseal::trust
