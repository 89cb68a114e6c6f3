// A request waits for people and is released, through the real server.
#include <gmock/gmock.h>

#include <chrono>
#include <thread>

#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/verifier.h"
#include "server/trust/profile.h"
#include "tests/server/approval_fixture.h"
#include "tests/server/log_entries.h"
#include "tests/support/assembled_image.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ApprovalWait : public ApprovalFixture {};

const auto kWaits = [] {
  return StatusIs(absl::StatusCode::kFailedPrecondition, "APPROVALS_REQUIRED");
};

image::Error Verdict(const v1::SignReply& reply, absl::string_view payload) {
  const auto profile = trust::McubootProfile::Make(reply.profile());
  if (!profile.ok()) return image::Error::kRules;
  const std::string image = AssembledImage(reply, payload);
  return image::mcuboot::Verify((*profile)->rules(),
                                image::host::AsBytes(image))
      .error();
}

TEST_F(ApprovalWait, SignsNothingUntilEnoughPeopleApproved) {
  server_.Start();
  const v1::SignHeader header = GuardedHeader();
  const v1::ApprovalRequest request = Waiting(header);
  EXPECT_EQ(request.state(), v1::WAITING);
  EXPECT_EQ(request.needed(), 2u);
  EXPECT_EQ(Releases(server_), 0u);
  Approve(request, {&alice_});
  const auto asked = Ask(header);
  ASSERT_THAT(asked, kWaits());
  EXPECT_EQ(DetailOf(asked.status(), "approvals_counted"), "1");
  EXPECT_EQ(DetailOf(asked.status(), "approvals_needed"), "2");
  EXPECT_EQ(DetailOf(asked.status(), "pending_index"),
            std::to_string(request.pending().index()));
  EXPECT_EQ(Releases(server_), 0u);
  Approve(request, {&bob_});
  const auto reply = Ask(header);
  ASSERT_OK(reply);
  EXPECT_EQ(Verdict(*reply, payload_), image::Error::kOk);
  const v1::SigningEvent event = EventOf(*reply);
  EXPECT_EQ(event.pending_index(), request.pending().index());
  EXPECT_EQ(event.approval_indices_size(), 2);
  EXPECT_EQ(event.approvals_needed(), 2u);
  EXPECT_EQ(event.rule(), "target.approvals");
  EXPECT_EQ(event.subject_sha256(), StatementFor(request).subject_sha256());
  EXPECT_EQ(Get(header.request_id(), "ci")->state(), v1::DONE);
}

TEST_F(ApprovalWait, WaitsOnceForOneContentWhateverTheRequestId) {
  server_.Start();
  const v1::ApprovalRequest first = Waiting(GuardedHeader());
  const v1::ApprovalRequest second = Waiting(GuardedHeader());
  EXPECT_EQ(first.pending().index(), second.pending().index());
  EXPECT_EQ(PendingEntries().size(), 1u);
  v1::SignHeader other = GuardedHeader();
  other.set_version("1.2.4");
  EXPECT_NE(Waiting(other).pending().index(), first.pending().index());
  EXPECT_EQ(PendingEntries().size(), 2u);
}

TEST_F(ApprovalWait, GivesTheSameReleaseToTheSameCommandLater) {
  server_.Start();
  Approve(Waiting(GuardedHeader()), {&alice_, &carol_});
  const auto first = Ask(GuardedHeader());
  ASSERT_OK(first);
  const auto second = Ask(GuardedHeader());
  ASSERT_OK(second);
  EXPECT_TRUE(second->replayed());
  EXPECT_EQ(second->tlvs(), first->tlvs());
  EXPECT_EQ(Releases(server_), 1u);
}

TEST_F(ApprovalWait, SurvivesARestart) {
  server_.Start();
  const v1::ApprovalRequest request = Waiting(GuardedHeader());
  Approve(request, {&alice_});
  server_.Stop();
  server_.Start();
  const auto again = Get(GuardedHeader().request_id(), "ci");
  EXPECT_EQ(Waiting(GuardedHeader()).pending().index(),
            request.pending().index());
  Approve(request, {&bob_});
  EXPECT_OK(Ask(GuardedHeader()));
}

