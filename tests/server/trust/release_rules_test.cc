// What a request for a release may say, and what it means.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/file.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/release_manifest.h"
#include "server/trust/approval.h"
#include "server/trust/decision.h"
#include "server/trust/entry.h"
#include "server/trust/explanation.h"
#include "server/trust/release_format.h"
#include "server/trust/request_rules.h"
#include "server/trust/target_profile.h"
#include "tests/server/trust/example_policy.h"
#include "tests/support/signing_key.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_capsule.h"
#include "tests/support/test_release.h"

namespace bootseal::trust {
namespace {

using image::host::ReleaseManifest;
using tests::Files;
using tests::MessageHas;
using tests::ReleaseHeader;
using tests::StatusIs;

namespace fwu = image::fwu;

v1::Target Board() {
  v1::Target target;
  target.set_name("board/release");
  target.set_key("app");
  target.add_requesters("ci");
  *target.mutable_release() = tests::TestReleaseFormat();
  return target;
}

const Files kFiles{{"fip", "12345"}, {"bootfs", "123"}};

std::string CodeOf(const Answer& answer) { return answer ? answer->code : ""; }

std::string Judged(const Files& files) {
  return CodeOf(
      CheckComponents(Board(), ReleaseHeader("board/release", files)));
}

TEST(Components, AreTheTargetsInItsOrder) {
  EXPECT_EQ(Judged(kFiles), "");
  EXPECT_EQ(Judged(Files{}), "COMPONENT_MISSING");
  EXPECT_EQ(Judged({{"fip", "1"}}), "COMPONENT_MISSING");
  EXPECT_EQ(Judged({{"bootfs", "1"}, {"fip", "1"}}), "COMPONENT_ORDER");
  EXPECT_EQ(Judged({{"bootfs", "1"}}), "COMPONENT_ORDER");
  EXPECT_EQ(Judged({{"fip", "1"}, {"fip", "1"}}), "COMPONENT_TWICE");
  EXPECT_EQ(Judged({{"fip", "1"}, {"bootfs", "1"}, {"bootfs", "1"}}),
            "COMPONENT_TWICE");
  EXPECT_EQ(Judged({{"fip", "1"}, {"rootfs", "1"}}), "COMPONENT_UNKNOWN");
  EXPECT_EQ(Judged({{"", "1"}, {"bootfs", "1"}}), "COMPONENT_UNKNOWN");
}

TEST(Components, HaveBytesThatFitIntoTheirBank) {
  EXPECT_EQ(Judged({{"fip", ""}, {"bootfs", "1"}}), "COMPONENT_EMPTY");
  EXPECT_EQ(Judged({{"fip", std::string(0x10000, 'f')}, {"bootfs", "1"}}), "");
  EXPECT_EQ(Judged({{"fip", std::string(0x10001, 'f')}, {"bootfs", "1"}}),
            "COMPONENT_TOO_LARGE");
  v1::SignHeader header = ReleaseHeader("board/release", kFiles);
  header.mutable_components(1)->set_size(~0ull);
  EXPECT_EQ(CodeOf(CheckComponents(Board(), header)), "COMPONENT_TOO_LARGE");
}

TEST(Components, AddUpToTheUpload) {
  for (const std::uint64_t size : {0u, 7u, 9u}) {
    v1::SignHeader header = ReleaseHeader("board/release", kFiles);
    header.set_payload_size(size);
    EXPECT_EQ(CodeOf(CheckComponents(Board(), header)),
              "COMPONENTS_DIFFER_FROM_SIZE");
  }
}

TEST(Components, AreNothingForAnImage) {
  const v1::Target image = tests::ExamplePolicy().targets(0);
  v1::SignHeader header = ReleaseHeader("app", kFiles);
  EXPECT_EQ(CodeOf(CheckComponents(image, header)), "COMPONENTS_NOT_OF_TARGET");
  EXPECT_EQ(CodeOf(CheckProvisioning(image, header)), "");
  header.mutable_provisioning();
  EXPECT_EQ(CodeOf(CheckProvisioning(image, header)),
            "PROVISIONING_NOT_OF_TARGET");
}

v1::Provisioning States(const std::vector<v1::BankState>& states,
                        std::uint32_t active = 0, std::uint32_t previous = 1) {
  v1::Provisioning provisioning;
  provisioning.set_active(active);
  provisioning.set_previous(previous);
  for (const v1::BankState state : states) provisioning.add_states(state);
  return provisioning;
}

TEST(ProvisioningOfARelease, IsAnAcceptedBankAndAnEmptyOneByDefault) {
  const auto metadata = MetadataOf(tests::TestReleaseFormat(), nullptr);
  ASSERT_OK(metadata);
  EXPECT_EQ(metadata->version, 2u);
  EXPECT_EQ(metadata->active, 0u);
  EXPECT_EQ(metadata->previous, 1u);
  EXPECT_EQ(metadata->states[0], fwu::BankState::kAccepted);
  EXPECT_EQ(metadata->states[1], fwu::BankState::kInvalid);
  EXPECT_EQ(metadata->geometry, (fwu::Geometry{2, 2}));
  for (const fwu::Image& image : metadata->entries()) {
    EXPECT_TRUE(image.banks[0].accepted);
    EXPECT_FALSE(image.banks[1].accepted);
  }
}

// Facts: fwu 1.4, "v2 factory with empty B" and mkfwumdata's file.
TEST(ProvisioningOfARelease, MakesTheBytesThatOtherToolsMake) {
  const v1::ReleaseFormat format = tests::TestFipFormat();
  const auto crc = [&](const v1::Provisioning* provisioning) {
    const auto metadata = MetadataOf(format, provisioning);
    EXPECT_OK(metadata);
    const auto bytes = WriteReadable(format, *metadata);
    EXPECT_OK(bytes);
    return bytes.ok() ? bytes->substr(0, 4) : "";
  };
  EXPECT_EQ(crc(nullptr), std::string("\x66\xe6\x00\xa6", 4));
  const v1::Provisioning both = States({v1::BANK_ACCEPTED, v1::BANK_ACCEPTED});
  EXPECT_EQ(crc(&both), "\x0c\xe4\x0c\xc0");
  const v1::Provisioning trial =
      States({v1::BANK_ACCEPTED, v1::BANK_VALID}, 1, 0);
  EXPECT_EQ(crc(&trial), "\x4d\x17\xd0\x37");
}

TEST(ProvisioningOfARelease, NamesBanksThatThereAreAndOneThatBoots) {
  const struct {
    v1::Provisioning provisioning;
    const char* says;
  } kBad[] = {
      {States({}, 2, 0), "active is bank 2, the target has banks 0 to 1"},
      {States({}, 0, 4), "previous is bank 4"},
      {States({v1::BANK_ACCEPTED}), "has 1 states, expected 2"},
      {States({v1::BANK_ACCEPTED, v1::BANK_VALID, v1::BANK_VALID}),
       "has 3 states"},
      {States({v1::BANK_ACCEPTED, v1::BANK_STATE_UNSPECIFIED}),
       "bank 1 has no state"},
      {States({v1::BANK_ACCEPTED, static_cast<v1::BankState>(9)}),
       "bank 1 has no state"},
      {States({v1::BANK_INVALID, v1::BANK_ACCEPTED}),
       "bank 0 is active and invalid"},
  };
  for (const auto& bad : kBad) {
    const auto metadata =
        MetadataOf(tests::TestReleaseFormat(), &bad.provisioning);
    EXPECT_THAT(metadata, StatusIs(absl::StatusCode::kInvalidArgument,
                                   "PROVISIONING_INVALID"));
    EXPECT_THAT(metadata, MessageHas(bad.says));
    v1::SignHeader header = ReleaseHeader("board/release", kFiles);
    *header.mutable_provisioning() = bad.provisioning;
    EXPECT_EQ(CodeOf(CheckProvisioning(Board(), header)),
              "PROVISIONING_INVALID");
  }
}

TEST(GivenMetadata, HasToBeTheTargets) {
  const v1::ReleaseFormat format = tests::TestReleaseFormat();
  const fwu::Metadata good = *MetadataOf(format, nullptr);
  EXPECT_OK(CheckIsOf(format, good));
  const std::function<void(fwu::Metadata&)> kSpoil[] = {
      [](auto& m) { m.version = 1; },
      [](auto& m) { m.version = 0; },
      [](auto& m) { m.geometry.banks = 3; },
      [](auto& m) { m.geometry.images = 1; },
      [](auto& m) { m.images[0].type = m.images[1].type; },
      [](auto& m) { m.images[1].location = image::Guid(); },
      [](auto& m) { std::swap(m.images[0].banks[0], m.images[0].banks[1]); },
      [](auto& m) { std::swap(m.images[0], m.images[1]); },
  };
  for (const auto& spoil : kSpoil) {
    fwu::Metadata bad = good;
    spoil(bad);
    EXPECT_THAT(
        CheckIsOf(format, bad),
        StatusIs(absl::StatusCode::kInvalidArgument, "METADATA_OF_ANOTHER"));
  }
}

TEST(ReleaseDigest, CoversComponentsAndProvisioning) {
  const v1::SignHeader header = ReleaseHeader("board/release", kFiles);
  const std::string digest = RequestDigest(header, "payload");
  v1::SignHeader other = header;
  // The same bytes cut elsewhere.
  other.mutable_components(0)->set_size(4);
  other.mutable_components(1)->set_size(4);
  EXPECT_NE(RequestDigest(other, "payload"), digest);
  other = header;
  other.mutable_components(0)->set_name("bootfs");
  EXPECT_NE(RequestDigest(other, "payload"), digest);
  other = header;
  other.mutable_provisioning();
  EXPECT_NE(RequestDigest(other, "payload"), digest);
  const std::string zeros = RequestDigest(other, "payload");
  other.mutable_provisioning()->set_previous(1);
  EXPECT_NE(RequestDigest(other, "payload"), zeros);
  other = header;
  other.clear_components();
  EXPECT_NE(RequestDigest(other, "payload"), digest);
}

// A pending entry as the server writes it.
v1::SigningEvent Pending(v1::Algorithm algorithm = v1::P256) {
  v1::SigningEvent signing;
  signing.set_target("board/release");
  signing.set_version("1.2.3");
  signing.set_security_counter(5);
  std::vector<v1::ComponentDigest> components;
  for (const auto& [name, content] : kFiles) {
    v1::ComponentDigest& component = *signing.add_components();
    component.set_name(name);
    component.set_size(content.size());
    component.set_sha256(
        image::host::ToString(image::HashOf(image::HashAlgorithm::kSha256,
                                            image::host::AsBytes(content))
                                  .bytes()));
    components.push_back(component);
  }
  const auto manifest = ManifestOf(
      Board(), ReleaseHeader("board/release", kFiles), 5, components);
  EXPECT_OK(manifest);
  const std::string text = image::host::WriteManifest(*manifest);
  v1::SignedDigest& digest = *signing.add_digests();
  digest.set_algorithm(algorithm);
  digest.set_digest(image::host::ToString(
      image::host::ManifestDigest(ToImage(algorithm), text).bytes()));
  digest.mutable_preimage()->set_message(ReleaseMessage(text));
  return signing;
}

TEST(ReleaseForApprovers, IsReadOutOfWhatGetsSigned) {
  for (const v1::Algorithm algorithm : {v1::P256, v1::P384, v1::ED25519}) {
    const auto manifest = OpenReleaseMessage(Pending(algorithm));
    ASSERT_OK(manifest);
    EXPECT_EQ(manifest->product, "board");
    EXPECT_EQ(manifest->images.at(1).name, "bootfs");
    EXPECT_EQ(manifest->security_counter, 5u);
  }
}

TEST(ReleaseForApprovers, ContradictsNoPartOfTheEntry) {
  const std::function<void(v1::SigningEvent&)> kSpoil[] = {
      [](auto& e) { e.set_target("other"); },
      [](auto& e) { e.set_version("1.2.4"); },
      [](auto& e) { e.set_version("x"); },
      [](auto& e) { e.set_security_counter(4); },
      [](auto& e) { e.mutable_components(0)->set_size(6); },
      [](auto& e) { e.mutable_components(0)->set_name("bootfs"); },
      [](auto& e) { e.mutable_components(1)->mutable_sha256()->front() ^= 1; },
      [](auto& e) { e.mutable_components()->RemoveLast(); },
      [](auto& e) { e.mutable_digests(0)->mutable_digest()->back() ^= 1; },
      [](auto& e) {
        e.mutable_digests(0)->mutable_preimage()->mutable_message()->back() ^=
            1;
      },
      [](auto& e) { e.mutable_digests(0)->clear_preimage(); },
      [](auto& e) { e.clear_digests(); },
  };
  for (const auto& spoil : kSpoil) {
    v1::SigningEvent entry = Pending();
    spoil(entry);
    EXPECT_THAT(
        OpenReleaseMessage(entry),
        StatusIs(absl::StatusCode::kFailedPrecondition, "RELEASE_MISMATCH"))
        << entry.ShortDebugString();
  }
}

class ReleaseJudge : public ::testing::Test {
 protected:
  ReleaseJudge() : policy_(tests::Parsed(WithBoard())), judge_(*policy_) {}

