// An approver's signed word: DSSE over an ApprovalStatement
// (proto/bootseal/v1/approval.proto). Reading, writing, and who signed it; what
// it is worth for a request is judged in decision.h.
// Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_APPROVAL_H_
#define BOOTSEAL_SERVER_TRUST_APPROVAL_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/approval.pb.h"
#include "bootseal/v1/entry.pb.h"
#include "server/trust/policy.h"

namespace bootseal::trust {

inline constexpr char kApprovalPayloadType[] =
    "application/vnd.bootseal.approval.v1";
inline constexpr char kSshNamespace[] = "bootseal.v1.approval";
inline constexpr std::size_t kMaxStatementBytes = 4096;
inline constexpr std::size_t kNonceBytes = 16;
inline constexpr std::size_t kMaxReasonBytes = 1024;
inline constexpr std::size_t kMaxKeyidBytes = 128;

// Deterministic. What is signed is PreAuthenticationEncoding of it.
std::string EncodeStatement(const v1::ApprovalStatement& statement);

// Canonical only, and complete: every required field is there and well formed.
// INVALID_ARGUMENT (APPROVAL_MALFORMED).
absl::StatusOr<v1::ApprovalStatement> DecodeStatement(absl::string_view bytes);

// DSSE v1.0.2, protocol: "DSSEv1 36 application/vnd.bootseal.approval.v1 N
// ...".
std::string PreAuthenticationEncoding(absl::string_view payload_type,
                                      absl::string_view payload);

struct SignedStatement {
  v1::ApprovalStatement statement;
  const v1::Person* approver = nullptr;  // owned by the policy; its key signed
  bool retired = false;                  // the key counts no more
  std::string sha256;                    // of the statement's bytes, raw
};

// Whose key of the policy signed the envelope. The key id is a hint and no
// more. The statement names the same person. INVALID_ARGUMENT
// (APPROVAL_MALFORMED); PERMISSION_DENIED: UNKNOWN_APPROVER_KEY,
// SIGNATURE_INVALID, APPROVER_DIFFERS.
absl::StatusOr<SignedStatement> OpenEnvelope(const Policy& policy,
                                             const v1::DsseEnvelope& envelope);

// What an approval is about: SHA-256 over "bootseal.v1 subject\n" and parts as
// in entry.h's RequestDigest: "signing", requester, request digest, then of
// each pair key name, key hash, digest, and "pure" or nothing. Of a compressed
// image the inner pair alone, the entry's last: it and the request determine
// the outer one but for the inner signature.
std::string SubjectOf(absl::string_view requester,
                      const v1::SigningEvent& signing);
// The same for "key change": requester, action (its number), key, its hash, the
// replaced key and its hash, and the transcript's hash when there is one.
std::string SubjectOf(absl::string_view requester, const v1::KeyChange& change);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_APPROVAL_H_
