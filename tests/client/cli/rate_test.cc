// The CLI when a real server says that it calls too often.
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <vector>

#include "absl/time/clock.h"
#include "base/clock.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "client/cli/connection.h"
#include "client/cli/rpc_status.h"
#include "tests/client/cli/online_fixture.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

class RateTest : public OnlineTest {
 protected:
  struct Attempt {
    absl::Time start;
    absl::Status status;
    absl::Time end;
  };

  void Start() {
    server_.config().mutable_limits()->set_max_calls_per_second(1);
    server_.Start();
  }
};

TEST_F(RateTest, WaitsAsLongAsItWasToldToAndGoesOn) {
  Start();
  const base::SystemClock clock;
  const auto connection = cli::Connection::Open(
      {server_.address(), server_.ca_path(), server_.certificate_path("ci"),
       server_.key_path("ci"), server_.log_key()},
      clock);
  ASSERT_OK(connection);
  std::vector<Attempt> attempts;
  const auto list = [&](grpc::ClientContext& context,
                        const cli::Channel& channel) {
    v1::ListTargetsReply reply;
    Attempt& attempt = attempts.emplace_back();
    attempt.start = absl::Now();
    const auto stub = v1::SigningService::NewStub(channel);
    const grpc::Status status = stub->ListTargets(&context, {}, &reply);
    attempt.end = absl::Now();
    attempt.status = cli::FromRpcStatus(status);
    return status;
  };
  constexpr std::size_t kCalls = 12;  // ten at once
  for (std::size_t i = 0; i < kCalls; ++i) {
    EXPECT_OK((*connection)->Call(absl::Seconds(30), list));
  }
  ASSERT_GT(attempts.size(), kCalls);
  int refused = 0;
  for (std::size_t i = 0; i + 1 < attempts.size(); ++i) {
    if (attempts[i].status.ok()) continue;
    ++refused;
    EXPECT_THAT(attempts[i].status,
                StatusIs(absl::StatusCode::kResourceExhausted, "CALL_RATE"));
    const auto told = cli::RetryDelayOf(attempts[i].status);
    ASSERT_TRUE(told.has_value());
    EXPECT_GE(attempts[i + 1].start - attempts[i].end, *told);
  }
  EXPECT_GE(refused, 1);
}

TEST_F(RateTest, SaysOnceThatItWaits) {
  Start();
  Outcome outcome;
  // The more, the slower the machine is: each second gives one call back.
  for (int i = 0; i < 200 && outcome.err.empty(); ++i) {
    outcome = Bootseal("ci", {"targets", "list"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  }
  const std::size_t first = outcome.err.find("CALL_RATE");
  EXPECT_NE(first, std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find("CALL_RATE", first + 1), std::string::npos);
}

}  // namespace
}  // namespace bootseal::tests
