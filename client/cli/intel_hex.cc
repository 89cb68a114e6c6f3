#include "client/cli/intel_hex.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/exit_status.h"
#include "client/cli/hex_record.h"
#include "client/cli/text.h"

namespace bootseal::cli {
namespace {

constexpr std::size_t kBytesPerRecord = 16;
constexpr std::uint32_t kSegmentBytes = 0x10000;
constexpr std::uint64_t kAddressSpace = std::uint64_t{1} << 32;

// Data of records that continue each other; `line` is that of the first.
struct Piece {
  std::size_t line = 0;
  std::uint64_t address = 0;
  std::string data;

  std::uint64_t end() const { return address + data.size(); }
};

// Follows the records in file order.
class Loader {
 public:
  absl::Status Take(const HexRecord& record) {
    if (ended_) {
      return HexError("HEX_AFTER_END", record.line,
                      "a record after the end-of-file record");
    }
    switch (record.type) {
      case kHexData:
        return TakeData(record);
      case kHexEndOfFile:
        ended_ = true;
        return ExpectLength(record, 0);
      case kHexExtendedSegment:
        return TakeBase(record, 4);
      case kHexExtendedLinear:
        return TakeBase(record, 16);
      case kHexStartSegment:
      case kHexStartLinear:
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
  static absl::Status ExpectLength(const HexRecord& record,
                                   std::size_t length) {
    if (record.data.size() == length) return absl::OkStatus();
    return HexError(
        "HEX_SYNTAX", record.line,
        absl::StrCat("a record of type ", record.type, " has ",
                     record.data.size(), " bytes, expected ", length));
  }

  absl::Status TakeBase(const HexRecord& record, int shift) {
    if (absl::Status status = ExpectLength(record, 2); !status.ok()) {
      return status;
    }
    const auto high = static_cast<std::uint8_t>(record.data[0]);
    const auto low = static_cast<std::uint8_t>(record.data[1]);
    base_ = (std::uint64_t{high} << 8 | low) << shift;
    return absl::OkStatus();
  }

  absl::Status TakeData(const HexRecord& record) {
    if (record.offset + record.data.size() > kSegmentBytes) {
      return HexError("HEX_WRAP", record.line,
                      "data crosses the end of a 64 KiB segment");
    }
    const std::uint64_t address = base_ + record.offset;
    if (!pieces_.empty() && pieces_.back().end() == address) {
      pieces_.back().data += record.data;
    } else if (!record.data.empty()) {
      pieces_.push_back({record.line, address, record.data});
    }
    return absl::OkStatus();
  }

  std::uint64_t base_ = 0;
  bool ended_ = false;
  std::vector<Piece> pieces_;
};

// `end` is where the pieces before this one, from `begin` on, end.
absl::Status CheckPlace(const Piece& piece, std::uint64_t begin,
                        std::uint64_t end, std::uint64_t max_gap) {
  if (piece.address < end) {
    return HexError(
        "HEX_OVERLAP", piece.line,
        absl::StrCat("address ", HexNumber(piece.address), " is given twice"));
  }
  if (piece.address - end > max_gap) {
    return HexError(
        "HEX_GAP", piece.line,
        absl::StrCat("a gap of ", piece.address - end, " bytes from ",
                     HexNumber(end), " to ", HexNumber(piece.address),
                     ", at most ", max_gap,
                     " are filled; sign what lies in one slot"));
  }
  if (piece.end() - begin > kMaxHexSpanBytes) {
    return HexError(
        "HEX_TOO_LARGE", piece.line,
        absl::StrCat("data from ", HexNumber(begin), " to ",
                     HexNumber(piece.end()), ", expected at most ",
                     kMaxHexSpanBytes,
                     " bytes; sign what lies in one slot, or give raw bytes"));
  }
  return absl::OkStatus();
}

// Nothing is filled before all of it is known to be small.
absl::StatusOr<HexContent> Join(std::vector<Piece>& pieces,
                                std::uint64_t max_gap) {
  std::stable_sort(
      pieces.begin(), pieces.end(),
      [](const Piece& a, const Piece& b) { return a.address < b.address; });
  const std::uint64_t begin = pieces.front().address;
  std::uint64_t end = begin;
  for (const Piece& piece : pieces) {
    if (absl::Status status = CheckPlace(piece, begin, end, max_gap);
        !status.ok()) {
      return status;
    }
    end = piece.end();
  }
  if (pieces.size() == 1) {
    return HexContent{static_cast<std::uint32_t>(begin),
                      std::move(pieces.front().data)};
  }
  HexContent content{static_cast<std::uint32_t>(begin), {}};
  content.bytes.reserve(end - begin);
  for (const Piece& piece : pieces) {
    content.bytes.resize(piece.address - begin, '\xff');
    content.bytes += piece.data;
  }
  return content;
}

// Enough for all records; a growing string would need twice that.
std::size_t TextBytes(const std::vector<HexSegment>& segments) {
  constexpr std::size_t kRecord = 44;  // of kBytesPerRecord
  constexpr std::size_t kBase = 16;
  std::size_t size = kBase;
  for (const HexSegment& segment : segments) {
    size += (segment.bytes.size() / kBytesPerRecord + 2) * kRecord +
            (segment.bytes.size() / kSegmentBytes + 2) * kBase;
  }
  return size;
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
      text += FormatHexRecord(kHexExtendedLinear, 0, upper);
    }
    const std::uint32_t offset = address & 0xffff;
    const std::size_t count =
        std::min({rest.size(), kBytesPerRecord - offset % kBytesPerRecord,
                  std::size_t{kSegmentBytes - offset}});
    text += FormatHexRecord(kHexData, offset, rest.substr(0, count));
    rest.remove_prefix(count);
    address += static_cast<std::uint32_t>(count);
  }
}

}  // namespace

bool LooksLikeHex(absl::string_view text) {
  bool records = false;
  while (!text.empty()) {
    const auto [line, rest] = SplitHexLine(text);
    text = rest;
    if (line.empty()) continue;
    if (!HasHexRecordShape(line)) return false;
    records = true;
  }
  return records;
}

absl::StatusOr<HexContent> ReadIntelHex(absl::string_view text,
                                        std::uint64_t max_gap) {
  if (text.empty()) return HexError("HEX_EMPTY", 1, "the file is empty");
  Loader loader;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const auto [line, rest] = SplitHexLine(text);
    text = rest;
    if (line.empty()) continue;
    absl::StatusOr<HexRecord> record = ReadHexRecord(line, number);
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
  return Join(loader.pieces(), max_gap);
}

absl::StatusOr<std::string> WriteIntelHex(
    const std::vector<HexSegment>& segments) {
  std::string text;
  text.reserve(TextBytes(segments));
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
  text += FormatHexRecord(kHexEndOfFile, 0, "");
  return text;
}

}  // namespace bootseal::cli
