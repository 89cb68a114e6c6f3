// The word on a release that is on trial (FirmwareVerdict): who may ask for it,
// what a request must be like, and the statement that it means. Thread-safe:
// free functions.
#ifndef BOOTSEAL_SERVER_TRUST_VERDICT_RULES_H_
#define BOOTSEAL_SERVER_TRUST_VERDICT_RULES_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/policy.pb.h"
#include "bootseal/v1/signing.pb.h"
#include "firmware/image/host/release_verdict.h"
#include "server/trust/request_rules.h"

namespace bootseal::trust {

inline constexpr char kRequesters[] = "target.requesters";
inline constexpr char kVerdictRequesters[] = "target.verdict_requesters";

// The rule that says who may ask for this.
const char* RequestersRule(const v1::SigningEvent& asked);

using Roles = google::protobuf::RepeatedPtrField<std::string>;

// Of whom a target takes this request: a verdict on a release is asked for by
// others than a release.
const Roles& RequestersOf(const v1::Target& target,
                          const v1::SignHeader& header);
const Roles& RequestersOf(const v1::Target& target,
                          const v1::SigningEvent& event);
// Of whom it takes any.
Roles AllRequestersOf(const v1::Target& target);

// VERDICT_NOT_OF_TARGET for a target that has no releases, VERDICT_END for one
// that neither accepts nor rejects, VERDICT_OPTION when the header has what
// only a release has, EMPTY_PAYLOAD and PAYLOAD_TOO_LARGE for the manifest.
Answer CheckVerdict(const v1::Target& target, const v1::SignHeader& header);

// VERDICT_EXPIRED for a verdict that is over, VERDICT_TOO_LONG for one that
// holds for more than 90 days. `now_unix_ms`: when it is asked for.
Answer CheckVerdictTime(const v1::SigningEvent& asked,
                        std::int64_t now_unix_ms);

// What a request for a verdict on this release means; whoever has the release
// computes the same. INVALID_ARGUMENT (RELEASE_OF_ANOTHER) when the release is
// not the target's, or of another version than the request says.
absl::StatusOr<image::host::ReleaseVerdict> VerdictOf(
    const v1::Target& target, const v1::SignHeader& header,
    const image::host::ReleaseManifest& manifest);

// For approvers: the verdict that a pending or recorded request is over, read
// out of its own message. FAILED_PRECONDITION (RELEASE_MISMATCH) unless the
// digest is that of the message, and target, version and verdict of the entry
// are the statement's.
absl::StatusOr<image::host::ReleaseVerdict> OpenVerdictMessage(
    const v1::SigningEvent& signing);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_VERDICT_RULES_H_
