// One signing request from its header to its release:
//
//   header   judged by the policy before any payload is taken
//   payload  hashed and fed to the device's verifier while it streams
//   digest   computed here, approved again over the exact bytes, with what the
//            log says (rollback guard, approvals) -> permit. What lacks
//            approvals waits as an entry of the log, and nothing is signed
//   sign     by the HSM; the permit serves once
//   seal     the image passes the device's verifier -> image::Verified
//            (a compressed image has digest, sign and seal twice); a release is
//            opened as devices open it -> image::host::VerifiedRelease, and so
//            is a capsule -> image::host::VerifiedCapsule; a package has one
//            decision over all its certificates, then the device's verifier ->
//            image::certificate::VerifiedPackage
//   record   the log's part of the decision once more, in the transaction that
//            appends; durable in the log -> audit::Receipt
//   embed    where the image carries its receipt: in it goes, and the device's
//            verifier judges the image by all of its rules, the log's included
//   reply    built from those two proofs
//
// Every refusal on the way becomes a log entry too.
#ifndef BOOTSEAL_SERVER_SIGNING_FLOW_H_
#define BOOTSEAL_SERVER_SIGNING_FLOW_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "bootseal/v1/signing.pb.h"
#include "hsm/permit.h"
#include "server/audit/log.h"
#include "server/denials.h"
#include "server/memory_budget.h"
#include "server/metrics/decisions.h"
#include "server/pending_requests.h"
#include "server/policy_in_force.h"
#include "server/refusals.h"
#include "server/release_decision.h"
#include "server/sealing/sealer.h"

namespace bootseal::server {

// The canonical code and reason of a refusal; OK otherwise. Admitted requests
// may be PENDING: they wait for approvals once their digests are known.
absl::Status StatusOf(const trust::Admission& admission);

// What a call is there for: images also are packages and first stages. Targets
// of other formats are told where to ask.
enum class Makes { kImage, kRelease, kCapsule };

// OK for a target of that kind; INVALID_ARGUMENT (WRONG_CALL).
absl::Status CheckMakes(Makes makes, const v1::Target& target);

// Not thread-safe; one request each. After an error it is over.
class SigningFlow {
 public:
  // Must outlive the flow.
  struct Services {
    audit::Log& log;
    Refusals& refusals;
    const base::Clock& clock;
    MemoryBudget& memory;
    PendingRequests& pending;
    Denials& denials;
    metrics::Decisions& decisions;
    std::uint64_t max_payload_bytes;
    std::uint32_t max_pending_per_identity;
  };

  SigningFlow(const Services& services,
              std::shared_ptr<const PolicyInForce> policy, v1::Caller caller,
              v1::SignHeader header, Makes makes = Makes::kImage);

  // Before any payload. Errors: the policy's, CheckMakes', the key's, the
  // sealer's;
  // RESOURCE_EXHAUSTED: UPLOAD_TOO_LARGE above the server's limit, MEMORY_BUSY
  // and IDENTITY_BUSY when what it would keep of the payload has no room.
  absl::Status Admit();
  // Of what was admitted.
  const v1::Target& target() const { return *admission_.target; }
  absl::Status Payload(absl::string_view chunk);
  // After the last byte: the recorded release of an earlier call with this id
  // and content, or, signed and sealed, the record that the log must have
  // before anything is released. ALREADY_EXISTS (REQUEST_ID_REUSED) for an id
  // that released other content. FAILED_PRECONDITION (APPROVALS_REQUIRED) for
  // what waits, with its details; PERMISSION_DENIED (REQUEST_DENIED);
  // FAILED_PRECONDITION (SECURITY_COUNTER_LOWERED, VERSION_LOWERED);
  // RESOURCE_EXHAUSTED (TOO_MANY_PENDING).
  using Signed = std::variant<v1::SignReply, audit::Record>;
  absl::StatusOr<Signed> Sign();
  // With the log's answer to that record.
  absl::StatusOr<v1::SignReply> Release(
      const absl::StatusOr<audit::Receipt>& receipt);
  // Both, waiting for the log between them.
  absl::StatusOr<v1::SignReply> Finish();

 private:
  absl::Status CheckAdmission();
  absl::Status ReserveMemory();
  absl::StatusOr<Signed> SignOrRepeat();
  absl::StatusOr<Signed> SignAnew();
  absl::StatusOr<Signed> SignAllowed();
  // The recorded release of a request that was approved, under whichever id.
  absl::StatusOr<v1::SignReply> AnswerDone();
  v1::SigningEvent NewEvent() const;
  v1::SigningEvent Asked() const;
  v1::Entry PendingEntry() const;
  // Permits for these pairs, out of one decision.
  absl::StatusOr<std::vector<hsm::SigningPermit>> PermitsFor(
      std::vector<trust::KeyDigest> pairs) const;
  // The one for this, out of the decision over all that was asked for; a
  // decision of its own for what comes of that (a compressed image).
  absl::StatusOr<hsm::SigningPermit> PermitFor(const trust::KeyDigest& pair);
  // Permit and signature for one of the things that the sealer asks for.
  absl::StatusOr<v1::SignedDigest> SignOne(const sealing::Signable& what,
                                           sealing::Check check);
  absl::StatusOr<v1::SignReply> ReleaseWith(
      const absl::StatusOr<audit::Receipt>& receipt);
  absl::StatusOr<v1::SignReply> Repeat(const audit::Receipt& receipt);
  absl::StatusOr<v1::SignReply> Answer(const audit::Receipt& receipt,
                                       sealing::Sealed sealed) const;
  absl::Status NotRepeatable(const audit::Receipt& receipt) const;
  v1::Entry NewEntry(v1::Decision decision) const;
  v1::Entry ReleaseEntry(const std::vector<v1::SignedDigest>& made) const;
  // Records what is a refusal and hands the status back.
  absl::Status Refused(absl::Status status);
  void Count(metrics::Outcome outcome) const;

  const Services services_;
  const std::shared_ptr<const PolicyInForce> policy_;
  const v1::Caller caller_;
  const v1::SignHeader header_;
  const Makes makes_;
  trust::Admission admission_;
  // Once the digests are known.
  std::optional<ReleaseDecision> decision_;
  std::optional<trust::TargetProfile> profile_;
  // Before the sealer, which keeps what it is for.
  std::optional<MemoryBudget::Reservation> memory_;
  std::unique_ptr<sealing::Sealer> sealer_;
  // Of the decision over all that was asked for, as long as they have not
  // served.
  std::vector<hsm::SigningPermit> permits_;
  std::optional<sealing::Sealed> sealed_;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_SIGNING_FLOW_H_