  static v1::Policy WithBoard() {
    v1::Policy policy = tests::ExamplePolicy();
    v1::Target& target = *policy.add_targets();
    target = Board();
    target.mutable_release()->set_security_counter_ceiling(20);
    target.mutable_release()->set_security_counter_step(3);
    return policy;
  }
  Admission Admit(const v1::SignHeader& header) {
    return judge_.Admit(tests::CallerNamed("ci"), header);
  }
  Ruling Decide(std::uint32_t counter, const v1::SigningEvent* last) {
    v1::SigningEvent asked = Pending();
    asked.set_security_counter(counter);
    Facts facts;
    if (last) facts.last_release = std::make_shared<v1::SigningEvent>(*last);
    v1::SignHeader header = ReleaseHeader("board/release", kFiles);
    header.set_security_counter(counter);
    return judge_.Decide(tests::CallerNamed("ci"), header, asked, facts);
  }

  const std::shared_ptr<const Policy> policy_;
  const Judge judge_;
};

TEST_F(ReleaseJudge, AdmitsWhatIsTheTargets) {
  const Admission admission = Admit(ReleaseHeader("board/release", kFiles));
  EXPECT_EQ(admission.decision, v1::ALLOWED) << admission.reason;
  EXPECT_EQ(admission.security_counter, 5u);
}

TEST_F(ReleaseJudge, RefusesByTheNameOfTheRule) {
  const struct {
    std::function<void(v1::SignHeader&)> spoil;
    const char* rule;
    const char* code;
  } kBad[] = {
      {[](auto& h) { h.set_version("one"); }, "version", "VERSION_INVALID"},
      {[](auto& h) { h.clear_security_counter(); }, "target.security_counter",
       "SECURITY_COUNTER_MISSING"},
      {[](auto& h) { h.set_security_counter(21); }, "target.security_counter",
       "SECURITY_COUNTER_TOO_HIGH"},
      {[](auto& h) { h.mutable_signed_range(); }, "signed_range",
       "RANGE_NOT_OF_TARGET"},
      {[](auto& h) { h.set_compression(v1::LZMA2); }, "target.compression",
       "COMPRESSION_NOT_OF_TARGET"},
      {[](auto& h) { h.clear_components(); }, "target.images",
       "COMPONENT_MISSING"},
      {[](auto& h) { h.mutable_provisioning()->set_active(7); }, "provisioning",
       "PROVISIONING_INVALID"},
      {[](auto& h) { h.add_vendor_tlvs()->set_type(0xa0); },
       "target.request_tlvs", "VENDOR_TLV_NOT_ALLOWED"},
      {[](auto& h) { h.set_encrypted(true); }, "target.encryption",
       "ENCRYPTION_NOT_ALLOWED"},
  };
  for (const auto& bad : kBad) {
    v1::SignHeader header = ReleaseHeader("board/release", kFiles);
    bad.spoil(header);
    const Admission admission = Admit(header);
    EXPECT_EQ(admission.decision, v1::REFUSED);
    EXPECT_EQ(admission.rule, bad.rule);
    EXPECT_EQ(admission.code, bad.code) << admission.reason;
  }
}

TEST_F(ReleaseJudge, LetsTheCounterRiseByNoMoreThanTheStep) {
  EXPECT_EQ(Decide(17, nullptr).decision, v1::ALLOWED);
  v1::SigningEvent last = Pending();
  last.set_security_counter(5);
  EXPECT_EQ(Decide(5, &last).decision, v1::ALLOWED);
  EXPECT_EQ(Decide(8, &last).decision, v1::ALLOWED);
  const Ruling leap = Decide(9, &last);
  EXPECT_EQ(leap.code, "SECURITY_COUNTER_LEAP");
  EXPECT_EQ(leap.rule, "target.security_counter_step");
  EXPECT_NE(leap.reason.find("give at most 8"), std::string::npos);
  EXPECT_EQ(Decide(4, &last).code, "SECURITY_COUNTER_LOWERED");
}

TEST_F(ReleaseJudge, AnswersAQuestionThatNamesNoFiles) {
  v1::SignHeader header;
  header.set_target("board/release");
  header.set_version("1.2.3");
  header.set_security_counter(5);
  Question question;
  question.caller = tests::CallerNamed("ci");
  question.header = header;
  EXPECT_EQ(Explain(*policy_, question).ruling.decision, v1::ALLOWED);
}

TEST_F(ReleaseJudge, GivesATargetToThoseWhoMayAskForIt) {
  const auto target =
      judge_.AllowTarget(tests::CallerNamed("ci"), "board/release");
  ASSERT_OK(target);
  EXPECT_EQ((*target)->name(), "board/release");
  EXPECT_THAT(judge_.AllowTarget(tests::CallerNamed("alice"), "board/release"),
              StatusIs(absl::StatusCode::kPermissionDenied, "WRONG_ROLE"));
  EXPECT_THAT(judge_.AllowTarget(tests::CallerNamed("ci"), "nothing"),
              StatusIs(absl::StatusCode::kNotFound, "UNKNOWN_TARGET"));
  EXPECT_THAT(judge_.AllowTarget(tests::CallerNamed("nobody"), "app"),
              StatusIs(absl::StatusCode::kUnauthenticated, "UNKNOWN_CALLER"));
}

}  // namespace
}  // namespace bootseal::trust
