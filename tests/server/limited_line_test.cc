// The lines of the server's own log about what its limits refuse: who it was,
// which request, and not so many that they fill the log.
#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "bootseal/v1/keys.grpc.pb.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "tests/server/held_calls.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class LimitedLine : public testing::Test {
 protected:
  // One call a second, ten at once.
  void StartSlow() {
    server_.config().mutable_limits()->set_max_calls_per_second(1);
    server_.policy().mutable_targets(0)->add_requesters("developer");
    server_.Start();
  }

  absl::Status ListAs(const std::string& caller) {
    grpc::ClientContext context;
    v1::ListTargetsReply reply;
    const auto stub = v1::SigningService::NewStub(ChannelOf(caller));
    return FromRpc(stub->ListTargets(&context, {}, &reply));
  }
  // The metadata of the call says each of `ids`.
  absl::Status SignAs(const std::string& caller,
                      const std::vector<std::string>& ids) {
    grpc::ClientContext context;
    for (const std::string& id : ids) {
      context.AddMetadata("bootseal-request-id", id);
    }
    v1::SignReply reply;
    const auto stub = v1::SigningService::NewStub(ChannelOf(caller));
    const auto writer = stub->Sign(&context, &reply);
    v1::SignRequest message;
    *message.mutable_header() = HeaderFor(TestPayload(5000));
    message.set_chunk(TestPayload(5000));
    writer->Write(message);
    writer->WritesDone();
    return FromRpc(writer->Finish());
  }
  // Calls until one is refused.
  void UseUp(const std::string& caller) {
    for (int i = 0; i < 1000; ++i) {
      if (!ListAs(caller).ok()) return;
    }
    ADD_FAILURE() << "nothing was refused";
  }
  // Calls that are refused, until the log has another line with `text`.
  std::string NextLineWith(const std::string& text,
                           const std::function<void()>& call) {
    const std::size_t before = LinesWith(text).size();
    const absl::Time end = absl::Now() + absl::Seconds(10);
    while (absl::Now() < end) {
      call();
      const auto lines = LinesWith(text);
      if (lines.size() > before) return lines.back();
    }
    ADD_FAILURE() << server_.ServerLog();
    return "";
  }
  std::vector<std::string> LinesWith(const std::string& text) {
    std::vector<std::string> found;
    for (absl::string_view line :
         absl::StrSplit(server_.ServerLog(), '\n', absl::SkipEmpty())) {
      if (absl::StrContains(line, text)) found.emplace_back(line);
    }
    return found;
  }

  std::shared_ptr<grpc::Channel> ChannelOf(const std::string& caller) {
    auto& channel = channels_[caller];
    if (!channel) channel = server_.Channel(caller);
    return channel;
  }

  ServerFixture server_;
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels_;
};

TEST_F(LimitedLine, OfACallThatOnlyReadsNamesTheCallerAndTheCall) {
  StartSlow();
  UseUp("ci");
  ASSERT_TRUE(server_.WaitForLog("reason=CALL_RATE"));
  EXPECT_THAT(LinesWith("reason=CALL_RATE").front(),
              AllOf(StartsWith("W "),
                    HasSubstr(" request method=ListTargets request_id=\"\" "
                              "identity=ci target=\"\" decision=refused ms="),
                    HasSubstr(" message=\"identity ci made more than "),
                    HasSubstr(" left_out=0")));
}

TEST_F(LimitedLine, OfASignatureHasTheIdThatTheMetadataSays) {
  StartSlow();
  UseUp("ci");
  const std::string line =
      NextLineWith("method=Sign request_id=build-1042 ",
                   [this] { SignAs("ci", {"build-1042"}).IgnoreError(); });
  EXPECT_THAT(
      line, AllOf(HasSubstr(" identity=ci "), HasSubstr(" reason=CALL_RATE ")));
}

TEST_F(LimitedLine, HasNoIdThatIsNone) {
  StartSlow();
  UseUp("ci");
  for (const std::vector<std::string>& ids :
       {std::vector<std::string>{std::string(65, 'a')},
        std::vector<std::string>{"x decision=allowed"},
        std::vector<std::string>{"x\"y"},
        std::vector<std::string>{"build-1", "build-2"}}) {
    const std::string line = NextLineWith(
        "reason=CALL_RATE", [&] { SignAs("ci", ids).IgnoreError(); });
    EXPECT_THAT(line, HasSubstr(" method=Sign request_id=\"\" identity=ci "));
  }
}

