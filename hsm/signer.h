// Keys in a PKCS#11 token, and the four ways to use one.
//
// A Token is opened once per process. Keys are looked up by RFC 7512 URI, read
// back and judged before they serve: not extractable, sensitive, signing once
// logged in, born in the token (unless accepted by name), not publicly known,
// of the algorithm and with the public key that the caller pins. Every
// signature is verified before it is returned, with the key's public half or by
// a stricter check of the caller's; ECDSA comes back as minimal DER.
//
// Thread-safe. Sessions are pooled; no lock is held during a signature.
//
// Errors: UNAVAILABLE (TOKEN_LOST, TOKEN_MISSING, TOKEN_BUSY) may be retried;
// FAILED_PRECONDITION (PIN_INCORRECT, PIN_LOCKED, KEY_MISSING, KEY_AMBIGUOUS,
// KEY_TYPE, KEY_EXTRACTABLE, KEY_IMPORTED, KEY_WITHOUT_PIN, KEY_PIN_EACH_TIME,
// KEY_USAGE, KEY_PUBLICLY_KNOWN, KEY_NOT_PINNED, KEY_PURPOSE, KEY_DUPLICATE)
// needs an operator; INVALID_ARGUMENT (URI_SYNTAX, URI_PIN, URI_ATTRIBUTE,
// DIGEST_SIZE, MESSAGE_MISMATCH, CHECKPOINT_SHAPE, COSIGNATURE_SHAPE) is the
// caller's; INTERNAL with the CKR name otherwise. A wrong PIN is never tried
// twice.
#ifndef BOOTSEAL_HSM_SIGNER_H_
#define BOOTSEAL_HSM_SIGNER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/secret.h"
#include "hsm/algorithm.h"
#include "hsm/permit.h"

namespace bootseal::hsm {

struct TokenOptions {
  // RFC 7512: module-path or module-name, and token, serial or slot-id.
  std::string uri;
  base::Secret pin;
  std::uint32_t max_sessions = 8;
  // SHA-256 of further public keys that may never serve, in either DER form;
  // raw. The keys of well-known repositories are refused without being listed.
  std::vector<std::string> refused_public_keys;
};

enum class Purpose { kFirmware, kCheckpoint, kCanary, kApprover, kCosignature };

// Which key, and what it must be.
struct KeySpec {
  std::string name;  // the policy's
  std::string uri;   // object=..., or id=...
  Algorithm algorithm = Algorithm::kP256;
  Purpose purpose = Purpose::kFirmware;
  std::string public_key_sha256;  // 32 raw bytes; empty: not pinned
  bool accept_imported = false;
  // kPkcs1: of an RSA key with purpose kFirmware; KEY_USAGE for any other.
  RsaPadding padding = RsaPadding::kPss;
};

// As read back from the token.
struct KeyInfo {
  std::string name;
  std::string label;
  std::string id;  // raw CKA_ID
  Algorithm algorithm = Algorithm::kP256;
  // DER as the device compares it: PKCS#1 RSAPublicKey, or SPKI.
  std::string public_key;
  bool sensitive = false;
  bool always_sensitive = false;
  bool extractable = false;
  bool never_extractable = false;
  bool local = false;
  bool needs_login = false;    // CKA_PRIVATE
  bool pin_each_time = false;  // CKA_ALWAYS_AUTHENTICATE
  bool signs = false;          // CKA_SIGN
  std::string token_label;
  std::string token_serial;
};

// Verifies a signature in the boot format's encoding in place of the signer:
// OK only when it is the key's over the permit's digest.
using SignatureCheck = absl::FunctionRef<absl::Status(absl::string_view)>;

// A signature in the boot format's encoding, verified.
struct Signature {
  std::string key;     // name
  std::string digest;  // what it is over, or of the message that it is over
  std::string bytes;
};

// A key of the policy and whether it may serve.
struct ServingKey {
  KeySpec spec;
  KeyInfo info;         // what the token says; empty when the key is missing
  absl::Status status;  // OK: serves; otherwise why not
};

class Token;

// Signs with the firmware keys it was opened with, one permit at a time.
class Signer {
 public:
  // Takes keys of purpose kFirmware only. A key that may not serve does not
  // stop the others; Sign says why. Two specs with one public key
  // (KEY_DUPLICATE) are an error, and a key that a CheckpointSigner or
  // CanarySigner of this token uses does not serve (KEY_PURPOSE).
  static absl::StatusOr<std::unique_ptr<Signer>> Open(
      std::shared_ptr<Token> token, const std::vector<KeySpec>& keys);
  ~Signer();

  absl::StatusOr<Signature> Sign(SigningPermit permit);
  // The same, verified by `check` alone: for a caller that verifies the whole
  // image and would verify the signature twice. Its error when the signature
  // itself is good, SIGNATURE_WRONG otherwise.
  absl::StatusOr<Signature> Sign(SigningPermit permit, SignatureCheck check);
  // For a permit over a message: signs the one that has the permit's digest as
  // its SHA-512, with an Ed25519 key. INVALID_ARGUMENT (MESSAGE_MISMATCH) for
  // any other message, and for a permit of the other kind, here and there.
  absl::StatusOr<Signature> SignMessage(SigningPermit permit,
                                        absl::string_view message,
                                        SignatureCheck check);
  // In the order of the specs.
  const std::vector<ServingKey>& keys() const;

 private:
  class State;
  explicit Signer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Signs checkpoint notes of the audit log with its one Ed25519 key.
class CheckpointSigner {
 public:
  static absl::StatusOr<std::unique_ptr<CheckpointSigner>> Open(
      std::shared_ptr<Token> token, const KeySpec& key);
  ~CheckpointSigner();

  // 64 bytes over `note_text`, which must have a checkpoint's shape (origin,
  // size, root, each on its line): this key signs nothing else.
  absl::StatusOr<std::string> SignCheckpoint(absl::string_view note_text);
  // Raw 32 bytes.
  const std::string& public_key() const;
  const KeyInfo& key() const;

 private:
  class State;
  explicit CheckpointSigner(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Signs a probe with a key of its own, to know whether the token works.
class CanarySigner {
 public:
  static absl::StatusOr<std::unique_ptr<CanarySigner>> Open(
      std::shared_ptr<Token> token, const KeySpec& key);
  ~CanarySigner();

  // One verified signature over the hash of a fresh probe that is no image's
  // digest. OK when the token works; errors as for Sign.
  absl::Status Probe();
  const KeyInfo& key() const;

 private:
  class State;
  explicit CanarySigner(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Signs a witness's cosignatures with its one Ed25519 key.
class CosignatureSigner {
 public:
  static absl::StatusOr<std::unique_ptr<CosignatureSigner>> Open(
      std::shared_ptr<Token> token, const KeySpec& key);
  ~CosignatureSigner();

  // 64 bytes over `message`: "cosignature/v1", "time <seconds>", and a
  // checkpoint's text, each on its line. This key signs nothing else.
  absl::StatusOr<std::string> SignCosignature(absl::string_view message);
  // Raw 32 bytes.
  const std::string& public_key() const;

 private:
  class State;
  explicit CosignatureSigner(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Opens the module and logs in. `Token` itself is in hsm/pkcs11/token.h.
absl::StatusOr<std::shared_ptr<Token>> OpenToken(TokenOptions options);

// The keys of our algorithms that are in the token, whether or not they
// may serve, by label: for bootseal-token and KeyService.
absl::StatusOr<std::vector<KeyInfo>> ListKeys(Token& token);

}  // namespace bootseal::hsm

#endif  // BOOTSEAL_HSM_SIGNER_H_
