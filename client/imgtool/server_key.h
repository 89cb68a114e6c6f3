// A key of the server as -k names it: bootseal:TARGET, bootseal:key/NAME, or a
// file that says so, for builds that demand that a key file exists.
//
//   bootseal:an521-app
//   -----BEGIN PUBLIC KEY-----        optional: the key that the bootloader was
//   ...                               built with; no other may sign then
#ifndef BOOTSEAL_CLIENT_IMGTOOL_SERVER_KEY_H_
#define BOOTSEAL_CLIENT_IMGTOOL_SERVER_KEY_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace bootseal::imgtool {

struct ServerKey {
  std::string signer;      // "TARGET" or "key/NAME"
  std::string public_key;  // DER as the device compares it; empty: none said
};

// nullopt for anything else, a PEM file or a path that leads nowhere: that is
// for Key::Load. Thread-safe. INVALID_ARGUMENT: KEY_FILE_START (something
// precedes "bootseal:"), KEY_FILE_SIGNER (the first line names no target),
// KEY_FILE_PRIVATE, KEY_FILE_CONTENT (what follows is not one public key in
// PEM); the errors of base/file.h.
absl::StatusOr<std::optional<ServerKey>> FindServerKey(const std::string& key);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_SERVER_KEY_H_
