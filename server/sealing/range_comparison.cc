#include "server/sealing/range_comparison.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/tlv_names.h"
#include "firmware/image/mcuboot/boot_record.h"
#include "firmware/image/mcuboot/header.h"
#include "firmware/image/mcuboot/tlv.h"

namespace bootseal::sealing {
namespace {

using image::host::AsBytes;
using image::host::DescribeTlv;
using image::host::ToString;
namespace mcuboot = image::mcuboot;

constexpr std::size_t kShownBytes = 32;

absl::Status Differs(absl::string_view reason, absl::string_view target,
                     absl::string_view what) {
  return base::Invalid(reason, "range",
                       absl::StrCat("range differs from what target ", target,
                                    " demands: ", what));
}

std::string Hex(std::uint32_t number) {
  return absl::StrFormat("0x%x", number);
}

struct HeaderField {
  const char* reason;
  const char* name;
  std::string (*text)(const mcuboot::Header&);
  const char* fix;
};
constexpr std::array<HeaderField, 5> kHeaderFields{{
    {"RANGE_HEADER_SIZE", "its header has",
     [](const mcuboot::Header& header) {
       return absl::StrCat(Hex(header.header_size), " bytes");
     },
     "give imgtool that -H"},
    {"RANGE_FLAGS", "its flags are",
     [](const mcuboot::Header& header) { return Hex(header.flags); },
     "-L, -F, -E and --non-bootable set them"},
    {"RANGE_LOAD_ADDRESS", "its load address is",
     [](const mcuboot::Header& header) { return Hex(header.load_address); },
     "give imgtool that -L or -F"},
    {"RANGE_PAYLOAD_SIZE", "its payload has",
     [](const mcuboot::Header& header) {
       return absl::StrCat(header.image_size, " bytes");
     },
     "header.payload_size says so, less the target's header room"},
    {"RANGE_VERSION", "its version is",
     [](const mcuboot::Header& header) {
       return image::host::FormatVersion(header.version);
     },
     "the request names that one"},
}};

// Of headers of one size.
absl::Status ComparePadding(absl::string_view target, absl::string_view found,
                            absl::string_view expected) {
  const auto differ =
      std::mismatch(found.begin() + mcuboot::kHeaderBytes, found.end(),
                    expected.begin() + mcuboot::kHeaderBytes);
  if (differ.first == found.end()) return absl::OkStatus();
  return Differs(
      "RANGE_HEADER_PADDING", target,
      absl::StrFormat("byte %d of its header is 0x%02x, expected 0x%02x as in "
                      "all of them behind the first %d",
                      differ.first - found.begin(),
                      static_cast<unsigned char>(*differ.first),
                      static_cast<unsigned char>(*differ.second),
                      mcuboot::kHeaderBytes));
}

using Area = std::vector<mcuboot::Tlv>;

Area TlvsOf(absl::string_view bytes) {
  Area area;
  for (const mcuboot::Tlv& tlv : mcuboot::Tlvs(AsBytes(bytes))) {
    area.push_back(tlv);
  }
  return area;
}

std::string Shown(image::Bytes value) {
  if (value.empty()) return "nothing";
  const std::string hex =
      absl::BytesToHexString(ToString(value)).substr(0, 2 * kShownBytes);
  if (value.size() <= kShownBytes) return hex;
  return absl::StrCat(hex, "... (", value.size(), " bytes)");
}

std::string ValueOf(const mcuboot::Tlv& tlv) {
  if (tlv.type != mcuboot::tlv::kSecurityCounter || tlv.value.size() != 4) {
    return Shown(tlv.value);
  }
  return absl::StrCat(image::Reader(tlv.value).U32());
}

// What `left` has more of than `right`.
Area Surplus(const Area& left, const Area& right) {
  Area rest = right;
  Area surplus;
  for (const mcuboot::Tlv& tlv : left) {
    const auto same = std::find_if(
        rest.begin(), rest.end(),
        [&](const mcuboot::Tlv& other) { return other.type == tlv.type; });
    if (same == rest.end()) {
      surplus.push_back(tlv);
    } else {
      rest.erase(same);
    }
  }
  return surplus;
}

std::string Listed(const Area& tlvs) {
  return absl::StrJoin(tlvs, ", ",
                       [](std::string* out, const mcuboot::Tlv& tlv) {
                         absl::StrAppend(out, DescribeTlv(tlv.type));
                       });
}

std::string ListedWithValues(const Area& tlvs) {
  return absl::StrJoin(
      tlvs, ", ", [](std::string* out, const mcuboot::Tlv& tlv) {
        absl::StrAppend(out, DescribeTlv(tlv.type), " of ", ValueOf(tlv));
      });
}

absl::Status CompareTypes(absl::string_view target, const Area& found,
                          const Area& expected) {
  const Area more = Surplus(found, expected);
  if (!more.empty()) {
    return Differs(
        "RANGE_TLV_UNEXPECTED", target,
        absl::StrCat("it has a protected ", ListedWithValues(more),
                     ", which neither the target nor the request names"));
  }
  const Area less = Surplus(expected, found);
  if (!less.empty()) {
    return Differs("RANGE_TLV_MISSING", target,
                   absl::StrCat("it lacks a protected ", ListedWithValues(less),
                                "; give imgtool what the target demands: "
                                "-s, --boot-record, -d, --vid, --cid, "
                                "--custom-tlv"));
  }
  const auto same_type = [](const mcuboot::Tlv& a, const mcuboot::Tlv& b) {
    return a.type == b.type;
  };
  if (std::equal(found.begin(), found.end(), expected.begin(), same_type)) {
    return absl::OkStatus();
  }
  return Differs("RANGE_TLV_ORDER", target,
                 absl::StrCat("its protected TLVs are ", Listed(found),
                              ", expected the order ", Listed(expected)));
}

struct RecordField {
  const char* name;
  image::Bytes mcuboot::BootRecord::*value;
  bool is_text;
};
constexpr std::array<RecordField, 4> kRecordFields{{
    {"software type", &mcuboot::BootRecord::software_type, true},
    {"version", &mcuboot::BootRecord::version, true},
    {"hash", &mcuboot::BootRecord::hash_name, true},
    {"signer", &mcuboot::BootRecord::signer, false},
}};

bool IsZero(image::Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](std::byte b) { return b == std::byte{0}; });
}

