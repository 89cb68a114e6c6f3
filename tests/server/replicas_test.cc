// Several servers on one log, as clients and operators see them; what happens
// while they are killed is in tests/chaos.
#include "tests/support/replicas.h"

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <thread>

#include "absl/strings/str_cat.h"
#include "bootseal/v1/approvals.grpc.pb.h"
#include "bootseal/v1/audit.grpc.pb.h"
#include "tests/server/approval_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_approver.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

class ReplicasTest : public testing::Test {
 protected:
  std::shared_ptr<grpc::Channel> Channel(std::size_t index,
                                         const std::string& caller = "ci") {
    return fixture_.ChannelTo(replicas_.address(index), caller);
  }
  absl::StatusOr<v1::SignReply> SignAt(std::size_t index,
                                       const v1::SignHeader& header) {
    return Sign(Channel(index), header, payload_);
  }
  std::string LogOfFailedStart(std::size_t index) {
    replicas_.Start(index);
    EXPECT_EQ(replicas_.process(index).Wait(std::chrono::seconds(30)), 1);
    return replicas_.Log(index);
  }

  const std::string payload_ = std::string(4000, 'x');
  PostgresCluster cluster_;
  ServerFixture fixture_;
  Replicas replicas_{fixture_, cluster_, 2};
};

TEST_F(ReplicasTest, GiveOneReleaseForOneRequestId) {
  replicas_.StartAll();
  const v1::SignHeader header = HeaderFor(payload_);
  const auto first = SignAt(0, header);
  ASSERT_OK(first);
  const auto second = SignAt(1, header);
  ASSERT_OK(second);
  EXPECT_EQ(second->tlvs(), first->tlvs());
  v1::SignHeader other = header;
  other.set_version("9.9.9");
  EXPECT_THAT(SignAt(1, other),
              StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
}

// The other server heard of the denial neither when it began nor since.
TEST_F(ReplicasTest, ReleaseNothingThatWasDeniedAtAnother) {
  const TestApprover alice("alice");
  fixture_.AddPerson("alice", "release-manager")
      .add_approver_keys()
      ->set_public_key(alice.public_key());
  v1::Target& guarded = fixture_.AddTarget("guarded", "app");
  guarded.set_approvals(1);
  guarded.add_approvers("release-manager");
  fixture_.WritePolicy();
  replicas_.StartAll();
  v1::SignHeader header = HeaderFor(payload_);
  header.set_target("guarded");
  const auto waits = SignAt(0, header);
  ASSERT_THAT(waits, StatusIs(absl::StatusCode::kFailedPrecondition,
                              "APPROVALS_REQUIRED"));
  const auto stub = v1::ApprovalService::NewStub(Channel(0, "alice"));
  v1::GetRequestRequest which;
  which.set_id(DetailOf(waits.status(), "subject"));
  v1::ApprovalRequest request;
  grpc::ClientContext asking;
  ASSERT_OK(FromRpc(stub->GetRequest(&asking, which, &request)));
  v1::SubmitApprovalRequest denial;
  *denial.mutable_envelope() = alice.Sign(DenialFor(request, "stop"));
  v1::SubmitApprovalReply reply;
  grpc::ClientContext denying;
  ASSERT_OK(FromRpc(stub->SubmitApproval(&denying, denial, &reply)));
  fixture_.policy().mutable_targets()->rbegin()->set_approvals(0);
  fixture_.policy().set_version(fixture_.policy().version() + 1);
  fixture_.WritePolicy();
  replicas_.process(1).Signal(SIGHUP);
  const auto limit =
      std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (replicas_.Log(1).find("policy-in-force version=2") ==
         std::string::npos) {
    ASSERT_LT(std::chrono::steady_clock::now(), limit) << replicas_.Log(1);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_THAT(SignAt(1, header),
              StatusIs(absl::StatusCode::kPermissionDenied, "REQUEST_DENIED"));
}

TEST_F(ReplicasTest, ShowEachOthersEntriesAtOnce) {
  replicas_.StartAll();
  const auto at_one = v1::AuditService::NewStub(Channel(1, "auditor"));
  std::string before;
  for (int i = 0; i < 10; ++i) {
    ASSERT_OK(SignAt(0, HeaderFor(payload_)));
    grpc::ClientContext context;
    v1::Checkpoint shown;
    ASSERT_TRUE(at_one->GetCheckpoint(&context, {}, &shown).ok());
    EXPECT_NE(shown.note(), before);
    before = shown.note();
  }
}

TEST_F(ReplicasTest, FollowEachOther) {
  replicas_.StartAll();
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::seconds(30));
  const auto stub = v1::AuditService::NewStub(Channel(1, "auditor"));
  v1::TailRequest request;
  request.set_start(4);
  const auto reader = stub->Tail(&context, request);
  ASSERT_OK(SignAt(0, HeaderFor(payload_)));
  v1::LogEntry entry;
  EXPECT_TRUE(reader->Read(&entry));
  EXPECT_EQ(entry.index(), 4u);
  context.TryCancel();
}

TEST_F(ReplicasTest, BringOnePolicyIntoForceAtOnce) {
  replicas_.Start(0);
  replicas_.Start(1);
  EXPECT_TRUE(replicas_.AwaitListening(0)) << replicas_.Log(0);
  EXPECT_TRUE(replicas_.AwaitListening(1)) << replicas_.Log(1);
}

TEST_F(ReplicasTest, RefuseToStartWithAPolicyOlderThanAnotherHasLoaded) {
  fixture_.policy().set_version(3);
  fixture_.WritePolicy();
  replicas_.Start(0);
  ASSERT_TRUE(replicas_.AwaitListening(0));
  fixture_.policy().set_version(2);
  fixture_.WritePolicy();
  EXPECT_THAT(LogOfFailedStart(1), HasSubstr("POLICY_VERSION_LOWER"));
}

TEST_F(ReplicasTest, RefuseToStartWithoutTheDatabase) {
  cluster_.Stop();
  const std::string log = LogOfFailedStart(0);
  EXPECT_THAT(log, HasSubstr("cannot-start"));
  EXPECT_THAT(log, HasSubstr("LOG_STORE"));
  cluster_.Start();
}

// Health as load balancers ask for it (grpc.health.v1): empty request; field 1
// of the answer is 1 for SERVING, 2 for NOT_SERVING.
int Health(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::seconds(5));
  grpc::CompletionQueue queue;
  const auto call =
      stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check",
                            grpc::ByteBuffer(nullptr, 0), &queue);
  call->StartCall();
  grpc::ByteBuffer reply;
  grpc::Status status;
  call->Finish(&reply, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  std::vector<grpc::Slice> slices;
  if (!status.ok() || !reply.Dump(&slices).ok() || slices.empty()) return 0;
  return slices.front().size() == 2 ? slices.front().begin()[1] : 0;
}

