#include "client/cli/retry.h"

#include <google/protobuf/any.pb.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/status.h"
#include "client/cli/rpc_status.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/support/status_matchers.h"

namespace bootseal::cli {
namespace {

using tests::StatusIs;

absl::Status Lost() { return base::Unavailable("CONNECTION_LOST", "lost"); }

grpc::Status WithDetails(grpc::StatusCode code, int retry_seconds) {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  info.set_reason("TOO_MANY_REQUESTS");
  info.set_domain("bootseal");
  (*info.mutable_metadata())["field"] = "header";
  (*info.mutable_metadata())["rule"] = "limits.concurrency";
  details.add_details()->PackFrom(info);
  if (retry_seconds > 0) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(retry_seconds);
    details.add_details()->PackFrom(retry);
  }
  return {code, "busy", details.SerializeAsString()};
}

class RetryTest : public testing::Test {
 protected:
  RetryTest() {
    plan_.now = [this] { return now_; };
    plan_.sleep = [this](absl::Duration wait) {
      waits_.push_back(wait);
      now_ += wait;
    };
  }

  RetryPlan plan_;
  const absl::Time start_ = absl::FromUnixSeconds(1'700'000'000);
  absl::Time now_ = start_;
  std::vector<absl::Duration> waits_;
};

TEST_F(RetryTest, StopsAtTheFirstSuccess) {
  int calls = 0;
  EXPECT_OK(
      Retry(plan_, [&] { return ++calls < 3 ? Lost() : absl::OkStatus(); }));
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(waits_.size(), 2U);
}

TEST_F(RetryTest, OutlastsAServerThatDrainsAndStartsAgain) {
  const absl::Time back = start_ + absl::Seconds(12);
  EXPECT_OK(
      Retry(plan_, [&] { return now_ < back ? Lost() : absl::OkStatus(); }));
}

TEST_F(RetryTest, GivesUpWhenItsPatienceEnds) {
  int calls = 0;
  const absl::Status status = Retry(plan_, [&] {
    ++calls;
    return Lost();
  });
  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kUnavailable, "CONNECTION_LOST"));
  EXPECT_LE(now_ - start_, plan_.patience);
  EXPECT_GE(now_ - start_, plan_.patience - plan_.longest_wait);
  EXPECT_LE(calls, 30);
}

TEST_F(RetryTest, CountsItsPatienceFromTheFirstFailure) {
  int calls = 0;
  EXPECT_OK(Retry(plan_, [&] {
    if (++calls == 2) return absl::OkStatus();
    now_ += absl::Minutes(2);  // a long upload
    return Lost();
  }));
}

TEST_F(RetryTest, DoesNotRepeatWhatWasRefused) {
  int calls = 0;
  const absl::Status status = Retry(plan_, [&] {
    ++calls;
    return base::Refused("WRONG_ROLE", "no");
  });
  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kPermissionDenied, "WRONG_ROLE"));
  EXPECT_EQ(calls, 1);
}

TEST_F(RetryTest, DoesNotRepeatAFailedHandshake) {
  int calls = 0;
  const absl::Status status = Retry(plan_, [&] {
    ++calls;
    return base::Unavailable("HANDSHAKE_FAILED", "CA");
  });
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(calls, 1);
}

TEST_F(RetryTest, DoesNotWaitBeyondTheDeadline) {
  plan_.deadline = now_ + absl::Milliseconds(20);
  int calls = 0;
  EXPECT_FALSE(Retry(plan_, [&] {
                 ++calls;
                 return Lost();
               }).ok());
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(waits_.empty());
}

TEST_F(RetryTest, TellsOnceThatItTriesAgain) {
  std::vector<absl::Status> told;
  plan_.tell = [&](const absl::Status& why) { told.push_back(why); };
  int calls = 0;
  EXPECT_OK(
      Retry(plan_, [&] { return ++calls < 4 ? Lost() : absl::OkStatus(); }));
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told.front(), Lost());
}

TEST_F(RetryTest, TellsNothingWhenItDoesNotTryAgain) {
  plan_.tell = [](const absl::Status&) { ADD_FAILURE(); };
  EXPECT_OK(Retry(plan_, [] { return absl::OkStatus(); }));
  EXPECT_FALSE(
      Retry(plan_, [] { return base::Refused("WRONG_ROLE", ""); }).ok());
  plan_.deadline = plan_.now();
  EXPECT_FALSE(Retry(plan_, [] { return Lost(); }).ok());
}

TEST_F(RetryTest, WaitsDoubleWithinBoundsAndDiffer) {
  for (int failures = 1; failures <= 10; ++failures) {
    absl::Duration planned = plan_.first_wait;
    for (int i = 1; i < failures; ++i) {
      planned = std::min(planned * 2, plan_.longest_wait);
    }
    const absl::Duration wait = WaitAfter(plan_, failures, Lost());
    EXPECT_GE(wait, planned / 2);
    EXPECT_LE(wait, planned);
  }
  EXPECT_NE(WaitAfter(plan_, 5, Lost()), WaitAfter(plan_, 5, Lost()));
}

