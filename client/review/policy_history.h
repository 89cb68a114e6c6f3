// The policies of a log, and whether they came into force in order.
#ifndef BOOTSEAL_CLIENT_REVIEW_POLICY_HISTORY_H_
#define BOOTSEAL_CLIENT_REVIEW_POLICY_HISTORY_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "bootseal/v1/entry.pb.h"
#include "client/review/finding.h"
#include "server/trust/policy.h"

namespace bootseal::review {

// Not thread-safe.
class PolicyHistory {
 public:
  // The next entry; its policy, or nullptr. Class policy: POLICY_MISMATCH (the
  // text has another SHA-256, the event another version than the text, or the
  // entry names another policy),
  // POLICY_INVALID, POLICY_VERSION_LOWER, POLICY_VERSION_REUSED,
  // POLICY_UNKNOWN (an entry of a policy that the log does not hold before it).
  const trust::Policy* Take(std::uint64_t index, const v1::Entry& entry,
                            Findings& findings);

  // Distinct ones.
  std::size_t size() const { return policies_.size(); }

 private:
  absl::Status CheckInForce(const v1::Entry& entry) const;
  absl::Status TakePolicy(const v1::PolicyEvent& event);
  absl::Status CheckVersion(const v1::PolicyEvent& event);

  // By SHA-256, raw; nullptr for one that cannot be read.
  std::map<std::string, std::shared_ptr<const trust::Policy>> policies_;
  std::uint64_t highest_ = 0;
  std::string highest_sha256_;
};

}  // namespace bootseal::review

#endif  // BOOTSEAL_CLIENT_REVIEW_POLICY_HISTORY_H_
