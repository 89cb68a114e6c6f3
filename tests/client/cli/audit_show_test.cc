// One entry in full: the request that waited, who approved it, and what that is
// worth. The entries are put into the log of a real server by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cli/public_key.h"
#include "client/review/approval_rules.h"
#include "firmware/image/host/convert.h"
#include "server/audit/load.h"
#include "server/audit/record.h"
#include "server/audit/sqlite/store.h"
#include "server/trust/approval.h"
#include "server/trust/entry.h"
#include "tests/client/cli/online_fixture.h"
#include "tests/support/signing_key.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

class ShowTest : public OnlineTest {
 protected:
  ShowTest() : key_(image::Algorithm::kEd25519) {
    for (v1::Person& person : *server_.policy().mutable_people()) {
      if (person.name() == "developer") {
        person.add_approver_keys()->set_public_key(
            *cli::ToPem(v1::ED25519, key_.public_key()));
      }
    }
    v1::Target& target = server_.AddTarget("guarded", "app");
    target.set_approvals(1);
    target.add_approvers("developer");
    server_.Start();
    EXPECT_EQ(Sign("ci", {"-o", File("image")}).exit_code, 0);
    server_.Stop();
    ReadLog();
  }

  void ReadLog() {
    auto store = audit::OpenSqliteStore(Path());
    ASSERT_OK(store);
    const auto policy = trust::DecodeEntry(*(*store)->Get(1));
    const auto release = trust::DecodeEntry(*(*store)->Get(2));
    ASSERT_OK(policy);
    ASSERT_OK(release);
    release_ = *release;
    release_.mutable_signing()->set_target("guarded");
  }
  std::string Path() const { return server_.folder().File("log.sqlite"); }

  // As the log's own writer does, but for the signature: the server makes that
  // when it starts.
  std::uint64_t Append(const v1::Entry& entry) {
    auto store = audit::OpenSqliteStore(Path());
    EXPECT_OK(store);
    auto tree = audit::LoadTree(**store);
    EXPECT_OK(tree);
    const auto record = audit::RecordOf(entry);
    EXPECT_OK(record);
    const auto nodes = tree->Add(
        image::transparency::LeafHash(image::host::AsBytes(record->entry)));
    EXPECT_OK((*store)->Append({*record}, nodes, {tree->size(), tree->root()}));
    return tree->size() - 1;
  }

  std::uint64_t AppendPending() {
    v1::Entry pending = release_;
    v1::SigningEvent& event = *pending.mutable_signing();
    event.set_decision(v1::PENDING);
    event.set_subject_sha256(review::SubjectOf(pending));
    event.set_approvals_needed(1);
    event.set_expires_unix_ms(pending.time_unix_ms() + 86'400'000);
    event.mutable_digests(0)->clear_signature();
    event.mutable_digests(0)->mutable_preimage()->set_header(
        std::string(32, 'h'));
    return Append(pending);
  }

  v1::ApprovalStatement Statement() const {
    v1::ApprovalStatement said;
    said.set_origin("bootseal.example/test");
    said.set_target("guarded");
    said.set_requester(release_.caller().identity());
    said.set_subject_sha256(review::SubjectOf(release_));
    said.set_payload_sha256(release_.signing().payload_sha256());
    said.set_version(release_.signing().version());
    said.set_security_counter(release_.signing().security_counter());
    said.set_policy_sha256(release_.policy_sha256());
    said.set_nonce(std::string(16, 'n'));
    said.set_not_before_unix_ms(release_.time_unix_ms() - 1000);
    said.set_not_after_unix_ms(release_.time_unix_ms() + 86'400'000);
    said.set_verdict(v1::APPROVE);
    said.set_reason("checked on the bench");
    said.set_approver("developer");
    return said;
  }

  std::uint64_t AppendApproval(const v1::ApprovalStatement& said,
                               std::uint64_t pending) {
    v1::Entry entry = release_;
    entry.clear_request_id();
    entry.mutable_caller()->set_identity("developer");
    v1::ApprovalEvent& event = *entry.mutable_approval();
    v1::DsseEnvelope& envelope = *event.mutable_envelope();
    envelope.set_payload(trust::EncodeStatement(said));
    envelope.set_payload_type(trust::kApprovalPayloadType);
    v1::DsseSignature& signature = *envelope.add_signatures();
    signature.set_sig(
        key_.Sign(image::host::AsBytes(trust::PreAuthenticationEncoding(
            envelope.payload_type(), envelope.payload()))));
    signature.set_keyid("the developer's key");
    event.set_subject_sha256(said.subject_sha256());
    event.set_target(said.target());
    event.set_approver(said.approver());
    event.set_verdict(said.verdict());
    event.set_pending_index(pending);
    return Append(entry);
  }

