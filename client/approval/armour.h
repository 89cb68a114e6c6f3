// The text around an SSHSIG blob: OpenSSH, PROTOCOL.sshsig. Thread-safe.
#ifndef BOOTSEAL_CLIENT_APPROVAL_ARMOUR_H_
#define BOOTSEAL_CLIENT_APPROVAL_ARMOUR_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bootseal::approval {

// The blob, which is not judged. INVALID_ARGUMENT (SSHSIG_MALFORMED).
absl::StatusOr<std::string> ReadArmour(absl::string_view text);

}  // namespace bootseal::approval

#endif  // BOOTSEAL_CLIENT_APPROVAL_ARMOUR_H_
