// Who reads metadata and who does not, as a table. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_RELEASE_READERS_H_
#define BOOTSEAL_CLIENT_RELEASE_READERS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bootseal/v1/policy.pb.h"
#include "client/cli/json.h"
#include "client/release/metadata_words.h"
#include "firmware/image/host/metadata_readers.h"

namespace bootseal::release {

struct Reading {
  image::host::MetadataReader reader;
  absl::Status status;  // METADATA_UNREADABLE
};

// Ends with kUsage: READER_UNKNOWN, naming those that there are.
absl::StatusOr<std::vector<image::host::MetadataReader>> ParseReaders(
    const std::vector<std::string>& names);

// Of a target. INVALID_ARGUMENT (PROFILE_INVALID) for one that this version
// does not know.
absl::StatusOr<std::vector<image::host::MetadataReader>> ReadersOf(
    const v1::ReleaseFormat& format);

std::vector<Reading> TryReaders(
    const std::vector<image::host::MetadataReader>& readers,
    const FoundMetadata& found);

// The first refusal, if any.
absl::Status CheckAllRead(const std::vector<Reading>& readings);
// OK when there is one at all that reads it.
absl::Status CheckOneReads(const std::vector<Reading>& readings);

Rows ReadingRows(const std::vector<Reading>& readings);
cli::Json ReadingJson(const std::vector<Reading>& readings);

}  // namespace bootseal::release

#endif  // BOOTSEAL_CLIENT_RELEASE_READERS_H_
