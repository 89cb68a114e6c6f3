// Is the file an image, one image, and whole?
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/diagnosis.h"
#include "firmware/image/host/file_format.h"
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

constexpr char kAnew[] = "sign the payload anew";

// In front of a name that starts with '-', which is no option then.
std::string PathWord(absl::string_view path) {
  return ShellWord(absl::StartsWith(path, "-") ? absl::StrCat("./", path)
                                               : std::string(path));
}

// "dir/image.bin" becomes "dir/image.stripped.bin": never the file itself.
std::string StrippedName(absl::string_view path) {
  const std::size_t name = path.rfind('/') + 1;  // npos + 1 is 0
  const std::size_t dot = path.rfind('.');
  const bool has_stem = dot != absl::string_view::npos && dot > name;
  return absl::StrCat(has_stem ? path.substr(0, dot) : path, ".stripped.bin");
}

// The file without its first bytes; of a HEX file, what is in it.
std::string CutCommand(const Evidence& e, std::uint64_t bytes) {
  const std::string path = PathWord(e.words.path);
  const std::string cut = PathWord(StrippedName(e.words.path));
  if (!e.words.hex_address) {
    return absl::StrFormat("tail -c +%d %s > %s", bytes + 1, path, cut);
  }
  return absl::StrFormat(
      "arm-none-eabi-objcopy -I ihex -O binary %s image.whole.bin && "
      "tail -c +%d image.whole.bin > %s",
      path, bytes + 1, cut);
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
  return Diagnosis{"EMPTY",
                   "the file is empty",
                   0,
                   "an image",
                   "build the payload and sign it",
                   SignCommandFor(e)};
}

Found OtherFormat(const Evidence& e) {
  const FileFormat* const format = FindFileFormat(e.file);
  if (format == nullptr || HasMagic(e)) return std::nullopt;
  return Diagnosis{
      "OTHER_FORMAT",
      absl::StrCat("the file is ", format->name),
      0,
      "the bytes of an MCUboot image, magic 0x96f3b83d",
      absl::StrCat(format->fix, "; then sign that"),
      absl::StrReplaceAll(format->command, {{"FILE", PathWord(e.words.path)}})};
}

// The words of a header that was written the other way round.
class BigEndianHeader {
 public:
  explicit BigEndianHeader(Bytes file) : file_(file) {}
  bool whole() const { return file_.size() >= mcuboot::kHeaderBytes; }
  std::uint32_t flags() const { return U32(0x10); }
  mcuboot::Version version() const {
    return {U8(0x14), U8(0x15),
            static_cast<std::uint16_t>(U8(0x16) << 8 | U8(0x17)), U32(0x18)};
  }

 private:
  std::uint8_t U8(std::size_t offset) const {
    return std::to_integer<std::uint8_t>(file_[offset]);
  }
  std::uint32_t U32(std::size_t offset) const {
    return std::uint32_t{U8(offset)} << 24 |
           std::uint32_t{U8(offset + 1)} << 16 |
           std::uint32_t{U8(offset + 2)} << 8 | U8(offset + 3);
  }

  Bytes file_;
};

Found BigEndian(const Evidence& e) {
  if (WordAt(e.file, 0) != kBigEndianMagic) return std::nullopt;
  const BigEndianHeader header(e.file);
  ImageWords image;
  if (header.whole()) {
    image.version = header.version();
    image.encrypted = (header.flags() & mcuboot::flags::kEncrypted) != 0;
    image.compressed = (header.flags() & mcuboot::flags::kCompressed) != 0;
  }
  return Diagnosis{
      "BIG_ENDIAN",
      "the magic's bytes are swapped: imgtool's -e big",
      0,
      "little-endian, 3d b8 f3 96",
      "sign the payload without -e",
      image.version ? ImgtoolCommand(e.rules, e.target, image) : ""};
}

Found Version1(const Evidence& e) {
  if (WordAt(e.file, 0) != kVersion1Magic) return std::nullopt;
  // Its version lies where that of today's header does.
  const std::string today = absl::StrCat("\x3d", ToString(e.file.subspan(1)));
  const auto header = mcuboot::ReadHeader(AsBytes(today));
  ImageWords image;
  if (header.ok()) image.version = header->version;
  return Diagnosis{
      "MAGIC_V1", "magic 0x96f3b83c: the format before MCUboot 1.2",
      0,          "magic 0x96f3b83d",
      kAnew,      image.version ? SignCommand(e.rules, e.target, image) : ""};
}