std::string FieldText(const RecordField& field,
                      const mcuboot::BootRecord& record) {
  const image::Bytes value = record.*field.value;
  return field.is_text
             ? absl::StrCat("\"", absl::CEscape(ToString(value)), "\"")
             : Shown(value);
}

absl::Status SignerIsZero(absl::string_view target) {
  return Differs(
      "RANGE_SIGNER_ZERO", target,
      "the signer in its boot record is all zeros: imgtool made it without "
      "knowing the key; give --fix-sig-pubkey in the line with "
      "--vector-to-sign too (imgtool itself reads it only with a --fix-sig, "
      "for which any file of base64 serves there)");
}

// Which part of it; nothing where they are no records.
absl::Status CompareRecords(absl::string_view target, const mcuboot::Tlv& found,
                            const mcuboot::Tlv& expected) {
  const auto sent = mcuboot::ReadBootRecord(found.value);
  const auto made = mcuboot::ReadBootRecord(expected.value);
  if (!sent.ok() || !made.ok()) return absl::OkStatus();
  if (IsZero(sent->signer)) return SignerIsZero(target);
  for (const RecordField& field : kRecordFields) {
    const std::string is = FieldText(field, *sent);
    const std::string must = FieldText(field, *made);
    if (is == must) continue;
    return Differs("RANGE_TLV_VALUE", target,
                   absl::StrCat("the ", field.name, " in its boot record is ",
                                is, ", expected ", must));
  }
  return absl::OkStatus();
}

absl::Status CompareValues(absl::string_view target, const mcuboot::Tlv& found,
                           const mcuboot::Tlv& expected) {
  if (std::ranges::equal(found.value, expected.value)) return absl::OkStatus();
  if (found.type == mcuboot::tlv::kBootRecord) {
    RETURN_IF_ERROR(CompareRecords(target, found, expected));
  }
  return Differs(
      "RANGE_TLV_VALUE", target,
      absl::StrCat("its ", DescribeTlv(found.type), " is ", ValueOf(found),
                   ", expected ", ValueOf(expected)));
}

}  // namespace

absl::Status CompareHeaders(absl::string_view target, absl::string_view found,
                            absl::string_view expected) {
  const auto sent = mcuboot::ReadHeader(AsBytes(found));
  const auto made = mcuboot::ReadHeader(AsBytes(expected));
  RETURN_IF_ERROR(image::host::ToStatus(sent.error()));
  RETURN_IF_ERROR(image::host::ToStatus(made.error()));
  for (const HeaderField& field : kHeaderFields) {
    const std::string is = field.text(*sent);
    const std::string must = field.text(*made);
    if (is == must) continue;
    return Differs(field.reason, target,
                   absl::StrCat(field.name, " ", is, ", expected ", must, "; ",
                                field.fix));
  }
  return ComparePadding(target, found, expected);
}

absl::Status CompareProtected(absl::string_view target, absl::string_view found,
                              absl::string_view expected) {
  if (found == expected) return absl::OkStatus();
  const Area sent = TlvsOf(found);
  const Area made = TlvsOf(expected);
  RETURN_IF_ERROR(CompareTypes(target, sent, made));
  for (std::size_t i = 0; i < sent.size(); ++i) {
    RETURN_IF_ERROR(CompareValues(target, sent[i], made[i]));
  }
  return Differs("RANGE_TLV_MALFORMED", target,
                 "its protected area is not the one of these TLVs");
}

}  // namespace bootseal::sealing
