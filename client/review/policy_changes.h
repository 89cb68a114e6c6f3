// What a policy changed in whom the server believes and what it lets pass.
// Warnings, and no findings: policies are there to be changed, and whether the
// change was meant is nothing that a log can say.
#ifndef BOOTSEAL_CLIENT_REVIEW_POLICY_CHANGES_H_
#define BOOTSEAL_CLIENT_REVIEW_POLICY_CHANGES_H_

#include <map>
#include <string>

#include "bootseal/v1/policy.pb.h"
#include "client/review/check.h"
#include "client/review/trust_fields.h"

namespace bootseal::review {

// By kind: "target \"app\": approvals 2 -> 1; new person \"eve\" (...)". A list
// shows what came and went, a long value its beginning. Thread-safe.
std::map<TrustKind, std::string> TrustChanges(const v1::Policy& before,
                                              const v1::Policy& after);

// Class policy: TRUST_CHANGED, one for each kind of a load. The policy before
// is that of the last load that could be read; the first has none.
class PolicyChanges final : public Check {
 public:
  absl::Status Take(const Position& at, Findings& findings) override;

 private:
  const trust::Policy* before_ = nullptr;  // PolicyHistory's
};

}  // namespace bootseal::review

#endif  // BOOTSEAL_CLIENT_REVIEW_POLICY_CHANGES_H_
