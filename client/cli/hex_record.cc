#include "client/cli/hex_record.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/exit_status.h"
#include "client/cli/text.h"

namespace bootseal::cli {
namespace {

constexpr std::size_t kOverhead = 5;  // count, offset, type, checksum
constexpr char kDigits[] = "0123456789ABCDEF";

std::uint8_t At(const std::string& bytes, std::size_t index) {
  return static_cast<std::uint8_t>(bytes[index]);
}

std::uint32_t BigEndian16(const std::string& bytes, std::size_t index) {
  return static_cast<std::uint32_t>(At(bytes, index)) << 8 |
         At(bytes, index + 1);
}

std::uint8_t Sum(absl::string_view bytes) {
  unsigned sum = 0;
  for (const char c : bytes) sum += static_cast<std::uint8_t>(c);
  return static_cast<std::uint8_t>(sum);
}

// What is put into such files, or under such names, by mistake.
struct Mistake {
  absl::string_view start;
  absl::string_view what;
};

constexpr std::array<Mistake, 9> kMistakes{{
    {"\xef\xbb\xbf", "a byte order mark; save the file without it"},
    {"\xff\xfe", "UTF-16 text; save the file as ASCII"},
    {"\xfe\xff", "UTF-16 text; save the file as ASCII"},
    {"#", "a comment; Intel HEX has none"},
    {";", "a comment; Intel HEX has none"},
    {"/", "a comment; Intel HEX has none"},
    {"S", "a Motorola S-record; convert the file with objcopy -I srec -O ihex"},
    {"\177ELF", "an ELF file; convert it with objcopy -O ihex"},
    {" ", "a space in front of the record"},
}};

std::string WhatIsThere(absl::string_view line) {
  for (const Mistake& mistake : kMistakes) {
    if (absl::StartsWith(line, mistake.start)) return std::string(mistake.what);
  }
  constexpr std::size_t kShown = 32;
  return absl::StrCat("\"", Printable(line.substr(0, kShown)),
                      line.size() > kShown ? "..." : "", "\"");
}

}  // namespace

absl::Status HexError(absl::string_view reason, std::size_t line,
                      absl::string_view what) {
  return LocalFileError(reason,
                        absl::StrCat("Intel HEX line ", line, ": ", what));
}

std::pair<absl::string_view, absl::string_view> SplitHexLine(
    absl::string_view text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  absl::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  const bool blank = std::all_of(line.begin(), line.end(), [](char c) {
    return absl::ascii_isblank(static_cast<unsigned char>(c));
  });
  return {blank ? absl::string_view() : line, text};
}

bool HasHexRecordShape(absl::string_view line) {
  return line.size() > 2 * kOverhead && line.front() == ':' &&
         line.size() % 2 == 1 &&
         std::all_of(line.begin() + 1, line.end(), [](char c) {
           return absl::ascii_isxdigit(static_cast<unsigned char>(c));
         });
}

absl::StatusOr<HexRecord> ReadHexRecord(absl::string_view line,
                                        std::size_t number) {
  if (!HasHexRecordShape(line)) {
    return HexError("HEX_SYNTAX", number,
                    absl::StrCat("expected a colon and pairs of hexadecimal "
                                 "digits, at least five, found ",
                                 WhatIsThere(line)));
  }
  const std::string bytes = absl::HexStringToBytes(line.substr(1));
  if (bytes.size() != kOverhead + At(bytes, 0)) {
    return HexError("HEX_SYNTAX", number,
                    "the record is not as long as it says");
  }
  if (Sum(bytes) != 0) {
    const auto body = absl::string_view(bytes).substr(0, bytes.size() - 1);
    return HexError("HEX_CHECKSUM", number,
                    absl::StrFormat("checksum 0x%02x, expected 0x%02x",
                                    At(bytes, bytes.size() - 1),
                                    static_cast<std::uint8_t>(-Sum(body))));
  }
  return HexRecord{number, BigEndian16(bytes, 1), At(bytes, 3),
                   bytes.substr(4, bytes.size() - kOverhead)};
}

std::string FormatHexRecord(HexRecordType type, std::uint32_t offset,
                            absl::string_view data) {
  std::string text = ":";
  text.reserve(2 * (data.size() + kOverhead) + 2);
  std::uint32_t sum = 0;
  const auto put = [&text, &sum](std::uint32_t byte) {
    sum += byte;
    text.push_back(kDigits[byte >> 4 & 0xf]);
    text.push_back(kDigits[byte & 0xf]);
  };
  put(static_cast<std::uint32_t>(data.size()));
  put(offset >> 8 & 0xff);
  put(offset & 0xff);
  put(type);
  for (const char c : data) put(static_cast<std::uint8_t>(c));
  put(-sum & 0xff);
  text.push_back('\n');
  return text;
}

}  // namespace bootseal::cli
