#include "client/imgtool/device_key.h"

#include <openssl/crypto.h>

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/file.h"
#include "base/status.h"

namespace bootseal::imgtool {
namespace {

constexpr std::size_t kMaxKeyFileBytes = std::size_t{64} * 1024;

absl::Status NoKey(const std::string& path) {
  return base::Precondition(
      "KEY_INVALID",
      absl::StrCat(path,
                   ": expected a key in PEM, or 16 or 32 bytes in base64 for "
                   "AES key wrap"));
}

// nullopt for a file that has no such length.
std::optional<base::Secret> ParseKek(absl::string_view text) {
  std::string kek;
  const bool read =
      absl::Base64Unescape(absl::StripAsciiWhitespace(text), &kek);
  const bool fits = read && (kek.size() == 16 || kek.size() == 32);
  base::Secret secret(std::move(kek));
  if (!fits) return std::nullopt;
  return secret;
}

absl::Status NotByKek(std::uint16_t tlv_type) {
  return base::Invalid(
      "ENCRYPTION_TLV", "image",
      absl::StrFormat("TLV 0x%02x is no AES key wrap, which the key given "
                      "opens",
                      tlv_type));
}

}  // namespace

absl::StatusOr<DeviceKey> DeviceKey::Load(const std::string& path,
                                          const Key::Passphrase& passphrase) {
  ASSIGN_OR_RETURN(std::string content, base::ReadFile(path, kMaxKeyFileBytes));
  const base::Secret text(std::move(content));
  if (absl::StrContains(text.Reveal(), "-----BEGIN")) {
    // Read once: the file may be a pipe.
    absl::StatusOr<Key> key = Key::Parse(text.Reveal(), passphrase);
    if (!key.ok()) return base::Annotate(key.status(), path);
    return DeviceKey(*std::move(key));
  }
  std::optional<base::Secret> kek = ParseKek(text.Reveal());
  if (!kek) return NoKey(path);
  return DeviceKey(*std::move(kek));
}

std::size_t DeviceKey::kek_bits() const {
  const auto* const kek = std::get_if<base::Secret>(&key_);
  return kek == nullptr ? 0 : kek->Reveal().size() * 8;
}

bool DeviceKey::can_decrypt() const {
  return pair() == nullptr || pair()->is_private();
}

absl::Status DeviceKey::Check(const EncryptionOptions& options) const {
  if (pair() != nullptr) return CheckEncryption(pair()->kind(), options);
  const std::size_t bits = kek_bits();
  if (bits == options.key_bits) return absl::OkStatus();
  return base::Invalid(
      "KEK_LENGTH", "encrypt-keylen",
      absl::StrCat("a key-encryption key of ", bits,
                   " bits and --encrypt-keylen ", options.key_bits,
                   ": a bootloader has one length for both; give "
                   "--encrypt-keylen ",
                   bits));
}

absl::StatusOr<Encryption> DeviceKey::Encrypt(const EncryptionOptions& options,
                                              absl::string_view payload) const {
  RETURN_IF_ERROR(Check(options));
  if (pair() != nullptr) return imgtool::Encrypt(*pair(), options, payload);
  return EncryptWithKek(std::get<base::Secret>(key_).Reveal(), options,
                        payload);
}

absl::StatusOr<std::string> DeviceKey::Decrypt(
    std::uint16_t tlv_type, absl::string_view tlv_value,
    absl::string_view payload) const {
  if (pair() != nullptr) {
    return imgtool::Decrypt(*pair(), tlv_type, tlv_value, payload);
  }
  if (tlv_type != enc_tlv::kKeyWrap) return NotByKek(tlv_type);
  return DecryptWithKek(std::get<base::Secret>(key_).Reveal(), tlv_value,
                        payload);
}

}  // namespace bootseal::imgtool
