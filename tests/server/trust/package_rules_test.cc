// Requests for packages: what the judge refuses before a byte is uploaded, what
// it approves once there are digests, and what approvers are told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "server/trust/approval.h"
#include "server/trust/decision.h"
#include "server/trust/entry.h"
#include "server/trust/explanation.h"
#include "server/trust/package_format.h"
#include "server/trust/parts.h"
#include "server/trust/rollback.h"
#include "server/trust/target_format.h"
#include "tests/server/trust/spoilt_policy.h"
#include "tests/support/signing_key.h"
#include "tests/support/test_package.h"

namespace bootseal::trust {
namespace {

using image::host::PlannedCertificate;
using tests::MessageHas;
using tests::PackageFiles;
using tests::StatusIs;

constexpr auto kState = absl::StatusCode::kFailedPrecondition;
constexpr auto kDenied = absl::StatusCode::kPermissionDenied;

class PackageRules : public ::testing::Test {
 protected:
  PackageRules() {
    v1::Policy policy = tests::ExamplePolicy();
    Pin(policy, "root", root_.public_key());
    Pin(policy, "tee", tee_.public_key());
    v1::Target& target = *policy.add_targets();
    target.set_name("fip");
    target.set_key("root");
    target.add_requesters("ci");
    *target.mutable_fip() = tests::TestPackageFormat();
    target.mutable_fip()->set_tos_fw_key("tee");
    policy_ = Policy::Parse(tests::TextOf(policy)).value();
    caller_.set_identity("ci");
  }

  static void Pin(v1::Policy& policy, const std::string& name,
                  const std::string& der) {
    v1::PinnedKey& key = *policy.add_keys();
    key.set_name(name);
    key.set_uri(absl::StrCat("pkcs11:token=bootseal;object=", name));
    key.set_algorithm(v1::P256);
    key.set_purpose(v1::FIRMWARE);
    key.set_public_key_sha256(absl::BytesToHexString(Sha256Of(der)));
  }

  const v1::Target& target() const { return *policy_->FindTarget("fip"); }

  Admission Admit(const v1::SignHeader& header) const {
    return Judge(*policy_).Admit(caller_, header);
  }
  std::string Refusal(const PackageFiles& files) const {
    return Admit(tests::PackageHeader("fip", files)).code;
  }

  image::host::CertificateRequest RequestFor(
      const v1::SignHeader& header) const {
    std::vector<v1::ComponentDigest> components;
    for (const auto& [name, content] : files_) {
      v1::ComponentDigest& each = components.emplace_back();
      each.set_name(name);
      each.set_size(content.size());
      each.set_sha256(Sha256Of(content));
    }
    return CertificatesFor(
        target().fip(), header, header.security_counter(),
        {root_.public_key(), root_.public_key(), root_.public_key(),
         tee_.public_key(), root_.public_key()},
        components);
  }

  // What the server asks itself for, and what a pending entry says.
  v1::SigningEvent EventFor(const v1::SignHeader& header) const {
    v1::SigningEvent event;
    event.set_target(header.target());
    event.set_version(header.version());
    event.set_security_counter(header.security_counter());
    event.set_payload_size(header.payload_size());
    event.set_payload_sha256(Sha256Of(tests::PackageUpload(files_)));
    event.set_request_sha256(RequestDigest(header, event.payload_sha256()));
    for (const auto& [name, content] : files_) {
      v1::ComponentDigest& each = *event.add_components();
      each.set_name(name);
      each.set_size(content.size());
      each.set_sha256(Sha256Of(content));
    }
    const auto planned =
        image::host::PlanCertificates(RequestFor(header)).value();
    for (const PlannedCertificate& one : planned) {
      v1::SignedDigest& digest = *event.add_digests();
      digest.set_name(image::certificate::TraitsOf(one.role).name);
      digest.set_key(SignerOf(target(), one.role));
      digest.set_key_hash(Sha256Of(one.signer));
      digest.set_algorithm(v1::P256);
      digest.set_digest(one.digest);
      digest.mutable_preimage()->set_message(one.to_be_signed);
    }
    return event;
  }

  static std::vector<KeyDigest> PairsOf(const v1::SigningEvent& event) {
    std::vector<KeyDigest> pairs;
    for (const v1::SignedDigest& each : event.digests()) {
      pairs.push_back({each.key(), each.digest(), each.pure()});
    }
    return pairs;
  }
  absl::StatusOr<Approved> Approve(const v1::SignHeader& header,
                                   const v1::SigningEvent& event,
                                   std::vector<KeyDigest> pairs) const {
    return Judge(*policy_).Approve(caller_, header, event, std::move(pairs),
                                   Facts());
  }

