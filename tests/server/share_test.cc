// One identity holds all it can get; another one's calls go on, over real
// mutual TLS.
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bootseal/v1/audit.grpc.pb.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "server/trust/entry.h"
#include "tests/server/generic_call.h"
#include "tests/server/held_calls.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const auto kBusy =
    StatusIs(absl::StatusCode::kResourceExhausted, "IDENTITY_BUSY");
const auto kWrongRole =
    StatusIs(absl::StatusCode::kPermissionDenied, "WRONG_ROLE");

// Whether an answer has this reason or these words; "" for success.
bool Says(const absl::Status& status, const std::string& words) {
  if (words.empty()) return status.ok();
  return base::ReasonOf(status) == words ||
         std::string(status.message()).find(words) != std::string::npos;
}

// Asks again until the answer says this, for at most ten seconds: calls that
// were sent may still be on their way.
absl::Status Until(const std::string& words,
                   const std::function<absl::Status()>& ask) {
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(10);
  absl::Status status = ask();
  while (!Says(status, words) && std::chrono::steady_clock::now() < deadline) {
    status = ask();
  }
  return status;
}

class Share : public testing::Test {
 protected:
  // Half of `requests` for one identity, of which releases have an eighth.
  // Developers may sign too.
  void Start(std::uint32_t requests) {
    server_.config().mutable_limits()->set_max_concurrent_requests(requests);
    server_.policy().mutable_targets(0)->add_requesters("developer");
    server_.Start();
    ASSERT_OK(SignAs("ci"));
    ASSERT_OK(SignAs("developer"));
  }

  std::unique_ptr<v1::SigningService::Stub> Stub(const std::string& caller) {
    return v1::SigningService::NewStub(server_.Channel(caller));
  }
  absl::Status SignAs(const std::string& caller) {
    const std::string payload = TestPayload(5000);
    return Sign(server_.Channel(caller), HeaderFor(payload), payload).status();
  }
  // A Sign stream that ends without a word.
  grpc::Status OpenAs(const std::string& caller) {
    const auto stub = Stub(caller);
    grpc::ClientContext context;
    v1::SignReply reply;
    const auto writer = stub->Sign(&context, &reply);
    writer->WritesDone();
    return writer->Finish();
  }
  // The same of SignMany.
  absl::Status OpenManyAs(const std::string& caller) {
    const auto stub = Stub(caller);
    grpc::ClientContext context;
    const auto stream = stub->SignMany(&context);
    stream->WritesDone();
    return FromRpc(stream->Finish());
  }
  v1::SignManyReply SignOneOfManyAs(const std::string& caller) {
    const auto stub = Stub(caller);
    HeldStream stream(*stub);
    stream.Write();
    return stream.Read();
  }

  // Once what was sent in one go has been refused: that takes threads, too.
  void ExpectToSignSoon(const std::string& caller) {
    EXPECT_OK(Until("", [&] { return SignAs(caller); }));
    ExpectToSign(caller);
  }
  void ExpectToSign(const std::string& caller) {
    for (int i = 0; i < 10; ++i) EXPECT_OK(SignAs(caller));
    EXPECT_TRUE(SignOneOfManyAs(caller).has_reply());
  }

  using Held = std::vector<std::unique_ptr<HeldUpload>>;
  // Takes the only place of the caller until `held` ends, and gives the answer
  // to a call after that. An upload that comes while the probe has the place is
  // refused: there is a new one for each.
  absl::Status HoldOnlyPlace(const std::string& caller,
                             v1::SigningService::Stub& stub, Held& held) {
    return Until("IDENTITY_BUSY", [&] {
      held.push_back(std::make_unique<HeldUpload>(stub));
      held.back()->SendHeader();
      return SignAs(caller);
    });
  }

  ServerFixture server_;
};

TEST_F(Share, LeavesOthersRoomWhileUploadsStandStill) {
  Start(8);
  const auto developer = [this] { return SignAs("developer"); };
  {
    const auto stub = Stub("developer");
    std::vector<std::unique_ptr<HeldUpload>> held;
    for (int i = 0; i < 100; ++i) {
      held.push_back(std::make_unique<HeldUpload>(*stub));
      held.back()->SendHeader();
    }
    EXPECT_THAT(Until("has 3 requests", developer),
                AllOf(kBusy, MessageHas("identity developer has 3 requests"),
                      MessageHas("limits.max_requests_per_identity")));
    ExpectToSign("ci");
    EXPECT_THAT(developer(), kBusy);
  }
  EXPECT_OK(Until("", developer));
}

