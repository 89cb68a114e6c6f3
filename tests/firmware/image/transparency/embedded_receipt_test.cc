#include "firmware/image/transparency/embedded_receipt.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/transparency/checkpoint_text.h"
#include "firmware/image/transparency/log_entry.h"
#include "tests/support/receipt_log.h"

namespace bootseal::image::transparency {
namespace {

using host::AsBytes;
using host::ToString;

std::string TextOf(absl::string_view origin, std::uint64_t size,
                   const TreeHash& root) {
  std::array<std::byte, kMostCheckpointText> buffer;
  return ToString(WriteCheckpointText(AsBytes(origin), size, root, buffer));
}

TEST(EmbeddedReceipt, HasTheBytesThatItsHeaderSays) {
  tests::ReceiptParts parts;
  parts.index = 0x0102030405060708;
  parts.size = 0x1112131415161718;
  parts.root.fill(std::byte{'r'});
  parts.signature = std::string(64, 's');
  parts.path = std::string(32, 'p');
  parts.entry = std::string(72, 'e');
  const std::string written = parts.bytes();
  EXPECT_EQ(written, absl::StrCat("BSR1", "\x08\x07\x06\x05\x04\x03\x02\x01",
                                  "\x18\x17\x16\x15\x14\x13\x12\x11",
                                  std::string(32, 'r'), std::string(64, 's'),
                                  std::string("\x01\x00\x48\x00", 4),
                                  std::string(32, 'p'), std::string(72, 'e')));
  const auto read = ReadEmbeddedReceipt(AsBytes(written));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->index, parts.index);
  EXPECT_EQ(read->size, parts.size);
  EXPECT_EQ(read->root, parts.root);
  EXPECT_EQ(ToString(read->signature), parts.signature);
  EXPECT_EQ(ToString(read->path), parts.path);
  EXPECT_EQ(ToString(read->entry), parts.entry);
}

TEST(EmbeddedReceipt, IsRefusedAtEveryLengthButItsOwn) {
  const tests::ReceiptLog log;
  const std::string whole =
      log.Add(tests::TestEntry{.digest = std::string(32, 'd')}.bytes()).bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(ReadEmbeddedReceipt(AsBytes(whole.substr(0, size))).error(),
              Error::kReceiptFormat)
        << size;
  }
  EXPECT_TRUE(ReadEmbeddedReceipt(AsBytes(whole)).ok());
}

TEST(EmbeddedReceipt, IsNotWrittenWithPartsThatHaveNoForm) {
  const tests::ReceiptLog log;
  const tests::ReceiptParts good =
      log.Add(tests::TestEntry{.digest = std::string(32, 'd')}.bytes());
  ASSERT_NE(good.bytes(), "unwritten");
  tests::ReceiptParts bad = good;
  bad.signature.pop_back();
  EXPECT_EQ(bad.bytes(), "unwritten");
  bad = good;
  bad.path.pop_back();
  EXPECT_EQ(bad.bytes(), "unwritten");
  bad = good;
  bad.path.resize(64 * 32);
  EXPECT_EQ(bad.bytes(), "unwritten");
  bad = good;
  bad.entry.resize(71);
  EXPECT_EQ(bad.bytes(), "unwritten");
  bad.entry.resize(65536);
  EXPECT_EQ(bad.bytes(), "unwritten");
  bad.entry.resize(65535);
  EXPECT_NE(bad.bytes(), "unwritten");
}

// Facts: services, appendix A.
TEST(CheckpointText, IsTheOneThatTheLogSigned) {
  std::string root;
  ASSERT_TRUE(absl::Base64Unescape(
      "GqaNMHSQWlgfhMu9D3U3lJBP2ARRvEwT5p2aU7xZUCw=", &root));
  TreeHash hash{};
  Copy(AsBytes(root), hash);
  EXPECT_EQ(TextOf("fwsign.example/audit", 5, hash),
            "fwsign.example/audit\n5\n"
            "GqaNMHSQWlgfhMu9D3U3lJBP2ARRvEwT5p2aU7xZUCw=\n");
}

TEST(CheckpointText, WritesEveryPowerOfTenAndItsNeighbours) {
  const auto size_line = [](std::uint64_t size) {
    return absl::StrCat("o\n", size, "\n");
  };
  std::uint64_t power = 1;
  for (int i = 0; i < 20; ++i, power *= 10) {
    for (const std::uint64_t size : {power - 1, power, power + 1}) {
      EXPECT_EQ(TextOf("o", size, {}).substr(0, size_line(size).size()),
                size_line(size));
    }
  }
  const auto most = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(TextOf("o", most, {}).substr(0, size_line(most).size()),
            size_line(most));
}

