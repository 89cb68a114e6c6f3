// One identity calls more often than it may, over real mutual TLS.
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "tests/server/log_entries.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

constexpr std::uint32_t kPerSecond = 5;

// Of its RetryInfo.
absl::Duration RetryDelay(const grpc::Status& status) {
  google::rpc::Status details;
  details.ParseFromString(status.error_details());
  google::rpc::RetryInfo retry;
  for (const auto& detail : details.details()) {
    if (!detail.UnpackTo(&retry)) continue;
    return absl::Seconds(retry.retry_delay().seconds()) +
           absl::Nanoseconds(retry.retry_delay().nanos());
  }
  return absl::ZeroDuration();
}

class RateTest : public testing::Test {
 protected:
  RateTest() {
    server_.config().mutable_limits()->set_max_calls_per_second(kPerSecond);
    server_.policy().mutable_targets(0)->add_requesters("developer");
    server_.Start();
  }

  grpc::Status ListAs(const std::string& caller) {
    auto& stub = stubs_[caller];
    if (!stub) stub = v1::SigningService::NewStub(server_.Channel(caller));
    grpc::ClientContext context;
    v1::ListTargetsReply reply;
    return stub->ListTargets(&context, {}, &reply);
  }
  // Calls until one is refused.
  grpc::Status ExhaustAs(const std::string& caller) {
    grpc::Status status;
    for (int i = 0; i < 10'000 && status.ok(); ++i) status = ListAs(caller);
    return status;
  }
  // The call's answer; one that came so late that there was room again is made
  // again.
  absl::Status AfterExhaustion(const std::function<absl::Status()>& call) {
    absl::Status status;
    for (int i = 0; i < 50 && status.ok(); ++i) {
      ExhaustAs("ci");
      status = call();
    }
    return status;
  }

  ServerFixture server_;
  std::map<std::string, std::unique_ptr<v1::SigningService::Stub>> stubs_;
};

const auto kTooOften =
    StatusIs(absl::StatusCode::kResourceExhausted, "CALL_RATE");

TEST_F(RateTest, IsRefusedByNameWithTheTimeToComeBack) {
  int allowed = 0;
  const absl::Time start = absl::Now();
  grpc::Status status = ListAs("ci");
  for (; status.ok() && allowed < 10'000; ++allowed) status = ListAs("ci");
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  EXPECT_THAT(FromRpc(status), kTooOften);
  EXPECT_GE(allowed, 10 * kPerSecond);
  EXPECT_LE(allowed, (10 + seconds) * kPerSecond + 1);
  const absl::Duration wait = RetryDelay(status);
  EXPECT_GT(wait, absl::ZeroDuration());
  EXPECT_LE(wait, absl::Seconds(1) / kPerSecond);
}

TEST_F(RateTest, HoldsForEveryKindOfCall) {
  const std::string payload = TestPayload(5000);
  const v1::SignHeader header = HeaderFor(payload);
  EXPECT_THAT(AfterExhaustion([&] {
                return Sign(server_.Channel("ci"), header, payload).status();
              }),
              kTooOften);
  EXPECT_THAT(AfterExhaustion([&] {
                return Release(server_.Channel("ci"), header, payload).status();
              }),
              kTooOften);
}

TEST_F(RateTest, LeavesOthersTheirs) {
  EXPECT_THAT(FromRpc(ExhaustAs("ci")), kTooOften);
  const std::string payload = TestPayload(5000);
  EXPECT_OK(
      Sign(server_.Channel("developer"), HeaderFor(payload), payload).status());
}

TEST_F(RateTest, WritesNoneOfTheExcessIntoTheAuditLog) {
  EXPECT_THAT(FromRpc(ExhaustAs("ci")), kTooOften);
  const std::size_t before = LogEntries(server_, {}).size();
  int refused = 0;
  for (int i = 0; i < 200; ++i) refused += ListAs("ci").ok() ? 0 : 1;
  EXPECT_GT(refused, 100);
  EXPECT_EQ(LogEntries(server_, {}).size(), before);
  server_.Stop();
  EXPECT_EQ(server_.ServerLog().find("refusal-not-logged"), std::string::npos);
}

}  // namespace
}  // namespace bootseal::tests
