// A log that is shown smaller than it was: a server that is a moment behind
// another one, or a log that went back. Servers are gRPC over TLS that show
// whatever a test wants.
#include "client/cli/log_memory.h"

#include <gmock/gmock.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/status.h"
#include "bootseal/v1/audit.grpc.pb.h"
#include "tests/client/cli/test_log.h"
#include "tests/support/pki.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::cli {
namespace {

using tests::RootOf;
using tests::StatusIs;

constexpr char kSilent[] = "silent";
constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

class ShowingServer final : public v1::AuditService::Service {
 public:
  ShowingServer(const tests::Credential& credential, std::string note)
      : note_(std::move(note)) {
    grpc::SslServerCredentialsOptions options;
    options.pem_key_cert_pairs.push_back(
        {credential.key_pem, credential.certificate_pem});
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(options),
                             &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

  grpc::Status GetCheckpoint(grpc::ServerContext* context,
                             const v1::GetCheckpointRequest*,
                             v1::Checkpoint* reply) override {
    for (int i = 0; note_ == kSilent && i < 500; ++i) {
      if (context->IsCancelled()) break;
      absl::SleepFor(absl::Milliseconds(20));
    }
    if (note_.empty()) return {grpc::StatusCode::RESOURCE_EXHAUSTED, "busy"};
    reply->set_note(note_);
    return grpc::Status::OK;
  }
  grpc::Status GetConsistencyProof(grpc::ServerContext*,
                                   const v1::ConsistencyRequest* request,
                                   v1::Proof* reply) override {
    for (const std::string& hash :
         tests::ConsistencyOf(request->first_size(), request->second_size())) {
      reply->add_hashes(hash);
    }
    return grpc::Status::OK;
  }

 private:
  std::string note_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

class LogMemoryTest : public testing::Test {
 protected:
  LogMemoryTest() {
    setenv("BOOTSEAL_STATE", folder_.File("state").c_str(), 1);
    EXPECT_OK(base::WriteFileAtomically(folder_.File("ca.pem"),
                                        ca_.certificate_pem()));
    tests::CertificateRequest request;
    request.addresses = {"127.0.0.1"};
    credential_ = ca_.Issue(request);
    EXPECT_OK(CheckpointStore(folder_.File("state"), log_.key())
                  .Advance(std::nullopt, At(10), nullptr));
  }

  TrustedCheckpoint At(std::uint64_t size) {
    return log_.Checkpoint(size, RootOf(size));
  }
  // Signed by the log's key, and of another tree.
  TrustedCheckpoint Forked(std::uint64_t size) {
    return log_.Checkpoint(size, RootOf(size + 100));
  }
  // What a client says of `now`, having seen ten entries, with servers that
  // show these; the one that would show nothing is busy.
  absl::Status Accept(const TrustedCheckpoint& now,
                      const std::vector<TrustedCheckpoint>& shown,
                      absl::Duration limit = LogMemory::kProofLimit) {
    std::vector<std::unique_ptr<ShowingServer>> servers;
    Settings settings;
    settings.ca = folder_.File("ca.pem");
    for (const TrustedCheckpoint& each : shown) {
      servers.push_back(
          std::make_unique<ShowingServer>(credential_, each.note));
      absl::StrAppend(&settings.server, servers.size() > 1 ? "," : "",
                      servers.back()->address());
    }
    const base::SystemClock clock;
    const auto connection = Connection::Open(settings, clock);
    if (!connection.ok()) return connection.status();
    const auto memory = LogMemory::Open(log_.key());
    if (!memory.ok()) return memory.status();
    return memory->Accept(**connection, now, limit);
  }
  std::uint64_t Kept() {
    return (*CheckpointStore(folder_.File("state"), log_.key()).Load())->size;
  }

  tests::TestLog log_;
  tests::TemporaryFolder folder_;
  tests::CertificateAuthority ca_{"Bootseal test CA"};
  tests::Credential credential_;
};

TEST_F(LogMemoryTest, TakesAServerThatIsBehindForWhatItIs) {
  EXPECT_OK(Accept(At(8), {At(8), At(12)}));
  EXPECT_EQ(Kept(), 12u);
}

TEST_F(LogMemoryTest, TakesItsWordOnceItHasCaughtUp) {
  EXPECT_OK(Accept(At(8), {At(10)}));
  EXPECT_EQ(Kept(), 10u);
}

TEST_F(LogMemoryTest, RefusesALogThatNoServerHasWhole) {
  for (const auto& shown : {std::vector<TrustedCheckpoint>{At(8)},
                            std::vector<TrustedCheckpoint>{At(9), At(8)}}) {
    EXPECT_THAT(Accept(At(8), shown), StatusIs(kPrecondition, "LOG_WENT_BACK"));
    EXPECT_EQ(Kept(), 10u);
  }
}

// A server could be busy whenever it is asked for what it lost.
TEST_F(LogMemoryTest, TellsThatALogIsSmallerWhereNobodyHasTimeToExplainIt) {
  const absl::Status status = Accept(At(8), {TrustedCheckpoint{}});
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted,
                               "LOG_PROOF_UNAVAILABLE"));
  EXPECT_THAT(status, tests::MessageHas("seen before: size 10, "));
  EXPECT_THAT(status, tests::MessageHas("shown now: size 8, "));
  EXPECT_EQ(Kept(), 10u);
}

TEST_F(LogMemoryTest, AsksNobodyWhenItsTimeIsOver) {
  for (const std::uint64_t size : {8, 12}) {
    const absl::Status status = Accept(At(size), {At(12)}, absl::Seconds(-3));
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded,
                                 "LOG_PROOF_UNAVAILABLE"));
    EXPECT_THAT(status, tests::MessageHas("NO_TIME_LEFT: "));
    EXPECT_THAT(std::string(status.message()),
                testing::Not(testing::HasSubstr("-3s")));
    EXPECT_EQ(Kept(), 10u);
  }
}

TEST_F(LogMemoryTest, HasOneLimitForAllServersTogether) {
  TrustedCheckpoint silent;
  silent.note = kSilent;
  const absl::Time start = absl::Now();
  const absl::Status status =
      Accept(At(8), {silent, silent, silent}, absl::Seconds(1));
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded,
                               "LOG_PROOF_UNAVAILABLE"));
  EXPECT_THAT(status, tests::MessageHas("NO_ANSWER: "));
}

TEST_F(LogMemoryTest, RefusesALargerLogThatDoesNotContinueWhatWasSeen) {
  for (const std::uint64_t size : {10, 12}) {
    EXPECT_THAT(Accept(At(8), {Forked(size)}),
                StatusIs(kPrecondition, "LOG_INCONSISTENT"));
  }
  EXPECT_EQ(Kept(), 10u);
}

TEST_F(LogMemoryTest, RefusesASmallerLogThatIsNoPartOfTheLarger) {
  EXPECT_THAT(Accept(Forked(8), {At(12), At(12)}),
              StatusIs(kPrecondition, "LOG_INCONSISTENT"));
  EXPECT_EQ(Kept(), 10u);
}

TEST_F(LogMemoryTest, RefusesALargerLogThatAnotherKeySigned) {
  const tests::TestLog other;
  EXPECT_THAT(Accept(At(8), {other.Checkpoint(12, RootOf(12))}),
              StatusIs(kPrecondition, "LOG_WENT_BACK"));
  EXPECT_EQ(Kept(), 10u);
}

}  // namespace
}  // namespace bootseal::cli
