// Is the file an image, one image, and whole?
#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "firmware/image/host/diagnosis.h"
#include "firmware/image/host/file_format.h"
#include "firmware/image/host/tlv_names.h"
#include "firmware/image/mcuboot/header.h"
#include "firmware/image/mcuboot/tlv.h"

namespace bootseal::image::host {
namespace {

using Found = std::optional<Diagnosis>;

constexpr std::size_t kSearchedBytes = std::size_t{64} * 1024;
constexpr std::uint32_t kBigEndianMagic = 0x3db8f396;
constexpr std::uint32_t kVersion1Magic = 0x96f3b83c;

std::uint32_t WordAt(Bytes file, std::uint64_t offset) {
  if (offset > file.size()) return 0;
  return Reader(file.subspan(static_cast<std::size_t>(offset))).U32();
}

std::string Sign(const Evidence& e) {
  return SignCommand(e.rules, e.target, e.version());
}

bool HasMagic(const Evidence& e) {
  return WordAt(e.file, 0) == mcuboot::kHeaderMagic;
}

// A header whose sizes make sense, to tell one from a constant in some code.
bool IsHeaderAt(Bytes file, std::uint64_t offset) {
  if (offset + mcuboot::kHeaderBytes > file.size()) return false;
  const Bytes rest = file.subspan(static_cast<std::size_t>(offset));
  const auto header = mcuboot::ReadHeader(rest);
  return header.ok() && header->header_size >= mcuboot::kHeaderBytes &&
         std::uint64_t{header->header_size} + header->image_size <= rest.size();
}

Found Empty(const Evidence& e) {
  if (!e.file.empty()) return std::nullopt;
  return Diagnosis{"EMPTY", "the file is empty", 0, "an image", Sign(e)};
}

Found OtherFormat(const Evidence& e) {
  const FileFormat* const format = FindFileFormat(e.file);
  if (format == nullptr || HasMagic(e)) return std::nullopt;
  return Diagnosis{"OTHER_FORMAT", absl::StrCat("the file is ", format->name),
                   0, "the bytes of an MCUboot image, magic 0x96f3b83d",
                   absl::StrCat(format->fix, "; then ", Sign(e))};
}

Found BigEndian(const Evidence& e) {
  if (WordAt(e.file, 0) != kBigEndianMagic) return std::nullopt;
  return Diagnosis{
      "BIG_ENDIAN", "the magic's bytes are swapped: imgtool's -e big", 0,
      "little-endian, 3d b8 f3 96",
      absl::StrCat("leave -e out: ",
                   ImgtoolCommand(e.rules, e.target, e.version()))};
}

Found Version1(const Evidence& e) {
  if (WordAt(e.file, 0) != kVersion1Magic) return std::nullopt;
  return Diagnosis{
      "MAGIC_V1", "magic 0x96f3b83c: the format before MCUboot 1.2", 0,
      "magic 0x96f3b83d", absl::StrCat("sign the payload anew: ", Sign(e))};
}

Found LeadingBytes(const Evidence& e) {
  if (HasMagic(e)) return std::nullopt;
  const std::size_t last = std::min(e.file.size(), kSearchedBytes + 1);
  for (std::size_t offset = 1; offset < last; ++offset) {
    if (WordAt(e.file, offset) != mcuboot::kHeaderMagic) continue;
    if (!IsHeaderAt(e.file, offset)) continue;
    const bool sector = offset == e.rules.sector_size;
    const std::string cut =
        absl::StrFormat("tail -c +%d FILE > image.bin", offset + 1);
    return Diagnosis{
        sector ? "ONE_SECTOR_LATE" : "LEADING_BYTES",
        absl::StrFormat("an image starts at 0x%x%s", offset,
                        sector ? ", one sector late: as swap-using-offset has "
                                 "it in the secondary slot"
                               : ", not at the file's first byte"),
        offset, "an image from the first byte on", cut};
  }
  return std::nullopt;
}

// Erased up to a trailer's magic, as imgtool fills a slot.
bool IsPadding(const Evidence& e, Bytes rest) {
  const std::size_t magic = mcuboot::kTrailerMagicBytes;
  if (rest.size() < magic || MaxAlignOfMagic(rest.last(magic)) == 0) {
    return false;
  }
  return rest.size() > 2 && rest[0] == e.target.erased &&
         rest[1] == e.target.erased;
}

// What was to be signed, before anything was.
Found ExportedVector(const Evidence& e) {
  const std::uint64_t end = mcuboot::SignedSize(e.reading.facts.header);
  const bool cut = e.reading.error == Error::kTruncated;
  const bool filled = e.reading.error == Error::kTlvMagic;
  if (!HasMagic(e) || (!cut && !filled) || end > e.file.size()) {
    return std::nullopt;
  }
  const Bytes rest = e.file.subspan(static_cast<std::size_t>(end));
  if (cut ? !rest.empty() : !IsPadding(e, rest)) return std::nullopt;
  return Diagnosis{
      "EXPORTED_VECTOR",
      absl::StrFormat("the file ends where the signed range does, at 0x%x%s: "
                      "imgtool's --vector-to-sign payload",
                      end,
                      cut ? ""
                          : ", and is filled up to a slot's trailer, "
                            "which would be signed with it"),
      end, "digest, key and signature behind it",
      absl::StrCat("this is to be signed, not to be booted; in one step: ",
                   Sign(e))};
}

// Where the header says that the signed part ends, and the TLVs after it.
Found Truncated(const Evidence& e) {
  if (!HasMagic(e) || e.reading.error != Error::kTruncated) return std::nullopt;
  if (ExportedVector(e)) return std::nullopt;
  const mcuboot::Header& header = e.reading.facts.header;
  std::uint64_t wanted = mcuboot::SignedSize(header) + mcuboot::kTlvInfoBytes;
  const std::uint64_t area = mcuboot::SignedSize(header);
  if (area + mcuboot::kTlvInfoBytes <= e.file.size()) {
    const auto info =
        mcuboot::ReadAreaInfo(e.file.subspan(static_cast<std::size_t>(area)));
    if (info.ok()) wanted = area + info->size;
  }
  if (e.file.size() < mcuboot::kHeaderBytes) wanted = mcuboot::kHeaderBytes;
  return Diagnosis{
      "TRUNCATED", absl::StrFormat("the file ends at 0x%x", e.file.size()),
      e.file.size(),
      absl::StrFormat("at least 0x%x bytes by its own account", wanted),
      "copy or upload it again, and compare its SHA-256 with the original's"};
}

// The payload is a whole image of its own.
Found SignedTwice(const Evidence& e) {
  const Bytes payload = e.reading.payload;
  if (!e.whole() || !IsHeaderAt(payload, 0)) return std::nullopt;
  const mcuboot::Reading inner = mcuboot::ReadImage(payload, e.rules.hash);
  const bool complete = inner.error == Error::kOk;
  return Diagnosis{
      complete ? "SIGNED_TWICE" : "HEADER_DOUBLED",
      complete ? absl::StrFormat("the payload at 0x%x is a signed image itself",
                                 e.OffsetOf(payload))
               : absl::StrFormat("a second header at 0x%x",
                                 e.OffsetOf(payload)),
      e.OffsetOf(payload), "a payload that starts with its vector table",
      absl::StrCat("sign what the linker made, not what was signed: ",
                   Sign(e))};
}

constexpr std::uint32_t kNoVectors = 0;

bool LooksLikeVectors(Bytes bytes) {
  Reader reader(bytes);
  const std::uint32_t stack = reader.U32();
  const std::uint32_t reset = reader.U32();
  return reader.ok() && stack != kNoVectors && stack % 4 == 0 &&
         stack != 0xffffffff && (reset & 1) != 0 && reset != 0xffffffff;
}

// --pad-header on an input with room of its own: the payload is the room.
Found RoomDoubled(const Evidence& e) {
  const std::size_t room = e.reading.facts.header.header_size;
  const Bytes payload = e.reading.payload;
  if (!e.whole() || payload.size() < room + 8) return std::nullopt;
  const Bytes front = payload.first(room);
  const bool zero = std::all_of(front.begin(), front.end(),
                                [](std::byte b) { return b == std::byte{0}; });
  if (!zero || !LooksLikeVectors(payload.subspan(room))) return std::nullopt;
  return Diagnosis{
      "HEADER_ROOM_DOUBLED",
      absl::StrFormat("0x%x zero bytes at 0x%x, the vector table only at 0x%x",
                      room, e.OffsetOf(payload), e.OffsetOf(payload) + room),
      e.OffsetOf(payload),
      "the vector table right after the header: the input had room for it",
      absl::StrFormat("leave --pad-header out, or cut the room off (tail -c "
                      "+%d payload.bin) and run %s",
                      room + 1, Sign(e))};
}

Found SecondTlvs(const Evidence& e) {
  if (!e.whole()) return std::nullopt;
  const auto info = mcuboot::ReadAreaInfo(e.reading.rest);
  if (!info.ok() || info->size < mcuboot::kTlvInfoBytes ||
      info->size > e.reading.rest.size() ||
      (info->magic != mcuboot::kUnprotectedMagic &&
       info->magic != mcuboot::kProtectedMagic)) {
    return std::nullopt;
  }
  return Diagnosis{
      "SECOND_TLV_AREA",
      absl::StrFormat("a second set of TLVs of 0x%x bytes at 0x%x, behind the "
                      "image's end",
                      info->size, e.OffsetOf(e.reading.rest)),
      e.OffsetOf(e.reading.rest),
      "one set: bootloaders read the first, nobody the second",
      absl::StrCat("sign the payload once: ", Sign(e))};
}

bool IsEncryption(std::uint16_t type) { return type >= 0x30 && type <= 0x34; }

struct WrappedSize {
  std::uint16_t type;
  std::array<std::size_t, 2> sizes;  // for 128-bit and 256-bit keys
};
constexpr WrappedSize kWrapped[] = {{0x30, {256, 256}},
                                    {0x31, {24, 40}},
                                    {0x32, {113, 129}},
                                    {0x33, {80, 96}},
                                    {0x34, {112, 128}}};

Found Encrypted(const Evidence& e) {
  namespace flags = mcuboot::flags;
  const std::uint32_t set = e.reading.facts.header.flags &
                            (flags::kEncryptedAes128 | flags::kEncryptedAes256);
  if (!e.whole() || set == 0) return std::nullopt;
  const std::size_t key = set == flags::kEncryptedAes256 ? 1 : 0;
  const std::string encrypt =
      absl::StrCat(ImgtoolCommand(e.rules, e.target, e.version()),
                   " with -E and the device's public key (P-256, X25519 or "
                   "RSA-2048)");
  for (const mcuboot::Tlv& tlv :
       mcuboot::Tlvs(e.reading.facts.unprotected_area)) {
    if (!IsEncryption(tlv.type)) continue;
    for (const WrappedSize& each : kWrapped) {
      const bool is_other =
          each.type != tlv.type || tlv.value.size() == each.sizes[key];
      if (is_other) continue;
      return Diagnosis{
          "ENCRYPTION_KEY_LENGTH",
          absl::StrFormat("%s of %d bytes", DescribeTlv(tlv.type),
                          tlv.value.size()),
          e.OffsetOf(tlv.value) - mcuboot::kTlvHeaderBytes,
          absl::StrFormat("%d bytes; no bootloader takes another length",
                          each.sizes[key]),
          encrypt};
    }
    if (e.rules.encryption != mcuboot::Presence::kForbidden) {
      return std::nullopt;
    }
    return Diagnosis{
        "ENCRYPTED",
        absl::StrFormat("flags 0x%x say that the payload is encrypted",
                        e.reading.facts.header.flags),
        0x10, "a plain payload: the target's bootloader has no key to decrypt",
        absl::StrCat("sign without -E: ", Sign(e))};
  }
  return Diagnosis{
      "ENCRYPTED_WITHOUT_KEY",
      absl::StrFormat("flags 0x%x say encrypted, and no TLV holds the key",
                      e.reading.facts.header.flags),
      0x10,
      "an ENC TLV: imgtool leaves it out in silence for P-384 and Ed25519 "
      "keys, "
      "and the content is lost",
      encrypt};
}

Found Compressed(const Evidence& e) {
  namespace flags = mcuboot::flags;
  const std::uint32_t set = e.reading.facts.header.flags &
                            (flags::kCompressedLzma1 | flags::kCompressedLzma2 |
                             flags::kCompressedArmThumb);
  if (!e.whole() || set == 0 ||
      e.rules.compression != mcuboot::Compression::kNone) {
    return std::nullopt;
  }
  return Diagnosis{"COMPRESSED",
                   absl::StrFormat("flags 0x%x say that the payload is "
                                   "compressed",
                                   e.reading.facts.header.flags),
                   0x10,
                   "a plain payload: the target's bootloader decompresses "
                   "nothing",
                   absl::StrCat("sign without --compression: ", Sign(e))};
}

constexpr Detector kDetectors[] = {Empty,      OtherFormat,  BigEndian,
                                   Version1,   LeadingBytes, ExportedVector,
                                   Truncated,  SignedTwice,  RoomDoubled,
                                   SecondTlvs, Encrypted,    Compressed};

}  // namespace

std::span<const Detector> FileDetectors() { return kDetectors; }

}  // namespace bootseal::image::host
