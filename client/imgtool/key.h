// A PEM key of local development: loaded, generated, signed with.
//
// Production keys live in the HSM and never become one of these.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_KEY_H_
#define BOOTSEAL_CLIENT_IMGTOOL_KEY_H_

#include <array>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/openssl.h"
#include "base/secret.h"
#include "firmware/image/algorithm.h"
#include "firmware/image/crypto.h"

namespace bootseal::imgtool {

enum class KeyKind { kRsa2048, kRsa3072, kP256, kP384, kEd25519, kX25519 };

struct KeyTraits {
  KeyKind kind;
  const char* name;         // keygen's --type: "ecdsa-p256"
  const char* symbol_stem;  // of the C symbols: "ecdsa" in ecdsa_pub_key
  // Null for X25519, which does not sign.
  const image::AlgorithmTraits* signing;
  image::HashAlgorithm hash;  // KEYHASH's, unless the image says otherwise
};

inline constexpr std::array<KeyTraits, 6> kKeyKinds{{
    {KeyKind::kRsa2048, "rsa-2048", "rsa",
     image::TraitsOf(image::Algorithm::kRsa2048),
     image::HashAlgorithm::kSha256},
    {KeyKind::kRsa3072, "rsa-3072", "rsa",
     image::TraitsOf(image::Algorithm::kRsa3072),
     image::HashAlgorithm::kSha256},
    {KeyKind::kP256, "ecdsa-p256", "ecdsa",
     image::TraitsOf(image::Algorithm::kP256), image::HashAlgorithm::kSha256},
    {KeyKind::kP384, "ecdsa-p384", "ecdsap384",
     image::TraitsOf(image::Algorithm::kP384), image::HashAlgorithm::kSha384},
    {KeyKind::kEd25519, "ed25519", "ed25519",
     image::TraitsOf(image::Algorithm::kEd25519),
     image::HashAlgorithm::kSha256},
    {KeyKind::kX25519, "x25519", "x25519", nullptr,
     image::HashAlgorithm::kSha256},
}};

const KeyTraits& TraitsOf(KeyKind kind);

// Move-only; OpenSSL wipes the private half when it goes. Const members are
// thread-safe.
class Key {
 public:
  // Called once for an encrypted file, never for another.
  using Passphrase = std::function<absl::StatusOr<base::Secret>()>;

  // PEM: PKCS#8, SEC1, PKCS#1, SubjectPublicKeyInfo or PKCS#1 public. A private
  // key in the file counts before a public one. FAILED_PRECONDITION:
  // KEY_INVALID (no PEM key), KEY_TYPE (none of the six kinds),
  // PASSPHRASE_WRONG; what `passphrase` fails with; the errors of base/file.h.
  static absl::StatusOr<Key> Load(const std::string& path,
                                  const Passphrase& passphrase);
  static absl::StatusOr<Key> Parse(absl::string_view pem,
                                   const Passphrase& passphrase);
  // RSA with e = 65537.
  static absl::StatusOr<Key> Generate(KeyKind kind);

  KeyKind kind() const { return kind_; }
  const KeyTraits& traits() const { return TraitsOf(kind_); }
  bool is_private() const { return is_private_; }
  // The public half as the device compares it: PKCS#1 RSAPublicKey for RSA,
  // SubjectPublicKeyInfo otherwise (facts: mcuboot 1.9).
  const std::string& device_der() const { return device_der_; }
  // KEYHASH: of device_der(), raw.
  std::string Hash(image::HashAlgorithm hash) const;
  // SubjectPublicKeyInfo.
  std::string PublicPem() const;

  // A signature in the image's encoding over the whole signed range: RSA-PSS
  // with a salt of 32 bytes, ECDSA in DER, Ed25519 over the range's digest (64
  // bytes). FAILED_PRECONDITION: KEY_NOT_PRIVATE, KEY_CANNOT_SIGN (X25519);
  // INVALID_ARGUMENT (HASH_NOT_ALLOWED): RSA and P-256 go with SHA-256, P-384
  // with SHA-384, Ed25519 with SHA-256 or SHA-512.
  absl::StatusOr<std::string> SignRange(absl::string_view range,
                                        image::HashAlgorithm hash) const;
  // Ed25519 over the range itself; KEY_CANNOT_SIGN for other kinds.
  absl::StatusOr<std::string> SignPure(absl::string_view range) const;

  EVP_PKEY* get() const { return key_.get(); }

 private:
  Key(base::EvpKeyPtr key, KeyKind kind, bool is_private);
  static absl::StatusOr<Key> FromKey(base::EvpKeyPtr key, bool is_private);

  base::EvpKeyPtr key_;
  KeyKind kind_;
  bool is_private_;
  std::string device_der_;
};

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_KEY_H_
