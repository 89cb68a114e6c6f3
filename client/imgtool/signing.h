// Signatures over a range, wherever they come from.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_SIGNING_H_
#define BOOTSEAL_CLIENT_IMGTOOL_SIGNING_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/imgtool/image.h"
#include "client/imgtool/key.h"
#include "client/imgtool/options.h"

namespace bootseal::imgtool {

// Who signs what `sign` makes: a key, a signature made elsewhere, or nobody.
// The options must outlive it. Const members are thread-safe.
class Signatory {
 public:
  // Reads keys and signature; warns of a key that everybody has.
  // INVALID_ARGUMENT: SERVER_SIGNING (--fix-sig-pubkey bootseal:...),
  // KEY_NOT_PRIVATE, SIGNATURE_FORMAT (not base64); the errors of SignerOf and
  // Key::Load.
  static absl::StatusOr<Signatory> Load(const SignOptions& options,
                                        const Key::Passphrase& passphrase);

  const Signer& signer() const { return signer_; }
  // Null for nobody.
  const Key* key() const { return key_ ? &*key_ : nullptr; }

  // In the image's encoding; empty for nobody. Verified with the public key
  // that the image names: FAILED_PRECONDITION (SIGNATURE_MISMATCH).
  absl::StatusOr<std::string> SignatureOver(absl::string_view range) const;

 private:
  explicit Signatory(const SignOptions& options) : options_(&options) {}

  absl::StatusOr<std::string> Make(absl::string_view range) const;

  const SignOptions* options_;
  std::optional<Key> key_;
  Signer signer_;
  std::optional<std::string> ready_;  // of --fix-sig
};

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_SIGNING_H_
