// Keys, targets, the log, health and reflection.
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "base/file.h"
#include "bootseal/v1/audit.grpc.pb.h"
#include "bootseal/v1/keys.grpc.pb.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/transparency/merkle.h"
#include "firmware/image/transparency/note.h"
#include "server/trust/entry.h"
#include "tests/server/generic_call.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

namespace transparency = image::transparency;
using Hashes = std::vector<transparency::TreeHash>;

void SignSome(const ServerFixture& server, int count) {
  const std::string payload = TestPayload(5000);
  const auto channel = server.Channel("ci");
  for (int i = 0; i < count; ++i) {
    ASSERT_OK(Sign(channel, HeaderFor(payload), payload));
  }
}

Hashes HashesOf(const v1::Proof& proof) {
  Hashes hashes;
  for (const std::string& each : proof.hashes()) {
    transparency::TreeHash hash{};
    image::Copy(image::host::AsBytes(each), hash);
    hashes.push_back(hash);
  }
  return hashes;
}

class Reading : public testing::Test {
 protected:
  Reading() {
    server_.Start();
    audit_ = v1::AuditService::NewStub(server_.Channel("auditor"));
  }

  transparency::Checkpoint Checkpoint(std::string& note) {
    grpc::ClientContext context;
    v1::Checkpoint reply;
    EXPECT_OK(FromRpc(audit_->GetCheckpoint(&context, {}, &reply)));
    note = reply.note();
    const auto key = transparency::ParseVerifierKey(server_.log_key());
    EXPECT_TRUE(key.ok());
    const auto opened = transparency::OpenCheckpoint(note, *key);
    EXPECT_EQ(opened.error(), image::Error::kOk);
    return *opened;
  }
  std::string Entry(std::uint64_t index) {
    grpc::ClientContext context;
    v1::GetEntryRequest request;
    request.set_index(index);
    v1::LogEntry reply;
    EXPECT_OK(FromRpc(audit_->GetEntry(&context, request, &reply)));
    return reply.entry();
  }

  ServerFixture server_;
  std::unique_ptr<v1::AuditService::Stub> audit_;
};

TEST_F(Reading, FindsTheStartAndThePolicyWithItsTextFirst) {
  const auto start = trust::DecodeEntry(Entry(0));
  ASSERT_OK(start);
  EXPECT_EQ(start->start().binary_sha256().size(), 32U);
  const auto policy = trust::DecodeEntry(Entry(1));
  ASSERT_OK(policy);
  EXPECT_EQ(policy->policy().version(), 1U);
  const auto text =
      base::ReadFile(server_.folder().File("policy.textproto"), 1 << 20);
  ASSERT_OK(text);
  EXPECT_EQ(policy->policy().text(), *text);
}

TEST_F(Reading, ProvesThatAnEntryIsInTheLog) {
  SignSome(server_, 5);
  std::string note;
  const auto head = Checkpoint(note);
  grpc::ClientContext context;
  v1::InclusionRequest request;
  request.set_index(3);
  v1::Proof proof;
  ASSERT_OK(FromRpc(audit_->GetInclusionProof(&context, request, &proof)));
  EXPECT_EQ(proof.checkpoint(), note);
  const auto leaf = transparency::LeafHash(image::host::AsBytes(Entry(3)));
  EXPECT_EQ(transparency::VerifyInclusion(leaf, 3, head.size, HashesOf(proof),
                                          head.root),
            image::Error::kOk);
}

TEST_F(Reading, ProvesThatTheLogOnlyGrew) {
  SignSome(server_, 3);
  std::string first_note;
  const auto first = Checkpoint(first_note);
  SignSome(server_, 4);
  std::string second_note;
  const auto second = Checkpoint(second_note);
  grpc::ClientContext context;
  v1::ConsistencyRequest request;
  request.set_first_size(first.size);
  request.set_second_size(second.size);
  v1::Proof proof;
  ASSERT_OK(FromRpc(audit_->GetConsistencyProof(&context, request, &proof)));
  EXPECT_EQ(
      transparency::VerifyConsistency(first.size, second.size, HashesOf(proof),
                                      first.root, second.root),
      image::Error::kOk);
}

TEST_F(Reading, RefusesAProofBeyondTheTree) {
  grpc::ClientContext context;
  v1::InclusionRequest request;
  request.set_index(1000);
  v1::Proof proof;
  EXPECT_THAT(FromRpc(audit_->GetInclusionProof(&context, request, &proof)),
              StatusIs(absl::StatusCode::kInvalidArgument, "BEYOND_TREE"));
}

