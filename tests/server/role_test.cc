// Every rpc with every role, by certificate and by token. The production key
// signs for ci alone; a developer has a development key.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bootseal/v1/audit.grpc.pb.h"
#include "server/trust/entry.h"
#include "tests/server/role_calls.h"
#include "tests/support/capsule_target.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"
#include "tests/support/test_release.h"

namespace bootseal::tests {
namespace {

using Channel = std::shared_ptr<grpc::Channel>;
using Code = absl::StatusCode;

const TokenIssuer& Issuer() {
  static const auto* issuer = new TokenIssuer("https://issuer.example");
  return *issuer;
}

std::string TokenOf(const std::string& role) {
  return Issuer().Sign(Issuer().Claims({{"job", JsonText(role)}}));
}

class RoleTest : public testing::Test {
 protected:
  RoleTest() {
    server_.AddIssuer("jobs", Issuer());
    server_.AddCaller("release-manager", {v1::READ_LOG, v1::READ_KEYS});
    server_.AddCaller("key-admin", {v1::MANAGE_KEYS, v1::READ_KEYS});
    for (v1::Person& person : *server_.policy().mutable_people()) {
      *person.add_workloads() = WorkloadOf("jobs", {{"job", person.name()}});
    }
    server_.AddKey("debug", hsm::Algorithm::kP256);
    v1::Target& debug = server_.AddTarget("debug", "debug");
    debug.clear_requesters();
    debug.add_requesters("developer");
    server_.AddKey("update", hsm::Algorithm::kP256);
    v1::Target& board = server_.AddTarget("board", "update");
    *board.mutable_release() = TestReleaseFormat();
    server_.AddKey("capsules", hsm::Algorithm::kRsa2048,
                   hsm::RsaPadding::kPkcs1);
    AddCapsuleTarget(server_, "capsule", "capsules");
    server_.Start();
  }

  Channel ByCertificate(const std::string& role) const {
    if (role == "none") return server_.Channel("");
    return server_.Channel(role == "nobody" ? "stranger" : role);
  }
  Channel ByToken(const std::string& role) const {
    if (role == "none") return server_.Channel("");
    return server_.TokenChannel(TokenOf(role));
  }

  // Every signature that the production key made, as the log has it.
  std::set<std::string> ProductionSignatures() const {
    const auto stub = v1::AuditService::NewStub(server_.Channel("auditor"));
    std::set<std::string> signatures;
    v1::ListEntriesRequest request;
    request.set_limit(1000);
    do {
      grpc::ClientContext context;
      v1::ListEntriesReply page;
      EXPECT_OK(FromRpc(stub->ListEntries(&context, request, &page)));
      for (const v1::LogEntry& each : page.entries()) {
        const auto entry = trust::DecodeEntry(each.entry());
        EXPECT_OK(entry);
        for (const v1::SignedDigest& digest : entry->signing().digests()) {
          if (digest.key() != "app") continue;
          EXPECT_EQ(entry->caller().identity(), "ci");
          signatures.insert(digest.signature());
        }
      }
      request.set_start(page.next());
    } while (request.start() != 0);
    return signatures;
  }

  void ExpectNoProductionSignature(const std::vector<std::string>& replies,
                                   std::size_t made) const {
    const std::set<std::string> signatures = ProductionSignatures();
    EXPECT_EQ(signatures.size(), made);
    for (const std::string& signature : signatures) {
      ASSERT_GT(signature.size(), 32U);
      for (const std::string& reply : replies) {
        EXPECT_EQ(reply.find(signature), std::string::npos);
      }
    }
  }

  ServerFixture server_;
};

bool DeclaresService(const std::filesystem::path& file) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (absl::StartsWith(line, "service ")) return true;
  }
  return false;
}

TEST(RoleTable, HasARowForEveryRpcOfEveryService) {
  std::set<std::string> rpcs;
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  const std::string root = absl::StrCat(BOOTSEAL_SOURCE_DIR, "/proto/");
  for (const auto& file :
       std::filesystem::directory_iterator(absl::StrCat(root, "bootseal/v1"))) {
    if (file.path().extension() != ".proto") continue;
    const std::string name = file.path().string().substr(root.size());
    if (!DeclaresService(file.path())) continue;
    const auto* descriptor = pool->FindFileByName(name);
    ASSERT_NE(descriptor, nullptr)
        << name << " is not linked: use one of its services in role_calls.cc";
    for (int i = 0; i < descriptor->service_count(); ++i) {
      const auto* service = descriptor->service(i);
      for (int j = 0; j < service->method_count(); ++j) {
        rpcs.insert(
            absl::StrCat(service->name(), ".", service->method(j)->name()));
      }
    }
  }
  std::set<std::string> rows;
  for (const RoleRow& row : RoleTable()) {
    rows.insert(row.rpc.substr(0, row.rpc.find(' ')));
  }
  EXPECT_EQ(rows, rpcs);
  EXPECT_GE(rpcs.size(), 16U);
}

void ExpectCode(const RoleRow& row, std::size_t role, const Answer& answer) {
  EXPECT_EQ(answer.code, row.expected[role]);
}

TEST_F(RoleTest, EveryRpcAnswersEveryRoleAsTheTableSays) {
  for (const RoleRow& row : RoleTable()) {
    for (std::size_t role = 0; role < kRoles.size(); ++role) {
      SCOPED_TRACE(absl::StrCat(row.rpc, " as ", kRoles[role]));
      ExpectCode(row, role, row.call(ByCertificate(kRoles[role])));
      ExpectCode(row, role, row.call(ByToken(kRoles[role])));
    }
  }
}

TEST_F(RoleTest, ADevelopersIdentityNeverReachesAProductionKey) {
  std::vector<std::string> replies;
  std::size_t signatures_for_ci = 0;
  for (const RoleRow& row : RoleTable()) {
    // With signatures of the production key about.
    const Answer ours = row.call(ByToken("ci"));
    if (ours.code == Code::kOk &&
        absl::StartsWith(row.rpc, "SigningService.Sign") &&
        absl::EndsWith(row.rpc, " production")) {
      ++signatures_for_ci;
    }
    replies.push_back(row.call(ByCertificate("developer")).bytes);
    replies.push_back(row.call(ByToken("developer")).bytes);
    replies.push_back(
        row.call(server_.TokenChannel(TokenOf("developer"), "developer"))
            .bytes);
  }
  EXPECT_EQ(signatures_for_ci, 2U);
  ExpectNoProductionSignature(replies, signatures_for_ci);
}

TEST_F(RoleTest, ADeveloperDoesNotGetTheReleaseOfAnotherByRepeatingIt) {
  const std::string payload = TestPayload(5000);
  const v1::SignHeader header = HeaderFor(payload);
  const auto release = Sign(ByCertificate("ci"), header, payload);
  ASSERT_OK(release);
  for (const Channel& channel :
       {ByCertificate("developer"), ByToken("developer")}) {
    EXPECT_THAT(Sign(channel, header, payload),
                StatusIs(Code::kPermissionDenied, "WRONG_ROLE"));
  }
  ExpectNoProductionSignature({}, 1);
}

TEST_F(RoleTest, ADevelopersCertificateBesideATokenOfCiIsRefused) {
  const std::string payload = TestPayload(5000);
  EXPECT_THAT(Sign(server_.TokenChannel(TokenOf("ci"), "developer"),
                   HeaderFor(payload), payload),
              StatusIs(Code::kUnauthenticated, "IDENTITIES_DIFFER"));
  ExpectNoProductionSignature({}, 0);
}

}  // namespace
}  // namespace bootseal::tests
