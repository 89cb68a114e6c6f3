// What another server did between a decision and its entry, on every store.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "base/status.h"
#include "hsm/signer.h"
#include "server/audit/record.h"
#include "server/audit/standing.h"
#include "server/denials.h"
#include "server/key_changes.h"
#include "server/key_states.h"
#include "server/trust/entry.h"
#include "server/trust/quorum.h"
#include "tests/server/audit/log_fixture.h"
#include "tests/server/audit/store_home.h"
#include "tests/server/trust/example_policy.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_approver.h"

namespace bootseal::server {
namespace {

using tests::CallerNamed;
using tests::StatusIs;

constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

// Whose Now() is when others act: the last thing before an entry is appended is
// to look at the clock.
class BusyClock final : public base::Clock {
 public:
  absl::Time Now() const override {
    if (!next || --calls_left > 0) return absl::Now();
    const auto act = std::exchange(next, nullptr);
    act();
    return absl::Now();
  }
  mutable std::function<void()> next;
  mutable int calls_left = 0;
};

class RecheckTest : public ::testing::TestWithParam<tests::StoreKind> {
 protected:
  std::shared_ptr<hsm::Token> TokenWithKey() {
    softhsm_.GenerateKey("log", hsm::Algorithm::kEd25519);
    return *hsm::OpenToken(softhsm_.Options());
  }
  std::shared_ptr<const trust::Policy> ApprovedByAudrey() const {
    v1::Policy policy = tests::ExamplePolicy();
    policy.mutable_people(2)->add_approver_keys()->set_public_key(
        audrey_.public_key());
    policy.mutable_key_approvals()->set_approvals(1);
    policy.mutable_key_approvals()->add_approvers("auditor");
    return tests::Parsed(policy);
  }
  // Another server where the log can have one.
  std::unique_ptr<audit::Log> OpenedByAnother() {
    if (GetParam() == tests::StoreKind::kSqlite) return nullptr;
    return Opened();
  }

  std::unique_ptr<audit::Log> Opened() {
    auto store = home_->Open();
    EXPECT_OK(store);
    auto signer = tests::SignerIn(token_, softhsm_.KeyUri("log"));
    EXPECT_OK(signer);
    auto log =
        audit::Log::Open(*std::move(store), *std::move(signer), tests::kOrigin);
    EXPECT_OK(log);
    return *std::move(log);
  }
  audit::Log& other() { return other_ ? *other_ : *log_; }

  void AppendTo(audit::Log& log, const v1::Entry& entry) {
    auto record = audit::RecordOf(entry);
    ASSERT_OK(record);
    ASSERT_OK(log.Append(*std::move(record)));
  }

  std::string PinOf(const std::string& key) const {
    return absl::HexStringToBytes(policy_->FindKey(key)->public_key_sha256());
  }
  v1::KeyChange ChangeOf(v1::KeyAction action, const std::string& key,
                         const std::string& replaces = "") const {
    v1::KeyChange change;
    change.set_action(action);
    change.set_key(key);
    change.set_public_key_sha256(PinOf(key));
    if (replaces.empty()) return change;
    change.set_replaces(replaces);
    change.set_replaces_sha256(PinOf(replaces));
    return change;
  }
  v1::Entry Made(const v1::KeyChange& change) const {
    v1::Entry entry;
    *entry.mutable_caller() = CallerNamed("alice");
    *entry.mutable_key()->mutable_change() = change;
    entry.mutable_key()->set_decision(v1::ALLOWED);
    entry.mutable_key()->set_subject_sha256(trust::SubjectOf("alice", change));
    return entry;
  }
  // By another server.
  void Make(v1::KeyAction action, const std::string& key,
            const std::string& replaces = "") {
    AppendTo(other(), Made(ChangeOf(action, key, replaces)));
  }

  absl::StatusOr<v1::ChangeKeyReply> Ask(const v1::KeyChange& change) {
    v1::ChangeKeyRequest request;
    *request.mutable_change() = change;
    return changes_.Ask(*policy_, CallerNamed("ci"), request);
  }

