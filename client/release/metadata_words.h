// Metadata in words and as JSON. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_RELEASE_METADATA_WORDS_H_
#define BOOTSEAL_CLIENT_RELEASE_METADATA_WORDS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/cli/json.h"
#include "client/release/metadata_file.h"

namespace bootseal::release {

// Rows for cli::FormatTable.
using Rows = std::vector<std::vector<std::string>>;

absl::string_view NameOf(image::fwu::BankState state);

Rows MetadataRows(const FoundMetadata& found);
cli::Json MetadataJson(const FoundMetadata& found);

// "both are alike", "primary; secondary is to be repaired: ..."
std::string ReplicaWords(const FoundReplicas& found);
cli::Json ReplicaJson(const FoundReplicas& found);

}  // namespace bootseal::release

#endif  // BOOTSEAL_CLIENT_RELEASE_METADATA_WORDS_H_
