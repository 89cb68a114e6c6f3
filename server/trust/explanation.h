// A decision with the whole way to it: every rule in the order of judgement,
// and which one decided. For questions about a policy, before anything is
// uploaded. Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_EXPLANATION_H_
#define BOOTSEAL_SERVER_TRUST_EXPLANATION_H_

#include <memory>
#include <string>
#include <vector>

#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/signing.pb.h"
#include "server/trust/policy.h"
#include "server/trust/ruling.h"

namespace bootseal::trust {

struct Question {
  v1::Caller caller;
  // Without request id or payload size: of a request whose are right.
  v1::SignHeader header;
  // The target's last one: version and security counter; nullptr: none.
  std::shared_ptr<const v1::SigningEvent> last_release;
};

enum class RuleOutcome { kPass, kDecided, kNotReached };

struct RuleRow {
  std::string rule;  // "target.requesters"
  RuleOutcome outcome = RuleOutcome::kNotReached;
};

struct Explanation {
  Ruling ruling;
  // Of an allowing decision every rule passed.
  std::vector<RuleRow> rules;
};

// As the server decides of a request that nobody has approved yet.
Explanation Explain(const Policy& policy, Question question);

// Every rule that may decide, in the order of judgement.
std::vector<std::string> DecidingRules();

// With what only a real upload has, where it is left out: a request id, and the
// smallest payload or components that the header's target takes.
v1::SignHeader Completed(const Policy& policy, v1::SignHeader header);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_EXPLANATION_H_
