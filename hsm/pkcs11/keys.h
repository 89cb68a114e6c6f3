// Keys as objects of a token: finding, reading back, making, using.
//
// Private keys are found by label or CKA_ID; the public half is the public key
// object of the same CKA_ID (without one: of the same label), as PKCS#11 has no
// EC point in a private key and need not have an RSA exponent there.
#ifndef BOOTSEAL_HSM_PKCS11_KEYS_H_
#define BOOTSEAL_HSM_PKCS11_KEYS_H_

#include <p11-kit/pkcs11.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/openssl.h"
#include "hsm/pkcs11/session_pool.h"
#include "hsm/public_key.h"
#include "hsm/signer.h"

namespace bootseal::hsm::pkcs11 {

struct FoundKey {
  CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
  std::uint64_t epoch = 0;
  KeyInfo info;  // without name and token
  std::shared_ptr<const PublicKey> public_key;
};

struct Selector {
  std::optional<std::string> label;
  std::optional<std::string> id;  // raw
};

// Exactly one. FAILED_PRECONDITION: KEY_MISSING, KEY_AMBIGUOUS, KEY_TYPE.
absl::StatusOr<FoundKey> FindKey(const Session& session,
                                 const Selector& selector);

// Every private key of our algorithms whose public half is there too.
absl::StatusOr<std::vector<FoundKey>> FindAllKeys(const Session& session);

// Makes a pair with every attribute given: sensitive, not extractable, signs
// and nothing else. On a read-write session under Token::Change.
// FAILED_PRECONDITION: KEY_EXISTS when the label or id is taken; attributes
// that the token did not take (those of JudgeAttributes), the pair being
// destroyed then.
struct NewKey {
  std::string label;  // as CheckKeyLabel takes it
  std::string id;     // raw; not empty
  Algorithm algorithm = Algorithm::kP256;
  // The one that the token lets the key sign with; KEY_USAGE for kPkcs1 and a
  // key that is not RSA.
  RsaPadding padding = RsaPadding::kPss;
};
absl::StatusOr<FoundKey> GenerateKey(const Session& session, const NewKey& key);

// Puts a private key that was born elsewhere into the token; `key.algorithm` is
// read from `pair`, whose halves belong together. Errors as GenerateKey, and
// KEY_TYPE, KEY_PUBLICLY_KNOWN.
absl::StatusOr<FoundKey> ImportKey(const Session& session, NewKey key,
                                   base::EvpKeyPtr pair);

// Both halves, for good; `key` is as it was found. On a read-write session
// under Token::Change.
absl::Status DestroyKey(const Session& session, const KeyInfo& key);

// One C_SignInit and C_Sign; the signature as the token gives it: the modulus'
// length, r || s, or 64 bytes. Any other length is INTERNAL (SIGNATURE_LENGTH).
// FAILED_PRECONDITION (KEY_USAGE) when the token lets the RSA key sign with the
// other padding alone. With kPkcs1 `message` is a SHA-256 digest, and the token
// gets its DigestInfo.
absl::StatusOr<std::string> Sign(const Session& session,
                                 CK_OBJECT_HANDLE handle, const PublicKey& key,
                                 absl::string_view message,
                                 RsaPadding padding = RsaPadding::kPss);

}  // namespace bootseal::hsm::pkcs11

#endif  // BOOTSEAL_HSM_PKCS11_KEYS_H_
