// Whether every key that signed was one that people had let serve. That they
// had is ApprovalChecks' to say.
#ifndef BOOTSEAL_CLIENT_REVIEW_KEY_CHECKS_H_
#define BOOTSEAL_CLIENT_REVIEW_KEY_CHECKS_H_

#include "client/review/check.h"
#include "server/trust/key_history.h"

namespace bootseal::review {

// Class key: as trust::CheckServes, and KEY_CHANGE_UNPINNED when a key changed
// that its policy does not pin so.
class KeyChecks final : public Check {
 public:
  absl::Status Take(const Position& at, Findings& findings) override;

 private:
  trust::KeyHistory history_;
};

}  // namespace bootseal::review

#endif  // BOOTSEAL_CLIENT_REVIEW_KEY_CHECKS_H_
