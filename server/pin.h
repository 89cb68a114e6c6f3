// The PIN of the token: from a file, or from the service manager.
//
//   pin_path: "pin"              a file; private to this user or root's
//   pin_path: "credential:pin"   $CREDENTIALS_DIRECTORY/pin, which systemd
//                                makes of LoadCredential=pin:FILE
//                                (systemd.exec(5))
//
// Either is a regular file, or a link to one: a pipe would have the start wait.
//
// Thread-safe: free functions without state.
#ifndef BOOTSEAL_SERVER_PIN_H_
#define BOOTSEAL_SERVER_PIN_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/secret.h"

namespace bootseal::server {

// Whether `pin_path` names a credential and no file.
bool IsCredential(absl::string_view pin_path);

// OK for a file, and for a credential whose name is one path component of at
// most 255 characters. INVALID_ARGUMENT (CREDENTIAL_NAME).
absl::Status CheckPinPath(absl::string_view pin_path);

// The one line of the file. CheckPinPath's errors; FAILED_PRECONDITION:
// CREDENTIALS_MISSING (no service manager passed any), FILE_MODE, PIN_EMPTY,
// PIN_NOT_ONE_LINE; base/file.h's errors.
absl::StatusOr<base::Secret> ReadPin(const std::string& pin_path);

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_PIN_H_