Found LeadingBytes(const Evidence& e) {
  if (HasMagic(e)) return std::nullopt;
  const std::size_t last = std::min(e.file.size(), kSearchedBytes + 1);
  for (std::size_t offset = 1; offset < last; ++offset) {
    if (WordAt(e.file, offset) != mcuboot::kHeaderMagic) continue;
    if (!IsHeaderAt(e.file, offset)) continue;
    const bool sector = offset == e.rules.sector_size;
    return Diagnosis{
        sector ? "ONE_SECTOR_LATE" : "LEADING_BYTES",
        absl::StrFormat("an image starts at 0x%x%s", offset,
                        sector ? ", one sector late: as swap-using-offset has "
                                 "it in the secondary slot"
                               : ", not at the file's first byte"),
        offset,
        "an image from the first byte on",
        absl::StrFormat("cut the first %d bytes off", offset),
        CutCommand(e, offset)};
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
      end,
      "digest, key and signature behind it",
      "this is to be signed, not to be booted: sign the payload in one step",
      SignCommandFor(e)};
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

// The payload is an image of its own.
Found SignedTwice(const Evidence& e) {
  const Bytes payload = e.reading.payload;
  if (!e.whole() || !IsHeaderAt(payload, 0)) return std::nullopt;
  const mcuboot::Reading inner = mcuboot::ReadImage(payload, e.rules.hash);
  const bool complete = inner.error == Error::kOk;
  return Diagnosis{
      complete ? "SIGNED_TWICE" : "HEADER_DOUBLED",
      complete
          ? absl::StrFormat("the payload at 0x%x is a signed image itself",
                            e.OffsetOf(payload))
          : absl::StrFormat("a second header at 0x%x", e.OffsetOf(payload)),
      e.OffsetOf(payload),
      "a payload that starts with its vector table",
      "sign what the linker made, not what was signed",
      SignCommandFor(e)};
}

bool IsImageAt(const Evidence& e, std::uint64_t offset) {
  if (!IsHeaderAt(e.file, offset)) return false;
  const Bytes rest = e.file.subspan(static_cast<std::size_t>(offset));
  return mcuboot::ReadImage(rest, e.rules.hash).error == Error::kOk;
}

// Where a file that is no image to its end starts anew; 0: nowhere.
std::uint64_t SecondStart(const Evidence& e) {
  const std::uint64_t room = e.reading.facts.header.header_size;
  if (room >= mcuboot::kHeaderBytes && IsHeaderAt(e.file, room)) return room;
  const std::size_t last = std::min(e.file.size(), kSearchedBytes + 1);
  for (std::size_t offset = mcuboot::kHeaderBytes; offset < last; ++offset) {
    if (WordAt(e.file, offset) == mcuboot::kHeaderMagic &&
        IsImageAt(e, offset)) {
      return offset;
    }
  }
  return 0;
}

// A header, or the start of an image, in front of an image that has its own.
Found HeaderDoubled(const Evidence& e) {
  if (!HasMagic(e) || e.whole()) return std::nullopt;
  const std::uint64_t second = SecondStart(e);
  if (second == 0) return std::nullopt;
  const bool complete = IsImageAt(e, second);
  return Diagnosis{
      "HEADER_DOUBLED",
      absl::StrFormat("a second header at 0x%x%s", second,
                      complete ? ", of an image that is whole" : ""),
      second,
      "one header",
      complete ? absl::StrFormat("cut the first %d bytes off", second)
               : "sign what the linker made, not what was signed",
      complete ? CutCommand(e, second) : SignCommandFor(e)};
}

constexpr std::uint32_t kNoVectors = 0;

bool LooksLikeVectors(Bytes bytes) {
  Reader reader(bytes);
  const std::uint32_t stack = reader.U32();
  const std::uint32_t reset = reader.U32();
  return reader.ok() && stack != kNoVectors && stack % 4 == 0 &&
         stack != 0xffffffff && (reset & 1) != 0 && reset != 0xffffffff;
}

// A target whose payloads bring their room gets one as the linker made it.
std::string StripAndSign(const Evidence& e, std::size_t room) {
  if (e.target.payload_has_header_room) return SignCommandFor(e);
  ImageWords image = e.image;
  image.payload = "payload.stripped.bin";
  return absl::StrFormat("tail -c +%d payload.bin > %s && %s", room + 1,
                         image.payload, SignCommand(e.rules, e.target, image));
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
      e.target.payload_has_header_room
          ? "leave --pad-header out"
          : "leave --pad-header out, or cut the room off first",
      StripAndSign(e, room)};
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
      "sign the payload once",
      SignCommandFor(e)};
}

constexpr Detector kDetectors[] = {Empty,       OtherFormat,  BigEndian,
                                   Version1,    LeadingBytes, ExportedVector,
                                   Truncated,   SignedTwice,  HeaderDoubled,
                                   RoomDoubled, SecondTlvs};

}  // namespace

std::span<const Detector> FileDetectors() { return kDetectors; }

}  // namespace bootseal::image::host
