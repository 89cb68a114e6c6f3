// The version of a capsule's firmware, a number of 32 bits, as people write it.
// Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_CAPSULE_FIRMWARE_VERSION_H_
#define BOOTSEAL_CLIENT_CAPSULE_FIRMWARE_VERSION_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bootseal::capsule {

struct FirmwareVersion {
  std::uint32_t number = 0;
  // The same as a request has it: major.minor.revision, which is
  // major << 24 | minor << 16 | revision.
  std::string text;
};

// "5" is the number itself, 0.0.5; "1.2.3" is 0x01020003. Ends with kUsage:
// VERSION_INVALID, also for a build number, for which there is no room.
absl::StatusOr<FirmwareVersion> ParseFirmwareVersion(absl::string_view text);

// "5 (0.0.5)"
std::string FirmwareVersionWords(std::uint32_t number);

}  // namespace bootseal::capsule

#endif  // BOOTSEAL_CLIENT_CAPSULE_FIRMWARE_VERSION_H_
