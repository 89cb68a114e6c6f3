// What a witness has seen of a log, and whether the log still stands by it.
#ifndef BOOTSEAL_CLIENT_WITNESS_SIGHTING_H_
#define BOOTSEAL_CLIENT_WITNESS_SIGHTING_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cli/checkpoint_store.h"
#include "client/cli/log_key.h"
#include "firmware/image/host/cosignature.h"

namespace bootseal::witness {

// The witness's newest checkpoint of the log with this origin. `source` is the
// prefix of its URLs (http or https, held against the system's CAs), or a file
// with the note. `key` must have cosigned it; the log's own signature may be of
// an older key of the log. UNAVAILABLE (WITNESS_UNREACHABLE), NOT_FOUND
// (WITNESS_SAW_NOTHING), FAILED_PRECONDITION (WITNESS_INVALID, FILE_*).
absl::StatusOr<image::host::CosignedCheckpoint> ReadSighting(
    const std::string& source, const image::host::CosignerKey& key,
    const std::string& origin);

// OK when the log whose newest checkpoint is `now` has all that was seen.
// FAILED_PRECONDITION: ROLLED_BACK when it is smaller, FORKED when it does not
// continue it; as cli::CheckContinuity when there is no proof.
absl::Status CheckSighting(const image::host::CosignedCheckpoint& seen,
                           const cli::TrustedCheckpoint& now,
                           const cli::ConsistencyProof& proof);

}  // namespace bootseal::witness

#endif  // BOOTSEAL_CLIENT_WITNESS_SIGHTING_H_
