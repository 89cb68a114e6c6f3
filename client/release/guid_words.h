// GUIDs of firmware update by the names that people know them by: those of
// firmware/image/host/guid.h, and those of file systems in the A/B layout of
// OpenSTLinux. Facts: fwu 1.5. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_RELEASE_GUID_WORDS_H_
#define BOOTSEAL_CLIENT_RELEASE_GUID_WORDS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/guid.h"

namespace bootseal::release {

// "fip", "fip-b" and the like, or a GUID. Ends with kUsage: GUID_INVALID, with
// `what` it was to be.
absl::StatusOr<image::Guid> ParseGuidWord(absl::string_view what,
                                          absl::string_view text);

// "fip (19d5df83-11b0-457b-be2c-7559c13142a5)", the GUID alone when it has no
// name, "none" for zeros.
std::string GuidWords(const image::Guid& guid);

}  // namespace bootseal::release

#endif  // BOOTSEAL_CLIENT_RELEASE_GUID_WORDS_H_
