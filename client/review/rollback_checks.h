// Whether what was released went down only where somebody wanted it: a security
// counter below that of the target's last release needs an approval that says
// so, a version what the target's lower_version says.
#ifndef BOOTSEAL_CLIENT_REVIEW_ROLLBACK_CHECKS_H_
#define BOOTSEAL_CLIENT_REVIEW_ROLLBACK_CHECKS_H_

#include <cstdint>
#include <map>
#include <string>

#include "client/review/approval_checks.h"
#include "client/review/check.h"

namespace bootseal::review {

// Class rollback: SECURITY_COUNTER_LOWER, VERSION_LOWER.
class RollbackChecks final : public Check {
 public:
  // Whose word there was on a release: `approvals` must outlive the checks, and
  // take each entry first.
  explicit RollbackChecks(const ApprovalChecks& approvals)
      : approvals_(approvals) {}

  absl::Status Take(const Position& at, Findings& findings) override;

 private:
  struct Release {
    std::uint64_t index = 0;
    std::uint32_t security_counter = 0;
    std::string version;
  };
  absl::Status CheckCounter(const Position& at, const Release& last) const;
  absl::Status CheckVersion(const Position& at, const Release& last) const;

  const ApprovalChecks& approvals_;
  std::map<std::string, Release> last_;  // by target
};

}  // namespace bootseal::review

#endif  // BOOTSEAL_CLIENT_REVIEW_ROLLBACK_CHECKS_H_
