// What an approver says of a pending request. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_APPROVAL_STATEMENT_H_
#define BOOTSEAL_CLIENT_APPROVAL_STATEMENT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bootseal/v1/approval.pb.h"
#include "client/approval/pending.h"
#include "client/approval/signer.h"

namespace bootseal::approval {

// The approver's clock may be ahead of the server's by so much.
inline constexpr absl::Duration kSkew = absl::Minutes(1);
inline constexpr absl::Duration kDefaultLife = absl::Hours(24);

struct Words {
  v1::Verdict verdict = v1::VERDICT_UNSPECIFIED;
  std::string reason;
  std::string approver;  // name in the policy
  bool allows_lower_security_counter = false;
  bool allows_lower_version = false;
  absl::Time now;
  absl::Duration life = kDefaultLife;
  // Out of the approver's own configuration.
  std::string origin;
  std::string policy_sha256;  // 32 raw bytes
};

// INVALID_ARGUMENT: LOWERS_SECURITY_COUNTER, LOWERS_VERSION when the request
// lowers what an approval does not say it may; NOTHING_LOWERED the other way
// round; APPROVAL_MALFORMED as trust::DecodeStatement, for example a denial
// without a reason.
absl::StatusOr<v1::ApprovalStatement> MakeStatement(const Pending& pending,
                                                    const Words& words);

// The statement's bytes with the signer's signature over them, which verifies.
absl::StatusOr<v1::DsseEnvelope> SignStatement(
    const v1::ApprovalStatement& statement, Signer& signer);

}  // namespace bootseal::approval

#endif  // BOOTSEAL_CLIENT_APPROVAL_STATEMENT_H_
