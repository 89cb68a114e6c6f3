// What a request for the verdict on a release may say, who may ask for it, and
// what it leaves alone.
#include "server/trust/verdict_rules.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <memory>

#include "firmware/image/host/convert.h"
#include "server/trust/decision.h"
#include "server/trust/entry.h"
#include "server/trust/format.h"
#include "server/trust/release_format.h"
#include "server/trust/rollback.h"
#include "tests/server/trust/example_policy.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_release.h"

namespace bootseal::trust {
namespace {

using tests::StatusIs;

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::int64_t kDay = 86'400;

v1::Target Board() {
  v1::Target target;
  target.set_name("board/release");
  target.set_key("app");
  target.add_requesters("ci");
  *target.mutable_release() = tests::TestReleaseFormat();
  target.mutable_release()->add_verdict_requesters("developer");
  return target;
}

v1::SignHeader Header() {
  v1::SignHeader header;
  header.set_target("board/release");
  header.set_version("1.2.3");
  header.set_request_id("v-1");
  header.set_payload_size(2000);
  header.mutable_verdict()->set_end(v1::TRIAL_REJECT);
  header.mutable_verdict()->set_not_after_unix_seconds(kNow + kDay);
  return header;
}

std::string CodeOf(const Answer& answer) { return answer ? answer->code : ""; }

class VerdictJudge : public ::testing::Test {
 protected:
  VerdictJudge() : policy_(tests::Parsed(WithBoard())), judge_(*policy_) {}

  static v1::Policy WithBoard() {
    v1::Policy policy = tests::ExamplePolicy();
    *policy.add_targets() = Board();
    return policy;
  }
  Admission Admit(const v1::SignHeader& header,
                  const std::string& caller) const {
    return judge_.Admit(tests::CallerNamed(caller), header);
  }

