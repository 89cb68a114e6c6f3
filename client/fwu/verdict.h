// A signed word on a release that is on trial: an in-toto statement in a DSSE
// envelope, by the key that signs releases.
//
//   {"_type":"https://in-toto.io/Statement/v1",
//    "predicateType":"https://bootseal.dev/firmware-verdict/v1",
//    "predicate":{"notAfter":"2027-01-31T00:00:00Z","product":"...",
//     "verdict":"accept","version":"1.3.0"},"subject":[...]}
//
// UEFI capsules have none of this: whoever writes the EFI partition may accept
// or revert there (facts: fwu 6.3). Thread-safe: free functions without state.
#ifndef BOOTSEAL_CLIENT_FWU_VERDICT_H_
#define BOOTSEAL_CLIENT_FWU_VERDICT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "firmware/image/host/release_manifest.h"

namespace bootseal::fwu {

inline constexpr char kVerdictPredicate[] =
    "https://bootseal.dev/firmware-verdict/v1";

// What is about to be done.
struct VerdictExpected {
  std::string product;
  std::string version;  // of the release on trial
  std::string verdict;  // "accept" or "reject"
  absl::Time now;
};

// OK when `envelope` orders exactly this, and still does. PERMISSION_DENIED:
// SIGNATURE_INVALID, VERDICT_MISMATCH, VERDICT_EXPIRED; INVALID_ARGUMENT:
// ENVELOPE_MALFORMED, PAYLOAD_TYPE, VERDICT_MALFORMED.
absl::Status CheckVerdict(absl::string_view envelope,
                          const image::host::ReleaseTrust& trust,
                          const VerdictExpected& expected);

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_VERDICT_H_