  // A change that waits, with all its approvals.
  void Approved(const v1::KeyChange& change) {
    const auto waiting = Ask(change);
    ASSERT_OK(waiting);
    ASSERT_FALSE(waiting->done());
    const std::uint64_t index = waiting->pending_index();
    const auto text = log_->Get(index);
    ASSERT_OK(text);
    const trust::Recorded pending{index, *trust::DecodeEntry(*text)};
    v1::ApprovalStatement statement =
        trust::MatterOf(*policy_, log_->origin(), pending, v1::Caller(), {})
            .statement;
    statement.set_policy_sha256(policy_->sha256());
    statement.set_nonce(std::string(16, 'n'));
    const std::int64_t now = absl::ToUnixMillis(absl::Now());
    statement.set_not_before_unix_ms(now);
    statement.set_not_after_unix_ms(now + 3'600'000);
    statement.set_verdict(v1::APPROVE);
    v1::Entry entry;
    *entry.mutable_caller() = CallerNamed("audrey");
    v1::ApprovalEvent& event = *entry.mutable_approval();
    *event.mutable_envelope() = audrey_.Sign(statement);
    event.set_verdict(v1::APPROVE);
    event.set_approver("audrey");
    event.set_pending_index(index);
    event.set_subject_sha256(statement.subject_sha256());
    AppendTo(*log_, entry);
  }

  // `act` comes after the `calls`-th look at the clock from now on.
  void Meanwhile(int calls, std::function<void()> act) {
    clock_.calls_left = calls;
    clock_.next = std::move(act);
  }

  std::size_t MadeOf(const std::string& key) {
    audit::Filter filter;
    filter.kind = v1::Entry::kKey;
    filter.decision = v1::ALLOWED;
    filter.key = key;
    const auto made = log_->List(filter);
    EXPECT_OK(made);
    return made->size();
  }

