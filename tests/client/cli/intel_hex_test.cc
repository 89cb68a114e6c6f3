#include "client/cli/intel_hex.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <string>
#include <vector>

#include "client/cli/exit_status.h"
#include "client/cli/hex_record.h"
#include "tests/support/status_matchers.h"

namespace bootseal::cli {
namespace {

using absl::StatusCode;
using tests::MessageHas;
using tests::StatusIs;

constexpr char kEnd[] = ":00000001FF\n";

// A data record with the right checksum.
std::string Data(std::uint16_t offset, const std::string& bytes) {
  std::string record{static_cast<char>(bytes.size()),
                     static_cast<char>(offset >> 8), static_cast<char>(offset),
                     '\0'};
  record += bytes;
  unsigned sum = 0;
  for (const char c : record) sum += static_cast<unsigned char>(c);
  record.push_back(static_cast<char>(-sum));
  std::string line = ":";
  for (const char c : record) {
    char digits[3];
    snprintf(digits, sizeof(digits), "%02X", static_cast<unsigned char>(c));
    line += digits;
  }
  return line + "\n";
}

TEST(IntelHex, ReadsTheSpecificationsExample) {
  const auto content = ReadIntelHex(
      ":10010000214601360121470136007EFE09D2190140\n"
      ":100110002146017E17C20001FF5F16002148011928\n"
      ":00000001FF\n");
  ASSERT_OK(content);
  EXPECT_EQ(content->address, 0x100U);
  EXPECT_EQ(content->bytes.size(), 32U);
  EXPECT_EQ(content->bytes.substr(0, 3), std::string("\x21\x46\x01"));
}

TEST(IntelHex, ReadsCarriageReturnsAndALastLineWithoutNewline) {
  const auto content = ReadIntelHex(":0100000041BE\r\n:00000001FF");
  ASSERT_OK(content);
  EXPECT_EQ(content->bytes, "A");
}

TEST(IntelHex, TakesRecordsInAnyOrder) {
  const auto content = ReadIntelHex(Data(4, "EFGH") + Data(0, "ABCD") + kEnd);
  ASSERT_OK(content);
  EXPECT_EQ(content->bytes, "ABCDEFGH");
}

TEST(IntelHex, FillsGapsWithFf) {
  const auto content = ReadIntelHex(Data(0, "A") + Data(3, "B") + kEnd);
  ASSERT_OK(content);
  EXPECT_EQ(content->bytes,
            "A\xff\xff"
            "B");
}

TEST(IntelHex, FollowsLinearAndSegmentBases) {
  const auto linear =
      ReadIntelHex(":020000040800F2\n" + Data(0x10, "A") + kEnd);
  ASSERT_OK(linear);
  EXPECT_EQ(linear->address, 0x08000010U);
  const auto segment =
      ReadIntelHex(":020000021200EA\n" + Data(0x10, "A") + kEnd);
  ASSERT_OK(segment);
  EXPECT_EQ(segment->address, 0x12010U);
}

TEST(IntelHex, SkipsBlankLines) {
  for (const std::string& text :
       {"\n\r\n" + Data(0, "A") + kEnd, Data(0, "A") + " \t\n\n" + kEnd,
        Data(0, "A") + kEnd + "\n\n\r\n", Data(0, "A") + kEnd + "\n"}) {
    const auto content = ReadIntelHex(text);
    ASSERT_OK(content);
    EXPECT_EQ(content->bytes, "A");
  }
}

TEST(IntelHex, CountsBlankLines) {
  EXPECT_THAT(ReadIntelHex("\n\n" + Data(0, "A") + "junk\n"),
              MessageHas("line 4: "));
}

// The most that this process ever had.
long PeakMemoryKib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

struct Refused {
  const char* what;
  std::string text;
  const char* reason;
};

class IntelHexRefusal : public testing::TestWithParam<Refused> {};

TEST_P(IntelHexRefusal, NamesWhatIsWrong) {
  const auto content = ReadIntelHex(GetParam().text);
  EXPECT_THAT(content,
              StatusIs(StatusCode::kInvalidArgument, GetParam().reason));
  EXPECT_EQ(ExitStatusOf(content.status()), ExitStatus::kLocalFile);
  EXPECT_THAT(content, MessageHas("Intel HEX line "));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, IntelHexRefusal,
    testing::Values(
        Refused{"Overlap", Data(0, "ABCD") + Data(3, "X") + kEnd,
                "HEX_OVERLAP"},
        Refused{"SameRecordTwice", Data(0, "A") + Data(0, "A") + kEnd,
                "HEX_OVERLAP"},
        Refused{"HugeGap",
                Data(0, "A") + ":020000040020DA\n" + Data(0, "B") + kEnd,
                "HEX_GAP"},
        Refused{"Checksum", ":0100000041BF\n:00000001FF\n", "HEX_CHECKSUM"},
        Refused{"NoEnd", Data(0, "A"), "HEX_NO_END"},
        Refused{"AfterEnd", Data(0, "A") + kEnd + Data(1, "B"),
                "HEX_AFTER_END"},
        Refused{"Empty", kEnd, "HEX_EMPTY"},
        Refused{"UnknownType", ":00000006FA\n:00000001FF\n", "HEX_RECORD_TYPE"},
        Refused{"NoColon", "0100000041BE\n:00000001FF\n", "HEX_SYNTAX"},
        Refused{"OddDigits", ":0100000041BE0\n:00000001FF\n", "HEX_SYNTAX"},
        Refused{"NotHex", ":01000000G1BE\n:00000001FF\n", "HEX_SYNTAX"},
        Refused{"TooShort", ":0200000041BD\n:00000001FF\n", "HEX_SYNTAX"},
        Refused{"BareColon", ":\n:00000001FF\n", "HEX_SYNTAX"},
        Refused{"EmptyFile", "", "HEX_EMPTY"},
        Refused{"OnlyBlankLines", "\n\n", "HEX_NO_END"},
        Refused{"SpaceInFront", " " + Data(0, "A") + kEnd, "HEX_SYNTAX"},
        Refused{"SpaceBehind", ":0100000041BE \n:00000001FF\n", "HEX_SYNTAX"},
        Refused{"EndWithData", ":0100000141BD\n", "HEX_SYNTAX"},
        Refused{"ShortBase", ":0100000400FB\n:00000001FF\n", "HEX_SYNTAX"},
        Refused{"Wrap", Data(0xffff, "AB") + kEnd, "HEX_WRAP"}),
    [](const auto& each) { return std::string(each.param.what); });

// What users put under such a name; the message says what it is.
struct Mistaken {
  const char* what;
  std::string text;
  const char* says;
};

class IntelHexMistake : public testing::TestWithParam<Mistaken> {};

TEST_P(IntelHexMistake, IsCalledByItsName) {
  const auto content = ReadIntelHex(GetParam().text + Data(0, "A") + kEnd);
  EXPECT_THAT(content, StatusIs(StatusCode::kInvalidArgument, "HEX_SYNTAX"));
  EXPECT_THAT(content, MessageHas("Intel HEX line 1: "));
  EXPECT_THAT(content, MessageHas(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, IntelHexMistake,
    testing::Values(
        Mistaken{"ByteOrderMark", "\xef\xbb\xbf", "byte order mark"},
        Mistaken{"Utf16", "\xff\xfe:\n", "UTF-16"},
        Mistaken{"HashComment", "# built by make\n", "a comment"},
        Mistaken{"SemicolonComment", "; built by make\n", "a comment"},
        Mistaken{"SRecord", "S00F000068656C6C6F202020202000003C\n",
                 "objcopy -I srec"},
        Mistaken{"Elf", std::string("\177ELF\1\1\1\0", 8), "an ELF file"},
        Mistaken{"Text", "hello\x1b[2J\n", "found \"hello\\x1b[2J\""}),
    [](const auto& each) { return std::string(each.param.what); });

// One byte at the start of each of so many MiB.
std::string Sparse(int mebibytes) {
  std::string text;
  for (int i = 0; i < mebibytes; ++i) {
    const std::string upper{static_cast<char>(i >> 4),
                            static_cast<char>((i << 4) & 0xff)};
    text += FormatHexRecord(kHexExtendedLinear, 0, upper) + Data(0, "A");
  }
  return text;
}

TEST(IntelHex, RefusesALargeSpanBeforeItFillsIt) {
  const std::string text = Sparse(4096) + kEnd;
  const long before = PeakMemoryKib();
  const auto content = ReadIntelHex(text);
  EXPECT_THAT(content, StatusIs(StatusCode::kInvalidArgument, "HEX_TOO_LARGE"));
  EXPECT_THAT(content, MessageHas("expected at most 67108864 bytes"));
  EXPECT_LT(PeakMemoryKib() - before, 16 * 1024);
}

TEST(IntelHex, TakesTheLargestSpanAndNotAByteMore) {
  // The last byte of the 64th MiB: base 0x03ff0000, offset 0xffff.
  const std::string end =
      FormatHexRecord(kHexExtendedLinear, 0, "\x03\xff") + Data(0xffff, "B");
  const auto largest = ReadIntelHex(Sparse(64) + end + kEnd);
  ASSERT_OK(largest);
  EXPECT_EQ(largest->bytes.size(), kMaxHexSpanBytes);
  EXPECT_EQ(largest->bytes.back(), 'B');
  EXPECT_THAT(ReadIntelHex(Sparse(65) + kEnd),
              StatusIs(StatusCode::kInvalidArgument, "HEX_TOO_LARGE"));
}

TEST(IntelHex, IsRecognisedWhenEveryLineIsARecord) {
  EXPECT_TRUE(LooksLikeHex(Data(0, "A") + kEnd));
  EXPECT_TRUE(LooksLikeHex("\r\n" + Data(0, "A")));
  EXPECT_FALSE(LooksLikeHex(""));
  EXPECT_FALSE(LooksLikeHex("\n"));
  EXPECT_FALSE(LooksLikeHex(":"));
  EXPECT_FALSE(LooksLikeHex(Data(0, "A") + "junk\n"));
  EXPECT_FALSE(LooksLikeHex(std::string(":\0\1\2\3\4\5\6\7\n", 10)));
}

TEST(IntelHex, TakesTheLargestGap) {
  // 0x0 holds one byte; the next record starts 1 MiB after its end.
  const auto content =
      ReadIntelHex(Data(0, "A") + ":020000040010EA\n" + Data(1, "B") + kEnd);
  ASSERT_OK(content);
  EXPECT_EQ(content->bytes.size(), kMaxHexGapBytes + 2);
}

TEST(IntelHex, WritesWhatItReads) {
  std::string bytes;
  for (int i = 0; i < 100000; ++i) bytes.push_back(static_cast<char>(i * 7));
  const auto text = WriteIntelHex({{0x0800fff3, bytes}});
  ASSERT_OK(text);
  const auto content = ReadIntelHex(*text);
  ASSERT_OK(content);
  EXPECT_EQ(content->address, 0x0800fff3U);
  EXPECT_EQ(content->bytes, bytes);
}

TEST(IntelHex, WritesSegmentsApart) {
  const auto text = WriteIntelHex({{0, "A"}, {0x20, "B"}});
  ASSERT_OK(text);
  EXPECT_EQ(*text, ":0100000041BE\n:01002000429D\n:00000001FF\n");
}

TEST(IntelHex, RefusesToLeaveTheAddressSpace) {
  EXPECT_THAT(WriteIntelHex({{0xffffffff, "AB"}}),
              StatusIs(StatusCode::kInvalidArgument, "HEX_ADDRESS"));
}

}  // namespace
}  // namespace bootseal::cli
