#include "client/layout/content.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "firmware/image/bytes.h"
#include "firmware/image/host/convert.h"

namespace bootseal::layout {
namespace {

using image::host::AsBytes;

constexpr char kFsblMagic[] = "STM2";
constexpr std::size_t kChecksumOffset = 0x44;
constexpr std::size_t kImageVersionOffset = 0x60;

struct HeaderSize {
  std::uint32_t version;
  std::uint32_t bytes;
};
constexpr auto kHeaderSizes = std::to_array<HeaderSize>(
    {{0x00010000, 0x100}, {0x00020000, 0x200}, {0x00020200, 0x200}});

absl::Status Wrong(absl::string_view reason, absl::string_view what) {
  return base::Precondition(reason, what);
}

std::uint32_t SumOf(absl::string_view payload) {
  std::uint32_t sum = 0;
  for (const char byte : payload) sum += static_cast<unsigned char>(byte);
  return sum;
}

std::string VersionWords(std::uint32_t version) {
  return absl::StrFormat("%d.%d", version >> 16, version >> 8 & 0xff);
}

absl::StatusOr<std::uint32_t> HeaderSizeOf(std::uint32_t version,
                                           std::uint32_t wanted) {
  if (wanted != 0 && version != wanted) {
    return Wrong(
        "FSBL_HEADER_VERSION",
        absl::StrCat("the STM32 header has version ", VersionWords(version),
                     ", the board wants ", VersionWords(wanted)));
  }
  for (const HeaderSize& each : kHeaderSizes) {
    if (each.version == version) return each.bytes;
  }
  return Wrong("FSBL_HEADER_VERSION",
               absl::StrCat("the STM32 header has version ",
                            VersionWords(version), ", which is unknown"));
}

}  // namespace

std::string ReadFront(fwu::ByteSource& flash, const fwu::Range& range,
                      std::uint64_t most) {
  if (range.offset >= flash.size()) return "";
  const std::uint64_t size =
      std::min({range.size, most, flash.size() - range.offset});
  std::string bytes(size, '\0');
  const image::MutableBytes to(reinterpret_cast<std::byte*>(bytes.data()),
                               bytes.size());
  return flash.ReadAt(range.offset, to).ok() ? bytes : "";
}

bool IsBlank(absl::string_view bytes) {
  const auto all = [&](char value) {
    return std::all_of(bytes.begin(), bytes.end(),
                       [value](char byte) { return byte == value; });
  };
  return all('\0') || all('\xff');
}

absl::StatusOr<Fip> ReadFip(fwu::ByteSource& flash, const fwu::Range& range) {
  const std::string front =
      ReadFront(flash, range, image::host::kFipFrontBytes);
  if (IsBlank(front)) return Wrong("FIP_BLANK", "nothing was written here");
  return image::host::ReadFipTable(
      front, std::min(range.size, flash.size() - range.offset));
}

absl::StatusOr<Fsbl> ReadFsbl(fwu::ByteSource& flash, const fwu::Range& range,
                              std::uint32_t header_version) {
  const std::string file = ReadFront(flash, range, range.size);
  if (IsBlank(file)) return Wrong("FSBL_BLANK", "nothing was written here");
  if (!absl::StartsWith(file, kFsblMagic) || file.size() < 0x100) {
    return Wrong("FSBL_MAGIC", "does not begin with an STM32 header, \"STM2\"");
  }
  image::Reader reader(AsBytes(file).subspan(kChecksumOffset));
  const std::uint32_t checksum = reader.U32();
  Fsbl fsbl;
  fsbl.header_version = reader.U32();
  const std::uint32_t length = reader.U32();
  fsbl.image_version =
      image::Reader(AsBytes(file).subspan(kImageVersionOffset)).U32();
  ASSIGN_OR_RETURN(const std::uint32_t header,
                   HeaderSizeOf(fsbl.header_version, header_version));
  fsbl.size = std::uint64_t{header} + length;
  if (fsbl.size > file.size()) {
    return Wrong("FSBL_TRUNCATED",
                 absl::StrCat("header and image have ", fsbl.size,
                              " bytes, the partition has ", file.size()));
  }
  const std::uint32_t sum =
      SumOf(absl::string_view(file).substr(header, length));
  if (sum == checksum) return fsbl;
  return Wrong("FSBL_CHECKSUM",
               absl::StrFormat("the header's checksum is 0x%08x, the bytes of "
                               "the image add up to 0x%08x",
                               checksum, sum));
}

}  // namespace bootseal::layout