  const tests::SigningKey root_{image::Algorithm::kP256};
  const tests::SigningKey tee_{image::Algorithm::kP256};
  const PackageFiles files_ = tests::TestPackageFiles();
  std::shared_ptr<const Policy> policy_;
  v1::Caller caller_;
};

TEST_F(PackageRules, AdmitAllImagesAndTheFour) {
  EXPECT_EQ(Admit(tests::PackageHeader("fip", files_)).decision, v1::ALLOWED);
  PackageFiles four = files_;
  four.erase(four.begin() + 3);
  EXPECT_EQ(Refusal(four), "");
}

TEST_F(PackageRules, RefuseImagesThatAreMissingDoubledUnknownOrOutOfOrder) {
  for (const std::size_t at : {0, 1, 2, 4}) {
    PackageFiles fewer = files_;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(at));
    const Admission answer = Admit(tests::PackageHeader("fip", fewer));
    EXPECT_EQ(answer.code, "COMPONENT_MISSING");
    EXPECT_EQ(answer.rule, "target.images");
    EXPECT_THAT(answer.reason, testing::HasSubstr(files_[at].first));
  }
  EXPECT_EQ(Refusal({}), "COMPONENT_MISSING");
  PackageFiles twice = files_;
  twice.push_back(files_[1]);
  EXPECT_EQ(Refusal(twice), "COMPONENT_TWICE");
  PackageFiles unknown = files_;
  unknown.emplace_back("soc-fw", "x");
  EXPECT_EQ(Refusal(unknown), "COMPONENT_UNKNOWN");
  unknown.back().first = "tos-fw-config";  // known, and not the target's
  EXPECT_EQ(Refusal(unknown), "COMPONENT_UNKNOWN");
  unknown.back().first = "nt-fw-cert";
  const Admission certificate = Admit(tests::PackageHeader("fip", unknown));
  EXPECT_EQ(certificate.code, "COMPONENT_UNKNOWN");
  EXPECT_THAT(certificate.reason,
              testing::HasSubstr("a certificate, which the server makes"));
  PackageFiles swapped = files_;
  std::swap(swapped[0], swapped[1]);
  EXPECT_EQ(Refusal(swapped), "COMPONENT_ORDER");
}

TEST_F(PackageRules, RefuseImagesOfAnotherSize) {
  PackageFiles empty = files_;
  empty[1].second.clear();
  EXPECT_EQ(Refusal(empty), "COMPONENT_EMPTY");
  PackageFiles large = files_;
  large[3].second = std::string(4096, 'x');
  EXPECT_EQ(Refusal(large), "");
  large[3].second += 'x';
  EXPECT_EQ(Refusal(large), "COMPONENT_TOO_LARGE");
  PackageFiles all = files_;
  all[4].second = std::string((256 << 10) - 1, 'x');
  const Admission answer = Admit(tests::PackageHeader("fip", all));
  EXPECT_EQ(answer.code, "PACKAGE_TOO_LARGE");
  EXPECT_THAT(answer.reason, testing::HasSubstr("its bank holds 262144"));
  v1::SignHeader header = tests::PackageHeader("fip", files_);
  header.set_payload_size(header.payload_size() + 1);
  EXPECT_EQ(Admit(header).code, "COMPONENTS_DIFFER_FROM_SIZE");
}

TEST_F(PackageRules, RefuseCountersThatDifferOrLeadAway) {
  v1::SignHeader header = tests::PackageHeader("fip", files_);
  header.set_non_trusted_counter(1);
  EXPECT_EQ(Admit(header).decision, v1::ALLOWED);
  header.set_non_trusted_counter(2);
  const Admission differ = Admit(header);
  EXPECT_EQ(differ.code, "COUNTERS_DIFFER");
  EXPECT_EQ(differ.rule, "non_trusted_counter");
  EXPECT_THAT(differ.reason, testing::HasSubstr("give one value"));
  header.clear_non_trusted_counter();
  header.set_security_counter(1025);
  EXPECT_EQ(Admit(header).code, "SECURITY_COUNTER_TOO_HIGH");
  header.clear_security_counter();
  EXPECT_EQ(Admit(header).code, "SECURITY_COUNTER_MISSING");
  v1::SignHeader other = tests::PackageHeader("app", {});
  other.set_payload_size(5000);
  other.set_non_trusted_counter(1);
  EXPECT_EQ(Admit(other).code, "NON_TRUSTED_COUNTER_NOT_OF_TARGET");
}

TEST_F(PackageRules, LetTheCounterStepByOneUnlessTheTargetSaysMore) {
  v1::SigningEvent last;
  last.set_target("fip");
  last.set_version("1.0.0");
  last.set_security_counter(4);
  v1::SigningEvent asked = last;
  const auto leaps = [&](std::uint32_t counter) {
    asked.set_security_counter(counter);
    return LeapFrom(target(), asked, &last).has_value();
  };
  EXPECT_FALSE(leaps(4));
  EXPECT_FALSE(leaps(5));
  EXPECT_TRUE(leaps(6));
  asked.set_security_counter(3);
  EXPECT_EQ(LoweringOf(asked, &last).security_counter_from, 4u);
}

TEST_F(PackageRules, LetAFirstReleaseStepFromWhereTheTargetBegins) {
  v1::SigningEvent asked;
  asked.set_security_counter(2);
  EXPECT_FALSE(LeapFrom(target(), asked, nullptr));
  asked.set_security_counter(3);
  EXPECT_TRUE(LeapFrom(target(), asked, nullptr));
}

TEST_F(PackageRules, RefuseTimesThatNoCertificateHolds) {
  v1::SignHeader header = tests::PackageHeader("fip", files_);
  for (const std::int64_t good : {0LL, 1'800'000'000LL, 250'223'126'399LL}) {
    header.set_valid_from_unix_seconds(good);
    EXPECT_EQ(Admit(header).decision, v1::ALLOWED) << good;
  }
  for (const std::int64_t bad : {-1LL, 250'223'126'400LL}) {
    header.set_valid_from_unix_seconds(bad);
    EXPECT_EQ(Admit(header).code, "VALID_FROM_INVALID") << bad;
  }
  v1::SignHeader other = tests::PackageHeader("app", {});
  other.set_payload_size(5000);
  other.set_valid_from_unix_seconds(1);
  EXPECT_EQ(Admit(other).code, "VALID_FROM_NOT_OF_TARGET");
}

TEST_F(PackageRules, AreExplainedWithoutFiles) {
  v1::SignHeader header;
  header.set_target("fip");
  header.set_version("1.2.3");
  header.set_security_counter(1);
  const Explanation answer = Explain(*policy_, {caller_, header, nullptr});
  EXPECT_EQ(answer.ruling.decision, v1::ALLOWED) << answer.ruling.reason;
}

// The same request means the same bytes, whenever it comes; what it chooses
// shows in them.
TEST_F(PackageRules, FixTheTimesWithTheRequest) {
  v1::SignHeader header = tests::PackageHeader("fip", files_);
  const std::string first = PairsOf(EventFor(header)).front().digest;
  EXPECT_EQ(PairsOf(EventFor(header)).front().digest, first);
  header.set_request_id("another");
  EXPECT_EQ(PairsOf(EventFor(header)).front().digest, first);
  v1::SignHeader later = header;
  later.set_valid_from_unix_seconds(1'800'000'000);
  EXPECT_NE(PairsOf(EventFor(later)).front().digest, first);
  EXPECT_NE(RequestDigest(later, ""), RequestDigest(header, ""));
  v1::SignHeader both = header;
  both.set_non_trusted_counter(1);
  EXPECT_EQ(PairsOf(EventFor(both)).front().digest, first);
  EXPECT_NE(RequestDigest(both, ""), RequestDigest(header, ""));
}

TEST_F(PackageRules, ApproveAllPairsAtOnceAndNoOthers) {
  const v1::SignHeader header = tests::PackageHeader("fip", files_);
  const v1::SigningEvent event = EventFor(header);
  const std::vector<KeyDigest> pairs = PairsOf(event);
  const auto approved = Approve(header, event, pairs);
  ASSERT_OK(approved);
  EXPECT_EQ(approved->pairs().size(), 6u);
  using Pairs = std::vector<KeyDigest>;
  const auto refused = [&](const std::function<void(Pairs&)>& spoil,
                           const char* reason) {
    Pairs other = pairs;
    spoil(other);
    EXPECT_THAT(Approve(header, event, other), StatusIs(kDenied, reason));
  };
  refused([](Pairs& p) { p.pop_back(); }, "KEY_NOT_OF_TARGET");
  refused([](Pairs& p) { p.resize(1); }, "KEY_NOT_OF_TARGET");
  refused([](Pairs& p) { p.push_back(p.back()); }, "KEY_NOT_OF_TARGET");
  refused([](Pairs& p) { p[3].key = "root"; }, "KEY_NOT_OF_TARGET");
  refused([](Pairs& p) { p[0].key = "tee"; }, "KEY_NOT_OF_TARGET");
  refused([](Pairs& p) { std::swap(p[0], p[1]); }, "DIGEST_NOT_ASKED");
  refused([](Pairs& p) { p[5].digest[0] ^= 1; }, "DIGEST_NOT_ASKED");
  refused([](Pairs& p) { p[5].digest.pop_back(); }, "DIGEST_LENGTH");
  refused([](Pairs& p) { p[5].pure = true; }, "SIGNATURE_KIND");
  v1::SigningEvent fewer = event;
  fewer.mutable_digests()->RemoveLast();
  EXPECT_THAT(Approve(header, fewer, PairsOf(fewer)),
              StatusIs(kDenied, "KEY_NOT_OF_TARGET"));
}

// One subject speaks of all pairs: none can be exchanged under an approval.
TEST_F(PackageRules, HaveApproversSpeakOfEveryPair) {
  const v1::SigningEvent event = EventFor(tests::PackageHeader("fip", files_));
  const std::string subject = SubjectOf("ci", event);
  for (int i = 0; i < event.digests_size(); ++i) {
    const std::function<void(v1::SignedDigest&)> kSpoils[] = {
        [](auto& d) { d.mutable_digest()->back() ^= 1; },
        [](auto& d) { d.mutable_key_hash()->back() ^= 1; },
        [](auto& d) { d.set_key("other"); },
        [](auto& d) { d.set_name("other"); },
        [](auto& d) { d.set_pure(true); },
    };
    for (const auto& spoil : kSpoils) {
      v1::SigningEvent other = event;
      spoil(*other.mutable_digests(i));
      EXPECT_NE(SubjectOf("ci", other), subject) << i;
    }
  }
  v1::SigningEvent fewer = event;
  fewer.mutable_digests()->erase(fewer.mutable_digests()->begin());
  EXPECT_NE(SubjectOf("ci", fewer), subject);
  // What a pending entry says beside does not.
  v1::SigningEvent bare = event;
  for (auto& each : *bare.mutable_digests()) each.clear_preimage();
  EXPECT_EQ(SubjectOf("ci", bare), subject);
}

TEST_F(PackageRules, TellApproversAllThatGetsSigned) {
  const v1::SignHeader header = tests::PackageHeader("fip", files_);
  const v1::SigningEvent event = EventFor(header);
  EXPECT_TRUE(IsPackage(event));
  const auto opened = OpenPackageMessage(event);
  ASSERT_OK(opened);
  EXPECT_EQ(opened->request.keys.root, root_.public_key());
  EXPECT_EQ(opened->request.keys.tos_fw, tee_.public_key());
  EXPECT_EQ(opened->request.digests, RequestFor(header).digests);
  EXPECT_EQ(opened->request.not_before,
            ParseValidFrom("2026-01-01T00:00:00Z").value());
}

TEST_F(PackageRules, TellApproversNothingThatContradictsItself) {
  using Event = v1::SigningEvent;
  const Event event = EventFor(tests::PackageHeader("fip", files_));
  const std::function<void(Event&)> kSpoils[] = {
      [](Event& e) { e.mutable_digests()->RemoveLast(); },
      [](Event& e) { *e.add_digests() = e.digests(0); },
      [](Event& e) { e.mutable_digests()->SwapElements(0, 1); },
      [](Event& e) { e.mutable_digests(2)->set_name("nt-fw-cert"); },
      [](Event& e) { e.mutable_digests(2)->set_pure(true); },
      [](Event& e) { e.mutable_digests(2)->mutable_digest()->back() ^= 1; },
      [](Event& e) { e.mutable_digests(2)->mutable_key_hash()->back() ^= 1; },
      [](Event& e) { e.mutable_digests(2)->clear_preimage(); },
      [](Event& e) { e.set_security_counter(2); },
      [](Event& e) { e.mutable_components()->RemoveLast(); },
      [](Event& e) { *e.add_components() = e.components(0); },
      [](Event& e) { e.mutable_components(0)->set_name("hw-config"); },
      [](Event& e) { e.mutable_components(0)->set_name("other"); },
      [](Event& e) { e.mutable_components(2)->mutable_sha256()->back() ^= 1; },
  };
  for (const auto& spoil : kSpoils) {
    Event other = event;
    spoil(other);
    EXPECT_THAT(OpenPackageMessage(other), StatusIs(kState, "PACKAGE_MISMATCH"))
        << other.ShortDebugString();
  }
}

// A certificate that is sound, and of something else.
TEST_F(PackageRules, TellApproversOfACertificateOfAnotherRequest) {
  v1::SigningEvent event = EventFor(tests::PackageHeader("fip", files_));
  v1::SignHeader other = tests::PackageHeader("fip", files_);
  other.set_security_counter(2);
  const v1::SigningEvent later = EventFor(other);
  for (int i = 0; i < event.digests_size(); ++i) {
    v1::SigningEvent mixed = event;
    *mixed.mutable_digests(i) = later.digests(i);
    EXPECT_THAT(OpenPackageMessage(mixed), StatusIs(kState, "PACKAGE_MISMATCH"))
        << i;
  }
}

}  // namespace
}  // namespace bootseal::trust