TEST_F(Reading, ListsInPagesAndByFilter) {
  SignSome(server_, 5);
  v1::ListEntriesRequest request;
  request.set_limit(2);
  request.set_decision("allowed");
  request.set_target("app");
  std::vector<std::uint64_t> found;
  do {
    grpc::ClientContext context;
    v1::ListEntriesReply page;
    ASSERT_OK(FromRpc(audit_->ListEntries(&context, request, &page)));
    for (const auto& entry : page.entries()) found.push_back(entry.index());
    request.set_start(page.next());
  } while (request.start() != 0);
  EXPECT_EQ(found, (std::vector<std::uint64_t>{2, 3, 4, 5, 6}));
}

TEST_F(Reading, RefusesADecisionThatIsNone) {
  v1::ListEntriesRequest request;
  request.set_decision("maybe");
  grpc::ClientContext context;
  v1::ListEntriesReply page;
  EXPECT_THAT(FromRpc(audit_->ListEntries(&context, request, &page)),
              StatusIs(absl::StatusCode::kInvalidArgument, "UNKNOWN_DECISION"));
}

TEST_F(Reading, FollowsTheLogAsItGrows) {
  grpc::ClientContext context;
  v1::TailRequest request;
  const auto reader = audit_->Tail(&context, request);
  v1::LogEntry entry;
  for (std::uint64_t i = 0; i < 2; ++i) {
    ASSERT_TRUE(reader->Read(&entry));
    EXPECT_EQ(entry.index(), i);
  }
  SignSome(server_, 1);
  ASSERT_TRUE(reader->Read(&entry));
  EXPECT_EQ(entry.index(), 2U);
  context.TryCancel();
  EXPECT_FALSE(reader->Read(&entry));
}

TEST_F(Reading, ProvesThatTheLogOnlyGrewToWhoeverMayNotReadIt) {
  std::string first_note;
  const auto first = Checkpoint(first_note);
  SignSome(server_, 2);
  audit_ = v1::AuditService::NewStub(server_.Channel("ci"));
  std::string second_note;
  const auto second = Checkpoint(second_note);
  grpc::ClientContext context;
  v1::ConsistencyRequest request;
  request.set_first_size(first.size);
  request.set_second_size(second.size);
  v1::Proof proof;
  ASSERT_OK(FromRpc(audit_->GetConsistencyProof(&context, request, &proof)));
  EXPECT_EQ(
      transparency::VerifyConsistency(first.size, second.size, HashesOf(proof),
                                      first.root, second.root),
      image::Error::kOk);
}

TEST_F(Reading, TellsNothingOfTheLogToACallerThatNobodyKnows) {
  const auto audit = v1::AuditService::NewStub(server_.Channel(""));
  grpc::ClientContext checkpoint_context;
  v1::Checkpoint checkpoint;
  EXPECT_THAT(
      FromRpc(audit->GetCheckpoint(&checkpoint_context, {}, &checkpoint)),
      StatusIs(absl::StatusCode::kUnauthenticated, "NO_CREDENTIALS"));
  grpc::ClientContext proof_context;
  v1::Proof proof;
  EXPECT_THAT(FromRpc(audit->GetConsistencyProof(&proof_context, {}, &proof)),
              StatusIs(absl::StatusCode::kUnauthenticated, "NO_CREDENTIALS"));
}

TEST_F(Reading, NeedsThePermission) {
  const auto audit = v1::AuditService::NewStub(server_.Channel("ci"));
  grpc::ClientContext log_context;
  v1::LogEntry entry;
  EXPECT_THAT(FromRpc(audit->GetEntry(&log_context, {}, &entry)),
              StatusIs(absl::StatusCode::kPermissionDenied, "WRONG_ROLE"));
  grpc::ClientContext proof_context;
  v1::Proof proof;
  EXPECT_THAT(FromRpc(audit->GetInclusionProof(&proof_context, {}, &proof)),
              StatusIs(absl::StatusCode::kPermissionDenied, "WRONG_ROLE"));
  const auto keys = v1::KeyService::NewStub(server_.Channel("developer"));
  grpc::ClientContext key_context;
  v1::ListKeysReply reply;
  EXPECT_THAT(FromRpc(keys->ListKeys(&key_context, {}, &reply)),
              StatusIs(absl::StatusCode::kPermissionDenied, "WRONG_ROLE"));
}

TEST_F(Reading, TellsWhatTheTokenSaysOfItsKeys) {
  const auto stub = v1::KeyService::NewStub(server_.Channel("auditor"));
  grpc::ClientContext context;
  v1::ListKeysReply reply;
  ASSERT_OK(FromRpc(stub->ListKeys(&context, {}, &reply)));
  ASSERT_EQ(reply.keys_size(), 2);
  for (const v1::Key& key : reply.keys()) {
    EXPECT_TRUE(key.serving()) << key.name();
    EXPECT_NE(key.public_key(), "");
    EXPECT_EQ(key.key_hash().size(), 32U);
    EXPECT_TRUE(key.attributes().sensitive());
    EXPECT_FALSE(key.attributes().extractable());
    EXPECT_TRUE(key.attributes().local());
  }
}

