// The word on a release that devices have on trial, over real mutual TLS, with
// a real token and a real log.
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "firmware/image/host/release_verdict.h"
#include "server/trust/entry.h"
#include "server/trust/verdict_rules.h"
#include "tests/server/approval_fixture.h"
#include "tests/server/log_entries.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"
#include "tests/support/test_release.h"

namespace bootseal::tests {
namespace {

using image::host::OpenVerdict;
using image::host::TrialEnd;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kState = absl::StatusCode::kFailedPrecondition;
constexpr auto kDenied = absl::StatusCode::kPermissionDenied;

// "ci" releases, "fleet" has verdicts signed, and neither may do the other.
class VerdictTest : public ApprovalFixture {
 protected:
  VerdictTest() {
    update_ = server_.AddKey("update", hsm::Algorithm::kP256);
    server_.AddPerson("fleet", "fleet-manager");
    AddRelease("board", "update");
    v1::Target& guarded = AddRelease("guarded-board", "update");
    guarded.set_approvals(2);
    guarded.add_approvers("release-manager");
    // Releases of it need nobody's word, and no one may ask for a verdict.
    AddRelease("closed", "update")
        .mutable_release()
        ->clear_verdict_requesters();
  }

  v1::Target& AddRelease(const std::string& name, const std::string& key) {
    v1::Target& target = *server_.policy().add_targets();
    target.set_name(name);
    target.set_key(key);
    target.add_requesters("ci");
    *target.mutable_release() = TestReleaseFormat();
    target.mutable_release()->add_verdict_requesters("fleet-manager");
    return target;
  }

