#include "client/cli/imgtool_target.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "client/cli/text.h"
#include "firmware/image/host/convert.h"
#include "server/trust/format.h"

namespace bootseal::cli {
namespace {

namespace mcuboot = image::mcuboot;
using imgtool::Padding;
using imgtool::SignOptions;
using mcuboot::Presence;

struct Case {
  const SignOptions& options;
  const v1::McubootFormat& format;
  const mcuboot::Rules rules;
};

// What follows "target NAME "; empty when both agree.
using Complaint = std::string;

Complaint Differs(absl::string_view has, absl::string_view expected,
                  absl::string_view found) {
  return absl::StrCat(has, " ", expected, ", the command line says ", found);
}

Complaint Compare(absl::string_view option, std::uint32_t expected,
                  std::uint32_t found) {
  if (expected == found) return {};
  return Differs(absl::StrCat("has ", option), absl::StrCat(expected),
                 absl::StrCat(found));
}

Complaint CompareHex(absl::string_view option, std::uint32_t expected,
                     std::uint32_t found) {
  if (expected == found) return {};
  return Differs(absl::StrCat("has ", option), HexNumber(expected),
                 HexNumber(found));
}

Complaint HeaderSize(const Case& on) {
  return CompareHex("--header-size", on.rules.header_size,
                    on.options.header_size);
}

Complaint PadHeader(const Case& on) {
  if (!on.format.payload_has_header_room()) return {};
  return "takes payloads with room for the header, the command line says "
         "--pad-header";
}

// 0 says that the size is not known.
Complaint SlotSize(const Case& on) {
  if (on.options.slot_size == 0) return {};
  return CompareHex("--slot-size", on.rules.slot_size, on.options.slot_size);
}

Complaint Align(const Case& on) {
  return Compare("--align", on.rules.align, on.options.align);
}

Complaint MaxAlign(const Case& on) {
  return Compare("--max-align", on.rules.max_align, on.options.max_align);
}

Complaint MaxSectors(const Case& on) {
  return Compare("--max-sectors", on.rules.max_sectors, on.options.max_sectors);
}

Complaint SectorSize(const Case& on) {
  return CompareHex("--sector-size", on.rules.sector_size,
                    on.options.sector_size);
}

absl::string_view NameOf(mcuboot::Strategy strategy) {
  constexpr std::array<absl::string_view, 7> kNames{
      "single-slot", "overwrite-only", "swap-scratch", "swap-move",
      "swap-offset", "direct-xip",     "ram-load"};
  return kNames[static_cast<std::size_t>(strategy)];
}

Complaint Strategy(const Case& on) {
  if (on.options.strategy == on.rules.strategy) return {};
  return Differs("has strategy", NameOf(on.rules.strategy),
                 NameOf(on.options.strategy.value_or(on.rules.strategy)));
}

Complaint OverwriteOnly(const Case& on) {
  if (on.rules.strategy == mcuboot::Strategy::kOverwriteOnly) return {};
  return Differs("has strategy", NameOf(on.rules.strategy), "--overwrite-only");
}

absl::string_view NameOf(Padding padding) {
  constexpr std::array<absl::string_view, 4> kNames{"no padding", "--pad",
                                                    "--test", "--confirm"};
  return kNames[static_cast<std::size_t>(padding)];
}

Padding PaddingOf(const v1::McubootFormat& format) {
  if (format.padding() == v1::PAD) return Padding::kPad;
  return format.padding() == v1::CONFIRM ? Padding::kConfirm : Padding::kNone;
}

// --test differs from --pad in what a HEX file leaves out, alone.
Complaint SlotPadding(const Case& on) {
  const Padding expected = PaddingOf(on.format);
  const Padding found = on.options.padding;
  const bool is_pad = found == Padding::kPad || found == Padding::kTest;
  if (expected == found || (expected == Padding::kPad && is_pad)) return {};
  return Differs("has", NameOf(expected), NameOf(found));
}

absl::string_view Erased(std::byte value) {
  return value == std::byte{0} ? "0" : "0xff";
}

std::byte ErasedOf(const v1::McubootFormat& format) {
  return format.erased_zero() ? std::byte{0} : std::byte{0xff};
}

Complaint ErasedValue(const Case& on) {
  const std::byte expected = ErasedOf(on.format);
  if (on.options.erased == expected) return {};
  return Differs("has --erased-val", Erased(expected),
                 Erased(on.options.erased));
}

Complaint LoadAddress(const Case& on) {
  if (on.rules.load_address == 0 && on.options.load_address != 0) {
    return Differs("has no", "--load-addr", HexNumber(on.options.load_address));
  }
  return CompareHex("--load-addr", on.rules.load_address,
                    on.options.load_address);
}

Complaint RomFixed(const Case& on) {
  if (on.options.rom_fixed == 0) return {};
  return "cannot have --rom-fixed: the server does not set it yet";
}

Complaint BootRecord(const Case& on) {
  const std::string& expected = on.format.software_type();
  const std::string found = Printable(on.options.software_type);
  if (on.rules.boot_record == Presence::kForbidden || expected.empty()) {
    return Differs("takes no", "--boot-record", found);
  }
  if (on.options.software_type == expected) return {};
  const bool required = on.rules.boot_record == Presence::kRequired;
  return Differs(required ? "requires --boot-record" : "has --boot-record",
                 Printable(expected), found);
}

Complaint SecurityCounter(const Case& on) {
  const std::uint32_t found = on.options.security_counter.value_or(0);
  if (on.rules.security_counter == Presence::kForbidden) {
    return Differs("takes no", "--security-counter", absl::StrCat(found));
  }
  const std::uint32_t most = on.rules.security_counter_ceiling;
  if (most == 0 || found <= most) return {};
  return Differs("takes --security-counter up to", absl::StrCat(most),
                 absl::StrCat(found));
}

std::string Text(const mcuboot::Dependency& dependency) {
  return absl::StrCat("(", dependency.image_id, ",",
                      image::host::FormatVersion(dependency.minimum), ")");
}

std::vector<std::string> DependenciesOf(const v1::McubootFormat& format) {
  std::vector<std::string> texts;
  if (format.dependency() == v1::FORBIDDEN) return texts;
  for (const v1::Dependency& each : format.dependencies()) {
    const auto minimum = image::host::ParseVersion(each.minimum_version());
    texts.push_back(Text({static_cast<std::uint8_t>(each.image_id()),
                          minimum.ok() ? *minimum : mcuboot::Version{}}));
  }
  return texts;
}

Complaint Dependencies(const Case& on) {
  const std::string expected = absl::StrJoin(DependenciesOf(on.format), ",");
  std::vector<std::string> texts;
  for (const mcuboot::Dependency& each : on.options.dependencies) {
    texts.push_back(Text(each));
  }
  const std::string found = absl::StrJoin(texts, ",");
  if (found == expected) return {};
  if (expected.empty()) return Differs("takes no", "--dependencies", found);
  return Differs("has --dependencies", expected, found);
}

Complaint CustomTlv(const Case& on, const imgtool::CustomTlv& tlv) {
  const std::string name = absl::StrCat("--custom-tlv ", HexNumber(tlv.type));
  const std::string found =
      absl::StrCat("0x", absl::BytesToHexString(tlv.value));
  for (const v1::VendorTlv& each : on.format.vendor_tlvs()) {
    if (each.type() != tlv.type) continue;
    if (each.value() == tlv.value) return {};
    return Differs(absl::StrCat("has ", name),
                   absl::StrCat("0x", absl::BytesToHexString(each.value())),
                   found);
  }
  return Differs("has no", name, found);
}

Complaint CustomTlvs(const Case& on) {
  std::vector<Complaint> complaints;
  for (const imgtool::CustomTlv& tlv : on.options.custom) {
    Complaint complaint = CustomTlv(on, tlv);
    if (!complaint.empty()) complaints.push_back(std::move(complaint));
  }
  return absl::StrJoin(complaints, "; it ");
}

absl::string_view NameOf(mcuboot::KeyFormat format) {
  return format == mcuboot::KeyFormat::kFull ? "full" : "hash";
}

Complaint KeyFormat(const Case& on) {
  if (on.options.key_format == on.rules.key_format) return {};
  return Differs("has --public-key-format", NameOf(on.rules.key_format),
                 NameOf(on.options.key_format));
}

Complaint Hash(const Case& on) {
  const image::HashAlgorithm found = on.options.hash.value_or(on.rules.hash);
  return Compare("--sha",
                 static_cast<std::uint32_t>(image::HashSize(on.rules.hash) * 8),
                 static_cast<std::uint32_t>(image::HashSize(found) * 8));
}

Complaint Compression(const Case& on) {
  if (on.options.compression == imgtool::Compression::kNone) return {};
  return "cannot have --compression: the server signs payloads as they are";
}

// The key, the files and their form; parameters of --encrypt, which mean
// nothing without it.
Complaint Agreed(const Case&) { return {}; }

struct Judged {
  absl::string_view option;
  Complaint (*judge)(const Case& on);
};
constexpr std::array<Judged, 30> kJudged{{
    {"--key", Agreed},
    {"--sig-out", Agreed},
    {"--version", Agreed},
    {"--endian", Agreed},
    {"--hex-addr", Agreed},
    {"--encrypt-keylen", Agreed},
    {"--hmac-sha", Agreed},
    {"--header-size", HeaderSize},
    {"--pad-header", PadHeader},
    {"--slot-size", SlotSize},
    {"--align", Align},
    {"--max-align", MaxAlign},
    {"--max-sectors", MaxSectors},
    {"--sector-size", SectorSize},
    {"--strategy", Strategy},
    {"--overwrite-only", OverwriteOnly},
    {"--pad", SlotPadding},
    {"--test", SlotPadding},
    {"--confirm", SlotPadding},
    {"--erased-val", ErasedValue},
    {"--load-addr", LoadAddress},
    {"--rom-fixed", RomFixed},
    {"--boot-record", BootRecord},
    {"--security-counter", SecurityCounter},
    {"--dependencies", Dependencies},
    {"--custom-tlv", CustomTlvs},
    {"--custom-tlv-file", CustomTlvs},
    {"--public-key-format", KeyFormat},
    {"--sha", Hash},
    {"--compression", Compression},
}};

struct Refused {
  absl::string_view option;
  absl::string_view why;
};
constexpr std::array<Refused, 13> kRefused{{
    {"--encrypt",
     "its signed header does not say that the payload is "
     "encrypted"},
    {"--clear", "its signed header does not say that the payload is encrypted"},
    {"--save-enctlv", "its images are not encrypted"},
    {"--non-bootable", "the server does not set that flag yet"},
    {"--vid", "the server makes no such TLV yet"},
    {"--cid", "the server makes no such TLV yet"},
    {"--pure", "the server signs the image's hash"},
    {"--pad-sig", "the server signs for MCUboot 1.5 and later"},
    {"--fix-sig", "the server makes the signature"},
    {"--fix-sig-pubkey", "the server makes the signature"},
    {"--vector-to-sign", "the server signs nothing that it does not assemble"},
    {"--unsigned", "the server signs"},
    {"--imgtool-compatible", "the server makes no fault of imgtool's"},
}};

// An option that no table knows is refused too.
Complaint Judge(const Case& on, const std::string& option) {
  for (const Judged& row : kJudged) {
    if (row.option == option) return row.judge(on);
  }
  for (const Refused& row : kRefused) {
    if (row.option != option) continue;
    return absl::StrCat("cannot have ", option, ": ", row.why);
  }
  return absl::StrCat("cannot have ", option, ": the server does not know it");
}

}  // namespace

absl::Status CheckAgainstTarget(const imgtool::ServerOrder& order,
                                const v1::Profile& profile) {
  const v1::McubootFormat& format = profile.target().mcuboot();
  const Case on{order.options, format,
                trust::RulesOf(format, profile.algorithm())};
  const std::string target =
      absl::StrCat("target ", Printable(profile.target().name()), " ");
  std::vector<std::string> complaints;
  std::string first;
  for (const std::string& option : order.given) {
    const Complaint complaint = Judge(on, option);
    if (complaint.empty()) continue;
    if (first.empty()) first = option;
    std::string sentence = absl::StrCat(target, complaint);
    if (std::count(complaints.begin(), complaints.end(), sentence) == 0) {
      complaints.push_back(std::move(sentence));
    }
  }
  if (complaints.empty()) return absl::OkStatus();
  return base::Invalid("TARGET_CONTRADICTED", first,
                       absl::StrJoin(complaints, "; "));
}

imgtool::SignOptions WithLayout(const imgtool::ServerOrder& order,
                                const v1::Profile& profile) {
  const v1::McubootFormat& format = profile.target().mcuboot();
  const mcuboot::Rules rules = trust::RulesOf(format, profile.algorithm());
  SignOptions options = order.options;
  options.header_size = rules.header_size;
  options.slot_size = rules.slot_size;
  options.align = rules.align;
  options.max_align = rules.max_align;
  options.max_sectors = rules.max_sectors;
  options.sector_size = rules.sector_size;
  options.strategy = rules.strategy;
  options.overwrite_only = rules.strategy == mcuboot::Strategy::kOverwriteOnly;
  options.erased = ErasedOf(format);
  if (options.padding == Padding::kNone) options.padding = PaddingOf(format);
  return options;
}

}  // namespace bootseal::cli
