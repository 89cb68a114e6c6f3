#include "client/bootloader/compare.h"

#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/arguments.h"
#include "client/cli/text.h"
#include "firmware/image/host/convert.h"
#include "server/trust/format.h"

namespace bootseal::bootloader {
namespace {

using image::mcuboot::Rules;

struct TargetView {
  const v1::Profile& profile;
  const v1::McubootFormat& format;
  Rules rules;
};

std::string YesNo(bool yes) { return yes ? "yes" : "no"; }

std::string MeasuredBoot(const TargetView& on) {
  return YesNo(on.format.boot_record() == v1::REQUIRED);
}
std::string SoftwareType(const TargetView& on) {
  const std::string& type = on.format.software_type();
  return type.empty() ? "none" : type;
}
std::string Signature(const TargetView& on) {
  return v1::Algorithm_Name(on.profile.algorithm());
}
std::string KeyFormat(const TargetView& on) {
  return on.format.key_format() == v1::FULL ? "FULL" : "HASH";
}
std::string Rollback(const TargetView& on) {
  return YesNo(on.format.security_counter() == v1::REQUIRED);
}
std::string CounterCeiling(const TargetView& on) {
  return absl::StrCat(on.format.security_counter_ceiling());
}
std::string ImageCount(const TargetView& on) {
  return absl::StrCat(on.rules.image_count);
}
std::string Dependencies(const TargetView& on) {
  std::vector<std::string> texts;
  for (const v1::Dependency& each : on.format.dependencies()) {
    const auto minimum = image::host::ParseVersion(each.minimum_version());
    texts.push_back(absl::StrCat("(", each.image_id(), ",",
                                 minimum.ok()
                                     ? image::host::FormatVersion(*minimum)
                                     : each.minimum_version(),
                                 ")"));
  }
  return texts.empty() ? "none" : absl::StrJoin(texts, ",");
}
std::string Strategy(const TargetView& on) {
  const auto strategy = on.format.strategy();
  return strategy == v1::UPGRADE_STRATEGY_UNSPECIFIED
             ? "SINGLE_SLOT"
             : v1::UpgradeStrategy_Name(strategy);
}
std::string SlotSize(const TargetView& on) {
  return cli::HexNumber(on.rules.slot_size);
}
std::string LoadAddress(const TargetView& on) {
  return cli::HexNumber(on.format.load_address());
}
std::string RomFixed(const TargetView& on) {
  return cli::HexNumber(on.format.rom_fixed_address());
}
std::string Align(const TargetView& on) { return absl::StrCat(on.rules.align); }
std::string MaxAlign(const TargetView& on) {
  return absl::StrCat(on.rules.max_align);
}
std::string HeaderSize(const TargetView& on) {
  return cli::HexNumber(on.rules.header_size);
}
std::string MaxSectors(const TargetView& on) {
  return absl::StrCat(on.rules.max_sectors);
}
std::string Padding(const TargetView& on) {
  const auto padding = on.format.padding();
  return padding == v1::PADDING_UNSPECIFIED ? "NONE"
                                            : v1::Padding_Name(padding);
}
std::string Encryption(const TargetView& on) {
  if (!on.format.has_encryption()) return "no";
  const v1::EncryptionFormat& encryption = on.format.encryption();
  const auto exchange = encryption.key_exchange();
  const std::uint32_t bits = encryption.key_bits();
  return absl::StrCat(exchange == v1::KEY_EXCHANGE_UNSPECIFIED
                          ? "ECIES_P256"
                          : v1::KeyExchange_Name(exchange),
                      " ", bits == 0 ? 128 : bits);
}
std::string AllowList(const TargetView& on) {
  return YesNo(on.format.allow_list());
}
std::string BootRecordSize(const TargetView& on) {
  return absl::StrCat(on.rules.max_boot_record_size);
}
std::string Hash(const TargetView& on) {
  return absl::StrCat("SHA-", image::HashSize(on.rules.hash) * 8);
}
std::string Pure(const TargetView& on) { return YesNo(on.format.pure()); }
std::string VendorId(const TargetView& on) {
  return YesNo(!on.format.vendor_id().empty());
}
std::string ClassId(const TargetView& on) {
  return YesNo(!on.format.class_id().empty());
}
std::string Decompression(const TargetView& on) {
  return YesNo(on.format.compression() != v1::COMPRESSION_UNSPECIFIED);
}

// "boot_record: REQUIRED"; empty: no line of the format does it.
using Fix = std::string (*)(const std::string& build);

template <const char* const& kField>
std::string Field(const std::string& build) {
  return absl::StrCat(kField, ": ", build);
}
template <const char* const& kField>
std::string Required(const std::string& build) {
  return absl::StrCat(kField, ": ", build == "yes" ? "REQUIRED" : "OPTIONAL");
}
template <const char* const& kField>
std::string Truth(const std::string& build) {
  return absl::StrCat(kField, ": ", build == "yes" ? "true" : "false");
}

constexpr const char* kBootRecord = "boot_record";
constexpr const char* kKeyFormat = "key_format";
constexpr const char* kSecurityCounter = "security_counter";
constexpr const char* kCeiling = "security_counter_ceiling";
constexpr const char* kImageCount = "image_count";
constexpr const char* kStrategy = "strategy";
constexpr const char* kSlotSize = "slot_size";
constexpr const char* kLoadAddress = "load_address";
constexpr const char* kRomFixed = "rom_fixed_address";
constexpr const char* kAlign = "align";
constexpr const char* kMaxAlign = "max_align";
constexpr const char* kHeaderSize = "header_size";
constexpr const char* kMaxSectors = "max_sectors";
constexpr const char* kPadding = "padding";
constexpr const char* kAllowList = "allow_list";
constexpr const char* kRecordSize = "max_boot_record_size";
constexpr const char* kPure = "pure";

std::string NoLine(const std::string&) { return {}; }

// No target can name its key by number.
std::string KeyFormatFix(const std::string& build) {
  return build == "ID" ? "" : Field<kKeyFormat>(build);
}
std::string SoftwareTypeFix(const std::string& build) {
  return absl::StrCat("software_type: \"", build, "\"");
}
std::string HashFix(const std::string& build) {
  return absl::StrCat("sha512: ", build == "SHA-512" ? "true" : "false");
}
std::string DependenciesFix(const std::string& build) {
  const std::vector<std::string> parts =
      absl::StrSplit(build, absl::ByAnyChar("(,)"), absl::SkipEmpty());
  if (parts.size() != 2) return {};
  return absl::StrCat("dependencies { image_id: ", parts[0],
                      " minimum_version: \"", parts[1], "\" }");
}
std::string EncryptionFix(const std::string& build) {
  const std::vector<std::string> parts = absl::StrSplit(build, ' ');
  if (parts.size() != 2) return {};
  return absl::StrCat("encryption { presence: OPTIONAL key_bits: ", parts[1],
                      " key_exchange: ", parts[0], " }");
}

struct Row {
  Setting setting;
  const char* name;
  std::string (*of_target)(const TargetView& on);
  Fix fix;
  const char* effect;      // when they differ
  const char* effect_off;  // the same when the build says "no"; null: `effect`
};

constexpr std::array<Row, 25> kRows{{
    {Setting::kMeasuredBoot, "measured boot", MeasuredBoot,
     Required<kBootRecord>,
     "an image without boot record is accepted and then not started: nothing "
     "boots",
     "the record is carried and never handed on; attestation does not have it"},
    {Setting::kSoftwareType, "software type", SoftwareType, SoftwareTypeFix,
     "whoever reads the attestation token knows the image by another name",
     nullptr},
    {Setting::kSignature, "signature", Signature, NoLine,
     "no signature is found that the bootloader knows: every image is refused",
     nullptr},
    {Setting::kKeyFormat, "key format", KeyFormat, KeyFormatFix,
     "the bootloader finds no key in the image: every image is refused",
     nullptr},
    {Setting::kRollback, "rollback protection", Rollback,
     Required<kSecurityCounter>, "an image without security counter is refused",
     "the counter is carried and not compared: older images boot"},
    {Setting::kCounterCeiling, "counter ceiling", CounterCeiling,
     Field<kCeiling>,
     "a counter above the store's end passes the check and cannot be stored: "
     "the board does not boot again",
     nullptr},
    {Setting::kImageCount, "images", ImageCount, Field<kImageCount>,
     "a dependency on an image that the bootloader does not have stops the "
     "upgrade",
     nullptr},
    {Setting::kDependencies, "dependencies", Dependencies, DependenciesFix,
     "the image asks for other versions beside it than the build means",
     nullptr},
    {Setting::kStrategy, "upgrade strategy", Strategy, Field<kStrategy>,
     "another part of the slot is free: an image that fits here does not fit "
     "there",
     nullptr},
    {Setting::kSlotSize, "slot size", SlotSize, Field<kSlotSize>,
     "the trailer is not where the bootloader looks for it: no upgrade",
     nullptr},
    {Setting::kLoadAddress, "load address", LoadAddress, Field<kLoadAddress>,
     "the image is copied to another place than it is linked for, or not at "
     "all",
     nullptr},
    {Setting::kRomFixed, "address in flash", RomFixed, Field<kRomFixed>,
     "the bootloader takes the image for one of another slot and refuses it",
     nullptr},
    {Setting::kAlign, "write size", Align, Field<kAlign>,
     "the swap status is taken for smaller or larger than it is: an image can "
     "lie in it",
     nullptr},
    {Setting::kMaxAlign, "trailer cells", MaxAlign, Field<kMaxAlign>,
     "the trailer's magic is not recognised: no upgrade", nullptr},
    {Setting::kHeaderSize, "header size", HeaderSize, Field<kHeaderSize>,
     "the payload is linked for another offset and crashes when it is started",
     nullptr},
    {Setting::kMaxSectors, "sectors", MaxSectors, Field<kMaxSectors>,
     "the swap status is taken for smaller or larger than it is: an image can "
     "lie in it",
     nullptr},
    {Setting::kPadding, "padding", Padding, Field<kPadding>,
     "the image is on trial where it should stay, or stays where it should be "
     "on trial",
     nullptr},
    {Setting::kEncryption, "encryption", Encryption, EncryptionFix,
     "an encrypted image cannot be decrypted, or is not allowed by the target",
     "an encrypted image is refused"},
    {Setting::kAllowList, "TLV allow list", AllowList, Truth<kAllowList>,
     "an unprotected TLV that the list lacks is refused",
     "unprotected TLVs that the target refuses are accepted"},
    {Setting::kBootRecordSize, "boot record size", BootRecordSize,
     Field<kRecordSize>,
     "a larger boot record is not stored, and nothing boots", nullptr},
    {Setting::kHash, "hash", Hash, HashFix,
     "the bootloader looks for another hash: every image is refused", nullptr},
    {Setting::kPure, "signature over the image", Pure, Truth<kPure>,
     "the bootloader refuses a signature over the hash",
     "the bootloader refuses a signature over the image"},
    {Setting::kVendorId, "vendor identity", VendorId, NoLine,
     "an image without UUID_VID is refused; set vendor_id",
     "the identity is carried and not compared"},
    {Setting::kClassId, "class identity", ClassId, NoLine,
     "an image without UUID_CID is refused; set class_id",
     "the identity is carried and not compared"},
    {Setting::kDecompression, "decompression", Decompression, NoLine,
     "compressed images could be used, and the target does not allow them",
     "a compressed image is refused"},
}};

std::string StrategyOf(const Settings& build, const TargetView& on) {
  const auto said = build.find(Setting::kStrategy);
  return said == build.end() ? Strategy(on) : said->second.value;
}

// What no byte of such an image depends on.
bool IsMoot(Setting setting, const std::string& strategy) {
  const bool swaps = absl::StartsWith(strategy, "SWAP_");
  const bool is_of_swap =
      setting == Setting::kAlign || setting == Setting::kMaxSectors;
  if (is_of_swap) return !swaps;
  return setting == Setting::kPadding && strategy == "OVERWRITE_ONLY";
}

bool IsAtMost(const std::string& text, const std::string& limit) {
  const auto number = cli::ParseNumber(text);
  const auto most = cli::ParseNumber(limit);
  return number && most && *number > 0 && *number <= *most;
}

bool Agree(const Row& row, const std::string& build, const std::string& target,
           const std::string& strategy) {
  if (build == target) return true;
  if (IsMoot(row.setting, strategy)) {
    return row.setting != Setting::kPadding || target != "NONE";
  }
  // A target may be stricter than the device.
  return row.setting == Setting::kCounterCeiling && IsAtMost(target, build);
}

std::string FixOf(const Row& row, const std::string& build) {
  if (row.setting == Setting::kSignature) {
    return absl::StrCat("key: a key whose algorithm is ", build);
  }
  return row.fix(build);
}

// What the target asks of each image, to be of use to the bootloader.
bool IsRequired(Setting setting, const std::string& target) {
  const bool is_of_presence =
      setting == Setting::kMeasuredBoot || setting == Setting::kRollback;
  return is_of_presence && target == "yes";
}

Finding NotTold(const Row& row, Finding finding) {
  if (!IsRequired(row.setting, finding.target)) return finding;
  finding.verdict = Verdict::kUnproven;
  finding.effect = absl::StrCat("should it be off: ", row.effect_off);
  return finding;
}

Finding Judge(const Row& row, const Settings& build, const TargetView& on) {
  Finding finding;
  finding.setting = row.name;
  finding.target = row.of_target(on);
  const auto said = build.find(row.setting);
  if (said == build.end()) return NotTold(row, std::move(finding));
  finding.build = said->second;
  const std::string& value = finding.build.value;
  if (Agree(row, value, finding.target, StrategyOf(build, on))) {
    finding.verdict = Verdict::kAgree;
    return finding;
  }
  finding.verdict = Verdict::kDiffer;
  const bool is_off = value == "no" && row.effect_off != nullptr;
  finding.effect = is_off ? row.effect_off : row.effect;
  finding.fix = FixOf(row, value);
  return finding;
}

// What a target needs beside the line itself.
std::string Beside(const Row& row) {
  if (row.setting == Setting::kDependencies) return "  dependency: REQUIRED\n";
  return {};
}

bool IsDefault(Setting setting, const std::string& value) {
  const bool is_address =
      setting == Setting::kLoadAddress || setting == Setting::kRomFixed;
  const bool is_plain_hash = setting == Setting::kHash && value != "SHA-512";
  return value == "no" || is_plain_hash || (is_address && value == "0x0");
}

}  // namespace

absl::string_view Text(Verdict verdict) {
  constexpr std::array<absl::string_view, 4> kTexts{"agree", "DIFFER",
                                                    "not told", "NOT TOLD"};
  return kTexts[static_cast<std::size_t>(verdict)];
}

bool IsAcceptable(Verdict verdict) {
  return verdict == Verdict::kAgree || verdict == Verdict::kNotTold;
}

std::vector<Finding> Compare(const Settings& build,
                             const v1::Profile& profile) {
  const v1::McubootFormat& format = profile.target().mcuboot();
  const TargetView on{profile, format,
                      trust::RulesOf(format, profile.algorithm())};
  std::vector<Finding> findings;
  findings.reserve(kRows.size());
  for (const Row& row : kRows) findings.push_back(Judge(row, build, on));
  return findings;
}

std::string Suggest(const Settings& build) {
  std::string text = "mcuboot {\n";
  for (const Row& row : kRows) {
    const auto said = build.find(row.setting);
    if (said == build.end() || IsDefault(row.setting, said->second.value)) {
      continue;
    }
    const std::string line = row.fix(said->second.value);
    if (line.empty()) continue;
    absl::StrAppend(&text, "  ", line, "  # ", said->second.words, "\n",
                    Beside(row));
  }
  return text + "}\n";
}

}  // namespace bootseal::bootloader
