// Whether a signed verdict (firmware/image/host/release_verdict.h) ends the
// trial that a device has. The release side judges by the same before it hands
// one out. Thread-safe: free functions without state.
//
// A verdict holds for one manifest, and until its time is over by the device's
// own clock. A device whose clock has not been set yet stands in the past and
// obeys one that is over. What that is worth to an attacker: the same release
// must be on trial there once more.
#ifndef BOOTSEAL_CLIENT_FWU_VERDICT_H_
#define BOOTSEAL_CLIENT_FWU_VERDICT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "firmware/image/host/release_verdict.h"

namespace bootseal::fwu {

// What is about to be done.
struct VerdictExpected {
  std::string product;                   // of this device
  image::host::ReleaseManifest release;  // on trial
  image::host::TrialEnd end = image::host::TrialEnd::kReject;
  absl::Time now;
};

// The verdict when it orders exactly this, and still does. As OpenVerdict, and
// PERMISSION_DENIED: VERDICT_MISMATCH, VERDICT_EXPIRED.
absl::StatusOr<image::host::VerifiedVerdict> CheckVerdict(
    absl::string_view envelope, absl::string_view receipt,
    const image::host::ReleaseTrust& trust, const VerdictExpected& expected);

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_VERDICT_H_
