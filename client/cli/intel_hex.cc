#include "client/cli/intel_hex.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/exit_status.h"
#include "client/cli/text.h"

namespace bootseal::cli {
namespace {

constexpr std::size_t kRecordOverhead = 5;  // count, address, type, checksum
constexpr std::size_t kBytesPerRecord = 16;
constexpr std::uint32_t kSegmentBytes = 0x10000;
constexpr std::uint64_t kAddressSpace = std::uint64_t{1} << 32;

enum RecordType : std::uint8_t {
  kData = 0,
  kEndOfFile = 1,
  kExtendedSegment = 2,
  kStartSegment = 3,
  kExtendedLinear = 4,
  kStartLinear = 5,
};

struct Record {
  std::size_t line = 0;
  std::uint32_t offset = 0;
  std::uint8_t type = 0;
  std::string data;
};

struct Piece {
  std::size_t line = 0;
  std::uint64_t address = 0;
  std::string data;
};

absl::Status HexError(absl::string_view reason, std::size_t line,
                      absl::string_view what) {
  return LocalFileError(reason,
                        absl::StrCat("Intel HEX line ", line, ": ", what));
}

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

absl::StatusOr<std::string> DecodeLine(absl::string_view line,
                                       std::size_t number) {
  const absl::string_view digits =
      line.substr(std::min<std::size_t>(1, line.size()));
  const bool hex = std::all_of(digits.begin(), digits.end(), [](char c) {
    return absl::ascii_isxdigit(static_cast<unsigned char>(c));
  });
  if (line.empty() || line.front() != ':' || !hex || digits.size() % 2 != 0) {
    return HexError("HEX_SYNTAX", number,
                    "expected a colon and pairs of hexadecimal digits");
  }
  return absl::HexStringToBytes(digits);
}

absl::StatusOr<Record> ReadRecord(absl::string_view line, std::size_t number) {
  absl::StatusOr<std::string> bytes = DecodeLine(line, number);
  if (!bytes.ok()) return bytes.status();
  if (bytes->size() < kRecordOverhead ||
      bytes->size() != kRecordOverhead + At(*bytes, 0)) {
    return HexError("HEX_SYNTAX", number,
                    "the record is not as long as it says");
  }
  if (Sum(*bytes) != 0) {
    const auto body = absl::string_view(*bytes).substr(0, bytes->size() - 1);
    return HexError("HEX_CHECKSUM", number,
                    absl::StrFormat("checksum 0x%02x, expected 0x%02x",
                                    At(*bytes, bytes->size() - 1),
                                    static_cast<std::uint8_t>(-Sum(body))));
  }
  return Record{number, BigEndian16(*bytes, 1), At(*bytes, 3),
                bytes->substr(4, bytes->size() - kRecordOverhead)};
}

// Follows the records in file order.
class Loader {
 public:
  absl::Status Take(const Record& record) {
    if (ended_) {
      return HexError("HEX_AFTER_END", record.line,
                      "a record after the end-of-file record");
    }
    switch (record.type) {
      case kData:
        return TakeData(record);
      case kEndOfFile:
        ended_ = true;
        return ExpectLength(record, 0);
      case kExtendedSegment:
        return TakeBase(record, 4);
      case kExtendedLinear:
        return TakeBase(record, 16);
      case kStartSegment:
      case kStartLinear:
        return ExpectLength(record, 4);
      default:
        return HexError(
            "HEX_RECORD_TYPE", record.line,
            absl::StrCat("record type ", record.type, ", expected 0 to 5"));
    }
  }

  bool ended() const { return ended_; }
  std::vector<Piece>& pieces() { return pieces_; }

 private:
  static absl::Status ExpectLength(const Record& record, std::size_t length) {
    if (record.data.size() == length) return absl::OkStatus();
    return HexError(
        "HEX_SYNTAX", record.line,
        absl::StrCat("a record of type ", record.type, " has ",
                     record.data.size(), " bytes, expected ", length));
  }

  absl::Status TakeBase(const Record& record, int shift) {
    if (absl::Status status = ExpectLength(record, 2); !status.ok()) {
      return status;
    }
    base_ = static_cast<std::uint64_t>(BigEndian16(record.data, 0)) << shift;
    return absl::OkStatus();
  }

