#include "client/cli/inspect_image.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/cli/text.h"
#include "client/cli/tlv_words.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/tlv_names.h"
#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::cli {
namespace {

namespace mcuboot = image::mcuboot;
using image::host::AsBytes;
using image::host::ToString;
using Rows = std::vector<std::vector<std::string>>;

constexpr std::size_t kShownBytes = 24;

struct Flag {
  std::uint32_t bit;
  const char* name;
};
constexpr std::array<Flag, 9> kFlags{{
    {mcuboot::flags::kPic, "PIC"},
    {mcuboot::flags::kEncryptedAes128, "ENCRYPTED_AES128"},
    {mcuboot::flags::kEncryptedAes256, "ENCRYPTED_AES256"},
    {mcuboot::flags::kNonBootable, "NON_BOOTABLE"},
    {mcuboot::flags::kRamLoad, "RAM_LOAD"},
    {mcuboot::flags::kRomFixed, "ROM_FIXED"},
    {mcuboot::flags::kCompressedLzma1, "COMPRESSED_LZMA1"},
    {mcuboot::flags::kCompressedLzma2, "COMPRESSED_LZMA2"},
    {mcuboot::flags::kCompressedArmThumb, "COMPRESSED_ARM_THUMB"},
}};

// Magics of facts: mcuboot 1.14; the larger cells have a magic of their own.
struct TrailerMagic {
  unsigned max_align;
  const char* hex;
};
constexpr std::array<TrailerMagic, 3> kTrailerMagics{{
    {8, "77c295f360d2ef7f3552500f2cb67980"},
    {16, "10002de15d29410b8d77679c110f1f8a"},
    {32, "20002de15d29410b8d77679c110f1f8a"},
}};

struct Trailer {
  unsigned max_align = 0;
  std::uint8_t image_ok = 0xff;
  std::uint8_t copy_done = 0xff;
};

std::string FlagNames(std::uint32_t flags) {
  std::vector<std::string> names;
  for (const Flag& flag : kFlags) {
    if (flags & flag.bit) names.emplace_back(flag.name);
    flags &= ~flag.bit;
  }
  if (flags != 0) names.push_back(HexNumber(flags));
  return names.empty() ? "none" : absl::StrJoin(names, ", ");
}

std::uint8_t CellBefore(absl::string_view rest, std::size_t from_end) {
  return rest.size() < from_end
             ? 0xff
             : static_cast<std::uint8_t>(rest[rest.size() - from_end]);
}

std::optional<Trailer> FindTrailer(absl::string_view rest) {
  for (const TrailerMagic& magic : kTrailerMagics) {
    if (!absl::EndsWith(rest, absl::HexStringToBytes(magic.hex))) continue;
    const std::size_t magic_cell = std::max(magic.max_align, 16U);
    return Trailer{magic.max_align,
                   CellBefore(rest, magic_cell + magic.max_align),
                   CellBefore(rest, magic_cell + 2 * magic.max_align)};
  }
  return std::nullopt;
}

std::string FlagText(std::uint8_t value) {
  if (value == 0x01) return "set";
  return value == 0xff || value == 0x00
             ? "unset"
             : absl::StrFormat("bad (0x%02x)", value);
}

// The image's own digest algorithm, as its digest TLV tells.
image::HashAlgorithm HashOfImage(image::Bytes area) {
  for (const mcuboot::Tlv& tlv : mcuboot::Tlvs(area)) {
    if (tlv.type == mcuboot::tlv::kSha384) return image::HashAlgorithm::kSha384;
    if (tlv.type == mcuboot::tlv::kSha512) return image::HashAlgorithm::kSha512;
  }
  return image::HashAlgorithm::kSha256;
}

mcuboot::Reading Read(image::Bytes bytes) {
  const mcuboot::Reading first =
      mcuboot::ReadImage(bytes, image::HashAlgorithm::kSha256);
  const image::HashAlgorithm hash = HashOfImage(first.facts.unprotected_area);
  return hash == image::HashAlgorithm::kSha256
             ? first
             : mcuboot::ReadImage(bytes, hash);
}

const char* DigestState(const mcuboot::Facts& facts) {
  for (const mcuboot::Tlv& tlv : mcuboot::Tlvs(facts.unprotected_area)) {
    if (!mcuboot::IsDigest(tlv.type)) continue;
    return image::Equal(tlv.value, facts.digest.bytes()) ? "matches"
                                                         : "does not match";
  }
  return "missing";
}

struct Area {
  const char* name;
  image::Bytes bytes;
};
std::array<Area, 2> AreasOf(const mcuboot::Facts& facts) {
  return {{{"protected", facts.protected_area},
           {"unprotected", facts.unprotected_area}}};
}

std::string ShortHex(const std::string& value) {
  return absl::StrCat(absl::BytesToHexString(value.substr(0, kShownBytes)),
                      value.size() > kShownBytes ? "..." : "");
}

std::string TlvText(const mcuboot::Facts& facts) {
  Rows rows;
  for (const Area& area : AreasOf(facts)) {
    for (const mcuboot::Tlv& tlv : mcuboot::Tlvs(area.bytes)) {
      const std::string value = ToString(tlv.value);
      const std::optional<TlvWords> words = WordsOf(tlv);
      rows.push_back({absl::StrCat("  ", area.name),
                      std::string(image::host::NameOfTlv(tlv.type)),
                      absl::StrFormat("0x%02x", tlv.type),
                      absl::StrCat(value.size()),
                      words ? words->text : ShortHex(value)});
    }
  }
  return FormatTable(rows);
}

Json TlvJson(const mcuboot::Facts& facts) {
  std::vector<Json> tlvs;
  for (const Area& area : AreasOf(facts)) {
    for (const mcuboot::Tlv& tlv : mcuboot::Tlvs(area.bytes)) {
      JsonObject json;
      json.Add("area", Json::Text(area.name))
          .Add("type", Json::Number(tlv.type))
          .Add("name", Json::Text(image::host::NameOfTlv(tlv.type)))
          .Add("length", Json::Number(tlv.value.size()))
          .Add("value", Json::Hex(ToString(tlv.value)));
      const std::optional<TlvWords> words = WordsOf(tlv);
      if (words) json.Add("decoded", words->json);
      tlvs.push_back(json.Build());
    }
  }
  return Json::Array(tlvs);
}

Json HeaderJson(const mcuboot::Header& header) {
  return JsonObject()
      .Add("load_address", Json::Number(header.load_address))
      .Add("header_size", Json::Number(header.header_size))
      .Add("protected_size", Json::Number(header.protected_size))
      .Add("image_size", Json::Number(header.image_size))
      .Add("flags", Json::Number(header.flags))
      .Add("flag_names", Json::Text(FlagNames(header.flags)))
      .Add("version", Json::Text(image::host::FormatVersion(header.version)))
      .Build();
}

Json TrailerJson(const std::optional<Trailer>& trailer) {
  if (!trailer) return Json::Null();
  return JsonObject()
      .Add("max_align", Json::Number(trailer->max_align))
      .Add("image_ok", Json::Text(FlagText(trailer->image_ok)))
      .Add("copy_done", Json::Text(FlagText(trailer->copy_done)))
      .Build();
}

std::string TrailerText(const std::optional<Trailer>& trailer,
                        std::size_t rest) {
  if (trailer) {
    return absl::StrCat("magic for max-align ", trailer->max_align,
                        ", image_ok ", FlagText(trailer->image_ok),
                        ", copy_done ", FlagText(trailer->copy_done));
  }
  return rest == 0 ? "none" : absl::StrCat(rest, " bytes without a magic");
}

// Where no header was read, its fields would be made up.
Description DescribeWithoutHeader(std::size_t size, image::Error error) {
  Description description;
  description.defect = image::Text(error);
  const std::string header =
      size < mcuboot::kHeaderBytes
          ? absl::StrCat("cut: ", size, " of ", mcuboot::kHeaderBytes, " bytes")
          : description.defect;
  description.text =
      FormatTable({{"format", "MCUboot image"}, {"header", header}});
  description.json = JsonObject()
                         .Add("format", Json::Text("mcuboot"))
                         .Add("defect", Json::Text(description.defect))
                         .Add("header", Json::Null())
                         .Build();
  return description;
}

bool HeaderWasRead(absl::string_view bytes, image::Error error) {
  return bytes.size() >= mcuboot::kHeaderBytes &&
         error != image::Error::kHeaderReserved;
}

}  // namespace

