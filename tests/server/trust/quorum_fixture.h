// One request that waits, and three people who may say something of it.
#ifndef BOOTSEAL_TESTS_SERVER_TRUST_QUORUM_FIXTURE_H_
#define BOOTSEAL_TESTS_SERVER_TRUST_QUORUM_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "server/trust/quorum.h"
#include "tests/server/trust/example_policy.h"
#include "tests/support/test_approver.h"

namespace bootseal::trust {

inline constexpr std::int64_t kNow = 1'800'000'000'000;
inline constexpr std::int64_t kHour = 3'600'000;

class QuorumTest : public ::testing::Test {
 protected:
  QuorumTest() {
    proto_ = tests::ExamplePolicy();
    AddApprover(audrey_);
    AddApprover(alice_);
    AddApprover(bob_);
    v1::Role& role = *proto_.add_roles();
    role.set_name("release-manager");
    for (const char* name : {"audrey", "alice", "bob"}) role.add_members(name);
    v1::Target& target = *proto_.mutable_targets(3);
    target.clear_approvers();
    target.add_approvers("release-manager");
    target.set_approval_seconds(86'400);
    matter_ = MatterOf(*tests::Parsed(proto_), "bootseal.example/audit",
                       Pending(), v1::Caller(), DemandOf(target, {}));
  }

  void AddApprover(const tests::TestApprover& approver) {
    v1::Person* person = nullptr;
    for (v1::Person& each : *proto_.mutable_people()) {
      if (each.name() == approver.name()) person = &each;
    }
    if (person == nullptr) {
      person = proto_.add_people();
      person->set_name(approver.name());
      person->add_subjects("spiffe://dev.example/" + approver.name());
    }
    person->add_approver_keys()->set_public_key(approver.public_key());
  }

  static Recorded Pending() {
    Recorded pending{7, {}};
    pending.entry.mutable_caller()->set_identity("ci");
    pending.entry.mutable_caller()->set_behind("bob");
    v1::SigningEvent& signing = *pending.entry.mutable_signing();
    signing.set_target("guarded");
    signing.set_version("1.2.3");
    signing.set_security_counter(4);
    signing.set_payload_sha256(std::string(32, 'p'));
    signing.set_subject_sha256(std::string(32, 's'));
    return pending;
  }

  v1::ApprovalStatement Statement() const {
    v1::ApprovalStatement statement = matter_.statement;
    statement.set_policy_sha256(std::string(32, 'x'));
    statement.set_nonce(std::string(16, 'n'));
    statement.set_not_before_unix_ms(kNow - kHour);
    statement.set_not_after_unix_ms(kNow + kHour);
    statement.set_verdict(v1::APPROVE);
    return statement;
  }

  v1::ApprovalStatement Denied() const {
    v1::ApprovalStatement statement = Statement();
    statement.set_verdict(v1::DENY);
    statement.set_reason("not today");
    return statement;
  }

  absl::Status Check(const v1::DsseEnvelope& envelope,
                     std::int64_t now = kNow) const {
    return CheckApproval(*tests::Parsed(proto_), matter_, envelope, now)
        .status();
  }

  void Record(const v1::DsseEnvelope& envelope, std::uint64_t pending = 7) {
    v1::ApprovalEvent event;
    *event.mutable_envelope() = envelope;
    event.set_pending_index(pending);
    approvals_.push_back({next_++, event});
  }

  Quorum Count() const {
    return CountApprovals(*tests::Parsed(proto_), matter_, approvals_, kNow);
  }

  v1::Policy proto_;
  const tests::TestApprover audrey_{"audrey"};
  const tests::TestApprover alice_{"alice"};
  const tests::TestApprover bob_{"bob"};
  Matter matter_;
  std::vector<RecordedApproval> approvals_;
  std::uint64_t next_ = 8;
};

}  // namespace bootseal::trust

#endif  // BOOTSEAL_TESTS_SERVER_TRUST_QUORUM_FIXTURE_H_