  const std::unique_ptr<tests::StoreHome> home_ =
      tests::MakeStoreHome(GetParam());
  tests::TemporaryFolder folder_;
  tests::SoftHsmToken softhsm_{folder_.path()};
  const std::shared_ptr<hsm::Token> token_ = TokenWithKey();
  const std::unique_ptr<audit::Log> log_ = Opened();
  const std::unique_ptr<audit::Log> other_ = OpenedByAnother();
  const tests::TestApprover audrey_{"audrey"};
  const std::shared_ptr<const trust::Policy> policy_ = ApprovedByAudrey();
  BusyClock clock_;
  // Of the server that is slower.
  KeyStates states_{*log_};
  KeyChanges changes_{*log_, states_, clock_};
};

// The looks at the clock of a change that has its approvals: whether it waits
// yet, how many approvals count, and the time of its entry.
constexpr int kLooks = 3;

TEST_P(RecheckTest, OfTwoRotationsOfOneKeyTheSecondIsNotMade) {
  Make(v1::ACTIVATE, "app");
  const v1::KeyChange change = ChangeOf(v1::ROTATE, "secure", "app");
  Approved(change);
  Meanwhile(kLooks, [&] { Make(v1::ROTATE, "edwards", "app"); });
  EXPECT_THAT(Ask(change), StatusIs(kPrecondition, "KEY_NOT_ACTIVE"));
  EXPECT_FALSE(clock_.next) << "nothing raced";
  EXPECT_EQ(MadeOf("edwards"), 1u);
  EXPECT_EQ(MadeOf("secure"), 0u);
}

TEST_P(RecheckTest, OfTwoActivationsOfOneKeyTheSecondIsNotMade) {
  const v1::KeyChange change = ChangeOf(v1::ACTIVATE, "app");
  Approved(change);
  Meanwhile(kLooks, [&] { Make(v1::ACTIVATE, "app"); });
  EXPECT_THAT(Ask(change), StatusIs(kPrecondition, "KEY_IS_ACTIVE"));
  EXPECT_FALSE(clock_.next) << "nothing raced";
  EXPECT_EQ(MadeOf("app"), 1u);
}

TEST_P(RecheckTest, OfTwoRetirementsOfOneKeyTheSecondIsNotMade) {
  Make(v1::ACTIVATE, "app");
  const v1::KeyChange change = ChangeOf(v1::RETIRE, "app");
  Approved(change);
  Meanwhile(kLooks, [&] { Make(v1::RETIRE, "app"); });
  EXPECT_THAT(Ask(change), StatusIs(kPrecondition, "KEY_NOT_ACTIVE"));
  EXPECT_FALSE(clock_.next) << "nothing raced";
  EXPECT_EQ(MadeOf("app"), 2u);
}

TEST_P(RecheckTest, AChangeOfAKeyThatCameBackMeanwhileIsNotMade) {
  Make(v1::ACTIVATE, "app");
  const v1::KeyChange change = ChangeOf(v1::RETIRE, "app");
  Approved(change);
  Meanwhile(kLooks, [&] {
    Make(v1::RETIRE, "app");
    Make(v1::ACTIVATE, "app");
  });
  EXPECT_THAT(Ask(change), StatusIs(kPrecondition, "KEY_CHANGE_STALE"));
  EXPECT_EQ(MadeOf("app"), 3u);
}

TEST_P(RecheckTest, AChangeThatCannotBeMadeAnyMoreDoesNotWait) {
  // Whether it waits yet, its end, its time.
  Meanwhile(3, [&] { Make(v1::ACTIVATE, "app"); });
  EXPECT_THAT(Ask(ChangeOf(v1::ACTIVATE, "app")),
              StatusIs(kPrecondition, "KEY_IS_ACTIVE"));
  EXPECT_FALSE(clock_.next) << "nothing raced";
}

TEST_P(RecheckTest, AnApprovedChangeIsMadeWhenNobodyWasFaster) {
  Make(v1::ACTIVATE, "app");
  const v1::KeyChange change = ChangeOf(v1::ROTATE, "secure", "app");
  Approved(change);
  const auto made = Ask(change);
  ASSERT_OK(made);
  EXPECT_TRUE(made->done());
  EXPECT_EQ(MadeOf("secure"), 1u);
}

TEST_P(RecheckTest, AKeyServesNoMoreFromTheEntryOnThatRetiresIt) {
  Make(v1::ACTIVATE, "app");
  const v1::PinnedKey& key = *policy_->FindKey("app");
  EXPECT_OK(states_.CheckServes(*policy_, key));
  const v1::Entry retired = Made(ChangeOf(v1::RETIRE, "app"));
  // In the same batch, before the release.
  audit::Standing standing;
  standing.size = 1;
  standing.fresh.push_back({1, *trust::EncodeEntry(retired)});
  EXPECT_THAT(states_.CheckServes(*policy_, key, standing),
              StatusIs(kPrecondition, "KEY_RETIRED"));
  // What was not stored was not remembered.
  EXPECT_OK(states_.CheckServes(*policy_, key));
  // In an earlier one.
  AppendTo(other(), retired);
  standing.size = 2;
  standing.fresh.clear();
  EXPECT_THAT(states_.CheckServes(*policy_, key, standing),
              StatusIs(kPrecondition, "KEY_RETIRED"));
}

TEST_P(RecheckTest, DenialsAreKnownAsFarAsTheyWereRead) {
  Denials denials(*log_);
  v1::Entry entry;
  entry.mutable_approval()->set_subject_sha256(std::string(32, 's'));
  entry.mutable_approval()->set_verdict(v1::APPROVE);
  AppendTo(*log_, entry);
  ASSERT_OK(denials.CatchUp(1));
  EXPECT_TRUE(denials.empty());
  entry.mutable_approval()->set_verdict(v1::DENY);
  AppendTo(other(), entry);
  EXPECT_FALSE(denials.Have(std::string(32, 's')));
  ASSERT_OK(denials.CatchUp(2));
  EXPECT_TRUE(denials.Have(std::string(32, 's')));
  EXPECT_FALSE(denials.Have(std::string(32, 'o')));
}

INSTANTIATE_TEST_SUITE_P(Stores, RecheckTest,
                         ::testing::ValuesIn(tests::kStoreKinds),
                         tests::NameOfStore);

}  // namespace
}  // namespace bootseal::server
