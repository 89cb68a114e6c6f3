#include "client/approval/signer.h"

#include "absl/strings/match.h"
#include "base/status.h"

namespace bootseal::approval {

absl::StatusOr<std::unique_ptr<Signer>> OpenSigner(const KeySource& source) {
  if (source.key.empty() == source.ssh_key.empty()) {
    return base::Invalid("KEY_SOURCE", "key",
                         "expected one key to sign with: --approver-key with a "
                         "PEM file or pkcs11:..., or --ssh-key");
  }
  if (!source.ssh_key.empty()) return OpenSshSigner(source.ssh_key);
  if (absl::StartsWith(source.key, "pkcs11:")) {
    return OpenTokenSigner(source.key, source.pin_path);
  }
  return OpenPemSigner(source.key);
}

}  // namespace bootseal::approval
