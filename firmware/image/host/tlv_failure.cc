#include "firmware/image/host/tlv_failure.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "firmware/image/host/attribute_words.h"
#include "firmware/image/host/content_words.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/tlv_names.h"
#include "firmware/image/mcuboot/expected_header.h"
#include "firmware/image/mcuboot/judge.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::image::host {
namespace {

using mcuboot::Facts;
using mcuboot::Rules;
using mcuboot::Tlv;
namespace tlv = mcuboot::tlv;

enum class Area { kProtected, kUnprotected };

struct Placed {
  Area area;
  Tlv tlv;
  std::uint64_t offset;  // of its header
};

// The image's TLVs, and what is wanted of them.
struct Case {
  Error code;
  const Wanted& wanted;
  std::vector<Placed> tlvs;
};

std::vector<Placed> TlvsOf(const Facts& facts, Bytes image) {
  std::vector<Placed> all;
  for (const Area area : {Area::kProtected, Area::kUnprotected}) {
    const Bytes bytes = area == Area::kProtected ? facts.protected_area
                                                 : facts.unprotected_area;
    for (const Tlv& each : mcuboot::Tlvs(bytes)) {
      const auto offset = each.value.data() - image.data();
      all.push_back(
          {area, each,
           static_cast<std::uint64_t>(offset) - mcuboot::kTlvHeaderBytes});
    }
  }
  return all;
}

std::string U16(std::size_t value) {
  return {static_cast<char>(value & 0xff), static_cast<char>(value >> 8)};
}

std::string Encoded(const Tlv& one) {
  return absl::StrCat(U16(one.type), U16(one.value.size()),
                      ToString(one.value));
}

// Whether the rule holds for an image that has these in the area, and no other.
bool Holds(const Case& on, Area area, const std::string& tlvs) {
  // Nobody looks at the info header of an area that was read.
  const std::string bytes =
      absl::StrCat(std::string(mcuboot::kTlvInfoBytes, '\0'), tlvs);
  Facts facts = on.wanted.facts;
  facts.protected_area = area == Area::kProtected ? AsBytes(bytes) : Bytes();
  facts.unprotected_area =
      area == Area::kUnprotected ? AsBytes(bytes) : Bytes();
  for (const mcuboot::Rule& rule : mcuboot::ImageRules()) {
    if (rule.code != on.code) continue;
    return mcuboot::Ask(rule, on.wanted.rules, facts) == Error::kOk;
  }
  return true;
}

const char* NameOf(Area area) {
  return area == Area::kProtected ? "protected" : "unprotected";
}

std::string Where(const Placed& one) {
  return absl::StrFormat("%s of %d bytes in the %s area at 0x%x",
                         DescribeTlv(one.tlv.type), one.tlv.value.size(),
                         NameOf(one.area), one.offset);
}

constexpr char kAnew[] =
    "no option of imgtool's writes that: sign the payload anew with bootseal "
    "sign";

std::string PureFieldFix(const Wanted&, std::uint16_t) {
  return absl::StrCat(
      Fix("without --pure", "which signs the hash for this target"),
      "; or set the target's pure, if the bootloader has MCUBOOT_SIGN_PURE");
}

std::string EncryptionFieldFix(const Wanted& wanted, std::uint16_t) {
  const bool decrypts =
      wanted.rules.encryption != mcuboot::Presence::kForbidden;
  return absl::StrCat(EncryptionFix(wanted), "; or set the target's ",
                      decrypts ? "encryption.key_exchange" : "encryption",
                      ", if the bootloader decrypts so (MCUBOOT_ENC_IMAGES)");
}

std::string CompressionFieldFix(const Wanted& wanted, std::uint16_t) {
  return absl::StrCat(CompressionFix(wanted),
                      "; or set the target's compression, if the bootloader "
                      "has MCUBOOT_DECOMPRESS_IMAGES");
}

std::string UuidFix(const Wanted&, std::uint16_t type) {
  return type == tlv::kVendorUuid
             ? Fix("--vid",
                   "which writes the target's vendor_id; both into "
                   "the protected area")
             : Fix("--cid",
                   "which writes the target's class_id; both into "
                   "the protected area");
}

std::string VendorFix(const Wanted&, std::uint16_t type) {
  return Fix(absl::StrFormat("--custom-tlv 0x%x VALUE", type),
             absl::StrFormat("--vendor-tlv 0x%x=VALUE; both write it into the "
                             "protected area",
                             type));
}

// What wrote a TLV.
struct Cause {
  bool (*wrote)(std::uint16_t type);
  std::string (*fix)(const Wanted& wanted, std::uint16_t type);
};
constexpr Cause kCauses[] = {
    {[](std::uint16_t type) { return type == tlv::kSignaturePure; },
     PureFieldFix},
    {mcuboot::IsEncryption, EncryptionFieldFix},
    {mcuboot::IsDecompression, CompressionFieldFix},
    {mcuboot::IsUuid, UuidFix},
    {mcuboot::IsVendor, VendorFix},
};

std::string FixOf(const Case& on, const Placed& one) {
  for (const Cause& cause : kCauses) {
    if (cause.wrote(one.tlv.type)) return cause.fix(on.wanted, one.tlv.type);
  }
  return kAnew;
}

std::string Elsewhere(const Case& on, const Placed& one) {
  const Area other =
      one.area == Area::kProtected ? Area::kUnprotected : Area::kProtected;
  return Holds(on, other, Encoded(one.tlv))
             ? absl::StrCat(", expected in the ", NameOf(other), " area")
             : ", expected in no image of this target";
}

TlvFailure NotAllowed(const Case& on) {
  TlvFailure failure;
  std::vector<std::string> details;
  std::vector<std::string> fixes;
  for (const Placed& each : on.tlvs) {
    if (Holds(on, each.area, Encoded(each.tlv))) continue;
    if (!failure.offset) failure.offset = each.offset;
    details.push_back(absl::StrCat(Where(each), Elsewhere(on, each)));
    const std::string fix = FixOf(on, each);
    if (std::count(fixes.begin(), fixes.end(), fix) == 0) fixes.push_back(fix);
  }
  failure.detail = absl::StrJoin(details, "; ");
  failure.fix = absl::StrJoin(fixes, "; ");
  return failure;
}

TlvFailure Duplicate(const Case& on) {
  TlvFailure failure;
  std::vector<std::string> details;
  for (std::size_t i = 0; i < on.tlvs.size(); ++i) {
    const Placed& later = on.tlvs[i];
    for (std::size_t k = 0; k < i; ++k) {
      const Placed& first = on.tlvs[k];
      const std::string both =
          absl::StrCat(Encoded(first.tlv), Encoded(later.tlv));
      if (first.area != later.area || Holds(on, first.area, both)) continue;
      if (!failure.offset) failure.offset = later.offset;
      details.push_back(absl::StrFormat(
          "%s, after %s at 0x%x, expected one of them", Where(later),
          DescribeTlv(first.tlv.type), first.offset));
      break;
    }
  }
  failure.detail = absl::StrJoin(details, "; ");
  failure.fix = kAnew;
  return failure;
}

constexpr std::size_t kLongestTlv = 512;  // of those with a length of their own

std::string ExpectedLength(const Case& on, const Placed& one) {
  for (std::size_t size = 0; size <= kLongestTlv; ++size) {
    const std::string value(size, '\0');
    const Tlv other{one.tlv.type, AsBytes(value)};
    if (Holds(on, one.area, Encoded(other))) return absl::StrCat(size);
  }
  return "another length";
}

TlvFailure WrongLength(const Case& on) {
  TlvFailure failure;
  std::vector<std::string> details;
  for (const Placed& each : on.tlvs) {
    if (Holds(on, each.area, Encoded(each.tlv))) continue;
    details.push_back(
        absl::StrCat(Where(each), ", expected ", ExpectedLength(on, each)));
    if (failure.offset) continue;
    failure.offset = each.offset;
    failure.fix = mcuboot::IsEncryption(each.tlv.type)
                      ? EncryptionFix(on.wanted)
                      : std::string(kAnew);
  }
  failure.detail = absl::StrJoin(details, "; ");
  return failure;
}

constexpr std::uint64_t kFlagsOffset = 0x10;

TlvFailure ContentKey(const Case& on) {
  const Rules& rules = on.wanted.rules;
  const std::uint32_t flags = on.wanted.facts.header.flags;
  const std::string fix = EncryptionFix(on.wanted);
  for (std::size_t i = 0; i < on.tlvs.size(); ++i) {
    const Placed& key = on.tlvs[i];
    if (!mcuboot::IsEncryption(key.tlv.type)) continue;
    if ((flags & mcuboot::flags::kEncrypted) == 0) {
      return {absl::StrFormat("%s, and flags 0x%x at 0x%x, expected 0x%x in "
                              "them",
                              Where(key), flags, kFlagsOffset,
                              mcuboot::EncryptionFlag(rules)),
              key.offset, fix};
    }
    const bool last = i + 1 == on.tlvs.size();
    return {
        absl::StrCat(
            Where(key),
            last ? "" : absl::StrCat(", followed by ", Where(on.tlvs[i + 1])),
            ", expected as the last"),
        key.offset, kAnew};
  }
  return {
      absl::StrFormat("flags 0x%x at 0x%x say encrypted, expected %s of %d "
                      "bytes as the last, found none",
                      flags, kFlagsOffset, DescribeTlv(rules.encryption_tlv),
                      mcuboot::EncryptionTlvSize(rules.encryption_tlv,
                                                 rules.encryption_key_bits)),
      kFlagsOffset,
      absl::StrCat(fix,
                   "; imgtool leaves it out in silence for keys of "
                   "another kind")};
}

struct Row {
  Error code;
  TlvFailure (*describe)(const Case& on);
};
constexpr Row kRows[] = {
    {Error::kTlvNotAllowed, NotAllowed},
    {Error::kTlvDuplicate, Duplicate},
    {Error::kTlvLength, WrongLength},
    {Error::kEncryptionTlv, ContentKey},
};

}  // namespace

std::optional<TlvFailure> DescribeTlvFailure(Error code, const Wanted& wanted,
                                             const mcuboot::Reading& reading,
                                             Bytes image) {
  if (reading.error != Error::kOk) return std::nullopt;
  for (const Row& row : kRows) {
    if (row.code != code) continue;
    return row.describe({code, wanted, TlvsOf(reading.facts, image)});
  }
  return std::nullopt;
}

}  // namespace bootseal::image::host