bool LooksLikeImage(absl::string_view bytes) {
  image::Reader reader(AsBytes(bytes));
  return reader.U32() == mcuboot::kHeaderMagic && reader.ok();
}

Description DescribeImage(absl::string_view bytes) {
  const mcuboot::Reading reading = Read(AsBytes(bytes));
  if (!HeaderWasRead(bytes, reading.error)) {
    return DescribeWithoutHeader(bytes.size(), reading.error);
  }
  const mcuboot::Header& header = reading.facts.header;
  const std::string rest = ToString(reading.rest);
  const std::optional<Trailer> trailer = FindTrailer(rest);
  const bool whole = reading.error == image::Error::kOk;
  Description description;
  if (!whole) description.defect = image::Text(reading.error);
  description.text = absl::StrCat(
      FormatTable({
          {"format", "MCUboot image"},
          {"version", image::host::FormatVersion(header.version)},
          {"header", absl::StrCat(header.header_size, " bytes")},
          {"payload", absl::StrCat(header.image_size, " bytes")},
          {"protected TLVs", absl::StrCat(header.protected_size, " bytes")},
          {"load address", HexNumber(header.load_address)},
          {"flags", FlagNames(header.flags)},
          {"digest", whole ? DigestState(reading.facts) : "not reached"},
          {"trailer", TrailerText(trailer, rest.size())},
      }),
      "TLVs\n", TlvText(reading.facts));
  description.json =
      JsonObject()
          .Add("format", Json::Text("mcuboot"))
          .Add("defect", Json::Text(description.defect))
          .Add("header", HeaderJson(header))
          .Add("digest",
               Json::Text(whole ? DigestState(reading.facts) : "not reached"))
          .Add("tlvs", TlvJson(reading.facts))
          .Add("bytes_after_image", Json::Number(rest.size()))
          .Add("trailer", TrailerJson(trailer))
          .Build();
  return description;
}

}  // namespace bootseal::cli
