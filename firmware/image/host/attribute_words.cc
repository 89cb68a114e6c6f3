#include "firmware/image/host/attribute_words.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/switches.h"
#include "firmware/image/host/tlv_names.h"
#include "firmware/image/host/uuid.h"
#include "firmware/image/mcuboot/expected_header.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::image::host {
namespace {

namespace flags = mcuboot::flags;
namespace tlv = mcuboot::tlv;
using mcuboot::Facts;
using mcuboot::FindTlv;
using mcuboot::Presence;
using mcuboot::Rules;

std::string Uuid(const Facts& facts, std::uint16_t type, Bytes expected) {
  const mcuboot::Tlv one = FindTlv(facts.protected_area, type);
  const std::string found = one.type == 0
                                ? absl::StrCat("no ", DescribeTlv(type))
                                : FormatUuid(ToString(one.value));
  if (expected.empty()) return absl::StrCat(found, "; any will do");
  return absl::StrCat(found, ", expected ", FormatUuid(ToString(expected)));
}

// The options that set the target's flags.
std::string FlagOptions(const Rules& rules) {
  std::string options;
  if (rules.load_address != 0) {
    absl::StrAppendFormat(&options, " -L 0x%x", rules.load_address);
  }
  if (rules.rom_fixed != 0) {
    absl::StrAppendFormat(&options, " -F 0x%x", rules.rom_fixed);
  }
  if (rules.non_bootable) absl::StrAppend(&options, " --non-bootable");
  return options.empty() ? "without -L, -F and --non-bootable"
                         : absl::StrCat("with", options);
}

std::string FlagsFix(const Wanted& wanted) {
  return Fix(FlagOptions(wanted.rules), "which takes them from the target");
}

std::string Encryption(const Rules& rules, const Facts& facts) {
  const std::uint32_t found = facts.header.flags & flags::kEncrypted;
  const std::string expected =
      rules.encryption == Presence::kForbidden
          ? "the target decrypts nothing"
          : absl::StrCat("the target decrypts with keys of ",
                         rules.encryption_key_bits, " bits");
  if (found == 0) return absl::StrCat("not encrypted; ", expected);
  return absl::StrFormat("encryption flags 0x%x; %s", found, expected);
}

const RuleWords kWords[] = {
    {Error::kNonBootable, "image is marked bootable", nullptr, nullptr,
     [](const Wanted&) {
       return Fix("without --non-bootable",
                  "which sets the flag for targets that say so");
     }},
    {Error::kEncrypted, "image is encrypted as the target has it", Encryption,
     EncryptionSwitch, EncryptionFix},
    {Error::kEncryptionTlv, "content key last, in an image marked as encrypted",
     nullptr, EncryptionSwitch, EncryptionFix},
    {Error::kFlags, "header flags are the target's",
     [](const Rules& rules, const Facts& facts) {
       return absl::StrFormat("flags 0x%x, expected 0x%x", facts.header.flags,
                              ExpectedFlags(rules));
     },
     StrategySwitch, FlagsFix},
    {Error::kLoadAddress, "load address is the target's",
     [](const Rules& rules, const Facts& facts) {
       return absl::StrFormat("load address 0x%x, expected 0x%x",
                              facts.header.load_address,
                              ExpectedAddress(rules));
     },
     StrategySwitch, FlagsFix},
    {Error::kVendorUuid, "image is for the target's vendor",
     [](const Rules& rules, const Facts& facts) {
       return Uuid(facts, tlv::kVendorUuid, rules.vendor_uuid);
     },
     VendorSwitch,
     [](const Wanted& wanted) {
       return Fix(absl::StrCat("--vid ",
                               FormatUuid(ToString(wanted.rules.vendor_uuid))),
                  "which writes the target's vendor_id");
     },
     tlv::kVendorUuid},
    {Error::kClassUuid, "image is for the target's class of devices",
     [](const Rules& rules, const Facts& facts) {
       return Uuid(facts, tlv::kClassUuid, rules.class_uuid);
     },
     ClassSwitch,
     [](const Wanted& wanted) {
       return Fix(absl::StrCat("--cid ",
                               FormatUuid(ToString(wanted.rules.class_uuid))),
                  "which writes the target's class_id");
     },
     tlv::kClassUuid},
};

}  // namespace

std::span<const RuleWords> AttributeWords() { return kWords; }

std::string EncryptionFix(const Wanted& wanted) {
  const Rules& rules = wanted.rules;
  if (rules.encryption == Presence::kForbidden) {
    return Fix("without -E", "which signs plain images for this target");
  }
  const bool sha512 = rules.encryption_tlv == tlv::kEncryptionX25519Sha512;
  return Fix(
      absl::StrCat("-E DEVICE.pem --encrypt-keylen ", rules.encryption_key_bits,
                   sha512 ? " --hmac-sha 512" : ""),
      absl::StrCat("--encrypt DEVICE.pem; both with a key of the kind "
                   "that makes ",
                   DescribeTlv(rules.encryption_tlv)));
}

bool IsEncryptedForDevice(const Rules& rules, const Facts& facts) {
  return rules.encryption != Presence::kForbidden &&
         (facts.header.flags & flags::kEncrypted) != 0 &&
         FindTlv(facts.unprotected_area, rules.encryption_tlv).type != 0;
}

bool PayloadIsEncrypted(const Facts& facts) {
  if ((facts.header.flags & flags::kEncrypted) == 0) return false;
  bool has_key = false;
  bool is_plain = false;
  for (const mcuboot::Tlv& each : mcuboot::Tlvs(facts.unprotected_area)) {
    if (mcuboot::IsEncryption(each.type)) has_key = true;
    if (mcuboot::IsDigest(each.type) &&
        Equal(each.value, facts.digest.bytes())) {
      is_plain = true;
    }
  }
  return has_key && !is_plain;
}

}  // namespace bootseal::image::host