  absl::Status TakeData(const Record& record) {
    if (record.offset + record.data.size() > kSegmentBytes) {
      return HexError("HEX_WRAP", record.line,
                      "data crosses the end of a 64 KiB segment");
    }
    if (record.data.empty()) return absl::OkStatus();
    pieces_.push_back({record.line, base_ + record.offset, record.data});
    return absl::OkStatus();
  }

  std::uint64_t base_ = 0;
  bool ended_ = false;
  std::vector<Piece> pieces_;
};

absl::StatusOr<HexContent> Join(std::vector<Piece>& pieces) {
  std::stable_sort(
      pieces.begin(), pieces.end(),
      [](const Piece& a, const Piece& b) { return a.address < b.address; });
  HexContent content;
  content.address = static_cast<std::uint32_t>(pieces.front().address);
  for (const Piece& piece : pieces) {
    const std::uint64_t end = content.address + content.bytes.size();
    if (piece.address < end) {
      return HexError("HEX_OVERLAP", piece.line,
                      absl::StrCat("address ", HexNumber(piece.address),
                                   " is given twice"));
    }
    if (piece.address - end > kMaxHexGapBytes) {
      return HexError(
          "HEX_GAP", piece.line,
          absl::StrCat("a gap of ", piece.address - end, " bytes from ",
                       HexNumber(end), " to ", HexNumber(piece.address),
                       ", at most ", kMaxHexGapBytes,
                       " are filled; sign what lies in one slot"));
    }
    content.bytes.append(piece.address - end, '\xff');
    content.bytes += piece.data;
  }
  return content;
}

void AppendRecord(RecordType type, std::uint32_t offset, absl::string_view data,
                  std::string& text) {
  std::string record;
  record.push_back(static_cast<char>(data.size()));
  record.push_back(static_cast<char>(offset >> 8));
  record.push_back(static_cast<char>(offset));
  record.push_back(static_cast<char>(type));
  absl::StrAppend(&record, data);
  record.push_back(static_cast<char>(-Sum(record)));
  absl::StrAppend(&text, ":",
                  absl::AsciiStrToUpper(absl::BytesToHexString(record)), "\n");
}

void AppendSegment(const HexSegment& segment, std::uint32_t& base,
                   std::string& text) {
  absl::string_view rest = segment.bytes;
  std::uint32_t address = segment.address;
  while (!rest.empty()) {
    if (address >> 16 != base) {
      base = address >> 16;
      const std::string upper{static_cast<char>(base >> 8),
                              static_cast<char>(base)};
      AppendRecord(kExtendedLinear, 0, upper, text);
    }
    const std::uint32_t offset = address & 0xffff;
    const std::size_t count =
        std::min({rest.size(), kBytesPerRecord - offset % kBytesPerRecord,
                  std::size_t{kSegmentBytes - offset}});
    AppendRecord(kData, offset, rest.substr(0, count), text);
    rest.remove_prefix(count);
    address += static_cast<std::uint32_t>(count);
  }
}

}  // namespace

bool LooksLikeHex(absl::string_view text) {
  return !text.empty() && text.front() == ':';
}

absl::StatusOr<HexContent> ReadIntelHex(absl::string_view text) {
  Loader loader;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    absl::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty() && text.empty()) break;
    absl::StatusOr<Record> record = ReadRecord(line, number);
    if (!record.ok()) return record.status();
    if (absl::Status status = loader.Take(*record); !status.ok()) return status;
  }
  if (!loader.ended()) {
    return HexError("HEX_NO_END", number,
                    "no end-of-file record (:00000001FF); the file is cut "
                    "short");
  }
  if (loader.pieces().empty()) {
    return HexError("HEX_EMPTY", number, "the file has no data");
  }
  return Join(loader.pieces());
}

absl::StatusOr<std::string> WriteIntelHex(
    const std::vector<HexSegment>& segments) {
  std::string text;
  std::uint32_t base = 0;
  for (const HexSegment& segment : segments) {
    if (segment.address + segment.bytes.size() > kAddressSpace) {
      return LocalFileError("HEX_ADDRESS",
                            absl::StrCat(segment.bytes.size(), " bytes from ",
                                         HexNumber(segment.address),
                                         " leave the 32-bit address space"));
    }
    AppendSegment(segment, base, text);
  }
  AppendRecord(kEndOfFile, 0, "", text);
  return text;
}

}  // namespace bootseal::cli
