// The policy engine: allowed, refused or pending, and by which rule. Pure: the
// same inputs give the same decision, on the server and for an auditor offline.
#ifndef BOOTSEAL_SERVER_TRUST_DECISION_H_
#define BOOTSEAL_SERVER_TRUST_DECISION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/signing.pb.h"
#include "server/trust/policy.h"

namespace bootseal::trust {

// The pairs that a decision allows: each digest goes to one key.
struct KeyDigest {
  std::string key;     // name in the policy
  std::string digest;  // raw
  // The key signs the message whose digest this is (McubootFormat.pure).
  bool pure = false;
};

// The proof of an allowing decision over exact digests. Only Judge makes one;
// server::PermitMint consumes it, so each serves once.
class Approved {
 public:
  Approved(Approved&&) = default;
  Approved& operator=(Approved&&) = delete;
  Approved(const Approved&) = delete;
  Approved& operator=(const Approved&) = delete;

  const std::vector<KeyDigest>& pairs() const { return pairs_; }

 private:
  friend class Judge;
  explicit Approved(std::vector<KeyDigest> pairs) : pairs_(std::move(pairs)) {}

  std::vector<KeyDigest> pairs_;
};

// What the request's first message is allowed to become. Judged before any
// payload is taken.
struct Admission {
  v1::Decision decision = v1::REFUSED;
  std::string rule;    // "target.requesters"
  std::string reason;  // "identity dev-alice has roles developer; target
                       // an521-app takes requests from ci"
  std::string code;    // machine-readable: "UNKNOWN_TARGET", "WRONG_ROLE", ...
  // Resolved values, when not refused.
  const v1::Target* target = nullptr;  // owned by the policy
  std::uint32_t security_counter = 0;  // given, derived or default
};

class Judge {
 public:
  // `policy` must outlive the judge and every Admission.
  explicit Judge(const Policy& policy) : policy_(policy) {}

  // In this order, first failure wins: caller known, request id well formed,
  // target exists, role, version, security counter (presence, ceiling),
  // signed range, compression, size, vendor TLVs, encryption, approvals.
  Admission Admit(const v1::Caller& caller, const v1::SignHeader& header) const;

  // After the server computed the digests itself: the same admission again, now
  // over exact bytes. PERMISSION_DENIED when the admission does not allow. One
  // pair at a time: of a compressed image the second digest is only there once
  // the first one is signed.
  absl::StatusOr<Approved> Approve(const v1::Caller& caller,
                                   const v1::SignHeader& header,
                                   std::vector<KeyDigest> pairs) const;

  // Whether one of the caller's roles has the permission; otherwise
  // PERMISSION_DENIED (WRONG_ROLE), or UNAUTHENTICATED for an unknown caller.
  absl::Status Allow(const v1::Caller& caller, v1::Permission permission) const;

  // Whether there is a target that the caller may ask for; errors as Allow's.
  absl::Status AllowRequests(const v1::Caller& caller) const;

 private:
  const Policy& policy_;
};

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_DECISION_H_
