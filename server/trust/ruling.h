// What the log has to say about a request that the policy admits: the rollback
// guard and the approvals. Rules of Judge::Decide (decision.h).
// Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_RULING_H_
#define BOOTSEAL_SERVER_TRUST_RULING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bootseal/v1/entry.pb.h"
#include "server/trust/facts.h"
#include "server/trust/policy.h"
#include "server/trust/quorum.h"
#include "server/trust/rollback.h"

namespace bootseal::trust {

struct Ruling {
  v1::Decision decision = v1::REFUSED;
  std::string rule;    // "target.approvals"
  std::string reason;  // in words
  std::string code;    // "APPROVALS_REQUIRED"; empty when allowed
  std::uint32_t approvals_needed = 0;
  // What the last release had more of, also where that may pass.
  Lowering lowering;
  // The request that waits, or was approved; not set: none that is open.
  std::optional<std::uint64_t> pending_index;
  // Who approved, or denied.
  Quorum quorum;
};

// In this order, first failure wins:
//   verdict.not_after          VERDICT_EXPIRED, VERDICT_TOO_LONG
//   security_counter_rollback  SECURITY_COUNTER_LOWERED, where nobody may
//                              approve that
//   target.security_counter_step  SECURITY_COUNTER_LEAP
//   target.lower_version       VERSION_LOWERED
//   target.approvals           BEHIND_UNKNOWN, REQUEST_DENIED; PENDING:
//   APPROVALS_REQUIRED
// `asked` has target, version, counter, request and payload digest, and the
// pair that is signed first; without a pair nothing counts as approved.
Ruling RuleOn(const Policy& policy, const v1::Target& target,
              const v1::Caller& caller, const v1::SigningEvent& asked,
              const Facts& facts);

// The rules of RuleOn, in the order of judgement; each name once.
std::vector<std::string> RulingRules();

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_RULING_H_
