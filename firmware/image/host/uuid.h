// UUIDs of vendors and of their classes of devices, from what people write.
// Source: RFC 4122; facts: mcuboot 1.11. Thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_UUID_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_UUID_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace bootseal::image::host {

// 16 bytes of a UUID with or without dashes; nullopt for other text.
std::optional<std::string> ParseUuid(absl::string_view text);

// A UUID as it is; other text as a name (version 5) in the namespace of DNS.
std::string VendorUuid(absl::string_view text);

// The same in the namespace of `vendor`, of 16 bytes. nullopt for a name when
// that is empty.
std::optional<std::string> ClassUuid(absl::string_view text,
                                     absl::string_view vendor);

// "0637e301-e05d-505b-8267-486f5677de9b"; of another size than 16 bytes, the
// digits.
std::string FormatUuid(absl::string_view uuid);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_UUID_H_