TEST_F(Reading, RefusesAKeyThatThePolicyDoesNotName) {
  const auto stub = v1::KeyService::NewStub(server_.Channel("auditor"));
  grpc::ClientContext context;
  v1::GetKeyRequest request;
  request.set_name("nowhere");
  v1::Key key;
  EXPECT_THAT(FromRpc(stub->GetKey(&context, request, &key)),
              StatusIs(absl::StatusCode::kNotFound, "UNKNOWN_KEY"));
}

TEST_F(Reading, ListsTheTargetsOfTheCallerOnly) {
  for (const auto& [caller, count] :
       std::vector<std::pair<std::string, int>>{{"ci", 2}, {"developer", 0}}) {
    const auto stub = v1::SigningService::NewStub(server_.Channel(caller));
    grpc::ClientContext context;
    v1::ListTargetsReply reply;
    ASSERT_OK(FromRpc(stub->ListTargets(&context, {}, &reply)));
    EXPECT_EQ(reply.targets_size(), count) << caller;
  }
}

TEST(Targets, SayWhichKeyDoesNotServeAndWhy) {
  ServerFixture server;
  server.policy().mutable_keys(0)->set_uri("pkcs11:object=nowhere");
  server.AddKey("other", hsm::Algorithm::kP256);
  server.AddTarget("good", "other");
  server.Start();
  const auto stub = v1::SigningService::NewStub(server.Channel("ci"));
  grpc::ClientContext context;
  v1::ListTargetsReply reply;
  ASSERT_OK(FromRpc(stub->ListTargets(&context, {}, &reply)));
  ASSERT_EQ(reply.targets_size(), 3);
  EXPECT_EQ(reply.targets(0).target().name(), "app");
  EXPECT_EQ(reply.targets(0).algorithm(), v1::P256);
  EXPECT_EQ(reply.targets(0).public_key(), "");
  EXPECT_NE(reply.targets(2).public_key(), "");
  ASSERT_EQ(reply.not_serving_size(), 2);
  const v1::Failure& why = reply.not_serving().at("app");
  EXPECT_EQ(why.reason(), "KEY_MISSING");
  EXPECT_THAT(why.message(), testing::HasSubstr("app"));
  EXPECT_EQ(reply.not_serving().count("good"), 0U);
}

TEST_F(Reading, JudgesAQuestionWithoutASizeByItsTargetAlone) {
  const auto stub = v1::SigningService::NewStub(server_.Channel("ci"));
  for (const char* target : {"app", "room"}) {
    grpc::ClientContext context;
    v1::EvaluateRequest request;
    request.mutable_header()->set_target(target);
    request.mutable_header()->set_version("1.0.0");
    v1::EvaluateReply reply;
    ASSERT_OK(FromRpc(stub->Evaluate(&context, request, &reply)));
    EXPECT_EQ(reply.decision(), v1::ALLOWED) << target << reply.reason();
  }
}

TEST_F(Reading, JudgesTheSizeThatAQuestionNames) {
  const auto stub = v1::SigningService::NewStub(server_.Channel("ci"));
  for (const std::uint64_t size : {1024u, 1u << 20}) {
    grpc::ClientContext context;
    v1::EvaluateRequest request;
    request.mutable_header()->set_target("room");
    request.mutable_header()->set_version("1.0.0");
    request.mutable_header()->set_payload_size(size);
    v1::EvaluateReply reply;
    ASSERT_OK(FromRpc(stub->Evaluate(&context, request, &reply)));
    EXPECT_EQ(reply.decision(), v1::REFUSED) << size;
    EXPECT_EQ(reply.rule(), "target.slot_size");
  }
}

TEST_F(Reading, ListsNothingFromBeyondTheLargestNumber) {
  for (const std::uint64_t start :
       {std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
    v1::ListEntriesRequest request;
    request.set_start(start);
    grpc::ClientContext context;
    v1::ListEntriesReply page;
    ASSERT_OK(FromRpc(audit_->ListEntries(&context, request, &page)));
    EXPECT_EQ(page.entries_size(), 0) << start;
    EXPECT_EQ(page.next(), 0U) << start;
  }
}

TEST_F(Reading, AnswersHealthAndReflection) {
  EXPECT_EQ(Health(server_.Channel("")), kServing);
  // ServerReflectionRequest.list_services = "".
  const auto services = GenericCall(
      server_.Channel(""),
      "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
      std::string("\x3a\x00", 2));
  ASSERT_OK(services);
  EXPECT_THAT(*services, testing::HasSubstr("bootseal.v1.SigningService"));
}

}  // namespace
}  // namespace bootseal::tests
