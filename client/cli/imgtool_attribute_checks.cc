#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/imgtool_checks.h"
#include "client/cli/text.h"
#include "firmware/image/host/uuid.h"
#include "server/trust/format.h"

namespace bootseal::cli {
namespace {

namespace mcuboot = image::mcuboot;
using image::host::FormatUuid;
using mcuboot::Presence;

Complaint RomFixed(const TargetCase& on) {
  const std::uint32_t expected = on.rules.rom_fixed;
  const std::uint32_t found = on.options.rom_fixed;
  if (expected == found) return {};
  if (expected == 0) return Differs("has no", "--rom-fixed", HexNumber(found));
  return Differs("has --rom-fixed", HexNumber(expected), HexNumber(found));
}

Complaint NonBootable(const TargetCase& on) {
  if (on.rules.non_bootable) return {};
  return "has images that are started, the command line says --non-bootable";
}

Complaint CompareUuid(absl::string_view option, const std::string& expected,
                      const std::string& found) {
  if (expected == found) return {};
  if (expected.empty()) return Differs("has no", option, FormatUuid(found));
  return Differs(absl::StrCat("has ", option), FormatUuid(expected),
                 FormatUuid(found));
}

Complaint Vendor(const TargetCase& on) {
  return CompareUuid("--vid", trust::IdentityOf(on.format).vendor,
                     on.options.vendor_uuid);
}

Complaint Class(const TargetCase& on) {
  return CompareUuid("--cid", trust::IdentityOf(on.format).device_class,
                     on.options.class_uuid);
}

std::string Hex(const std::string& value) {
  return absl::StrCat("0x", absl::BytesToHexString(value));
}

bool MayBeAdded(const v1::McubootFormat& format, std::uint16_t type) {
  return std::count(format.request_tlvs().begin(), format.request_tlvs().end(),
                    type) != 0;
}

const v1::VendorTlv* FindOwn(const v1::McubootFormat& format,
                             std::uint16_t type) {
  for (const v1::VendorTlv& each : format.vendor_tlvs()) {
    if (each.type() == type) return &each;
  }
  return nullptr;
}

Complaint CustomTlv(const TargetCase& on, const imgtool::CustomTlv& tlv) {
  const std::string name = absl::StrCat("--custom-tlv ", HexNumber(tlv.type));
  if (const v1::VendorTlv* const own = FindOwn(on.format, tlv.type)) {
    if (own->value() == tlv.value) return {};
    return Differs(absl::StrCat("has ", name), Hex(own->value()),
                   Hex(tlv.value));
  }
  if (MayBeAdded(on.format, tlv.type)) return {};
  return Differs("has no", name, Hex(tlv.value));
}

// imgtool keeps the order of the command line; the target's own come first.
Complaint CustomOrder(const TargetCase& on) {
  const imgtool::CustomTlv* added = nullptr;
  for (const imgtool::CustomTlv& tlv : on.options.custom) {
    const bool is_own = FindOwn(on.format, tlv.type) != nullptr;
    if (!is_own) added = &tlv;
    if (!is_own || added == nullptr) continue;
    return absl::StrCat("puts its own --custom-tlv ", HexNumber(tlv.type),
                        " in front of ", HexNumber(added->type),
                        ", the command line behind it");
  }
  return {};
}

Complaint CustomTlvs(const TargetCase& on) {
  std::vector<Complaint> complaints;
  for (const imgtool::CustomTlv& tlv : on.options.custom) {
    Complaint complaint = CustomTlv(on, tlv);
    if (!complaint.empty()) complaints.push_back(std::move(complaint));
  }
  if (complaints.empty()) return CustomOrder(on);
  return absl::StrJoin(complaints, "; it ");
}

bool Decrypts(const TargetCase& on) {
  return on.rules.encryption != Presence::kForbidden;
}

// Which key fits, the key's file says.
Complaint Encrypt(const TargetCase& on) {
  if (Decrypts(on)) return {};
  return "cannot have --encrypt: its bootloader decrypts nothing";
}

// Parameters that mean nothing without --encrypt.
Complaint KeyLength(const TargetCase& on) {
  const std::size_t found = on.options.encryption.key_bits;
  if (!Decrypts(on) || on.rules.encryption_key_bits == found) return {};
  return Differs("has --encrypt-keylen",
                 absl::StrCat(on.rules.encryption_key_bits),
                 absl::StrCat(found));
}

Complaint Hmac(const TargetCase& on) {
  const bool expected =
      on.rules.encryption_tlv == mcuboot::tlv::kEncryptionX25519Sha512;
  const bool found = on.options.encryption.hmac == imgtool::HmacHash::kSha512;
  if (!Decrypts(on) || expected == found) return {};
  return Differs("has --hmac-sha", expected ? "512" : "256",
                 found ? "512" : "256");
}

Complaint Clear(const TargetCase& on) {
  if (!on.options.encryption_key.empty()) return {};
  return "cannot have --clear without --encrypt: nothing is encrypted then";
}

Complaint SaveTlv(const TargetCase& on) {
  if (on.rules.save_encryption_tlv) return {};
  return "has a bootloader that keeps no wrapped keys, the command line says "
         "--save-enctlv";
}

constexpr std::array<TargetCheck, 11> kChecks{{
    {"--rom-fixed", RomFixed},
    {"--non-bootable", NonBootable},
    {"--vid", Vendor},
    {"--cid", Class},
    {"--custom-tlv", CustomTlvs},
    {"--custom-tlv-file", CustomTlvs},
    {"--encrypt", Encrypt},
    {"--encrypt-keylen", KeyLength},
    {"--hmac-sha", Hmac},
    {"--clear", Clear},
    {"--save-enctlv", SaveTlv},
}};

}  // namespace

std::span<const TargetCheck> AttributeChecks() { return kChecks; }

}  // namespace bootseal::cli
