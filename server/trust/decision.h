// The policy engine: allowed, refused or pending, and by which rule. Pure: the
// same inputs give the same decision, on the server and for an auditor offline.
#ifndef BOOTSEAL_SERVER_TRUST_DECISION_H_
#define BOOTSEAL_SERVER_TRUST_DECISION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/signing.pb.h"
#include "server/trust/facts.h"
#include "server/trust/policy.h"
#include "server/trust/ruling.h"

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
  // The log's entries that it rests on: the request that waited, and the
  // approvals that count. None where nobody has to approve.
  std::optional<std::uint64_t> pending_index() const { return pending_index_; }
  const std::vector<std::uint64_t>& approval_indices() const {
    return approval_indices_;
  }

 private:
  friend class Judge;
  Approved(std::vector<KeyDigest> pairs, const Ruling& ruling)
      : pairs_(std::move(pairs)),
        pending_index_(ruling.pending_index),
        approval_indices_(ruling.quorum.indices) {}

  std::vector<KeyDigest> pairs_;
  std::optional<std::uint64_t> pending_index_;
  std::vector<std::uint64_t> approval_indices_;
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
  bool has_security_counter = false;   // the image has one
};

class Judge {
 public:
  // `policy` must outlive the judge and every Admission.
  explicit Judge(const Policy& policy) : policy_(policy) {}

  // In this order, first failure wins: caller known, request id well formed,
  // target exists, role, version, verdict, security counter (presence,
  // ceiling), lowest supported version, non-trusted counter, image version on
  // closed chips, begin of certificates, signed range, compression, size,
  // components, provisioning, vendor TLVs, encryption, who stands behind
  // (BEHIND_UNKNOWN), approvals. What is PENDING may be uploaded: only with its
  // digests can it wait.
  Admission Admit(const v1::Caller& caller, const v1::SignHeader& header) const;

  // What the log has to say too: the same admission again, then ruling.h's
  // rules.
  Ruling Decide(const v1::Caller& caller, const v1::SignHeader& header,
                const v1::SigningEvent& asked, const Facts& facts) const;

  // After the server computed the digests itself: the same decision again, now
  // over exact bytes. PERMISSION_DENIED when it does not allow. The pairs are
  // those that `asked` holds, all of them and in its order: that is what
  // approvers signed. Of a compressed image that is the inner one, and the
  // outer, which is only there once the inner one is signed, may follow.
  absl::StatusOr<Approved> Approve(const v1::Caller& caller,
                                   const v1::SignHeader& header,
                                   const v1::SigningEvent& asked,
                                   std::vector<KeyDigest> pairs,
                                   const Facts& facts) const;

  // Whether one of the caller's roles has the permission; otherwise
  // PERMISSION_DENIED (WRONG_ROLE), or UNAUTHENTICATED for an unknown caller.
  absl::Status Allow(const v1::Caller& caller, v1::Permission permission) const;

  // The target, when the caller may ask for it. NOT_FOUND (UNKNOWN_TARGET);
  // otherwise as Allow's.
  absl::StatusOr<const v1::Target*> AllowTarget(
      const v1::Caller& caller, const std::string& target) const;

  // Whether there is a target that the caller may ask for; errors as Allow's.
  absl::Status AllowRequests(const v1::Caller& caller) const;

 private:
  const Policy& policy_;
};

// Whether an admission was refused for who asks, or for what there is not:
// before anything of the target was looked at.
bool IsAboutCaller(const Admission& admission);

// The rules of Judge::Admit, in the order of judgement, each name once;
// approvals last.
std::vector<std::string> AdmissionRules();

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_DECISION_H_
