// An image's information as text: for people, and in imgtool's two schemas.
#include <array>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/cli/text.h"
#include "client/imgtool/document.h"
#include "client/imgtool/image_info.h"

namespace bootseal::imgtool {
namespace {

namespace mcuboot = image::mcuboot;
namespace flags = mcuboot::flags;
using cli::HexNumber;

struct Flag {
  std::uint32_t value;
  const char* name;
};
constexpr std::array<Flag, 9> kFlags{{
    {flags::kPic, "PIC"},
    {flags::kEncryptedAes128, "ENCRYPTED_AES128"},
    {flags::kEncryptedAes256, "ENCRYPTED_AES256"},
    {flags::kNonBootable, "NON_BOOTABLE"},
    {flags::kRamLoad, "RAM_LOAD"},
    {flags::kRomFixed, "ROM_FIXED"},
    {flags::kCompressedLzma1, "COMPRESSED_LZMA1"},
    {flags::kCompressedLzma2, "COMPRESSED_LZMA2"},
    {flags::kCompressedArmThumb, "COMPRESSED_ARM_THUMB"},
}};

std::string FlagText(std::uint32_t value) {
  std::vector<std::string> names;
  for (const Flag& flag : kFlags) {
    if ((value & flag.value) != 0) names.emplace_back(flag.name);
  }
  return absl::StrCat(HexNumber(value), names.empty() ? "" : " ",
                      absl::StrJoin(names, " "));
}

std::string VersionText(const mcuboot::Version& version) {
  return absl::StrCat(version.major, ".", version.minor, ".", version.revision,
                      "+", version.build);
}

// What a trailer's flag byte says to the bootloader.
std::string CellText(std::uint8_t value) {
  constexpr std::array<absl::string_view, 5> kWords{"", "set", "bad", "unset",
                                                    "any"};
  const bool known = value > 0 && value < kWords.size();
  return absl::StrFormat("0x%02x %s", value,
                         known ? kWords[value] : "erased or invalid");
}

std::string TlvText(const std::vector<TlvInfo>& tlvs) {
  constexpr std::size_t kBytesPerLine = 16;
  std::string text;
  for (const TlvInfo& tlv : tlvs) {
    absl::StrAppendFormat(&text, "  %-16s 0x%02x  %d bytes\n", tlv.name,
                          tlv.type, tlv.data.size());
    for (std::size_t i = 0; i < tlv.data.size(); i += kBytesPerLine) {
      absl::StrAppend(&text, "    ",
                      absl::BytesToHexString(tlv.data.substr(i, kBytesPerLine)),
                      "\n");
    }
  }
  return text;
}

std::string TrailerText(const ImageInfo& info) {
  if (!info.trailer_magic) return {};
  std::string text =
      absl::StrCat("trailer\n  magic        ",
                   absl::BytesToHexString(*info.trailer_magic), "\n");
  if (!info.trailer) {
    return absl::StrCat(text, "  which is no trailer's: the rest is unknown\n");
  }
  const TrailerCells& cells = *info.trailer;
  absl::StrAppend(&text, "  image_ok     ", CellText(cells.image_ok),
                  "\n  copy_done    ", CellText(cells.copy_done),
                  "\n  swap_info    ", CellText(cells.swap_info),
                  "\n  swap_size    ", HexNumber(cells.swap_size), "\n");
  if (cells.key_bytes) {
    absl::StrAppend(&text, "  key cells    ", HexNumber(*cells.key_bytes),
                    " bytes, unless the bootloader keeps wrapped keys\n");
  }
  return text;
}

std::uint64_t ProtectedOffset(const mcuboot::Header& header) {
  return std::uint64_t{header.header_size} + header.image_size;
}

Document::List TlvDocument(const std::vector<TlvInfo>& tlvs) {
  Document::List list;
  for (const TlvInfo& tlv : tlvs) {
    list.push_back(Document::Map{{"type", std::uint64_t{tlv.type}},
                                 {"type_name", tlv.name},
                                 {"len", std::uint64_t{tlv.data.size()}},
                                 {"data", Data{tlv.data}}});
  }
  return list;
}

Document::Map AreaInfo(std::uint16_t magic, std::uint16_t size) {
  if (size == 0) return {};
  return {{"magic", std::uint64_t{magic}}, {"tlv_tot", std::uint64_t{size}}};
}

Document::Map TrailerDocument(const ImageInfo& info) {
  Document::Map trailer;
  if (!info.trailer_magic) return trailer;
  trailer.emplace_back("magic", Data{*info.trailer_magic});
  if (!info.trailer) return trailer;
  const TrailerCells& cells = *info.trailer;
  trailer.emplace_back("image_ok", std::uint64_t{cells.image_ok});
  trailer.emplace_back("copy_done", std::uint64_t{cells.copy_done});
  trailer.emplace_back("swap_info", std::uint64_t{cells.swap_info});
  trailer.emplace_back("swap_size", std::uint64_t{cells.swap_size});
  if (cells.key_bytes) {
    trailer.emplace_back("key_field_len", std::uint64_t{*cells.key_bytes});
  }
  return trailer;
}

Document DocumentOf(const ImageInfo& info) {
  const mcuboot::Header& header = info.header;
  return Document::Map{
      {"filename", info.filename},
      {"header",
       Document::Map{
           {"magic", std::uint64_t{mcuboot::kHeaderMagic}},
           {"load_addr", std::uint64_t{header.load_address}},
           {"hdr_size", std::uint64_t{header.header_size}},
           {"protected_tlv_size", std::uint64_t{header.protected_size}},
           {"img_size", std::uint64_t{header.image_size}},
           {"flags", std::uint64_t{header.flags}},
           {"version", VersionText(header.version)}}},
      {"tlv_area",
       Document::Map{{"tlv_hdr_prot", AreaInfo(mcuboot::kProtectedMagic,
                                               header.protected_size)},
                     {"tlvs_prot", TlvDocument(info.protected_tlvs)},
                     {"tlv_hdr", AreaInfo(mcuboot::kUnprotectedMagic,
                                          info.unprotected_size)},
                     {"tlvs", TlvDocument(info.tlvs)}}},
      {"trailer", TrailerDocument(info)}};
}

}  // namespace

std::string FormatHuman(const ImageInfo& info) {
  const mcuboot::Header& header = info.header;
  std::string text = absl::StrCat(
      "image ", cli::Printable(info.filename), "\nheader\n  version      ",
      VersionText(header.version), "\n  header size  ",
      HexNumber(header.header_size), "\n  payload size ",
      HexNumber(header.image_size), "\n  flags        ", FlagText(header.flags),
      "\n  load address ", HexNumber(header.load_address), "\n");
  if (header.protected_size != 0) {
    absl::StrAppend(&text, "protected TLVs at ",
                    HexNumber(ProtectedOffset(header)), ", ",
                    HexNumber(header.protected_size), " bytes\n",
                    TlvText(info.protected_tlvs));
  }
  return absl::StrCat(
      text, "TLVs at ",
      HexNumber(ProtectedOffset(header) + header.protected_size), ", ",
      HexNumber(info.unprotected_size), " bytes\n", TlvText(info.tlvs),
      TrailerText(info));
}

std::string FormatJson(const ImageInfo& info) {
  return DocumentOf(info).Json();
}

std::string FormatYaml(const ImageInfo& info) {
  return DocumentOf(info).Yaml();
}

}  // namespace bootseal::imgtool