bool HealthBecomes(const std::shared_ptr<grpc::Channel>& channel, int wanted) {
  for (int i = 0; i < 200; ++i) {
    if (Health(channel) == wanted) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

TEST_F(ReplicasTest, ReleaseNothingWithoutTheDatabaseAndComeBackWithIt) {
  replicas_.StartAll();
  const auto channel = Channel(0);
  ASSERT_OK(SignAt(0, HeaderFor(payload_)));
  EXPECT_TRUE(HealthBecomes(channel, 1));
  cluster_.Stop();
  const auto refused = SignAt(0, HeaderFor(payload_));
  EXPECT_THAT(refused, StatusIs(kUnavailable, "LOG_STORE"));
  // Where the database is, is nobody's business but the operator's.
  EXPECT_THAT(std::string(refused.status().message()),
              Not(HasSubstr("socket")));
  const auto stub = v1::AuditService::NewStub(Channel(0, "auditor"));
  grpc::ClientContext context;
  v1::Checkpoint checkpoint;
  EXPECT_THAT(FromRpc(stub->GetCheckpoint(&context, {}, &checkpoint)),
              StatusIs(kUnavailable, "LOG_STORE"));
  EXPECT_TRUE(HealthBecomes(channel, 2));
  EXPECT_THAT(replicas_.Log(0), HasSubstr("audit-log-lost"));
  cluster_.Start();
  EXPECT_TRUE(HealthBecomes(channel, 1));
  EXPECT_OK(SignAt(0, HeaderFor(payload_)));
  EXPECT_OK(SignAt(1, HeaderFor(payload_)));
}

// SIGSTOP to the database: it neither answers nor hangs up.
TEST_F(ReplicasTest, AreNotServingWhileTheDatabaseIsFrozen) {
  replicas_.StartAll();
  const auto channel = Channel(0);
  ASSERT_OK(SignAt(0, HeaderFor(payload_)));
  cluster_.Freeze();
  EXPECT_TRUE(HealthBecomes(channel, 2));
  const auto refused = SignAt(0, HeaderFor(payload_));
  EXPECT_THAT(refused, StatusIs(kUnavailable, "LOG_STORE"));
  cluster_.Thaw();
  EXPECT_TRUE(HealthBecomes(channel, 1));
  EXPECT_OK(SignAt(0, HeaderFor(payload_)));
}

TEST_F(ReplicasTest, EndWhileTheDatabaseIsFrozenAndCallsWaitForIt) {
  replicas_.StartAll();
  ASSERT_OK(SignAt(0, HeaderFor(payload_)));
  cluster_.Freeze();
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([this] {
      EXPECT_THAT(SignAt(0, HeaderFor(payload_)).status().code(), kUnavailable);
    });
  }
  std::this_thread::sleep_for(std::chrono::seconds(1));
  replicas_.process(0).Signal(SIGTERM);
  EXPECT_EQ(replicas_.process(0).Wait(std::chrono::seconds(12)), 0)
      << replicas_.Log(0);
  for (std::thread& caller : callers) caller.join();
  cluster_.Thaw();
}

struct BadStore {
  const char* connection;
  const char* problem;
};

TEST(PostgresConfiguration, NamesWhatIsWrongWithIt) {
  for (const BadStore& each : {
           BadStore{"", "log.postgres.connection: required"},
           BadStore{"hots=db", "invalid connection option"},
           BadStore{"host=db password=secret", "put it into password_path"},
           BadStore{"host=db.example dbname=log", "sslmode=verify-full"},
           BadStore{"host=db.example sslmode=require",
                    "another one can take its place"},
       }) {
    ServerFixture server;
    server.config().mutable_log()->mutable_postgres()->set_connection(
        each.connection);
    EXPECT_EQ(server.StartAndFail(), 1);
    EXPECT_THAT(server.ServerLog(), HasSubstr(each.problem));
    EXPECT_THAT(server.ServerLog(), Not(HasSubstr("secret")));
  }
}

TEST(PostgresConfiguration, NamesAPasswordFileThatOthersMayRead) {
  ServerFixture server;
  v1::Postgres& postgres = *server.config().mutable_log()->mutable_postgres();
  postgres.set_connection("host=/nowhere dbname=log");
  postgres.set_password_path("ca.pem");
  EXPECT_EQ(server.StartAndFail(), 5);
  EXPECT_THAT(server.ServerLog(), HasSubstr("FILE_MODE"));
}

}  // namespace
}  // namespace bootseal::tests
