// The JSON that ST's fwumd_tool reads and writes (default_metadata.json).
// Facts: fwu 1.6. Thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_FWUMD_JSON_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_FWUMD_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/fwu/metadata.h"

namespace bootseal::image::host {

// Order of members is the order of images and banks. A GUID that fwumd_tool
// would make up at random is an error: INVALID_ARGUMENT (METADATA_JSON), naming
// the member. `metadata.version` 0 stays 0; 2 is taken as well, with
// "bank_state" of ours beside "img_entry".
absl::StatusOr<fwu::Metadata> ReadMetadataJson(absl::string_view json);
std::string WriteMetadataJson(const fwu::Metadata& metadata);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_FWUMD_JSON_H_
