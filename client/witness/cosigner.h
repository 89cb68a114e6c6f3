// A witness's own key, in a file or in a token.
#ifndef BOOTSEAL_CLIENT_WITNESS_COSIGNER_H_
#define BOOTSEAL_CLIENT_WITNESS_COSIGNER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/host/cosignature.h"

namespace bootseal::witness {

struct CosignerOptions {
  // PEM file (PKCS#8, unencrypted, mode 0600) or RFC 7512 URI with module,
  // token and object.
  std::string key;
  std::string pin_path;  // for a URI: file with the PIN, mode 0600
  std::string name;      // of the witness, as in its verifier key
};

// Thread-safe.
class Cosigner {
 public:
  // An Ed25519 key. COSIGNER_KEY_INVALID, KEY_TYPE, PIN_MISSING, the errors of
  // hsm/signer.h and base/file.h.
  static absl::StatusOr<Cosigner> Open(const CosignerOptions& options);

  const image::host::CosignerKey& key() const { return key_; }

  // The line that says that the checkpoint of this text is the log's newest at
  // that time. Errors of the token.
  absl::StatusOr<std::string> Cosign(std::uint64_t unix_seconds,
                                     absl::string_view text) const;

 private:
  // 64 bytes over a message.
  using Sign = std::function<absl::StatusOr<std::string>(absl::string_view)>;

  Cosigner(image::host::CosignerKey key, Sign sign)
      : key_(std::move(key)), sign_(std::move(sign)) {}
  static absl::StatusOr<Cosigner> FromFile(const CosignerOptions& options);
  static absl::StatusOr<Cosigner> FromToken(const CosignerOptions& options);

  image::host::CosignerKey key_;
  Sign sign_;
};

}  // namespace bootseal::witness

#endif  // BOOTSEAL_CLIENT_WITNESS_COSIGNER_H_
