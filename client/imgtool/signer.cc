// Which hash goes with which key. Facts: mcuboot 1.7.
#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/imgtool/image.h"
#include "client/imgtool/message.h"

namespace bootseal::imgtool {
namespace {

using image::HashAlgorithm;

struct Allowed {
  KeyKind kind;
  HashAlgorithm hash;
};
constexpr std::array<Allowed, 6> kAllowed{{
    {KeyKind::kRsa2048, HashAlgorithm::kSha256},
    {KeyKind::kRsa3072, HashAlgorithm::kSha256},
    {KeyKind::kP256, HashAlgorithm::kSha256},
    {KeyKind::kP384, HashAlgorithm::kSha384},
    {KeyKind::kEd25519, HashAlgorithm::kSha256},
    {KeyKind::kEd25519, HashAlgorithm::kSha512},
}};

bool IsAllowed(KeyKind kind, HashAlgorithm hash) {
  return std::any_of(kAllowed.begin(), kAllowed.end(), [&](const Allowed& row) {
    return row.kind == kind && row.hash == hash;
  });
}

absl::string_view AllowedText(KeyKind kind) {
  if (kind == KeyKind::kEd25519) return "256 or 512";
  return kind == KeyKind::kP384 ? "384" : "256";
}

absl::Status CheckKind(const SignOptions& options, const Key& key) {
  if (key.traits().signing == nullptr) {
    return Unfit("KEY_CANNOT_SIGN", "--key",
                 absl::StrCat("a key of type ", key.traits().name,
                              " does not sign; it is one to encrypt for, with "
                              "-E/--encrypt"));
  }
  if (options.pure && key.kind() != KeyKind::kEd25519) {
    return base::Invalid("PURE_NOT_ALLOWED", "--pure",
                         absl::StrCat("--pure goes with ed25519 alone, and the "
                                      "key is ",
                                      key.traits().name));
  }
  return absl::OkStatus();
}

// imgtool lets a public P-256 key go with SHA-512, which no bootloader takes.
bool IsTolerated(const SignOptions& options, const Key& key,
                 HashAlgorithm hash) {
  return options.imgtool_compatible && options.key.empty() &&
         key.kind() == KeyKind::kP256 && hash == HashAlgorithm::kSha512;
}

absl::StatusOr<HashAlgorithm> HashFor(const SignOptions& options,
                                      const Key& key) {
  if (options.pure) return HashAlgorithm::kSha512;
  const HashAlgorithm hash = options.hash.value_or(key.traits().hash);
  if (IsAllowed(key.kind(), hash) || IsTolerated(options, key, hash)) {
    return hash;
  }
  return base::Invalid(
      "HASH_NOT_ALLOWED", "--sha",
      absl::StrCat("--sha ", image::HashSize(hash) * 8,
                   " does not go with a key of type ", key.traits().name,
                   ", expected ", AllowedText(key.kind())));
}

}  // namespace

absl::StatusOr<Signer> SignerOf(const SignOptions& options, const Key* key) {
  Signer signer;
  if (key == nullptr) {
    signer.hash = options.hash.value_or(HashAlgorithm::kSha256);
    signer.key_hash = std::string(image::HashSize(HashAlgorithm::kSha256), 0);
    return signer;
  }
  RETURN_IF_ERROR(CheckKind(options, *key));
  ASSIGN_OR_RETURN(signer.hash, HashFor(options, *key));
  signer.key = &key->traits();
  signer.public_key = key->device_der();
  signer.key_hash = key->Hash(signer.hash);
  return signer;
}

}  // namespace bootseal::imgtool
