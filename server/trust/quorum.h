// Which approvals count for a request that waits, and whether they are enough.
// Of images and of key changes alike. Pure: policy, log and time come in.
// Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_QUORUM_H_
#define BOOTSEAL_SERVER_TRUST_QUORUM_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/approval.pb.h"
#include "bootseal/v1/entry.pb.h"
#include "server/trust/approval.h"
#include "server/trust/facts.h"
#include "server/trust/policy.h"
#include "server/trust/rollback.h"

namespace bootseal::trust {

// How long a request waits, and an approval lives at most, by default.
inline constexpr std::uint32_t kDefaultApprovalSeconds = 604'800;
// An approver's clock may be ahead by this much.
inline constexpr std::int64_t kClockSkewMs = 60'000;

// Whose approvals a request needs, by the policy now.
struct Demand {
  std::vector<std::string> roles;
  std::uint32_t needed = 0;
  std::uint32_t seconds = kDefaultApprovalSeconds;
  // What every one of them must allow explicitly.
  Lowering lowering;
};

// `lowering` needs one approval at least, where it is one that can be approved.
Demand DemandOf(const v1::Target& target, Lowering lowering);
Demand DemandOf(const v1::KeyApprovals& approvals);

// What a request that waits must be approved as.
struct Matter {
  std::uint64_t pending_index = 0;
  // When it began to wait: no approval of it is older.
  std::int64_t since_unix_ms = 0;
  // Statements must equal it in origin, target, requester, subject, payload,
  // version, counter and key change.
  v1::ApprovalStatement statement;
  // Names of people who never count: who asked, and who stands behind.
  std::vector<std::string> excluded;
  // Not OK when that is not known of all (behind.h): nobody's approval counts.
  absl::Status behind;
  Demand demand;
};

// `pending`: a signing or key event that waits. `asking`: who asks for the
// release now, with whoever stands behind this time. `policy`: the one in force
// now, which may know more of both.
Matter MatterOf(const Policy& policy, absl::string_view origin,
                const Recorded& pending, const v1::Caller& asking,
                Demand demand);

// OK when the word of this envelope counts at `now`, be it APPROVE or DENY.
// OpenEnvelope's errors; PERMISSION_DENIED:
//   ORIGIN_DIFFERS, TARGET_DIFFERS, REQUESTER_DIFFERS, PAYLOAD_DIFFERS,
//   VERSION_DIFFERS, SECURITY_COUNTER_DIFFERS, KEY_CHANGE_DIFFERS,
//   SUBJECT_DIFFERS   it is about something else
//   APPROVAL_REVOKED, APPROVER_KEY_RETIRED, NOT_AN_APPROVER, OWN_REQUEST
//   BEHIND_UNKNOWN    the requester is a job of nobody whom the policy knows;
//                     a denial counts all the same
//   APPROVAL_TOO_LONG, APPROVAL_NOT_YET, APPROVAL_EXPIRED
//   APPROVAL_TOO_OLD  it was signed for an earlier request with this subject
//   LOWERING_NOT_ALLOWED   it does not say that the counter or version may go
//                          down
absl::StatusOr<SignedStatement> CheckApproval(const Policy& policy,
                                              const Matter& matter,
                                              const v1::DsseEnvelope& envelope,
                                              std::int64_t now_unix_ms);

// Whether the person has a role that approves.
bool IsApprover(const Policy& policy, const Matter& matter,
                absl::string_view person);

// The same, and did not ask.
bool MayApprove(const Policy& policy, const Matter& matter,
                absl::string_view person);

struct Denial {
  std::uint64_t index = 0;
  std::string approver;
  std::string reason;
};

// Does not count, and why.
struct Uncounted {
  std::uint64_t index = 0;
  absl::Status why;
};

struct Quorum {
  // Distinct people, and for each the entry that counts.
  std::vector<std::string> people;
  std::vector<std::uint64_t> indices;
  // The first that counts; it stops the request until it expires.
  std::optional<Denial> denial;
  std::vector<Uncounted> uncounted;
};

// Approvals count for the request that they were given to. A denial stands for
// as long as that waits, whatever becomes of its giver; for later requests with
// the same subject it counts as long as an approval would.
Quorum CountApprovals(const Policy& policy, const Matter& matter,
                      const std::vector<RecordedApproval>& approvals,
                      std::int64_t now_unix_ms);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_QUORUM_H_