TEST_F(Share, LeavesOthersThreadsWhileStreamsHaveNoHeader) {
  Start(8);
  grpc::Status answer;
  const auto open = [this, &answer] {
    answer = OpenAs("auditor");
    return FromRpc(answer);
  };
  EXPECT_THAT(open(),
              StatusIs(absl::StatusCode::kInvalidArgument, "HEADER_MISSING"));
  {
    // More than the server has threads, if each held one.
    std::vector<std::unique_ptr<v1::SigningService::Stub>> stubs;
    std::vector<std::unique_ptr<HeldUpload>> held;
    for (int i = 0; i < 400; ++i) {
      if (i % 100 == 0) stubs.push_back(Stub("auditor"));
      held.push_back(std::make_unique<HeldUpload>(*stubs.back()));
    }
    ExpectToSignSoon("ci");
    EXPECT_THAT(open(), kBusy);
    EXPECT_GT(RetrySeconds(answer), 0);
  }
  EXPECT_THAT(Until("HEADER_MISSING", open),
              StatusIs(absl::StatusCode::kInvalidArgument, "HEADER_MISSING"));
}

TEST_F(Share, LeavesOthersThreadsWhileAnswersAreNotRead) {
  Start(8);
  const auto audit = v1::AuditService::NewStub(server_.Channel("auditor"));
  const auto read = [&audit] {
    grpc::ClientContext context;
    v1::Checkpoint reply;
    return FromRpc(audit->GetCheckpoint(&context, {}, &reply));
  };
  {
    // The smallest window there is: an answer does not fit.
    grpc::ChannelArguments window;
    window.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 5);
    window.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    std::vector<std::unique_ptr<HeldStreams>> held;
    for (int i = 0; i < 4; ++i) {
      held.push_back(std::make_unique<HeldStreams>(
          server_.Channel("auditor", window),
          "/bootseal.v1.AuditService/GetCheckpoint", "", 100));
    }
    ExpectToSignSoon("ci");
    EXPECT_THAT(read(), AllOf(kBusy, MessageHas("identity auditor has 24")));
  }
  EXPECT_OK(Until("", read));
}

TEST_F(Share, LeavesOthersRoomWhileStreamsOfManyAreOpen) {
  Start(8);
  const auto open = [this] { return OpenManyAs("developer"); };
  {
    const auto stub = Stub("developer");
    std::vector<std::unique_ptr<HeldStream>> held;
    // Until one of them holds the share, the probe may have it.
    const auto hold = [&] {
      held.push_back(std::make_unique<HeldStream>(*stub));
      return open();
    };
    EXPECT_THAT(Until("IDENTITY_BUSY", hold), kBusy);
    while (held.size() < 100) {
      held.push_back(std::make_unique<HeldStream>(*stub));
    }
    ExpectToSign("ci");
    // Its last stream may still be ending.
    EXPECT_THAT(Until("IDENTITY_BUSY", open), kBusy);
    // The streams send nothing and have no place for a signature.
    EXPECT_OK(Until("", [this] { return SignAs("developer"); }));
  }
  EXPECT_OK(Until("", open));
}

TEST_F(Share, LeavesOthersRoomWhileAnswersToManyAreNotRead) {
  Start(4);
  const auto developer = [this] { return SignAs("developer"); };
  {
    const auto stub = Stub("developer");
    HeldStream flood(*stub);
    flood.Flood();
    EXPECT_THAT(Until("IDENTITY_BUSY", developer), kBusy);
    ExpectToSign("ci");
  }
  EXPECT_OK(Until("", developer));
}

TEST_F(Share, LeavesOthersRoomWhileTheLogIsFollowed) {
  server_.policy().mutable_roles(1)->add_permissions(v1::READ_LOG);
  Start(8);
  const auto auditor = v1::AuditService::NewStub(server_.Channel("auditor"));
  const auto developer =
      v1::AuditService::NewStub(server_.Channel("developer"));
  {
    HeldTail first(*auditor);
    ASSERT_TRUE(first.Follows());
    HeldTail excess(*auditor);
    EXPECT_FALSE(excess.Follows());
    EXPECT_THAT(excess.Finish(),
                AllOf(kBusy, MessageHas("identity auditor has 1 Tail")));
    HeldTail other(*developer);
    EXPECT_TRUE(other.Follows());
    ExpectToSign("ci");
  }
  EXPECT_OK(Until("", [&auditor] {
    HeldTail again(*auditor);
    return again.Follows() ? absl::OkStatus() : again.Finish();
  }));
}

TEST_F(Share, IsTheNumberOfTheConfiguration) {
  server_.config().mutable_limits()->set_max_requests_per_identity(1);
  Start(8);
  const auto stub = Stub("developer");
  Held held;
  EXPECT_THAT(HoldOnlyPlace("developer", *stub, held),
              AllOf(kBusy, MessageHas("has 1 requests")));
  ExpectToSign("ci");
}