TEST_F(LimitedLine, IsOneASecondOfEachCallerAndCountsTheRest) {
  StartSlow();
  const absl::Time start = absl::Now();
  UseUp("ci");
  UseUp("developer");
  int refused = 2;
  int left_out = 0;
  // A machine that is busy makes few calls in a second.
  for (int second = 0; second < 30 && left_out <= 10; ++second) {
    const std::string last = NextLineWith("identity=ci target=\"\"", [&] {
      refused += ListAs("ci").ok() ? 0 : 1;
    });
    ASSERT_TRUE(absl::SimpleAtoi(last.substr(last.rfind('=') + 1), &left_out))
        << last;
  }
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  EXPECT_LE(LinesWith("reason=CALL_RATE").size(), 2 * (seconds + 1));
  EXPECT_EQ(LinesWith("identity=developer").size(), 1U);
  EXPECT_GT(left_out, 10);
  EXPECT_LE(left_out, refused);
}

TEST_F(LimitedLine, HasTheIdOfTheMessageWhereThatWasRead) {
  server_.Start();
  grpc::ClientContext context;
  context.AddMetadata("bootseal-request-id", "another");
  v1::ChangeKeyRequest request;
  request.mutable_change()->set_key("app");
  request.set_request_id("change-7");
  v1::ChangeKeyReply reply;
  const auto stub = v1::KeyService::NewStub(ChannelOf("ci"));
  ASSERT_FALSE(stub->ChangeKey(&context, request, &reply).ok());
  ASSERT_TRUE(server_.WaitForLog("method=ChangeKey"));
  EXPECT_THAT(LinesWith("method=ChangeKey").front(),
              HasSubstr(" request_id=change-7 identity=ci target=app "));
}

TEST_F(LimitedLine, OfAShareThatIsUsedUpHasTargetAndIdOfTheHeader) {
  server_.config().mutable_limits()->set_max_concurrent_requests(4);
  server_.config().mutable_limits()->set_max_requests_per_identity(1);
  server_.Start();
  const auto stub = v1::SigningService::NewStub(server_.Channel("ci"));
  HeldUpload held(*stub);
  held.SendHeader();
  v1::SignHeader header = HeaderFor(TestPayload(5000));
  header.set_request_id("build-1043");
  absl::Status status;
  // The place is the held one's once the server has read its header.
  for (int i = 0; i < 1000 && !absl::IsResourceExhausted(status); ++i) {
    status = Sign(server_.Channel("ci"), header, TestPayload(5000)).status();
  }
  ASSERT_THAT(status,
              StatusIs(absl::StatusCode::kResourceExhausted, "IDENTITY_BUSY"));
  ASSERT_TRUE(server_.WaitForLog("reason=IDENTITY_BUSY"));
  EXPECT_THAT(LinesWith("reason=IDENTITY_BUSY").front(),
              HasSubstr(" request_id=build-1043 identity=ci target=app "
                        "decision=refused ms="));
}

TEST_F(LimitedLine, IsNotLeftOutWhereWaitingMendsNothing) {
  server_.config().mutable_limits()->set_max_payload_bytes(1000);
  server_.Start();
  for (const char* id : {"build-1", "build-2", "build-3"}) {
    v1::SignHeader header = HeaderFor(TestPayload(5000));
    header.set_request_id(id);
    ASSERT_THAT(
        Sign(server_.Channel("ci"), header, TestPayload(5000)).status(),
        StatusIs(absl::StatusCode::kResourceExhausted, "UPLOAD_TOO_LARGE"));
    ASSERT_TRUE(server_.WaitForLog(absl::StrCat("request_id=", id)));
  }
  EXPECT_EQ(LinesWith("left_out").size(), 0U);
}

TEST_F(LimitedLine, OfACallerThatNobodyKnowsHasItsAddress) {
  server_.Start();
  ASSERT_FALSE(SignAs("stranger", {"build-1044"}).ok());
  ASSERT_TRUE(server_.WaitForLog("request_id=build-1044"));
  EXPECT_THAT(LinesWith("request_id=build-1044").front(),
              AllOf(HasSubstr(" identity=\"\" "), HasSubstr(" address="),
                    HasSubstr("127.0.0.1"), Not(HasSubstr("left_out"))));
}

}  // namespace
}  // namespace bootseal::tests
