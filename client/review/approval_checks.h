// Whether every release and key change that needed people had them: the
// policy's quorum of distinct people, each with a statement that counted at the
// time, about exactly this, and no denial before it.
#ifndef BOOTSEAL_CLIENT_REVIEW_APPROVAL_CHECKS_H_
#define BOOTSEAL_CLIENT_REVIEW_APPROVAL_CHECKS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "client/review/approval_rules.h"
#include "client/review/check.h"

namespace bootseal::review {

// Class approval, or key where a key changes. Of an approval's own entry: as
// OpenApproval, and APPROVAL_OF_NOTHING. Of a pending request:
// SUBJECT_MISSTATED. Of what came of it: BEHIND_UNKNOWN, PENDING_UNKNOWN,
// PENDING_ENDED, PENDING_DIFFERS, APPROVAL_UNKNOWN, APPROVAL_DENIED,
// APPROVALS_MISSING, and why an approval did not count, as CountApproval.
// Requests and denials are held until they end.
class ApprovalChecks final : public Check {
 public:
  explicit ApprovalChecks(std::string origin) : origin_(std::move(origin)) {}

  absl::Status Take(const Position& at, Findings& findings) override;

  // What every approval that counts says of the entry last taken.
  bool allows_lower_security_counter() const { return lower_counter_; }
  bool allows_lower_version() const { return lower_version_; }
  // That counted, so far.
  std::uint64_t counted() const { return counted_; }

 private:
  struct Waiting {
    std::string subject;
    v1::Caller caller;
    std::int64_t ends_unix_ms = 0;
    std::map<std::uint64_t, v1::ApprovalEvent> approvals;
  };
  // Stops every request with its subject until it ends.
  struct Denial {
    std::uint64_t index = 0;
    std::int64_t ends_unix_ms = 0;
    v1::ApprovalEvent event;
  };

  void TakePending(const Position& at, FindingClass kind, std::int64_t expires,
                   Findings& findings);
  void TakeApproval(const Position& at, Findings& findings);
  void TakeDone(const Position& at, FindingClass kind, Findings& findings);
  absl::Status CheckPending(const v1::Entry& entry,
                            const Waiting& waiting) const;
  absl::Status CheckDenials(const trust::Policy& policy,
                            const Question& question) const;
  void Count(const Position& at, FindingClass kind, const Question& question,
             const Waiting& waiting, Findings& findings);
  void Forget(std::int64_t now_unix_ms);

  const std::string origin_;
  std::map<std::uint64_t, Waiting> waiting_;  // by index of the pending entry
  std::set<std::pair<std::int64_t, std::uint64_t>> ends_;  // when, and which
  std::multimap<std::string, Denial> denials_;             // by subject
  bool lower_counter_ = false;
  bool lower_version_ = false;
  std::uint64_t counted_ = 0;
};

}  // namespace bootseal::review

#endif  // BOOTSEAL_CLIENT_REVIEW_APPROVAL_CHECKS_H_
