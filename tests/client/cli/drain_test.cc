// The CLI's connection while a real server ends and comes back.
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <vector>

#include "base/clock.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "client/cli/connection.h"
#include "client/cli/rpc_status.h"
#include "tests/client/cli/online_fixture.h"
#include "tests/support/free_port.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using DrainTest = OnlineTest;

// The upload stands still, so that the server ends it, and starts anew.
TEST_F(DrainTest, CutsOffAnUploadThatIsTriedAgainForThatReason) {
  server_.config().mutable_limits()->set_max_concurrent_requests(1);
  const FreePort port;
  server_.config().set_listen(port.address());
  server_.Start();
  const base::SystemClock clock;
  const auto connection = cli::Connection::Open(
      {server_.address(), server_.ca_path(), server_.certificate_path("ci"),
       server_.key_path("ci"), server_.log_key()},
      clock);
  ASSERT_OK(connection);
  const std::string payload = Payload(5000);
  const v1::SignHeader header = HeaderFor(payload);
  std::vector<absl::Status> attempts;
  const auto upload = [&](grpc::ClientContext& context,
                          const cli::Channel& channel) {
    v1::SignReply reply;
    const auto stub = v1::SigningService::NewStub(channel);
    const auto writer = stub->Sign(&context, &reply);
    v1::SignRequest message;
    *message.mutable_header() = header;
    writer->Write(message);
    if (attempts.empty()) {
      while (tests::Sign(server_.Channel("ci"), HeaderFor(payload), payload)
                 .status()
                 .code() != absl::StatusCode::kResourceExhausted) {
      }
      server_.Stop();
    } else {
      message.clear_header();
      message.set_chunk(payload);
      writer->Write(message);
      writer->WritesDone();
    }
    const grpc::Status status = writer->Finish();
    if (attempts.empty()) server_.Start();
    attempts.push_back(cli::FromRpcStatus(status));
    return status;
  };
  EXPECT_OK((*connection)->Call(absl::Seconds(60), upload));
  ASSERT_EQ(attempts.size(), 2U);
  EXPECT_THAT(attempts[0],
              StatusIs(absl::StatusCode::kUnavailable, "DRAINING"));
  EXPECT_OK(attempts[1]);
}

}  // namespace
}  // namespace bootseal::tests
