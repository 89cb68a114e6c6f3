#include "client/cli/rules_source.h"

#include <cstdint>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/text.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/rules.h"
#include "server/trust/overlap.h"
#include "server/trust/profile.h"

namespace bootseal::cli {
namespace {

using image::Bytes;
using image::mcuboot::KeyFormat;
using image::mcuboot::Presence;
using image::mcuboot::Rules;
using image::mcuboot::Strategy;

constexpr std::size_t kDigitsPerLine = 72;

const char* NameOf(image::Algorithm algorithm) {
  switch (algorithm) {
    case image::Algorithm::kRsa2048:
      return "kRsa2048";
    case image::Algorithm::kRsa3072:
      return "kRsa3072";
    case image::Algorithm::kP256:
      return "kP256";
    case image::Algorithm::kP384:
      return "kP384";
    case image::Algorithm::kEd25519:
      return "kEd25519";
    case image::Algorithm::kBrainpoolP256t1:
      break;  // of no image of MCUboot's
  }
  return "";
}

const char* NameOf(image::HashAlgorithm hash) {
  switch (hash) {
    case image::HashAlgorithm::kSha256:
      return "kSha256";
    case image::HashAlgorithm::kSha384:
      return "kSha384";
    case image::HashAlgorithm::kSha512:
      return "kSha512";
  }
  return "";
}

const char* NameOf(Presence presence) {
  switch (presence) {
    case Presence::kOptional:
      return "kOptional";
    case Presence::kRequired:
      return "kRequired";
    case Presence::kForbidden:
      return "kForbidden";
  }
  return "";
}

const char* NameOf(Strategy strategy) {
  switch (strategy) {
    case Strategy::kSingleSlot:
      return "kSingleSlot";
    case Strategy::kOverwriteOnly:
      return "kOverwriteOnly";
    case Strategy::kSwapScratch:
      return "kSwapScratch";
    case Strategy::kSwapMove:
      return "kSwapMove";
    case Strategy::kSwapOffset:
      return "kSwapOffset";
    case Strategy::kDirectXip:
      return "kDirectXip";
    case Strategy::kRamLoad:
      return "kRamLoad";
  }
  return "";
}

std::string Hex(Bytes bytes) {
  return absl::BytesToHexString(image::host::ToString(bytes));
}

// A constant in the shape that the example has for its length.
std::string Constant(absl::string_view name, Bytes bytes,
                     absl::string_view type = "Hex") {
  const std::string digits = Hex(bytes);
  std::string text = absl::StrCat("constexpr auto ", name, " =");
  if (text.size() + type.size() + digits.size() + 6 <= 80) {
    return absl::StrCat(text, " ", type, "(\"", digits, "\");");
  }
  if (type.size() + digits.size() + 9 <= 80) {
    return absl::StrCat(text, "\n    ", type, "(\"", digits, "\");");
  }
  absl::StrAppend(&text, " ", type, "(");
  for (std::size_t i = 0; i < digits.size(); i += kDigitsPerLine) {
    absl::StrAppend(&text, "\n    \"", digits.substr(i, kDigitsPerLine), "\"");
  }
  return absl::StrCat(text, ");");
}

// Only what cannot end the comment that it stands in.
std::string CommentText(absl::string_view text) {
  std::string safe;
  for (const char c : text) {
    const bool good =
        absl::ascii_isprint(static_cast<unsigned char>(c)) && c != '\\';
    safe.push_back(good ? c : '?');
  }
  return safe;
}

// A bootloader of ours starts images and decrypts none.
absl::StatusOr<Rules> Provisioned(const v1::Target& target, Rules rules) {
  if (rules.non_bootable) {
    return base::Precondition(
        "TARGET_NOT_PROVISIONABLE",
        absl::StrCat("target ", Printable(target.name()),
                     " has non_bootable set: its images are never started, and "
                     "a bootloader for them would start nothing"));
  }
  if (rules.encryption == Presence::kRequired) {
    return base::Precondition(
        "TARGET_NOT_PROVISIONABLE",
        absl::StrCat("target ", Printable(target.name()),
                     " has encryption.presence REQUIRED, and this bootloader "
                     "decrypts nothing; use one that does, or OPTIONAL"));
  }
  rules.encryption = Presence::kForbidden;
  rules.encryption_tlv = 0;
  rules.encryption_key_bits = Rules().encryption_key_bits;
  rules.save_encryption_tlv = false;
  return rules;
}

// The keys of the log are Ed25519, or do not compile.
std::string ReceiptConstants(const image::mcuboot::ReceiptRules& receipt) {
  const bool two = !receipt.log_keys[1].empty();
  std::string text =
      absl::StrCat(Constant("kLogOrigin", receipt.origin), "  // ",
                   CommentText(image::host::ToString(receipt.origin)), "\n\n",
                   Constant("kLogKey", receipt.log_keys[0], "LogKey"), "\n\n");
  if (two) {
    absl::StrAppend(&text,
                    Constant("kSecondLogKey", receipt.log_keys[1], "LogKey"),
                    "\n\n");
  }
  return absl::StrCat(
      text, "constexpr image::mcuboot::ReceiptRules kReceipt{\n",
      "    .presence = image::mcuboot::Presence::", NameOf(receipt.presence),
      ",\n    .origin = kLogOrigin,\n    .log_keys = {kLogKey, ",
      two ? "kSecondLogKey" : "{}", "},\n};\n");
}

// Those that the bootloader trusts beside the one in the rules: firmware/
// provision sees the last line, and links what looks for them.
absl::StatusOr<std::string> OverlapKeys(const v1::Profile& profile) {
  RETURN_IF_ERROR(trust::CheckHasEveryKey(profile));
  std::string text;
  std::string list;
  std::vector<v1::Profile> keys = trust::ProfilesByKey(profile);
  for (std::size_t i = 1; i < keys.size(); ++i) {
    ASSIGN_OR_RETURN(const auto made, trust::McubootProfile::Make(keys[i]));
    const Rules& rules = made->rules();
    const bool full = rules.key_format == KeyFormat::kFull;
    const std::string key = absl::StrCat("kOverlapKey", i);
    const std::string hash = absl::StrCat("kOverlapKeyHash", i);
    absl::StrAppend(&text, "\n// ", CommentText(keys[i].target().key()), "\n");
    if (!full) absl::StrAppend(&text, Constant(key, rules.public_key), "\n");
    absl::StrAppend(&text, Constant(hash, rules.key_hash), "\n");
    absl::StrAppend(&list, "    {", full ? "{}" : key, ", ", hash, "},\n");
  }
  if (list.empty()) return text;
  return absl::StrCat(text, "\nconstexpr TrustedKey kOverlapKeys[] = {\n", list,
                      "};\n");
}

std::string Constants(const Rules& rules) {
  std::string text;
  if (rules.key_format == KeyFormat::kHash) {
    absl::StrAppend(&text, Constant("kPublicKey", rules.public_key), "\n\n");
  }
  absl::StrAppend(&text, Constant("kKeyHash", rules.key_hash), "\n");
  if (!rules.software_type.empty()) {
    absl::StrAppend(
        &text, "\n", Constant("kSoftwareType", rules.software_type), "  // ",
        CommentText(image::host::ToString(rules.software_type)), "\n");
  }
  if (!rules.vendor_uuid.empty()) {
    absl::StrAppend(&text, "\n", Constant("kVendorUuid", rules.vendor_uuid),
                    "\n");
  }
  if (!rules.class_uuid.empty()) {
    absl::StrAppend(&text, "\n", Constant("kClassUuid", rules.class_uuid),
                    "\n");
  }
  if (rules.receipt != nullptr) {
    absl::StrAppend(&text, "\n", ReceiptConstants(*rules.receipt));
  }
  return text;
}

// What the target takes and this bootloader does not.
std::string Notes(const Rules& rules) {
  std::string notes;
  if (rules.encryption != Presence::kForbidden) {
    notes +=
        "// The target takes encrypted images; this bootloader decrypts "
        "nothing "
        "and refuses them.\n";
  }
  if (rules.compression != image::mcuboot::Compression::kNone) {
    notes +=
        "// This bootloader decompresses nothing: of what the target takes, it "
        "boots the\n// plain images alone.\n";
  }
  return notes;
}

std::string Fields(const Rules& rules) {
  const bool full = rules.key_format == KeyFormat::kFull;
  const auto field = [](absl::string_view name, absl::string_view value) {
    return absl::StrCat("    .", name, " = ", value, ",\n");
  };
  const auto number = [&field](absl::string_view name, std::uint32_t value) {
    return field(name, absl::StrCat(value));
  };
  const auto presence = [&field](absl::string_view name, Presence value) {
    return field(name,
                 absl::StrCat("image::mcuboot::Presence::", NameOf(value)));
  };
  const auto address = [&field](absl::string_view name, std::uint32_t value) {
    return field(name, value == 0 ? "0" : HexNumber(value));
  };
  return absl::StrCat(
             field("algorithm",
                   absl::StrCat("image::Algorithm::", NameOf(rules.algorithm))),
             field("hash",
                   absl::StrCat("image::HashAlgorithm::", NameOf(rules.hash))),
             field("key_format", absl::StrCat("image::mcuboot::KeyFormat::",
                                              full ? "kFull" : "kHash")),
             field("public_key", full ? "{}" : "kPublicKey"),
             field("key_hash", "kKeyHash"),
             field("pure", rules.pure ? "true" : "false"),
             field("header_size", HexNumber(rules.header_size)),
             field("slot_size", HexNumber(rules.slot_size)),
             number("align", rules.align), number("max_align", rules.max_align),
             number("sector_size", rules.sector_size),
             number("max_sectors", rules.max_sectors),
             field("strategy", absl::StrCat("image::mcuboot::Strategy::",
                                            NameOf(rules.strategy))),
             field("allow_list", rules.allow_list ? "true" : "false"),
             presence("security_counter", rules.security_counter),
             number("minimum_security_counter", rules.minimum_security_counter),
             number("security_counter_ceiling",
                    rules.security_counter_ceiling)) +
         absl::StrCat(
             presence("boot_record", rules.boot_record),
             field("software_type",
                   rules.software_type.empty() ? "{}" : "kSoftwareType"),
             number("max_boot_record_size", rules.max_boot_record_size),
             presence("dependency", rules.dependency),
             number("image_count", rules.image_count),
             address("load_address", rules.load_address),
             address("rom_fixed", rules.rom_fixed),
             field("non_bootable", rules.non_bootable ? "true" : "false"),
             field("vendor_uuid",
                   rules.vendor_uuid.empty() ? "{}" : "kVendorUuid"),
             field("class_uuid",
                   rules.class_uuid.empty() ? "{}" : "kClassUuid"),
             presence("encryption", rules.encryption),
             number("encryption_key_bits", rules.encryption_key_bits),
             address("encryption_tlv", rules.encryption_tlv),
             field("encryption_tlv_required",
                   rules.encryption_tlv_required ? "true" : "false"),
             field("save_encryption_tlv",
                   rules.save_encryption_tlv ? "true" : "false"),
             // The bootloader undoes nothing.
             field("compression", "image::mcuboot::Compression::kNone"),
             address("slot_address", rules.slot_address),
             address("ram_address", rules.ram_address),
             address("ram_size", rules.ram_size),
             field("receipt",
                   rules.receipt == nullptr ? "nullptr" : "&kReceipt"));
}

}  // namespace

absl::StatusOr<std::string> FormatRulesSource(const v1::Profile& profile) {
  ASSIGN_OR_RETURN(const auto made, trust::McubootProfile::Make(profile));
  ASSIGN_OR_RETURN(const Rules rules,
                   Provisioned(profile.target(), made->rules()));
  ASSIGN_OR_RETURN(const std::string overlap, OverlapKeys(profile));
  return absl::StrCat(
      "// Rules of target ", CommentText(profile.target().name()),
      ", written by `bootseal targets export`.\n", Notes(made->rules()),
      overlap.empty() ? "" : "#include \"firmware/boot/overlap_keys.h\"\n",
      "#include \"firmware/boot/rules.h\"\n\n"
      "namespace bootseal::boot {\nnamespace {\n\n",
      Constants(rules), overlap,
      "\n}  // namespace\n\n"
      "constinit const image::mcuboot::Rules kRules{\n",
      Fields(rules), "};\n\n}  // namespace bootseal::boot\n");
}

}  // namespace bootseal::cli
