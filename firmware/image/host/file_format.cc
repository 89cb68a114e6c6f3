#include "firmware/image/host/file_format.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "firmware/image/host/convert.h"

namespace bootseal::image::host {
namespace {

struct Row {
  absl::string_view magic;
  FileFormat format;
};

constexpr char kUnpack[] = "unpack it and sign what is inside";
constexpr char kSameBuild[] = "take the .bin or .hex of the same build";
constexpr char kConvert[] = "convert it with objcopy";

const Row kRows[] = {
    {"\177ELF",
     {"an ELF file", kConvert,
      "arm-none-eabi-objcopy -O binary FILE payload.bin"}},
    {"UF2\n", {"a UF2 file", kSameBuild}},
    {{"\x1f\x8b\x08", 3},
     {"a gzip file", kUnpack, "gzip -dc < FILE > payload.bin"}},
    {{"\xfd"
      "7zXZ\0",
      6},
     {"an xz file", kUnpack, "xz -dc < FILE > payload.bin"}},
    {"BZh", {"a bzip2 file", kUnpack, "bzip2 -dc < FILE > payload.bin"}},
    {"PK\x03\x04", {"a zip file", kUnpack, "unzip FILE"}},
    {"\x28\xb5\x2f\xfd",
     {"a zstd file", kUnpack, "zstd -dc < FILE > payload.bin"}},
    {"DfuSe", {"a DfuSe file", kSameBuild}},
    {"STM2",
     {"an STM32 image (STM32MP)",
      "it is for the chip's ROM, not for "
      "MCUboot: ask for another target"}},
    {{"\x01\x00\x64\xaa", 4},
     {"a firmware image package (FIP)",
      "it is for TF-A, not for MCUboot: ask "
      "for another target"}},
    {"-----BEGIN ", {"a PEM file", "give the image, not the key"}},
};

// The first line: what `start` says, and pairs of hexadecimal digits behind it.
bool IsDigits(absl::string_view text, absl::string_view start) {
  absl::string_view line = text.substr(0, text.find('\n'));
  line = absl::StripTrailingAsciiWhitespace(line);
  if (line.size() < 10 || line.size() % 2 != start.size() % 2) return false;
  if (line.front() != start.front()) return false;
  return std::all_of(line.begin() + 1, line.end(), [](char c) {
    return absl::ascii_isxdigit(static_cast<unsigned char>(c));
  });
}

constexpr FileFormat kHex{"Intel HEX", "give it a name that ends in .hex",
                          "cp FILE image.hex"};
constexpr FileFormat kSRecords{
    "Motorola S-records", kConvert,
    "arm-none-eabi-objcopy -I srec -O binary FILE payload.bin"};
constexpr FileFormat kErased{"erased flash (nothing but 0xff)",
                             "read it from where the image is"};
constexpr FileFormat kZeros{"nothing but zeros", "take another file"};

bool IsAll(absl::string_view text, char value) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [value](char c) { return c == value; });
}

}  // namespace

const FileFormat* FindFileFormat(Bytes file) {
  const absl::string_view text(reinterpret_cast<const char*>(file.data()),
                               file.size());
  for (const Row& row : kRows) {
    if (absl::StartsWith(text, row.magic)) return &row.format;
  }
  if (IsDigits(text, ":")) return &kHex;
  if (IsDigits(text, "S0")) return &kSRecords;
  if (IsAll(text, '\xff')) return &kErased;
  return IsAll(text, '\0') ? &kZeros : nullptr;
}

}  // namespace bootseal::image::host
