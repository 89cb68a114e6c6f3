// What a target's boot format must be like.
#include <array>
#include <set>

#include "absl/strings/ascii.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/mcuboot/trailer.h"
#include "server/trust/attribute_checks.h"
#include "server/trust/capsule_format.h"
#include "server/trust/first_stage_format.h"
#include "server/trust/format.h"
#include "server/trust/package_format.h"
#include "server/trust/receipt_format.h"
#include "server/trust/release_format.h"
#include "server/trust/target_format.h"

namespace bootseal::trust {
namespace {

namespace mcuboot = image::mcuboot;

constexpr std::uint32_t kMaxHeaderBytes = 65535;
constexpr std::uint32_t kMaxAlign = 32;
constexpr std::uint32_t kMinMaxAlign = 8;
constexpr std::size_t kMaxSoftwareTypeBytes = 12;
constexpr std::uint32_t kMaxImages = 256;
// Of 0.1.0; anything below it cannot hold a counter taken from a version.
constexpr std::uint32_t kFirstVersionCounter = 1u << 16;

bool IsAlignment(std::uint32_t value) {
  return value <= kMaxAlign && (value & (value - 1)) == 0;
}

bool Swaps(v1::UpgradeStrategy strategy) {
  return strategy == v1::SWAP_SCRATCH || strategy == v1::SWAP_MOVE ||
         strategy == v1::SWAP_OFFSET;
}

void CheckSectors(const v1::McubootFormat& format, const mcuboot::Rules& rules,
                  const Field& here) {
  const std::uint32_t sector = format.sector_size();
  if (sector == 0) {
    if (!Swaps(format.strategy())) return;
    here.At("sector_size")
        .Report(absl::StrCat("required by strategy ",
                             v1::UpgradeStrategy_Name(format.strategy())));
    return;
  }
  if (format.slot_size() % sector != 0) {
    here.At("sector_size")
        .Report(absl::StrCat("a slot of ", format.slot_size(), " bytes is no ",
                             "whole number of sectors of ", sector, " bytes"));
  } else if (format.slot_size() / sector > rules.max_sectors) {
    here.At("max_sectors")
        .Report(absl::StrCat("the slot has ", format.slot_size() / sector,
                             " sectors, the bootloader knows ",
                             rules.max_sectors));
  }
}

void CheckAlignment(const v1::McubootFormat& format,
                    const mcuboot::Rules& rules, const Field& here) {
  if (!IsAlignment(rules.align)) {
    here.At("align").Report(absl::StrCat(
        format.align(), " is no alignment, expected 1, 2, 4, 8, 16 or 32"));
  }
  if (!IsAlignment(rules.max_align) || rules.max_align < kMinMaxAlign) {
    here.At("max_align")
        .Report(absl::StrCat(rules.max_align, ", expected 8, 16 or 32"));
  } else if (rules.max_align < rules.align) {
    here.At("max_align")
        .Report(absl::StrCat(rules.max_align, " is below align ", rules.align));
  }
}

// Numbers of the slot; MaxImageEnd only when they make sense on their own.
void CheckGeometry(const v1::McubootFormat& format, const mcuboot::Rules& rules,
                   const Field& here) {
  const std::size_t before = here.count();
  if (format.header_size() < mcuboot::kHeaderBytes ||
      format.header_size() > kMaxHeaderBytes) {
    here.At("header_size")
        .Report(absl::StrCat(format.header_size(), ", expected ",
                             mcuboot::kHeaderBytes, " to ", kMaxHeaderBytes));
  }
  if (format.slot_size() == 0) here.At("slot_size").Report("required");
  CheckAlignment(format, rules, here);
  CheckSectors(format, rules, here);
  if (here.count() != before) return;
  const std::uint32_t end = mcuboot::MaxImageEnd(rules);
  if (end > format.header_size()) return;
  here.At("slot_size")
      .Report(absl::StrCat("a slot of ", format.slot_size(),
                           " bytes has no room for a payload: the ",
                           "header takes ", format.header_size(), " of the ",
                           end, " bytes before the trailer"));
}

void CheckCounter(const v1::Target& target, const Field& here) {
  const CounterRules rules = CounterRulesOf(target);
  const std::uint32_t initial = rules.initial;
  const std::uint32_t ceiling = rules.ceiling;
  const bool from_version = rules.from_version;
  if (rules.presence == v1::FORBIDDEN &&
      (initial != 0 || ceiling != 0 || from_version)) {
    here.At("security_counter")
        .Report("FORBIDDEN, yet a default, a ceiling or a derivation is given");
  }
  if (from_version && initial != 0) {
    here.At("default_security_counter")
        .Report("never used: security_counter_from_version is set");
  }
  if (ceiling != 0 && initial > ceiling) {
    here.At("default_security_counter")
        .Report(absl::StrCat(initial, " is above the ceiling of ", ceiling));
  }
  if (from_version && ceiling != 0 && ceiling < kFirstVersionCounter) {
    here.At("security_counter_from_version")
        .Report(absl::StrCat(
            "cannot be stored under a ceiling of ", ceiling, ": version 0.1.0 ",
            "is ", kFirstVersionCounter, " already, and a device with a unary ",
            "counter (TF-M: 512) accepts the image but never boots again; set ",
            "default_security_counter and let the caller name it"));
  }
}

// With a version of five characters. Each of the five pairs has a byte of key
// and a head of one byte, of two before a hash; facts: mcuboot 1.10.
std::size_t SmallestBootRecord(const mcuboot::Rules& rules) {
  const std::size_t hash = 3 + image::HashSize(rules.hash);
  return 1 + (2 + rules.software_type.size()) + (2 + 5) + hash + (2 + 6) + hash;
}

void CheckBootRecord(const v1::McubootFormat& format,
                     const mcuboot::Rules& rules, const Field& here) {
  const std::string& type = format.software_type();
  const Field field = here.At("software_type");
  if (format.boot_record() == v1::REQUIRED && type.empty()) {
    field.Report("required: boot_record is REQUIRED, for example \"SPE\"");
  }
  if (format.boot_record() == v1::FORBIDDEN && !type.empty()) {
    field.Report("never used: boot_record is FORBIDDEN");
  }
  if (type.size() > kMaxSoftwareTypeBytes) {
    field.Report(absl::StrCat("\"", type, "\" has ", type.size(),
                              " bytes, expected at most ",
                              kMaxSoftwareTypeBytes));
  }
  for (const char c : type) {
    if (absl::ascii_isprint(static_cast<unsigned char>(c))) continue;
    field.Report("expected printable ASCII");
    break;
  }
  if (type.empty() || SmallestBootRecord(rules) <= rules.max_boot_record_size) {
    return;
  }
  here.At("max_boot_record_size")
      .Report(absl::StrCat("no record fits into ", rules.max_boot_record_size,
                           " bytes: one with this software type has at least ",
                           SmallestBootRecord(rules)));
}

void CheckDependency(const v1::Dependency& dependency, std::uint32_t images,
                     const Field& here) {
  if (dependency.image_id() >= images) {
    here.At("image_id")
        .Report(absl::StrCat(dependency.image_id(),
                             ", expected below image_count, which is ",
                             images));
  }
  const auto version = image::host::ParseVersion(dependency.minimum_version());
  if (version.ok()) return;
  here.At("minimum_version").Report(version.status().message());
}

void CheckDependencies(const v1::McubootFormat& format,
                       const mcuboot::Rules& rules, const Field& here) {
  const int count = format.dependencies_size();
  if (rules.image_count > kMaxImages) {
    here.At("image_count")
        .Report(
            absl::StrCat(rules.image_count, ", expected at most ", kMaxImages));
  }
  if (format.dependency() == v1::REQUIRED && count == 0) {
    here.At("dependencies").Report("required: dependency is REQUIRED");
  }
  if (format.dependency() == v1::FORBIDDEN && count != 0) {
    here.At("dependencies").Report("never used: dependency is FORBIDDEN");
  }
  std::set<std::uint32_t> seen;
  for (int i = 0; i < count; ++i) {
    const v1::Dependency& dependency = format.dependencies(i);
    const Field field = here.At("dependencies", i);
    CheckDependency(dependency, rules.image_count, field);
    if (seen.insert(dependency.image_id()).second) continue;
    field.At("image_id")
        .Report(absl::StrCat(dependency.image_id(), " is given twice"));
  }
}

void CheckPure(const v1::McubootFormat& format, v1::Algorithm algorithm,
               const Field& here) {
  if (!format.pure() || algorithm == v1::ED25519 ||
      algorithm == v1::ALGORITHM_UNSPECIFIED) {
    return;
  }
  here.At("pure").Report(absl::StrCat("expected only with ED25519, the key is ",
                                      v1::Algorithm_Name(algorithm)));
}

// Who decompresses writes the image to another slot than it came in, and cannot
// write it back.
void CheckCompression(const v1::McubootFormat& format, const Field& here) {
  if (format.compression() == v1::COMPRESSION_UNSPECIFIED) return;
  if (!v1::Compression_IsValid(format.compression())) {
    here.At("compression").Report("unknown");
  } else if (format.strategy() != v1::OVERWRITE_ONLY) {
    here.At("compression")
        .Report(
            "expected only with strategy OVERWRITE_ONLY, as the bootloader "
            "decompresses from one slot into the other");
  }
}

void CheckIsNotOfChips(v1::Algorithm algorithm, const Field& here) {
  if (algorithm != v1::BRAINPOOL_P256T1) return;
  here.Report(
      "takes no key of BRAINPOOL_P256T1: packages and first stages of an "
      "STM32MP alone are signed with one, and whoever reads these verifies "
      "RSA2048, RSA3072, P256, P384 or ED25519");
}

void CheckMcuboot(const v1::Target& target, v1::Algorithm algorithm,
                  const Field& here) {
  const v1::McubootFormat& format = target.mcuboot();
  const mcuboot::Rules rules = RulesOf(format, algorithm);
  CheckGeometry(format, rules, here);
  if (format.sha512() && algorithm != v1::ED25519 &&
      algorithm != v1::ALGORITHM_UNSPECIFIED) {
    here.At("sha512").Report(
        absl::StrCat("expected only with ED25519, the key ", "is ",
                     v1::Algorithm_Name(algorithm)));
  }
  CheckPure(format, algorithm, here);
  CheckCompression(format, here);
  CheckCounter(target, here);
  CheckBootRecord(format, rules, here);
  CheckDependencies(format, rules, here);
  CheckVendorTlvs(format, here);
  CheckAddresses(format, here);
  CheckIdentity(format, here);
  CheckEncryption(format, here);
  CheckReceiptFormat(format, here);
}

}  // namespace

void CheckFormat(const v1::Target& target, v1::Algorithm algorithm,
                 const Field& here) {
  // A switch without default: a new format does not compile before it is
  // checked.
  switch (target.format_case()) {
    case v1::Target::kMcuboot:
      CheckIsNotOfChips(algorithm, here.At("mcuboot"));
      return CheckMcuboot(target, algorithm, here.At("mcuboot"));
    case v1::Target::kRelease:
      CheckIsNotOfChips(algorithm, here.At("release"));
      CheckCounter(target, here.At("release"));
      return CheckRelease(target.release(), here.At("release"));
    case v1::Target::kCapsule:
      return CheckCapsule(target.capsule(), algorithm, here.At("capsule"));
    case v1::Target::kFip:
      CheckCounter(target, here.At("fip"));
      return CheckFip(target.fip(), algorithm, here.At("fip"));
    case v1::Target::kStm32Header:
      CheckCounter(target, here.At("stm32_header"));
      return CheckStm32Header(target.stm32_header(), algorithm,
                              here.At("stm32_header"));
    case v1::Target::FORMAT_NOT_SET:
      return here.At("mcuboot").Report("required: a target has a format");
  }
}

}  // namespace bootseal::trust