  std::uint64_t AppendRelease(std::uint64_t pending, std::uint64_t approval) {
    v1::Entry entry = release_;
    entry.clear_request_id();
    v1::SigningEvent& event = *entry.mutable_signing();
    event.set_subject_sha256(review::SubjectOf(entry));
    event.set_pending_index(pending);
    event.add_approval_indices(approval);
    return Append(entry);
  }

  Outcome Show(std::uint64_t index, const std::string& flag = "") {
    std::vector<std::string> arguments{"audit", "show", std::to_string(index)};
    if (!flag.empty()) arguments.push_back(flag);
    return Bootseal("auditor", arguments);
  }

  SigningKey key_;
  v1::Entry release_;
};

TEST_F(ShowTest, TellsWhoApprovedWhenWithWhichKeyAndWhy) {
  const auto pending = AppendPending();
  const auto approval = AppendApproval(Statement(), pending);
  const auto release = AppendRelease(pending, approval);
  server_.Start();
  const Outcome shown = Show(release);
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  for (const char* row :
       {"policy in force +version 1, entry 1", "request entry +3",
        "approval entry +4", "approver +developer", "verdict +approve",
        "reason +checked on the bench", "signed with +the developer's key",
        "counts from +20", "counts until +20",
        "judged +good: ", "3 .*pending"}) {
    EXPECT_THAT(shown.out, ContainsRegex(row));
  }
  const Outcome json = Show(release, "--json");
  EXPECT_THAT(json.out, HasSubstr("\"policy_version\":1"));
  EXPECT_THAT(json.out, HasSubstr("\"counts\":true"));
  EXPECT_THAT(json.out, HasSubstr("\"pending\":{\"index\":3,"));
  const Outcome verified = Bootseal("auditor", {"audit", "verify", "--json"});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  EXPECT_THAT(verified.out, HasSubstr("\"approvals\":1"));
}

TEST_F(ShowTest, SaysWhyAnApprovalDoesNotCount) {
  const auto pending = AppendPending();
  v1::ApprovalStatement said = Statement();
  said.set_not_before_unix_ms(release_.time_unix_ms() - 3'600'000);
  said.set_not_after_unix_ms(release_.time_unix_ms() - 120'000);
  const auto approval = AppendApproval(said, pending);
  const auto release = AppendRelease(pending, approval);
  server_.Start();
  EXPECT_THAT(Show(release).out,
              ContainsRegex("judged +does not count: it ended at "));
  EXPECT_THAT(Show(release, "--json").out,
              HasSubstr("\"why_not\":\"APPROVAL_EXPIRED\""));
  const Outcome verified = Bootseal("auditor", {"audit", "verify", "--json"});
  EXPECT_EQ(verified.exit_code, 1);
  EXPECT_THAT(verified.out, HasSubstr("\"reason\":\"APPROVALS_MISSING\""));
}

TEST_F(ShowTest, TellsOfARequestThatWaits) {
  const auto pending = AppendPending();
  server_.Start();
  const Outcome shown = Show(pending);
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  for (const char* row : {"decision +pending", "approvals needed +1",
                          "waits until +20", "digest is over +header 6868"}) {
    EXPECT_THAT(shown.out, ContainsRegex(row));
  }
}

TEST_F(ShowTest, OfAnApprovalTellsItsStatement) {
  const auto approval = AppendApproval(Statement(), AppendPending());
  server_.Start();
  const Outcome shown = Show(approval);
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_THAT(shown.out, ContainsRegex("reason +checked on the bench"));
  EXPECT_THAT(shown.out, ContainsRegex("judged +good"));
}

TEST_F(ShowTest, WritesAReceiptThatVerifyTakes) {
  server_.Start();
  ASSERT_EQ(Bootseal("auditor",
                     {"audit", "show", "2", "--receipt", File("two.receipt")})
                .exit_code,
            0);
  const Outcome verified = Bootseal(
      "auditor", {"audit", "verify", "--receipt", File("two.receipt")});
  EXPECT_EQ(verified.exit_code, 0) << verified.out;
  EXPECT_THAT(verified.out, HasSubstr("two.receipt ("));
}

}  // namespace
}  // namespace bootseal::tests
