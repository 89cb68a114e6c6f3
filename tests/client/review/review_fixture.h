// A log that says whatever a test wants, and its review: policy, releases,
// requests that wait, approvals, each signed with keys of its own.
#ifndef BOOTSEAL_TESTS_CLIENT_REVIEW_REVIEW_FIXTURE_H_
#define BOOTSEAL_TESTS_CLIENT_REVIEW_REVIEW_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bootseal/v1/approval.pb.h"
#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/policy.pb.h"
#include "client/review/review.h"
#include "tests/support/signing_key.h"

namespace bootseal::tests {

// Three approvers, rita, ruth and rob (role release-manager), and alice, who
// may ask and approve nothing. Target "guarded" takes requests of ci and needs
// both; target "app" needs nobody.
class ReviewTest : public testing::Test {
 protected:
  ReviewTest();

  std::uint64_t Add(const v1::Entry& entry);
  // Brings policy_ into force.
  std::uint64_t AddPolicy();
  // By ci, under the policy in force; signed with key "app".
  v1::Entry Release(const std::string& target, const std::string& version,
                    std::uint32_t security_counter = 0);
  v1::Entry Pending(v1::Entry release) const;
  // What `approver` says of the pending entry, dated around it.
  v1::ApprovalStatement Statement(const std::string& approver,
                                  std::uint64_t pending) const;
  v1::Entry Approval(const v1::ApprovalStatement& statement,
                     std::uint64_t pending) const;
  // Of the pending entry, with the approvals that count.
  static v1::Entry Done(v1::Entry release, std::uint64_t pending,
                        const std::vector<std::uint64_t>& approvals);
  v1::Entry KeyEvent(v1::KeyAction action, v1::Decision decision) const;

  // "approval:APPROVALS_MISSING@4", sorted by class; warnings with a "?".
  std::vector<std::string> Found();
  // The message of the first finding of this reason.
  std::string MessageOf(const std::string& reason);

  SigningKey app_;
  std::map<std::string, SigningKey> approvers_;
  v1::Policy policy_;
  std::vector<std::string> entries_;
  std::vector<v1::Entry> decoded_;
  std::string policy_sha256_;
  std::int64_t now_ms_ = 1'700'000'000'000;
  // To spoil what the review is given.
  std::function<void(review::Known&)> change_ = [](review::Known&) {};
  std::function<void(std::vector<v1::LogEntry>&)> tamper_ =
      [](std::vector<v1::LogEntry>&) {};

 private:
  std::vector<review::Finding> Review();
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_REVIEW_REVIEW_FIXTURE_H_
