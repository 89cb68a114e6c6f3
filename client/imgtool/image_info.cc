#include "client/imgtool/image_info.h"

#include <array>

#include "absl/strings/match.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"

namespace bootseal::imgtool {
namespace {

namespace mcuboot = image::mcuboot;
using image::Bytes;
using image::host::ToString;

struct Name {
  std::uint16_t type;
  const char* name;
};
// As imgtool writes them, which is not always as MCUboot calls them.
constexpr std::array<Name, 25> kNames{{
    {0x01, "KEYHASH"},       {0x02, "PUBKEY"},
    {0x03, "KEYID"},         {0x10, "SHA256"},
    {0x11, "SHA384"},        {0x12, "SHA512"},
    {0x20, "RSA2048"},       {0x22, "ECDSASIG"},
    {0x23, "RSA3072"},       {0x24, "ED25519"},
    {0x25, "SIG_PURE"},      {0x30, "ENCRSA2048"},
    {0x31, "ENCKW"},         {0x32, "ENCEC256"},
    {0x33, "ENCX25519"},     {0x34, "ENCX25519_SHA512"},
    {0x40, "DEPENDENCY"},    {0x50, "SEC_CNT"},
    {0x60, "BOOT_RECORD"},   {0x70, "DECOMP_SIZE"},
    {0x71, "DECOMP_SHA"},    {0x72, "DECOMP_SIGNATURE"},
    {0x73, "COMP_DEC_SIZE"}, {0x74, "UUID_VID"},
    {0x75, "UUID_CID"},
}};

std::string NameOf(std::uint16_t type) {
  for (const Name& name : kNames) {
    if (name.type == type) return name.name;
  }
  return "UNKNOWN";
}

std::vector<TlvInfo> TlvsOf(Bytes area) {
  std::vector<TlvInfo> tlvs;
  for (const mcuboot::Tlv& tlv : mcuboot::Tlvs(area)) {
    tlvs.push_back({tlv.type, NameOf(tlv.type), ToString(tlv.value)});
  }
  return tlvs;
}

// BOOT_MAX_ALIGN by the magic; 0 when it is none.
std::size_t MaxAlignOf(absl::string_view magic) {
  constexpr absl::string_view kOfEight(
      "\x77\xc2\x95\xf3\x60\xd2\xef\x7f\x35\x52\x50\x0f\x2c\xb6\x79\x80", 16);
  constexpr absl::string_view kTail(
      "\x2d\xe1\x5d\x29\x41\x0b\x8d\x77\x67\x9c\x11\x0f\x1f\x8a", 14);
  if (magic == kOfEight) return 8;
  if (!absl::EndsWith(magic, kTail)) return 0;
  return image::Reader(image::host::AsBytes(magic)).U16();
}

constexpr std::uint32_t kEncryptedFlags =
    mcuboot::flags::kEncryptedAes128 | mcuboot::flags::kEncryptedAes256;

// nullopt when the file is too short for the cells that its magic promises.
std::optional<TrailerCells> CellsOf(absl::string_view bytes,
                                    std::size_t max_align,
                                    std::uint32_t flags) {
  constexpr std::size_t kMagicBytes = mcuboot::kTrailerMagicBytes;
  const std::size_t magic_cell =
      max_align > kMagicBytes ? max_align : kMagicBytes;
  constexpr std::size_t kCells = 4;
  const std::size_t size = magic_cell + kCells * max_align;
  if (max_align == 0 || bytes.size() < size) return std::nullopt;
  const absl::string_view cells = bytes.substr(bytes.size() - size);
  const auto at = [&](std::size_t cell) {
    return static_cast<std::uint8_t>(cells[cell * max_align]);
  };
  TrailerCells trailer;
  trailer.swap_size = image::Reader(image::host::AsBytes(cells)).U32();
  trailer.swap_info = at(1);
  trailer.copy_done = at(2);
  trailer.image_ok = at(3);
  if ((flags & kEncryptedFlags) != 0) {
    trailer.key_bytes = static_cast<std::uint32_t>(2 * magic_cell);
  }
  return trailer;
}

std::string BaseName(absl::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));  // npos + 1 is 0
}

}  // namespace

absl::StatusOr<ImageInfo> ReadImageInfo(absl::string_view filename,
                                        absl::string_view bytes) {
  const mcuboot::Reading reading = mcuboot::ReadImage(
      image::host::AsBytes(bytes), image::HashAlgorithm::kSha256);
  RETURN_IF_ERROR(
      base::Annotate(image::host::ToStatus(reading.error), filename));
  ImageInfo info;
  info.filename = BaseName(filename);
  info.header = reading.facts.header;
  info.protected_tlvs = TlvsOf(reading.facts.protected_area);
  info.unprotected_size =
      static_cast<std::uint16_t>(reading.facts.unprotected_area.size());
  info.tlvs = TlvsOf(reading.facts.unprotected_area);
  if (reading.rest.empty()) return info;
  const absl::string_view magic =
      bytes.substr(bytes.size() - mcuboot::kTrailerMagicBytes);
  info.trailer_magic = std::string(magic);
  info.trailer = CellsOf(bytes, MaxAlignOf(magic), info.header.flags);
  return info;
}

}  // namespace bootseal::imgtool