  static Files TwoFiles() {
    return {{"fip", TestFip(5'000)}, {"bootfs", "boot files"}};
  }
  absl::StatusOr<v1::SignReply> Release(const v1::SignHeader& header) {
    return tests::Release(server_.Channel("ci"), header, Joined(TwoFiles()));
  }
  absl::StatusOr<v1::SignReply> ReleaseOf(const std::string& target,
                                          const std::string& version = "1.2.3",
                                          std::uint32_t counter = 5) {
    v1::SignHeader header = ReleaseHeader(target, TwoFiles());
    header.set_version(version);
    header.set_security_counter(counter);
    return Release(header);
  }
  // Fails the test when the server makes none.
  std::string ManifestOf(const std::string& target) {
    const auto reply = ReleaseOf(target);
    EXPECT_OK(reply);
    return reply.ok() ? reply->manifest() : "";
  }

  static v1::SignHeader VerdictHeader(const std::string& target,
                                      const std::string& manifest) {
    static int next = 0;
    v1::SignHeader header;
    header.set_target(target);
    header.set_version("1.2.3");
    header.set_request_id(absl::StrCat("verdict-", next++));
    header.set_payload_size(manifest.size());
    header.mutable_verdict()->set_end(v1::TRIAL_ACCEPT);
    header.mutable_verdict()->set_not_after_unix_seconds(
        absl::ToUnixSeconds(absl::Now() + absl::Hours(24)));
    return header;
  }
  absl::StatusOr<v1::SignReply> Verdict(const v1::SignHeader& header,
                                        const std::string& manifest,
                                        const std::string& caller = "fleet") {
    return tests::Release(server_.Channel(caller), header, manifest);
  }
  image::host::ReleaseTrust Trust() const {
    return {image::Algorithm::kP256, update_.public_key, server_.log_key()};
  }

  hsm::KeyInfo update_;
};

TEST_F(VerdictTest, IsWhatADeviceOpensWithItsReceipt) {
  server_.Start();
  const auto released = ReleaseOf("board");
  ASSERT_OK(released);
  const auto header = VerdictHeader("board", released->manifest());
  const auto reply = Verdict(header, released->manifest());
  ASSERT_OK(reply);
  EXPECT_EQ(reply->manifest(), "");
  const auto opened = OpenVerdict(reply->verdict(), reply->receipt(), Trust());
  ASSERT_OK(opened);
  EXPECT_EQ(opened->verdict().product, "board");
  EXPECT_EQ(opened->verdict().target, "board");
  EXPECT_EQ(opened->verdict().end, TrialEnd::kAccept);
  EXPECT_EQ(opened->verdict().not_after,
            header.verdict().not_after_unix_seconds());
  const auto release = image::host::OpenRelease(released->manifest(),
                                                released->receipt(), Trust());
  ASSERT_OK(release);
  EXPECT_EQ(opened->verdict().release_sha256,
            image::host::ReleaseDigest(release->manifest()));
  const v1::SigningEvent event = EventOf(*reply);
  EXPECT_EQ(event.decision(), v1::ALLOWED);
  EXPECT_EQ(event.rule(), "target.verdict_requesters");
  EXPECT_EQ(event.verdict().end(), v1::TRIAL_ACCEPT);
  EXPECT_EQ(event.version_before(), "1.2.3");
  EXPECT_EQ(event.security_counter_before(), 5u);
  EXPECT_FALSE(event.has_security_counter());
  EXPECT_THAT(OpenVerdict(reply->verdict(), released->receipt(), Trust()),
              StatusIs(kDenied, "RECEIPT_OF_ANOTHER"));
}

TEST_F(VerdictTest, IsSignedByEveryAlgorithm) {
  const std::pair<const char*, hsm::Algorithm> kKeys[] = {
      {"rsa3072", hsm::Algorithm::kRsa3072},
      {"p384", hsm::Algorithm::kP384},
      {"ed25519", hsm::Algorithm::kEd25519}};
  std::map<std::string, hsm::KeyInfo> keys;
  for (const auto& [name, algorithm] : kKeys) {
    keys[name] = server_.AddKey(name, algorithm);
    AddRelease(name, name);
  }
  server_.Start();
  for (const auto& [name, algorithm] : kKeys) {
    const std::string manifest = ManifestOf(name);
    const auto reply = Verdict(VerdictHeader(name, manifest), manifest);
    ASSERT_OK(reply) << name;
    EXPECT_EQ(reply->profile().public_key(), keys[name].public_key);
  }
}

TEST_F(VerdictTest, IsForThoseAloneWhoMayAskForOne) {
  server_.Start();
  const std::string manifest = ManifestOf("board");
  for (const char* caller : {"ci", "developer", "auditor"}) {
    EXPECT_THAT(Verdict(VerdictHeader("board", manifest), manifest, caller),
                StatusIs(kDenied, "WRONG_ROLE"))
        << caller;
  }
  EXPECT_THAT(Verdict(VerdictHeader("board", manifest), manifest, "stranger"),
              StatusIs(kDenied, "UNKNOWN_IDENTITY"));
  const auto refused = RefusedEntries(server_);
  ASSERT_EQ(refused.size(), 3u);
  EXPECT_EQ(refused[0].signing().rule(), "target.verdict_requesters");
  EXPECT_TRUE(refused[0].signing().has_verdict());
  // And those may not release.
  EXPECT_THAT(
      tests::Release(server_.Channel("fleet"),
                     ReleaseHeader("board", TwoFiles()), Joined(TwoFiles())),
      StatusIs(kDenied, "WRONG_ROLE"));
  const std::string closed = ManifestOf("closed");
  const auto nobody = Verdict(VerdictHeader("closed", closed), closed);
  EXPECT_THAT(nobody, StatusIs(kDenied, "WRONG_ROLE"));
  EXPECT_THAT(nobody, MessageHas("takes requests for verdicts from none"));
}

TEST_F(VerdictTest, IsRefusedWhenTheRequestIsBad) {
  server_.Start();
  const std::string manifest = ManifestOf("board");
  const std::int64_t now = absl::ToUnixSeconds(absl::Now());
  const auto until = [](std::int64_t second) {
    return [second](v1::SignHeader& h) {
      h.mutable_verdict()->set_not_after_unix_seconds(second);
    };
  };
  const struct {
    std::function<void(v1::SignHeader&)> spoil;
    absl::StatusCode code;
    const char* reason;
  } kBad[] = {
      {until(now - 1), kState, "VERDICT_EXPIRED"},
      {until(0), kState, "VERDICT_EXPIRED"},
      {until(std::numeric_limits<std::int64_t>::min()), kState,
       "VERDICT_EXPIRED"},
      {until(now + 91 * 86400), kState, "VERDICT_TOO_LONG"},
      {until(std::numeric_limits<std::int64_t>::max()), kState,
       "VERDICT_TOO_LONG"},
      {[](auto& h) { h.mutable_verdict()->clear_end(); }, kInvalid,
       "VERDICT_END"},
      {[](auto& h) {
         h.mutable_verdict()->set_end(static_cast<v1::TrialEnd>(3));
       },
       kInvalid, "VERDICT_END"},
      {[](auto& h) { h.set_security_counter(5); }, kInvalid, "VERDICT_OPTION"},
      {[](auto& h) { h.mutable_provisioning(); }, kInvalid, "VERDICT_OPTION"},
      {[](auto& h) { h.add_components()->set_name("fip"); }, kInvalid,
       "VERDICT_OPTION"},
      {[](auto& h) { h.set_encrypted(true); }, kInvalid, "VERDICT_OPTION"},
      {[](auto& h) { h.mutable_signed_range(); }, kInvalid, "VERDICT_OPTION"},
      {[](auto& h) { h.add_vendor_tlvs()->set_type(0xa0); }, kInvalid,
       "VERDICT_OPTION"},
      {[](auto& h) { h.set_version("1.2.x"); }, kInvalid, "VERSION_INVALID"},
      {[](auto& h) { h.set_version(""); }, kInvalid, "VERSION_INVALID"},
      {[](auto& h) { h.set_version("1.2.4"); }, kInvalid, "RELEASE_OF_ANOTHER"},
      {[](auto& h) { h.set_version("1.2.3+1"); }, kInvalid,
       "RELEASE_OF_ANOTHER"},
      {[](auto& h) { h.set_request_id("no blank"); }, kInvalid,
       "REQUEST_ID_INVALID"},
      {[](auto& h) { h.set_target("nothing"); }, absl::StatusCode::kNotFound,
       "UNKNOWN_TARGET"},
      {[](auto& h) { h.set_payload_size(0); }, kInvalid, "EMPTY_PAYLOAD"},
      {[](auto& h) { h.set_payload_size((1 << 20) + 1); }, kInvalid,
       "PAYLOAD_TOO_LARGE"},
      {[](auto& h) { h.set_payload_size(h.payload_size() + 1); }, kInvalid,
       "SIZE_MISMATCH"},
      {[](auto& h) { h.set_payload_size(h.payload_size() - 1); }, kInvalid,
       "SIZE_MISMATCH"},
  };
  std::size_t refused = 0;
  for (const auto& bad : kBad) {
    v1::SignHeader header = VerdictHeader("board", manifest);
    bad.spoil(header);
    EXPECT_THAT(Verdict(header, manifest), StatusIs(bad.code, bad.reason));
    EXPECT_EQ(RefusedEntries(server_).size(), ++refused) << bad.reason;
  }
  EXPECT_EQ(Releases(server_), 1u);
  EXPECT_OK(Verdict(VerdictHeader("board", manifest), manifest));
}

TEST_F(VerdictTest, IsOnNothingButWhatTheTargetsKeyReleased) {
  server_.AddKey("other", hsm::Algorithm::kP256);
  AddRelease("other-board", "other");
  server_.Start();
  const std::string manifest = ManifestOf("board");
  const std::string other = ManifestOf("other-board");
  const auto ask = [&](const std::string& target, const std::string& payload) {
    return Verdict(VerdictHeader(target, payload), payload);
  };
  // Of another key; of another target of the same key.
  EXPECT_THAT(ask("board", other), StatusIs(kDenied, "SIGNATURE_INVALID"));
  EXPECT_THAT(ask("guarded-board", manifest),
              StatusIs(kInvalid, "RELEASE_OF_ANOTHER"));
  std::string forged = manifest;
  const std::size_t at = forged.find("\"payload\":\"") + 40;
  forged[at] = forged[at] == 'A' ? 'B' : 'A';
  EXPECT_THAT(ask("board", forged), StatusIs(kDenied, "SIGNATURE_INVALID"));
  EXPECT_THAT(ask("board", "no manifest"),
              StatusIs(kInvalid, "ENVELOPE_MALFORMED"));
  // A verdict is no release.
  const auto verdict = ask("board", manifest);
  ASSERT_OK(verdict);
  EXPECT_THAT(ask("board", verdict->verdict()),
              StatusIs(kInvalid, "MANIFEST_MALFORMED"));
  EXPECT_EQ(Releases(server_), 3u);
}

TEST_F(VerdictTest, IsNoCallForAnImagesTarget) {
  server_.Start();
  v1::SignHeader header = HeaderFor(payload_);
  header.mutable_verdict()->set_end(v1::TRIAL_ACCEPT);
  EXPECT_THAT(Verdict(header, payload_, "ci"),
              StatusIs(kInvalid, "WRONG_CALL"));
  EXPECT_THAT(Sign(server_.Channel("ci"), header, payload_),
              StatusIs(kInvalid, "VERDICT_NOT_OF_TARGET"));
  const std::string manifest = ManifestOf("board");
  EXPECT_THAT(Sign(server_.Channel("fleet"), VerdictHeader("board", manifest),
                   manifest),
              StatusIs(kInvalid, "WRONG_CALL"));
  EXPECT_EQ(Releases(server_), 1u);
}

TEST_F(VerdictTest, LeavesTheRollbackGuardWhereItWas) {
  server_.Start();
  const std::string old = ManifestOf("board");
  ASSERT_OK(ReleaseOf("board", "1.4.0", 7));
  // On a release below the newest: nothing is released.
  ASSERT_OK(Verdict(VerdictHeader("board", old), old));
  EXPECT_THAT(ReleaseOf("board", "1.3.0", 7),
              StatusIs(kState, "VERSION_LOWERED"));
  EXPECT_THAT(ReleaseOf("board", "1.4.0", 6),
              StatusIs(kState, "SECURITY_COUNTER_LOWERED"));
  ASSERT_OK(Verdict(VerdictHeader("board", old), old));
  EXPECT_THAT(ReleaseOf("board", "1.3.0", 7),
              StatusIs(kState, "VERSION_LOWERED"));
  // The same after a restart, when the log alone tells.
  server_.Stop();
  server_.Start();
  EXPECT_THAT(ReleaseOf("board", "1.3.0", 7),
              StatusIs(kState, "VERSION_LOWERED"));
  EXPECT_THAT(ReleaseOf("board", "1.4.0", 6),
              StatusIs(kState, "SECURITY_COUNTER_LOWERED"));
  EXPECT_OK(ReleaseOf("board", "1.4.0", 7));
}

TEST_F(VerdictTest, OfTheSameIdIsTheSameAndOfOtherContentNone) {
  server_.Start();
  const std::string manifest = ManifestOf("board");
  const v1::SignHeader header = VerdictHeader("board", manifest);
  const auto first = Verdict(header, manifest);
  ASSERT_OK(first);
  const auto again = Verdict(header, manifest);
  ASSERT_OK(again);
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->verdict(), first->verdict());
  EXPECT_EQ(Releases(server_), 2u);
  const auto reused =
      StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED");
  v1::SignHeader other = header;
  other.mutable_verdict()->set_end(v1::TRIAL_REJECT);
  EXPECT_THAT(Verdict(other, manifest), reused);
  other = header;
  other.mutable_verdict()->set_not_after_unix_seconds(
      header.verdict().not_after_unix_seconds() + 1);
  EXPECT_THAT(Verdict(other, manifest), reused);
}

TEST_F(VerdictTest, WaitsForThePeopleOfTheTarget) {
  server_.Start();
  const v1::SignHeader release = ReleaseHeader("guarded-board", TwoFiles());
  const auto request_of = [&](const absl::Status& asked,
                              const std::string& caller) {
    EXPECT_THAT(asked, StatusIs(kState, "APPROVALS_REQUIRED"));
    const auto request = Get(DetailOf(asked, "subject"), caller);
    EXPECT_OK(request);
    return request.ok() ? *request : v1::ApprovalRequest();
  };
  Approve(request_of(Release(release).status(), "ci"), {&alice_, &bob_});
  const auto released = Release(release);
  ASSERT_OK(released);
  const std::string& manifest = released->manifest();
  const v1::SignHeader header = VerdictHeader("guarded-board", manifest);
  // What was said of the release does not count for the verdict.
  const auto waiting = request_of(Verdict(header, manifest).status(), "fleet");
  const auto entry = trust::DecodeEntry(waiting.pending().entry());
  ASSERT_OK(entry);
  EXPECT_EQ(entry->signing().digests(0).signature(), "");
  const auto told = trust::OpenVerdictMessage(entry->signing());
  ASSERT_OK(told);
  EXPECT_EQ(told->end, TrialEnd::kAccept);
  Approve(waiting, {&alice_});
  EXPECT_THAT(Verdict(header, manifest),
              StatusIs(kState, "APPROVALS_REQUIRED"));
  Approve(waiting, {&bob_});
  // The other word is another request.
  v1::SignHeader reject = VerdictHeader("guarded-board", manifest);
  *reject.mutable_verdict() = header.verdict();
  reject.mutable_verdict()->set_end(v1::TRIAL_REJECT);
  EXPECT_THAT(Verdict(reject, manifest),
              StatusIs(kState, "APPROVALS_REQUIRED"));
  const auto reply = Verdict(header, manifest);
  ASSERT_OK(reply);
  const auto opened = OpenVerdict(reply->verdict(), reply->receipt(), Trust());
  ASSERT_OK(opened);
  EXPECT_EQ(image::host::WriteVerdict(opened->verdict()),
            image::host::WriteVerdict(*told));
  EXPECT_EQ(EventOf(*reply).approval_indices_size(), 2);
}

TEST_F(VerdictTest, ThatWasDeniedIsNotSigned) {
  server_.policy()
      .mutable_targets(server_.policy().targets_size() - 2)
      ->set_approvals(0);
  server_.Start();
  const std::string manifest = ManifestOf("guarded-board");
  server_.policy()
      .mutable_targets(server_.policy().targets_size() - 2)
      ->set_approvals(2);
  Reload();
  const v1::SignHeader header = VerdictHeader("guarded-board", manifest);
  const auto asked = Verdict(header, manifest);
  const auto request = Get(DetailOf(asked.status(), "subject"), "fleet");
  ASSERT_OK(request);
  ASSERT_OK(Submit(alice_.Sign(DenialFor(*request, "it reboots"))));
  EXPECT_THAT(Verdict(header, manifest), StatusIs(kDenied, "REQUEST_DENIED"));
  EXPECT_EQ(Releases(server_), 1u);
}

}  // namespace
}  // namespace bootseal::tests