TEST(CheckpointText, WritesEveryByteOfARootAsBase64Does) {
  for (int value = 0; value < 256; ++value) {
    TreeHash root{};
    for (std::size_t i = 0; i < root.size(); ++i) {
      root[i] = static_cast<std::byte>(value + 37 * static_cast<int>(i));
    }
    EXPECT_EQ(TextOf("o", 0, root),
              absl::StrCat("o\n0\n", absl::Base64Escape(ToString(root)), "\n"));
  }
}

TEST(CheckpointText, IsEmptyWhereItDoesNotFit) {
  EXPECT_EQ(TextOf(std::string(200, 'o'), 5, {}), "");
}

TEST(LogEntry, SaysKindAlgorithmAndDigest) {
  for (const std::size_t size : {0, 32, 48, 64}) {
    const std::string digest(size, 'd');
    const std::string entry = tests::TestEntry{.digest = digest}.bytes();
    const auto head = ReadEntryHead(AsBytes(entry));
    ASSERT_TRUE(head.ok()) << size;
    EXPECT_EQ(head->kind, kSigningEvent);
    EXPECT_EQ(head->digest_algorithm, size == 0 ? 0 : size / 16 - 1);
    EXPECT_EQ(ToString(head->digest), digest);
    EXPECT_EQ(CheckAllowed(AsBytes(entry)), Error::kOk);
  }
}

TEST(LogEntry, HasOneFormOfItsHead) {
  const std::string good =
      tests::TestEntry{.digest = std::string(32, 'd')}.bytes();
  struct Edit {
    std::size_t at;
    char value;
  };
  for (const Edit& edit : std::initializer_list<Edit>{{0, 'b'},
                                                      {3, '2'},
                                                      {5, 0},
                                                      {5, 2},
                                                      {5, 4},
                                                      {6, 31},
                                                      {6, 48},
                                                      {7, 1},
                                                      {40, 1},
                                                      {71, 1}}) {
    std::string entry = good;
    entry[edit.at] = edit.value;
    EXPECT_EQ(ReadEntryHead(AsBytes(entry)).error(), Error::kEntryFormat)
        << edit.at;
    EXPECT_EQ(CheckAllowed(AsBytes(entry)), Error::kEntryFormat) << edit.at;
  }
  EXPECT_FALSE(ReadEntryHead(AsBytes(good.substr(0, 71))).ok());
}

// With "signing { decision: ALLOWED }" as the last bytes.
std::string EntryWith(const std::string& fields) {
  std::string entry =
      tests::TestEntry{.digest = std::string(32, 'd')}.bytes().substr(0, 72);
  return entry + fields;
}

TEST(LogEntry, ReadsFieldsOfEveryWireTypeAndRefusesOthers) {
  const std::string allowed("\x52\x02\x30\x01", 4);
  struct Case {
    const char* what;
    std::string fields;
    Error expected;
  };
  const auto str = [](const char* bytes, std::size_t size) {
    return std::string(bytes, size);
  };
  for (const Case& each : std::initializer_list<Case>{
           {"alone", allowed, Error::kOk},
           {"a 64-bit field",
            str("\x09"
                "12345678",
                9) +
                allowed,
            Error::kOk},
           {"a 32-bit field",
            str("\x0d"
                "1234",
                5) +
                allowed,
            Error::kOk},
           {"ten bytes of a number",
            str("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11) + allowed,
            Error::kOk},
           {"eleven bytes of a number",
            str("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12) +
                allowed,
            Error::kEntryFormat},
           {"a group", str("\x0b\x0c", 2) + allowed, Error::kEntryFormat},
           {"a length beyond the end",
            allowed + str("\x12\x05"
                          "a",
                          3),
            Error::kEntryFormat},
           {"a length of 64 bits",
            allowed + str("\x12\x80\x80\x80\x80\x80\x01", 7),
            Error::kEntryFormat},
           {"2^32 + 1 for ALLOWED", str("\x52\x06\x30\x81\x80\x80\x80\x10", 8),
            Error::kEntryFormat},
           {"no decision", str("\x52\x02\x38\x01", 4), Error::kEntryFormat},
           {"two decisions", str("\x52\x04\x30\x02\x30\x01", 6),
            Error::kEntryFormat},
           {"a decision of another type", str("\x52\x03\x32\x01\x01", 5),
            Error::kEntryFormat},
           {"a decision outside the event", str("\x52\x00\x30\x01", 4),
            Error::kEntryFormat},
           {"an event of another type", str("\x50\x01", 2),
            Error::kEntryFormat},
           {"nothing", "", Error::kEntryFormat}}) {
    EXPECT_EQ(CheckAllowed(AsBytes(EntryWith(each.fields))), each.expected)
        << each.what;
  }
}

}  // namespace
}  // namespace bootseal::image::transparency
