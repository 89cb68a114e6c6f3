#include "client/cli/device_key.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status.h"
#include "client/cli/text.h"
#include "firmware/image/mcuboot/rules.h"
#include "server/trust/format.h"

namespace bootseal::cli {
namespace {

namespace mcuboot = image::mcuboot;
using imgtool::DeviceKey;

// What of the rules is about encryption does not depend on the signing key.
mcuboot::Rules RulesOf(const v1::Target& target) {
  return trust::RulesOf(target.mcuboot(), v1::P256);
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

absl::Status Differs(absl::string_view reason, const v1::Target& target,
                     absl::string_view expected, absl::string_view found) {
  return base::Invalid(
      reason, "--encrypt",
      absl::StrCat("target ", Printable(target.name()), " decrypts with ",
                   expected, ", the key given is ", found));
}

// As long as the content key, by its bootloader's one length for both.
absl::Status CheckKek(const v1::Target& target, const DeviceKey& device) {
  const std::size_t expected = RulesOf(target).encryption_key_bits;
  if (device.pair() != nullptr) {
    return Differs("ENCRYPTION_KEY_TYPE", target,
                   "a key-encryption key (AES_KW)",
                   device.pair()->traits().name);
  }
  if (device.kek_bits() == expected) return absl::OkStatus();
  return Differs("KEK_LENGTH", target,
                 absl::StrCat("a key-encryption key of ", expected,
                              " bits, as long as its content key"),
                 absl::StrCat("one of ", device.kek_bits()));
}

}  // namespace

absl::Status CheckFits(const v1::Target& target, const DeviceKey& device) {
  RETURN_IF_ERROR(CheckDecrypts(target));
  const imgtool::Scheme* const scheme =
      imgtool::FindScheme(RulesOf(target).encryption_tlv);
  if (scheme == nullptr) return CheckKek(target, device);
  const imgtool::Key* const pair = device.pair();
  if (pair != nullptr && pair->kind() == scheme->device_key) {
    return absl::OkStatus();
  }
  return Differs(
      "ENCRYPTION_KEY_TYPE", target, imgtool::TraitsOf(scheme->device_key).name,
      pair == nullptr ? "a key-encryption key" : pair->traits().name);
}

absl::StatusOr<DeviceKey> LoadDeviceKey(
    const std::string& path, const v1::Target& target,
    const imgtool::Key::Passphrase& passphrase) {
  RETURN_IF_ERROR(CheckDecrypts(target));
  ASSIGN_OR_RETURN(DeviceKey device, DeviceKey::Load(path, passphrase));
  RETURN_IF_ERROR(base::Annotate(CheckFits(target, device), Printable(path)));
  return device;
}

imgtool::EncryptionOptions EncryptionOf(const v1::Target& target) {
  const mcuboot::Rules rules = RulesOf(target);
  const imgtool::Scheme* const scheme =
      imgtool::FindScheme(rules.encryption_tlv);
  return {rules.encryption_key_bits,
          scheme == nullptr ? imgtool::HmacHash::kSha256 : scheme->hmac};
}

}  // namespace bootseal::cli
