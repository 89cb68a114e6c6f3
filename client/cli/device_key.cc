#include "client/cli/device_key.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/text.h"
#include "firmware/image/mcuboot/rules.h"
#include "server/trust/format.h"

namespace bootseal::cli {
namespace {

namespace mcuboot = image::mcuboot;
using imgtool::HmacHash;
using imgtool::Key;
using imgtool::KeyKind;

// With which kind of key a bootloader opens a TLV.
struct Scheme {
  std::uint16_t tlv;
  KeyKind kind;
  HmacHash hmac;
};
constexpr std::array<Scheme, 4> kSchemes{{
    {mcuboot::tlv::kEncryptionRsa2048, KeyKind::kRsa2048, HmacHash::kSha256},
    {mcuboot::tlv::kEncryptionP256, KeyKind::kP256, HmacHash::kSha256},
    {mcuboot::tlv::kEncryptionX25519, KeyKind::kX25519, HmacHash::kSha256},
    {mcuboot::tlv::kEncryptionX25519Sha512, KeyKind::kX25519,
     HmacHash::kSha512},
}};

// Null for AES_KW, which has no public key.
const Scheme* SchemeOf(const mcuboot::Rules& rules) {
  for (const Scheme& scheme : kSchemes) {
    if (scheme.tlv == rules.encryption_tlv) return &scheme;
  }
  return nullptr;
}

// What of the rules is about encryption does not depend on the signing key.
mcuboot::Rules RulesOf(const v1::Target& target) {
  return trust::RulesOf(target.mcuboot(), v1::P256);
}

imgtool::EncryptionOptions OptionsOf(const mcuboot::Rules& rules) {
  const Scheme* const scheme = SchemeOf(rules);
  return {rules.encryption_key_bits,
          scheme == nullptr ? HmacHash::kSha256 : scheme->hmac};
}

absl::Status CheckDecrypts(const v1::Target& target) {
  if (RulesOf(target).encryption != mcuboot::Presence::kForbidden) {
    return absl::OkStatus();
  }
  return base::Invalid("ENCRYPTION_NOT_ALLOWED", "--encrypt",
                       absl::StrCat("target ", Printable(target.name()),
                                    " has a bootloader that decrypts nothing; "
                                    "sign the image plain"));
}

absl::Status WrongKind(const v1::Target& target, absl::string_view expected,
                       const std::string& path, absl::string_view found) {
  return base::Invalid(
      "ENCRYPTION_KEY_TYPE", "--encrypt",
      absl::StrCat("target ", Printable(target.name()), " decrypts with ",
                   expected, ", the key in ", Printable(path), " is ", found));
}

absl::StatusOr<base::Secret> LoadKek(const std::string& path) {
  constexpr std::size_t kMost = 4096;
  ASSIGN_OR_RETURN(std::string bytes, base::ReadFile(path, kMost));
  if (bytes.size() == 16 || bytes.size() == 32) {
    return base::Secret(std::move(bytes));
  }
  return base::Invalid(
      "KEK_LENGTH", "--encrypt",
      absl::StrCat("the key-encryption key in ", Printable(path), " has ",
                   bytes.size(), " bytes, expected 16 or 32, raw"));
}

}  // namespace

absl::StatusOr<DeviceKey> DeviceKey::Load(const std::string& path,
                                          const v1::Target& target,
                                          const Key::Passphrase& passphrase) {
  RETURN_IF_ERROR(CheckDecrypts(target));
  if (SchemeOf(RulesOf(target)) == nullptr) {
    ASSIGN_OR_RETURN(base::Secret kek, LoadKek(path));
    return DeviceKey(path, std::move(kek));
  }
  ASSIGN_OR_RETURN(Key key, Key::Load(path, passphrase));
  DeviceKey device(path, std::move(key));
  RETURN_IF_ERROR(device.CheckFits(target));
  return device;
}

absl::Status DeviceKey::CheckFits(const v1::Target& target) const {
  RETURN_IF_ERROR(CheckDecrypts(target));
  const Scheme* const scheme = SchemeOf(RulesOf(target));
  const Key* const key = std::get_if<Key>(&material_);
  const char* const found =
      key == nullptr ? "a key-encryption key" : key->traits().name;
  if (scheme == nullptr) {
    if (key == nullptr) return absl::OkStatus();
    return WrongKind(target, "a key-encryption key (AES_KW)", path_, found);
  }
  if (key != nullptr && key->kind() == scheme->kind) return absl::OkStatus();
  return WrongKind(target, imgtool::TraitsOf(scheme->kind).name, path_, found);
}

absl::StatusOr<imgtool::Encryption> DeviceKey::Encrypt(
    const v1::Target& target, absl::string_view payload) const {
  RETURN_IF_ERROR(CheckFits(target));
  const imgtool::EncryptionOptions options = OptionsOf(RulesOf(target));
  if (const Key* const key = std::get_if<Key>(&material_)) {
    return imgtool::Encrypt(*key, options, payload);
  }
  return imgtool::EncryptWithKek(std::get<base::Secret>(material_).Reveal(),
                                 options, payload);
}

absl::StatusOr<std::optional<std::string>> DeviceKey::Decrypt(
    const imgtool::Encryption& encryption) const {
  if (const Key* const key = std::get_if<Key>(&material_)) {
    if (!key->is_private()) return std::optional<std::string>();
    return imgtool::Decrypt(*key, encryption.tlv_type, encryption.tlv_value,
                            encryption.payload);
  }
  return imgtool::DecryptWithKek(std::get<base::Secret>(material_).Reveal(),
                                 encryption.tlv_value, encryption.payload);
}

}  // namespace bootseal::cli
