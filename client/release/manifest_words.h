// Release manifests, and the bundles they come in, in words and as JSON.
// Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_RELEASE_MANIFEST_WORDS_H_
#define BOOTSEAL_CLIENT_RELEASE_MANIFEST_WORDS_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/json.h"
#include "client/release/metadata_words.h"
#include "firmware/image/host/release_manifest.h"

namespace bootseal::release {

// A DSSE envelope, whatever is in it.
bool LooksLikeEnvelope(absl::string_view file);
// A tar whose first member is a manifest.
bool LooksLikeBundle(absl::string_view file);

// What an envelope says, its signature not checked: for showing, and nothing
// else. INVALID_ARGUMENT: ENVELOPE_MALFORMED, PAYLOAD_TYPE, MANIFEST_MALFORMED.
absl::StatusOr<image::host::ReleaseManifest> ReadUnproven(
    absl::string_view envelope);

Rows ManifestRows(const image::host::ReleaseManifest& manifest);
cli::JsonObject ManifestJson(const image::host::ReleaseManifest& manifest);

}  // namespace bootseal::release

#endif  // BOOTSEAL_CLIENT_RELEASE_MANIFEST_WORDS_H_
