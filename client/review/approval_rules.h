// What an approval is worth for one release or key change, judged from the log
// alone. Pure.
#ifndef BOOTSEAL_CLIENT_REVIEW_APPROVAL_RULES_H_
#define BOOTSEAL_CLIENT_REVIEW_APPROVAL_RULES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bootseal/v1/entry.pb.h"
#include "server/trust/approval.h"
#include "server/trust/policy.h"

namespace bootseal::review {

// What had to be approved, and by whom. `entry` is the release or the key
// change; it must outlive the question.
struct Question {
  std::string origin;  // of the log
  const v1::Entry& entry;
  std::uint32_t needed = 0;
  std::vector<std::string> roles;  // whose members may approve
  std::int64_t longest_ms = 0;     // life of an approval
  // People who never count: who asked, and who stands behind.
  std::vector<std::string> excluded;
};

// An approver's clock may be ahead, and an entry is dated when its signature is
// made, which is after it was judged.
inline constexpr std::int64_t kSkewMs = 60'000;

// By the policy that was in force.
Question QuestionOf(const std::string& origin, const trust::Policy& policy,
                    const v1::Entry& entry);

// The subject that its own content gives, and the one that it states.
std::string SubjectOf(const v1::Entry& entry);
const std::string& StatedSubjectOf(const v1::Entry& entry);

// What the envelope says is what the event says of it, and the key is the
// approver's by the policy. As trust::OpenEnvelope; FAILED_PRECONDITION
// (APPROVAL_MISSTATED).
absl::StatusOr<trust::SignedStatement> OpenApproval(
    const trust::Policy& policy, const v1::ApprovalEvent& event);

// The statement, be it an approval or a denial, when it counts for the question
// at the time of its entry. The above, and FAILED_PRECONDITION:
// APPROVAL_RETIRED_KEY, APPROVAL_REVOKED, APPROVAL_OF_REQUESTER, APPROVER_ROLE,
// APPROVAL_ORIGIN, APPROVAL_OTHER_REQUEST, APPROVAL_TOO_LONG, APPROVAL_EXPIRED,
// APPROVAL_NOT_YET.
absl::StatusOr<trust::SignedStatement> CheckWord(
    const trust::Policy& policy, const Question& question,
    const v1::ApprovalEvent& event);
// The same of an approval: APPROVAL_DENIES otherwise.
absl::StatusOr<trust::SignedStatement> CountApproval(
    const trust::Policy& policy, const Question& question,
    const v1::ApprovalEvent& event);

}  // namespace bootseal::review

#endif  // BOOTSEAL_CLIENT_REVIEW_APPROVAL_RULES_H_
