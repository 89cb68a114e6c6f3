// A verdict on a release, in words and as JSON. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_RELEASE_VERDICT_WORDS_H_
#define BOOTSEAL_CLIENT_RELEASE_VERDICT_WORDS_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/json.h"
#include "client/release/metadata_words.h"
#include "firmware/image/host/release_verdict.h"

namespace bootseal::release {

// Whether an envelope says that it holds a verdict; nothing of it is proven.
bool LooksLikeVerdict(absl::string_view envelope);

// What an envelope says, whoever signed it. INVALID_ARGUMENT: as ReadEnvelope
// and ReadVerdict.
absl::StatusOr<image::host::ReleaseVerdict> ReadUnprovenVerdict(
    absl::string_view envelope);

Rows VerdictRows(const image::host::ReleaseVerdict& verdict);
cli::JsonObject VerdictJson(const image::host::ReleaseVerdict& verdict);

}  // namespace bootseal::release

#endif  // BOOTSEAL_CLIENT_RELEASE_VERDICT_WORDS_H_