TEST_F(RetryTest, WaitsAsLongAsTheServerAsks) {
  const absl::Status busy =
      FromRpcStatus(WithDetails(grpc::StatusCode::RESOURCE_EXHAUSTED, 7));
  EXPECT_TRUE(WorthRetrying(busy));
  const absl::Duration wait = WaitAfter(plan_, 1, busy);
  EXPECT_GE(wait, absl::Seconds(7));
  EXPECT_LE(wait, absl::Seconds(7) + plan_.first_wait);
}

// Else all that were told the same moment come at that moment, again and again.
TEST_F(RetryTest, ComesBackAtAnotherMomentThanOthersThatWereToldTheSame) {
  const absl::Status busy =
      FromRpcStatus(WithDetails(grpc::StatusCode::RESOURCE_EXHAUSTED, 1));
  EXPECT_NE(WaitAfter(plan_, 5, busy), WaitAfter(plan_, 5, busy));
}

TEST_F(RetryTest, WaitsForABusyServerUntilTheDeadline) {
  plan_.deadline = start_ + absl::Minutes(5);
  const absl::Status busy =
      FromRpcStatus(WithDetails(grpc::StatusCode::RESOURCE_EXHAUSTED, 1));
  const absl::Time free = start_ + absl::Minutes(4);
  EXPECT_OK(
      Retry(plan_, [&] { return now_ < free ? busy : absl::OkStatus(); }));
  now_ = start_;
  EXPECT_THAT(
      Retry(plan_, [&] { return busy; }),
      StatusIs(absl::StatusCode::kResourceExhausted, "TOO_MANY_REQUESTS"));
  EXPECT_LE(now_, plan_.deadline);
}

TEST_F(RetryTest, HasAllItsPatienceLeftWhenABusyServerGoes) {
  plan_.deadline = start_ + absl::Minutes(5);
  const absl::Status busy =
      FromRpcStatus(WithDetails(grpc::StatusCode::RESOURCE_EXHAUSTED, 1));
  const absl::Time gone = start_ + absl::Minutes(2);
  const absl::Time back = gone + absl::Seconds(9);
  EXPECT_OK(Retry(plan_, [&] {
    if (now_ < gone) return busy;
    return now_ < back ? Lost() : absl::OkStatus();
  }));
  now_ = start_;
  EXPECT_THAT(Retry(plan_, [&] { return now_ < gone ? busy : Lost(); }),
              StatusIs(absl::StatusCode::kUnavailable, "CONNECTION_LOST"));
  EXPECT_LE(now_, gone + absl::Seconds(20));
}

TEST_F(RetryTest, DoesNotRepeatAnExhaustedLimitThatTimeDoesNotCure) {
  EXPECT_FALSE(WorthRetrying(
      FromRpcStatus(WithDetails(grpc::StatusCode::RESOURCE_EXHAUSTED, 0))));
}

TEST(RpcStatus, CarriesReasonFieldAndRule) {
  const absl::Status status =
      FromRpcStatus(WithDetails(grpc::StatusCode::RESOURCE_EXHAUSTED, 1));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted,
                               "TOO_MANY_REQUESTS"));
  EXPECT_EQ(base::FieldOf(status), "header");
  EXPECT_EQ(RuleOf(status), "limits.concurrency");
  EXPECT_EQ(RetryDelayOf(status), absl::Seconds(1));
}

TEST(RpcStatus, TakesACallThatWasCutOffForAServerThatIsAway) {
  const absl::Status status =
      FromRpcStatus({grpc::StatusCode::CANCELLED, "CANCELLED"});
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(WorthRetrying(status));
}

TEST(RpcStatus, NamesACallThatTheEndOfTheServerCutOff) {
  const absl::Status status =
      FromRpcStatus({grpc::StatusCode::UNAVAILABLE, "DRAINING: about to end"});
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable, "DRAINING"));
  EXPECT_EQ(status.message(), "about to end");
  EXPECT_TRUE(WorthRetrying(status));
}

TEST(RpcStatus, TakesNoOtherMessageForAReason) {
  for (const grpc::Status& status :
       {grpc::Status(grpc::StatusCode::UNAVAILABLE, "Socket closed"),
        grpc::Status(grpc::StatusCode::UNAVAILABLE, "last: DRAINING: no"),
        grpc::Status(grpc::StatusCode::UNAVAILABLE, "UNKNOWN: no"),
        grpc::Status(grpc::StatusCode::INTERNAL, "DRAINING: no")}) {
    EXPECT_EQ(base::ReasonOf(FromRpcStatus(status)), "");
    EXPECT_EQ(FromRpcStatus(status).message(), status.error_message());
  }
}

TEST(RpcStatus, LeavesACancellationWithAReasonAlone) {
  const absl::Status status =
      FromRpcStatus(WithDetails(grpc::StatusCode::CANCELLED, 0));
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_FALSE(WorthRetrying(status));
}

TEST(RpcStatus, SurvivesDetailsThatAreNone) {
  const absl::Status status = FromRpcStatus(
      {grpc::StatusCode::INTERNAL, "broken", "\xff not a message"});
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(base::ReasonOf(status), "");
}

}  // namespace
}  // namespace bootseal::cli