TEST_F(ApprovalWait, ShowsWhatApproversSign) {
  server_.Start();
  v1::SignHeader header = HeaderFor(payload_);
  header.set_target("guarded");
  header.set_request_id("release-7");
  const v1::ApprovalRequest request = Waiting(header);
  const std::vector<v1::Entry> entries = PendingEntries();
  ASSERT_EQ(entries.size(), 1u);
  const v1::SigningEvent& signing = entries[0].signing();
  EXPECT_EQ(entries[0].request_id(), "release-7");
  ASSERT_EQ(signing.digests_size(), 1);
  EXPECT_EQ(signing.digests(0).signature(), "");
  // Whoever has the payload can compute the digest.
  const v1::Preimage& preimage = signing.digests(0).preimage();
  const std::string range =
      preimage.header() +
      std::string(preimage.padding_bytes(),
                  static_cast<char>(preimage.padding_byte())) +
      payload_ + preimage.protected_tlvs();
  EXPECT_EQ(image::host::ToString(image::HashOf(image::HashAlgorithm::kSha256,
                                                image::host::AsBytes(range))
                                      .bytes()),
            signing.digests(0).digest());
  EXPECT_EQ(request.approval_seconds(), 604'800u);
  EXPECT_EQ(signing.expires_unix_ms(), entries[0].time_unix_ms() + 604'800'000);
}

TEST_F(ApprovalWait, CountsAnyTwoPeopleAndTellsWho) {
  server_.Start();
  const v1::ApprovalRequest request = Waiting(GuardedHeader());
  Approve(request, {&carol_, &alice_});
  const auto now = Get(GuardedHeader().request_id(), "alice");
  v1::ListRequestsRequest all;
  all.set_all(true);
  const auto listed = List(all, "alice");
  ASSERT_OK(listed);
  ASSERT_EQ(listed->requests_size(), 1);
  EXPECT_EQ(listed->requests(0).state(), v1::APPROVED);
  EXPECT_THAT(listed->requests(0).counted(), ElementsAre("carol", "alice"));
  EXPECT_EQ(listed->requests(0).approvals_size(), 2);
}

TEST_F(ApprovalWait, StartsAnewOnceItsTimeIsOver) {
  guarded().set_approval_seconds(5);
  server_.Start();
  const v1::ApprovalRequest first = Waiting(GuardedHeader());
  v1::ApprovalStatement brief = StatementFor(first);
  brief.set_not_after_unix_ms(brief.not_before_unix_ms() + 5000);
  ASSERT_OK(Submit(alice_.Sign(brief)));
  std::this_thread::sleep_for(std::chrono::milliseconds(5100));
  EXPECT_THAT(Submit(bob_.Sign(brief)).status().ok(), false);
  const v1::ApprovalRequest second = Waiting(GuardedHeader());
  EXPECT_NE(second.pending().index(), first.pending().index());
  EXPECT_EQ(second.counted_size(), 0);
  EXPECT_EQ(PendingEntries().size(), 2u);
}

TEST_F(ApprovalWait, HoldsNoMoreRequestsOfOneIdentityThanTheLimit) {
  server_.config().mutable_limits()->set_max_pending_per_identity(2);
  server_.Start();
  v1::SignHeader header = GuardedHeader();
  header.set_version("1.0.0");
  const v1::ApprovalRequest first = Waiting(header);
  header.set_version("1.0.1");
  Waiting(header);
  header.set_version("1.0.2");
  const auto full =
      StatusIs(absl::StatusCode::kResourceExhausted, "TOO_MANY_PENDING");
  EXPECT_THAT(Ask(header), full);
  // Others have a share of their own, and what waits already may be asked for.
  Waiting(header, "ci2");
  header.set_version("1.0.1");
  Waiting(header);
  ASSERT_OK(Submit(alice_.Sign(DenialFor(first, "no"))));
  header.set_version("1.0.2");
  Waiting(header);
}

TEST_F(ApprovalWait, ReleasesToItsRequesterAlone) {
  server_.Start();
  Approve(Waiting(GuardedHeader()), {&alice_, &bob_});
  const auto stolen = Ask(GuardedHeader(), "ci2");
  ASSERT_THAT(stolen, kWaits());
  EXPECT_EQ(DetailOf(stolen.status(), "approvals_counted"), "0");
  EXPECT_OK(Ask(GuardedHeader()));
  EXPECT_THAT(Ask(GuardedHeader(), "ci2"), kWaits());
}

TEST_F(ApprovalWait, LeavesTargetsWithoutApprovalsAlone) {
  server_.Start();
  const auto reply = Ask(HeaderFor(payload_));
  ASSERT_OK(reply);
  EXPECT_FALSE(EventOf(*reply).has_pending_index());
  EXPECT_EQ(EventOf(*reply).subject_sha256(), "");
}

}  // namespace
}  // namespace bootseal::tests
