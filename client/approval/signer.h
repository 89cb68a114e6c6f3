// An approver's own key, wherever it is: a PEM file, a PKCS#11 token, or
// whatever ssh-keygen signs with.
#ifndef BOOTSEAL_CLIENT_APPROVAL_SIGNER_H_
#define BOOTSEAL_CLIENT_APPROVAL_SIGNER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bootseal::approval {

struct Signed {
  // As DsseSignature.sig.
  std::string signature;
  // The key that made it, as trust::ApproverKey::Parse takes it.
  std::string public_key;
};

// Not thread-safe.
class Signer {
 public:
  virtual ~Signer() = default;
  // Over a pre-authentication encoding. What it may ask for, a passphrase, a
  // PIN or a touch, it asks for on the terminal.
  virtual absl::StatusOr<Signed> Sign(absl::string_view message) = 0;
};

// Exactly one of `key` and `ssh_key` is set.
struct KeySource {
  // PEM file, or "pkcs11:..." with the token and object=... or id=...
  std::string key = "";
  // File of a PKCS#11 PIN, mode 0600. Empty: asked for.
  std::string pin_path = "";
  // Private key file of OpenSSH, or the public one of a key that an agent or a
  // FIDO token has.
  std::string ssh_key = "";
};

// INVALID_ARGUMENT: KEY_SOURCE. As imgtool::Key::Load, hsm::OpenToken,
// hsm::ApproverSigner::Open, base::ReadFile.
absl::StatusOr<std::unique_ptr<Signer>> OpenSigner(const KeySource& source);

// The three.
absl::StatusOr<std::unique_ptr<Signer>> OpenPemSigner(const std::string& path);
absl::StatusOr<std::unique_ptr<Signer>> OpenTokenSigner(
    const std::string& uri, const std::string& pin_path);
absl::StatusOr<std::unique_ptr<Signer>> OpenSshSigner(const std::string& path);

}  // namespace bootseal::approval

#endif  // BOOTSEAL_CLIENT_APPROVAL_SIGNER_H_
