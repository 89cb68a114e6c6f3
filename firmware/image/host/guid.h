// GUIDs as people write them. Thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_GUID_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_GUID_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "firmware/image/guid.h"

namespace bootseal::image::host {

// "19d5df83-11b0-457b-be2c-7559c13142a5", either case.
std::optional<Guid> ParseGuid(absl::string_view text);
// In lower case.
std::string FormatGuid(const Guid& guid);
// "fip" for a GUID that is in namespace guids, else as FormatGuid.
std::string NameOfGuid(const Guid& guid);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_GUID_H_
