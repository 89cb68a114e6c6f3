// Who sees what waits.
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tests/server/approval_fixture.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

class ApprovalVisibility : public ApprovalFixture {
 protected:
  std::size_t Listed(const std::string& caller) {
    const auto reply = List(v1::ListRequestsRequest(), caller);
    EXPECT_OK(reply);
    return reply.ok() ? static_cast<std::size_t>(reply->requests_size()) : 99;
  }
};

TEST_F(ApprovalVisibility, IsForRequesterApproversAndReadersOfTheLog) {
  server_.Start();
  const v1::SignHeader header = GuardedHeader();
  const v1::ApprovalRequest request = Waiting(header);
  const std::string subject = StatementFor(request).subject_sha256();
  for (const char* caller : {"ci", "alice", "auditor"}) {
    EXPECT_EQ(Listed(caller), 1u) << caller;
    EXPECT_OK(Get(header.request_id(), caller)) << caller;
  }
  for (const char* caller : {"ci2", "developer"}) {
    EXPECT_EQ(Listed(caller), 0u) << caller;
    EXPECT_THAT(Get(header.request_id(), caller),
                StatusIs(absl::StatusCode::kNotFound, "UNKNOWN_REQUEST"))
        << caller;
  }
  EXPECT_TRUE(Get(header.request_id(), "alice")->caller_may_approve());
  EXPECT_FALSE(Get(header.request_id(), "auditor")->caller_may_approve());
  EXPECT_FALSE(Get(header.request_id(), "ci")->caller_may_approve());
}

TEST_F(ApprovalVisibility, IsForNobodyUnknown) {
  server_.Start();
  EXPECT_EQ(List(v1::ListRequestsRequest(), "stranger").status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Get("x", "stranger").status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Submit(v1::DsseEnvelope(), "stranger").status().code(),
            absl::StatusCode::kPermissionDenied);
}

TEST_F(ApprovalVisibility, IsBySubjectItsFirstDigitsOrRequestId) {
  server_.Start();
  const v1::SignHeader header = GuardedHeader();
  const auto asked = Ask(header);
  const std::string subject = DetailOf(asked.status(), "subject");
  for (const std::string& id : {subject, subject.substr(0, 8),
                                subject.substr(0, 20), header.request_id()}) {
    EXPECT_OK(Get(id, "alice")) << id;
  }
  EXPECT_THAT(Get(subject.substr(0, 7), "alice"),
              StatusIs(absl::StatusCode::kNotFound, "UNKNOWN_REQUEST"));
  EXPECT_THAT(Get("", "alice"),
              StatusIs(absl::StatusCode::kInvalidArgument, "REQUEST_MISSING"));
}

// Whoever asks chooses the id, and could make it look like another's subject.
TEST_F(ApprovalVisibility, NeverTakesDigitsForARequestId) {
  const std::string kNobodys = "0123456789abcdef";
  server_.Start();
  const std::string subject =
      DetailOf(Ask(GuardedHeader()).status(), "subject");
  for (const std::string& id : {subject.substr(0, 8), subject, kNobodys}) {
    v1::SignHeader header = GuardedHeader();
    header.set_version(absl::StrCat("2.0.", id.size()));
    header.set_request_id(id);
    const std::string own = DetailOf(Ask(header).status(), "subject");
    ASSERT_NE(own, subject);
    const auto named = Get(absl::StrCat("id:", id), "alice");
    ASSERT_OK(named) << id;
    EXPECT_EQ(absl::BytesToHexString(StatementFor(*named).subject_sha256()),
              own);
    if (id == kNobodys) continue;
    const auto digits = Get(id, "alice");
    ASSERT_OK(digits) << id;
    EXPECT_EQ(absl::BytesToHexString(StatementFor(*digits).subject_sha256()),
              subject);
  }
  const auto nobody = Get(kNobodys, "alice");
  EXPECT_THAT(nobody, StatusIs(absl::StatusCode::kNotFound, "UNKNOWN_REQUEST"));
  EXPECT_THAT(nobody, MessageHas("is written id:"));
  EXPECT_THAT(Get(absl::StrCat("id:", subject.substr(0, 9)), "alice"),
              StatusIs(absl::StatusCode::kNotFound, "UNKNOWN_REQUEST"));
}

TEST_F(ApprovalVisibility, SaysWhenAnIdNamesSeveral) {
  server_.Start();
  v1::SignHeader header = GuardedHeader();
  Waiting(header);
  ASSERT_THAT(
      Ask(header, "ci2"),
      StatusIs(absl::StatusCode::kFailedPrecondition, "APPROVALS_REQUIRED"));
  EXPECT_THAT(
      Get(header.request_id(), "alice"),
      StatusIs(absl::StatusCode::kInvalidArgument, "REQUEST_AMBIGUOUS"));
  // Each requester sees its own.
  EXPECT_OK(Get(header.request_id(), "ci"));
}

TEST_F(ApprovalVisibility, ShowsTheLastReleaseToCompareWith) {
  server_.Start();
  const v1::ApprovalRequest first = Waiting(GuardedHeader());
  EXPECT_FALSE(first.has_last_release());
  Approve(first, {&alice_, &bob_});
  ASSERT_OK(Ask(GuardedHeader()));
  v1::SignHeader header = GuardedHeader();
  header.set_version("1.2.4");
  const v1::ApprovalRequest second = Waiting(header);
  EXPECT_TRUE(second.has_last_release());
  EXPECT_EQ(Listed("alice"), 1u);
  v1::ListRequestsRequest all;
  all.set_all(true);
  EXPECT_EQ(List(all, "alice")->requests_size(), 2);
  all.set_target("app");
  EXPECT_EQ(List(all, "alice")->requests_size(), 0);
}

TEST_F(ApprovalVisibility, ComesInPages) {
  server_.Start();
  v1::SignHeader header = GuardedHeader();
  for (const char* version : {"1.0.0", "1.0.1", "1.0.2"}) {
    header.set_version(version);
    Waiting(header);
  }
  v1::ListRequestsRequest request;
  request.set_limit(2);
  const auto first = List(request, "alice");
  ASSERT_OK(first);
  EXPECT_EQ(first->requests_size(), 2);
  ASSERT_NE(first->next(), 0u);
  request.set_start(first->next());
  const auto second = List(request, "alice");
  ASSERT_OK(second);
  EXPECT_EQ(second->requests_size(), 1);
  EXPECT_EQ(second->next(), 0u);
}

}  // namespace
}  // namespace bootseal::tests