  std::shared_ptr<const Policy> policy_;
  Judge judge_;
};

TEST_F(VerdictJudge, LetsThoseAskWhomTheTargetNamesForIt) {
  const Admission admission = Admit(Header(), "alice");
  EXPECT_EQ(admission.decision, v1::ALLOWED) << admission.reason;
  EXPECT_EQ(admission.rule, "target.verdict_requesters");
  EXPECT_FALSE(admission.has_security_counter);
}

TEST_F(VerdictJudge, LetsNobodyElseAsk) {
  const Admission admission = Admit(Header(), "ci");
  EXPECT_EQ(admission.decision, v1::REFUSED);
  EXPECT_EQ(admission.code, "WRONG_ROLE");
  EXPECT_EQ(admission.rule, "target.verdict_requesters");
  EXPECT_TRUE(IsAboutCaller(admission));
  EXPECT_EQ(Admit(Header(), "nobody").code, "UNKNOWN_CALLER");
  // A verdict's requester may not release, nor is it told to.
  EXPECT_EQ(
      Admit(tests::ReleaseHeader("board/release", {{"fip", "1"}}), "alice")
          .code,
      "WRONG_ROLE");
}

TEST_F(VerdictJudge, TakesNothingThatOnlyAReleaseHas) {
  const std::function<void(v1::SignHeader&)> kSpoil[] = {
      [](auto& h) { h.set_security_counter(1); },
      [](auto& h) { h.set_encrypted(true); },
      [](auto& h) { h.set_compression(v1::LZMA2); },
      [](auto& h) { h.mutable_signed_range(); },
      [](auto& h) { h.add_vendor_tlvs(); },
      [](auto& h) { h.add_components(); },
      [](auto& h) { h.mutable_provisioning(); },
  };
  for (const auto& spoil : kSpoil) {
    v1::SignHeader header = Header();
    spoil(header);
    EXPECT_EQ(Admit(header, "alice").code, "VERDICT_OPTION")
        << header.ShortDebugString();
  }
}

TEST(VerdictTime, IsToComeAndNotFarAway) {
  v1::SigningEvent asked;
  const auto at = [&](std::int64_t second) {
    asked.mutable_verdict()->set_not_after_unix_seconds(second);
    return CodeOf(CheckVerdictTime(asked, kNow * 1000));
  };
  EXPECT_EQ(at(kNow + 1), "");
  EXPECT_EQ(at(kNow + 90 * kDay), "");
  EXPECT_EQ(at(kNow), "VERDICT_EXPIRED");
  EXPECT_EQ(at(0), "VERDICT_EXPIRED");
  EXPECT_EQ(at(std::numeric_limits<std::int64_t>::min()), "VERDICT_EXPIRED");
  EXPECT_EQ(at(kNow + 90 * kDay + 1), "VERDICT_TOO_LONG");
  EXPECT_EQ(at(std::numeric_limits<std::int64_t>::max()), "VERDICT_TOO_LONG");
  asked.clear_verdict();
  EXPECT_EQ(CodeOf(CheckVerdictTime(asked, kNow * 1000)), "");
}

TEST(VerdictEntry, IsNoReleaseThatLaterOnesAreComparedWith) {
  v1::SigningEvent verdict;
  verdict.set_version("9.0.0");
  verdict.mutable_verdict()->set_end(v1::TRIAL_ACCEPT);
  verdict.set_version_before("1.4.0");
  verdict.set_security_counter_before(7);
  v1::SigningEvent asked;
  asked.set_version("1.3.0");
  asked.set_security_counter(6);
  const Lowering lowering = LoweringOf(asked, &verdict);
  EXPECT_EQ(lowering.version_from, "1.4.0");
  EXPECT_EQ(lowering.security_counter_from, 7u);
  // And it lowers nothing itself.
  asked.mutable_verdict()->set_end(v1::TRIAL_ACCEPT);
  asked.clear_security_counter();
  EXPECT_FALSE(LoweringOf(asked, &verdict).version_from);
  // The first of a log that knows no release.
  verdict.clear_version_before();
  verdict.clear_security_counter_before();
  asked.clear_verdict();
  asked.set_security_counter(0);
  EXPECT_FALSE(LoweringOf(asked, &verdict).version_from);
}

TEST(VerdictDigest, CoversEverythingThatIsAskedFor) {
  const std::string digest = RequestDigest(Header(), "payload");
  const std::function<void(v1::SignHeader&)> kOther[] = {
      [](auto& h) { h.mutable_verdict()->set_end(v1::TRIAL_ACCEPT); },
      [](auto& h) { h.mutable_verdict()->set_not_after_unix_seconds(kNow); },
      [](auto& h) { h.clear_verdict(); },
  };
  for (const auto& make : kOther) {
    v1::SignHeader header = Header();
    make(header);
    EXPECT_NE(RequestDigest(header, "payload"), digest);
  }
  EXPECT_NE(RequestDigest(Header(), "other"), digest);
}

// A pending entry as the server writes it.
v1::SigningEvent Pending() {
  image::host::ReleaseVerdict verdict;
  verdict.product = "board";
  verdict.target = "board/release";
  verdict.version = *image::host::ParseVersion("1.2.3");
  verdict.end = image::host::TrialEnd::kReject;
  verdict.not_after = kNow;
  verdict.release_sha256 = std::string(32, 'x');
  const std::string text = image::host::WriteVerdict(verdict);
  v1::SigningEvent signing;
  signing.set_target("board/release");
  signing.set_version("1.2.3");
  signing.mutable_verdict()->set_end(v1::TRIAL_REJECT);
  signing.mutable_verdict()->set_not_after_unix_seconds(kNow);
  v1::SignedDigest& digest = *signing.add_digests();
  digest.set_algorithm(v1::P256);
  digest.set_digest(image::host::ToString(
      image::host::ManifestDigest(image::Algorithm::kP256, text).bytes()));
  digest.mutable_preimage()->set_message(ReleaseMessage(text));
  return signing;
}

TEST(VerdictForApprovers, IsReadOutOfWhatGetsSigned) {
  const auto verdict = OpenVerdictMessage(Pending());
  ASSERT_OK(verdict);
  EXPECT_EQ(verdict->end, image::host::TrialEnd::kReject);
  EXPECT_EQ(verdict->product, "board");
}

TEST(VerdictForApprovers, ContradictsNoPartOfTheEntry) {
  const std::function<void(v1::SigningEvent&)> kSpoil[] = {
      [](auto& e) { e.set_target("other"); },
      [](auto& e) { e.set_version("1.2.4"); },
      [](auto& e) { e.set_version("x"); },
      [](auto& e) { e.mutable_verdict()->set_end(v1::TRIAL_ACCEPT); },
      [](auto& e) { e.mutable_verdict()->clear_end(); },
      [](auto& e) {
        e.mutable_verdict()->set_not_after_unix_seconds(kNow + 1);
      },
      [](auto& e) { e.clear_verdict(); },
      [](auto& e) { e.mutable_digests(0)->mutable_digest()->back() ^= 1; },
      [](auto& e) {
        e.mutable_digests(0)->mutable_preimage()->mutable_message()->back() ^=
            1;
      },
      [](auto& e) { e.clear_digests(); },
  };
  for (const auto& spoil : kSpoil) {
    v1::SigningEvent entry = Pending();
    spoil(entry);
    EXPECT_THAT(
        OpenVerdictMessage(entry),
        StatusIs(absl::StatusCode::kFailedPrecondition, "RELEASE_MISMATCH"))
        << entry.ShortDebugString();
  }
  // A release is no verdict.
  EXPECT_FALSE(OpenReleaseMessage(Pending()).ok());
}

}  // namespace
}  // namespace bootseal::trust
