// What a new key signs in its ceremony, as probe and as closing: the hash of a
// text that no device takes for an image's digest, over everything that the
// transcript said until then. So a transcript of a key is one that the key's
// token was there for. Thread-safe: free functions.
#ifndef BOOTSEAL_HSM_CEREMONY_PROBE_H_
#define BOOTSEAL_HSM_CEREMONY_PROBE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/transcript.h"
#include "hsm/public_key.h"

namespace bootseal::hsm {

// KeyHash over "bootseal key ceremony probe, not firmware\n" and the lines
// before the step, raw.
std::string CeremonyProbe(Algorithm algorithm, absl::string_view lines);

// The key that the transcript calls `label` signed its probe and its closing.
// FAILED_PRECONDITION: TRANSCRIPT_INCOMPLETE without one, TRANSCRIPT_PROBE when
// `key` did not make it. `text` is what `transcript` was read from.
absl::Status CheckProbes(absl::string_view text,
                         const base::Transcript& transcript,
                         absl::string_view label, const PublicKey& key);

// Nothing is behind the last signature but the result and the seal; the times
// of these two steps alone are bound by no signature. FAILED_PRECONDITION
// (TRANSCRIPT_PROBE). `transcript` is complete.
absl::Status CheckEnd(absl::string_view text,
                      const base::Transcript& transcript);

}  // namespace bootseal::hsm

#endif  // BOOTSEAL_HSM_CEREMONY_PROBE_H_
