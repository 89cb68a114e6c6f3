// A release format that is wrong in one thing is refused with one line about
// it.
#include "tests/server/trust/spoilt_policy.h"
#include "tests/support/test_release.h"

namespace bootseal::trust {
namespace {

using testing::HasSubstr;
using tests::ExamplePolicy;
using tests::Spoilt;
using tests::TextOf;

v1::Policy WithRelease() {
  v1::Policy policy = ExamplePolicy();
  v1::Target& target = *policy.add_targets();
  target.set_name("release");
  target.set_key("app");
  target.add_requesters("ci");
  *target.mutable_release() = tests::TestFipFormat();
  return policy;
}

v1::ReleaseFormat& FormatOf(v1::Policy& policy) {
  return *policy.mutable_targets(policy.targets_size() - 1)->mutable_release();
}

class ReleaseRefuses : public ::testing::TestWithParam<Spoilt> {};

TEST_P(ReleaseRefuses, ByName) {
  v1::Policy policy = WithRelease();
  GetParam().spoil(policy);
  EXPECT_THAT(
      Policy::Parse(TextOf(policy)),
      testing::AllOf(
          tests::StatusIs(absl::StatusCode::kInvalidArgument, "POLICY_INVALID"),
          tests::MessageHas("policy has 1 problem:"),
          tests::MessageHas(std::string("\n  targets[4].release.") +
                            GetParam().problem)));
}

void AddSecond(v1::Policy& policy) {
  *FormatOf(policy).add_images() = tests::TestReleaseFormat().images(1);
  FormatOf(policy).clear_readers();
  FormatOf(policy).add_readers(v1::BOOTSEAL_BOOT);
}

const Spoilt kSpoilt[] = {
    {"NoProduct", [](auto& p) { FormatOf(p).clear_product(); },
     "product: required"},
    {"ProductWithANewline", [](auto& p) { FormatOf(p).set_product("a\nb"); },
     "product: expected printable ASCII"},
    {"NoMetadataVersion", [](auto& p) { FormatOf(p).clear_metadata_version(); },
     "metadata_version: 0, expected 1 (TF-A up to 2.10) or 2"},
    {"MetadataVersion3", [](auto& p) { FormatOf(p).set_metadata_version(3); },
     "metadata_version: 3, expected 1"},
    {"NoImages", [](auto& p) { FormatOf(p).clear_images(); },
     "images: has 0, expected 1 to 8"},
    {"ImageWithoutName",
     [](auto& p) { FormatOf(p).mutable_images(0)->clear_name(); },
     "images[0].name: required"},
    {"ImageInCapitals",
     [](auto& p) { FormatOf(p).mutable_images(0)->set_name("FIP"); },
     "images[0].name: \"FIP\", expected at most 32 of small letters"},
    {"ImageGivenTwice",
     [](auto& p) {
       AddSecond(p);
       FormatOf(p).mutable_images(1)->set_name("fip");
     },
     "images[1].name: \"fip\" is given twice"},
    {"NoType",
     [](auto& p) { FormatOf(p).mutable_images(0)->clear_type_guid(); },
     "images[0].type_guid: required"},
    {"TypeThatIsNoGuid",
     [](auto& p) { FormatOf(p).mutable_images(0)->set_type_guid("fip"); },
     "images[0].type_guid: \"fip\" is no GUID"},
    {"TypeOfZeros",
     [](auto& p) {
       FormatOf(p).mutable_images(0)->set_type_guid(
           "00000000-0000-0000-0000-000000000000");
     },
     "images[0].type_guid: is all zeros"},
    {"TypeGivenTwiceInTwoSpellings",
     [](auto& p) {
       AddSecond(p);
       FormatOf(p).mutable_images(1)->set_type_guid(
           "19D5DF83-11B0-457B-BE2C-7559C13142A5");
     },
     "images[1].type_guid: 19D5DF83-11B0-457B-BE2C-7559C13142A5 is given "
     "twice"},
    {"LocationThatIsNoGuid",
     [](auto& p) { FormatOf(p).mutable_images(0)->set_location_guid("0"); },
     "images[0].location_guid: \"0\" is no GUID"},
    {"OneBank",
     [](auto& p) {
       FormatOf(p).mutable_images(0)->mutable_bank_guids()->RemoveLast();
     },
     "images[0].bank_guids: has 1, expected 2 to 4"},
    {"BanksOfAnotherCount",
     [](auto& p) {
       AddSecond(p);
       FormatOf(p).mutable_images(1)->add_bank_guids(
           "11111111-2222-4333-8444-555555555552");
     },
     "images[1].bank_guids: has 3 where the first image has 2"},
    {"BankGuidOfBothBanks",
     [](auto& p) {
       v1::ReleaseImage& image = *FormatOf(p).mutable_images(0);
       image.set_bank_guids(1, image.bank_guids(0));
     },
     "images[0].bank_guids[1]: 4fd84c93-54ef-463f-a7ef-ae25ff887087 is given "
     "twice"},
    {"NoBankSize",
     [](auto& p) { FormatOf(p).mutable_images(0)->clear_bank_size(); },
     "images[0].bank_size: required"},
    {"BankLargerThanAnyFlash",
     [](auto& p) { FormatOf(p).mutable_images(0)->set_bank_size(~0ull); },
     "images[0].bank_size: 18446744073709551615, expected at most"},
    {"NoReaders", [](auto& p) { FormatOf(p).clear_readers(); },
     "readers: required"},
    {"UnknownReader",
     [](auto& p) {
       FormatOf(p).set_readers(0, v1::METADATA_READER_UNSPECIFIED);
     },
     "readers[0]: unknown"},
    {"ReaderGivenTwice",
     [](auto& p) { FormatOf(p).add_readers(v1::BOOTSEAL_BOOT); },
     "readers[4]: BOOTSEAL_BOOT is given twice"},
    {"ReaderOfTheOtherVersion",
     [](auto& p) { FormatOf(p).add_readers(v1::TF_A_2_10); }, "readers[4]: "},
    {"DefaultAboveTheCeiling",
     [](auto& p) {
       FormatOf(p).set_security_counter_ceiling(4);
       FormatOf(p).set_default_security_counter(5);
     },
     "default_security_counter: 5 is above the ceiling of 4"},
    {"DefaultThatIsNeverUsed",
     [](auto& p) {
       FormatOf(p).set_security_counter_from_version(true);
       FormatOf(p).set_default_security_counter(5);
     },
     "default_security_counter: never used"},
    {"StepThatLetsNoMinorVersionFollow",
     [](auto& p) {
       FormatOf(p).set_security_counter_from_version(true);
       FormatOf(p).set_security_counter_step(1);
     },
     "security_counter_step: 1 lets no minor version follow"},
    {"VerdictsOfARoleThatThereIsNot",
     [](auto& p) { FormatOf(p).add_verdict_requesters("nobody"); },
     "verdict_requesters[0]: no role named \"nobody\""},
    {"VerdictsOfARoleTwice",
     [](auto& p) {
       FormatOf(p).add_verdict_requesters("ci");
       FormatOf(p).add_verdict_requesters("ci");
     },
     "verdict_requesters[1]: \"ci\" is given twice"},
};
INSTANTIATE_TEST_SUITE_P(Spoilt, ReleaseRefuses, testing::ValuesIn(kSpoilt),
                         [](const auto& each) { return each.param.name; });

TEST(ReleaseFormat, IsTakenAsItIs) {
  EXPECT_OK(Policy::Parse(TextOf(WithRelease())));
}

TEST(ReleaseFormat, TellsEveryProblemAtOnce) {
  v1::Policy policy = WithRelease();
  FormatOf(policy).clear_product();
  FormatOf(policy).clear_readers();
  FormatOf(policy).mutable_images(0)->set_bank_guids(0, "x");
  EXPECT_THAT(Policy::Parse(TextOf(policy)),
              tests::MessageHas("policy has 3 problems:"));
}

}  // namespace
}  // namespace bootseal::trust
