// What devices of a target hold of its keys, in the order in which they are to
// be provisioned: the current key, then those that are trusted beside it.
// Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_CLI_DEVICE_HASHES_H_
#define BOOTSEAL_CLIENT_CLI_DEVICE_HASHES_H_

#include <string>

#include "absl/status/statusor.h"
#include "bootseal/v1/policy.pb.h"
#include "client/cli/json.h"

namespace bootseal::cli {

struct DeviceHashes {
  std::string text;  // a table, and the OTP words where the chip has such
  Json json;         // {"keys":[{"key","current","hash","place"}],"otp":[...]}
};

// The hash of each key as its devices compare it: of an image by the image's
// hash algorithm (KEYHASH TLV, MCUBOOT_HW_KEY's slot), of a package and a first
// stage as the chip forms it, otherwise SHA-256 of the DER. `place` is the
// number in the first stage's table of keys. The OTP words are those of the one
// key, or of that table: they stay when a key of it takes another's place.
// FAILED_PRECONDITION (OVERLAP_KEY_MISSING); INVALID_ARGUMENT
// (PROFILE_INVALID).
absl::StatusOr<DeviceHashes> HashesOf(const v1::Profile& profile);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_DEVICE_HASHES_H_