TEST_F(Share, IsNotWhatACallerWithoutTargetsGetsOfMany) {
  Start(1);
  const auto stub = Stub("auditor");
  std::vector<std::unique_ptr<HeldStream>> held;
  for (int i = 0; i < 8; ++i) {
    held.push_back(std::make_unique<HeldStream>(*stub));
  }
  ExpectToSign("ci");
  for (const auto& stream : held) {
    EXPECT_THAT(stream->Finish(),
                AllOf(kWrongRole, MessageHas("identity auditor has roles "
                                             "auditor; no target")));
  }
  ExpectToSign("ci");
}

TEST_F(Share, RecordsTheCallerWithoutTargets) {
  Start(1);
  EXPECT_THAT(OpenManyAs("auditor"), kWrongRole);
  const auto audit = v1::AuditService::NewStub(server_.Channel("auditor"));
  grpc::ClientContext context;
  v1::ListEntriesRequest request;
  request.set_identity("auditor");
  request.set_decision("refused");
  v1::ListEntriesReply reply;
  ASSERT_OK(FromRpc(audit->ListEntries(&context, request, &reply)));
  ASSERT_EQ(reply.entries_size(), 1);
  const auto entry = trust::DecodeEntry(reply.entries(0).entry());
  ASSERT_OK(entry);
  EXPECT_GT(entry->time_unix_ms(), 0);
  EXPECT_EQ(entry->caller().identity(), "auditor");
  EXPECT_EQ(entry->signing().rule(), "target.requesters");
}

TEST_F(Share, IsNotAskedForByAStreamThatSendsNothing) {
  Start(1);
  const auto stub = Stub("ci");
  HeldStream held(*stub);
  ASSERT_TRUE(held.Write());
  EXPECT_TRUE(held.Read().has_reply());
  for (int i = 0; i < 10; ++i) EXPECT_OK(SignAs("developer"));
  ASSERT_TRUE(held.Write());
  EXPECT_TRUE(held.Read().has_reply());
}

TEST_F(Share, IsNotAskedForByRefusedRequestsOfAStream) {
  Start(2);
  const auto stub = Stub("developer");
  Held held;
  EXPECT_THAT(HoldOnlyPlace("developer", *stub, held), kBusy);
  grpc::ClientContext context;
  const auto stream = stub->SignMany(&context);
  v1::SignManyRequest request;
  request.set_payload(TestPayload(1000));
  *request.mutable_header() = HeaderFor(request.payload());
  request.mutable_header()->set_target("room");
  ASSERT_TRUE(stream->Write(request));
  v1::SignManyReply reply;
  ASSERT_TRUE(stream->Read(&reply));
  EXPECT_EQ(reply.failure().reason(), "WRONG_ROLE");
  EXPECT_EQ(reply.failure().retry_seconds(), 0U);
  stream->WritesDone();
  EXPECT_OK(FromRpc(stream->Finish()));
}

TEST_F(Share, IsToldToTheExcessOfAStreamWithTheTimeToComeBack) {
  Start(2);
  const auto stub = Stub("ci");
  Held held;
  EXPECT_THAT(HoldOnlyPlace("ci", *stub, held), kBusy);
  const v1::Failure failure = SignOneOfManyAs("ci").failure();
  EXPECT_EQ(failure.code(),
            static_cast<int>(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(failure.reason(), "IDENTITY_BUSY");
  EXPECT_THAT(failure.message(), HasSubstr("identity ci has 1 requests"));
  EXPECT_GT(failure.retry_seconds(), 0U);
}

TEST_F(Share, OfOnePlaceServesAStreamOneByOne) {
  Start(2);
  const auto stub = Stub("ci");
  HeldStream stream(*stub);
  std::thread writer([&stream] {
    for (int i = 0; i < 100; ++i) stream.Write();
  });
  for (int i = 0; i < 100; ++i) {
    const v1::SignManyReply reply = stream.Read();
    EXPECT_TRUE(reply.has_reply()) << reply.failure().message();
  }
  writer.join();
}

TEST_F(Share, NeedsACallerThatIsKnownBeforeAnythingIsRead) {
  Start(1);
  const auto unknown =
      StatusIs(absl::StatusCode::kPermissionDenied, "UNKNOWN_IDENTITY");
  const auto nobody =
      StatusIs(absl::StatusCode::kUnauthenticated, "NO_CREDENTIALS");
  for (const auto& [caller, refused] :
       {std::pair{"stranger", unknown}, std::pair{"", nobody}}) {
    const auto stub = Stub(caller);
    grpc::ClientContext context;
    v1::SignReply reply;
    const auto writer = stub->Sign(&context, &reply);
    EXPECT_THAT(FromRpc(writer->Finish()), refused);
    HeldStream stream(*stub);
    EXPECT_THAT(stream.Finish(), refused);
  }
}

}  // namespace
}  // namespace bootseal::tests
