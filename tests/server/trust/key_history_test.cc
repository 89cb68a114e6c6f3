#include "server/trust/key_history.h"

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "tests/server/trust/example_policy.h"
#include "tests/support/status_matchers.h"

namespace bootseal::trust {
namespace {

using tests::StatusIs;
using State = KeyHistory::State;
using Code = absl::StatusCode;

class KeyHistoryTest : public ::testing::Test {
 protected:
  KeyHistoryTest() {
    v1::Policy proto = tests::ExamplePolicy();
    proto.mutable_key_approvals()->set_approvals(1);
    proto.mutable_key_approvals()->add_approvers("developer");
    proto.mutable_key_approvals()->add_approvers("auditor");
    policy_ = tests::Parsed(proto);
  }

  std::string Pin(const std::string& key) const {
    return absl::HexStringToBytes(policy_->FindKey(key)->public_key_sha256());
  }
  v1::KeyChange Change(v1::KeyAction action, const std::string& key,
                       const std::string& replaces = "") const {
    v1::KeyChange change;
    change.set_action(action);
    change.set_key(key);
    change.set_replaces(replaces);
    return change;
  }
  absl::StatusOr<v1::KeyChange> Resolve(const v1::KeyChange& asked) const {
    return ResolveKeyChange(*policy_, history_, asked);
  }
  void Happen(const v1::KeyChange& asked, v1::Decision decision = v1::ALLOWED) {
    const auto change = Resolve(asked);
    ASSERT_OK(change);
    v1::KeyEvent event;
    *event.mutable_change() = *change;
    event.set_decision(decision);
    history_.Take(next_++, event);
  }
  absl::Status Serves(const std::string& key) const {
    return CheckServes(*policy_, history_, *policy_->FindKey(key));
  }

  std::shared_ptr<const Policy> policy_;
  KeyHistory history_;
  std::uint64_t next_ = 10;
};

TEST_F(KeyHistoryTest, LetsAnActivatedKeyServe) {
  EXPECT_THAT(Serves("app"),
              StatusIs(Code::kFailedPrecondition, "KEY_NOT_APPROVED"));
  Happen(Change(v1::ACTIVATE, "app"));
  EXPECT_OK(Serves("app"));
  EXPECT_THAT(Serves("secure"),
              StatusIs(Code::kFailedPrecondition, "KEY_NOT_APPROVED"));
}

TEST_F(KeyHistoryTest, DoesNotCountWhatIsPendingOrRefused) {
  Happen(Change(v1::ACTIVATE, "app"), v1::PENDING);
  Happen(Change(v1::ACTIVATE, "app"), v1::REFUSED);
  EXPECT_THAT(Serves("app"),
              StatusIs(Code::kFailedPrecondition, "KEY_NOT_APPROVED"));
}

TEST_F(KeyHistoryTest, EndsAKeyThatRetired) {
  Happen(Change(v1::ACTIVATE, "app"));
  Happen(Change(v1::RETIRE, "app"));
  EXPECT_THAT(Serves("app"),
              StatusIs(Code::kFailedPrecondition, "KEY_RETIRED"));
}

TEST_F(KeyHistoryTest, RotatesOneKeyInAndTheOtherOut) {
  Happen(Change(v1::ACTIVATE, "app"));
  Happen(Change(v1::ROTATE, "secure", "app"));
  EXPECT_OK(Serves("secure"));
  EXPECT_THAT(Serves("app"),
              StatusIs(Code::kFailedPrecondition, "KEY_RETIRED"));
}

TEST_F(KeyHistoryTest, ApprovesAPublicKeyAndNotItsName) {
  Happen(Change(v1::ACTIVATE, "app"));
  EXPECT_EQ(history_.Of("app", Pin("app")), State::kActive);
  EXPECT_EQ(history_.Of("app", Pin("secure")), State::kNeverActivated);
}

TEST_F(KeyHistoryTest, LetsEveryPinnedKeyServeWithoutAQuorum) {
  policy_ = tests::Parsed(tests::ExamplePolicy());
  EXPECT_OK(Serves("app"));
  EXPECT_THAT(Resolve(Change(v1::ACTIVATE, "app")),
              StatusIs(Code::kFailedPrecondition, "KEY_APPROVALS_NOT_SET"));
}

TEST_F(KeyHistoryTest, LeavesTheLogsOwnKeyAlone) {
  EXPECT_OK(Serves("log"));
  EXPECT_THAT(Resolve(Change(v1::ACTIVATE, "log")),
              StatusIs(Code::kFailedPrecondition, "KEY_PURPOSE"));
}

TEST_F(KeyHistoryTest, TakesTheHashesFromThePolicyOnly) {
  v1::KeyChange asked = Change(v1::ACTIVATE, "app");
  asked.set_public_key_sha256(std::string(32, 'x'));
  const auto change = Resolve(asked);
  ASSERT_OK(change);
  EXPECT_EQ(change->public_key_sha256(), Pin("app"));
  EXPECT_EQ(change->replaces_sha256(), "");
}

TEST_F(KeyHistoryTest, RefusesChangesThatMakeNoSense) {
  EXPECT_THAT(Resolve(Change(v1::KEY_ACTION_UNSPECIFIED, "app")),
              StatusIs(Code::kInvalidArgument, "KEY_CHANGE_INVALID"));
  EXPECT_THAT(Resolve(Change(v1::ACTIVATE, "app", "secure")),
              StatusIs(Code::kInvalidArgument, "KEY_CHANGE_INVALID"));
  EXPECT_THAT(Resolve(Change(v1::ROTATE, "app")),
              StatusIs(Code::kInvalidArgument, "KEY_CHANGE_INVALID"));
  EXPECT_THAT(Resolve(Change(v1::ROTATE, "app", "app")),
              StatusIs(Code::kInvalidArgument, "KEY_CHANGE_INVALID"));
  EXPECT_THAT(Resolve(Change(v1::ACTIVATE, "none")),
              StatusIs(Code::kNotFound, "UNKNOWN_KEY"));
  EXPECT_THAT(Resolve(Change(v1::RETIRE, "app")),
              StatusIs(Code::kFailedPrecondition, "KEY_NOT_ACTIVE"));
  EXPECT_THAT(Resolve(Change(v1::ROTATE, "app", "secure")),
              StatusIs(Code::kFailedPrecondition, "KEY_NOT_ACTIVE"));
}

TEST_F(KeyHistoryTest, KnowsWhatChangedSinceAnEntry) {
  Happen(Change(v1::ACTIVATE, "app"));  // 10
  Happen(Change(v1::ROTATE, "secure", "app"));
  EXPECT_TRUE(history_.ChangedAfter(10, Change(v1::ACTIVATE, "app")));
  EXPECT_TRUE(history_.ChangedAfter(10, Change(v1::RETIRE, "secure")));
  EXPECT_TRUE(history_.ChangedAfter(9, Change(v1::ROTATE, "edwards", "app")));
  EXPECT_FALSE(history_.ChangedAfter(11, Change(v1::ACTIVATE, "app")));
  EXPECT_FALSE(history_.ChangedAfter(10, Change(v1::ACTIVATE, "edwards")));
}

TEST_F(KeyHistoryTest, RefusesToActivateWhatIsActive) {
  Happen(Change(v1::ACTIVATE, "app"));
  EXPECT_THAT(Resolve(Change(v1::ACTIVATE, "app")),
              StatusIs(Code::kFailedPrecondition, "KEY_IS_ACTIVE"));
}

}  // namespace
}  // namespace bootseal::trust
