#include "firmware/image/fip/toc.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "firmware/image/host/convert.h"

namespace bootseal::tests {
namespace {

using image::Bytes;
using image::Writer;
using image::host::AsBytes;
using image::host::NameOf;
using image::host::ToString;
using namespace image::fip;

// A table as any tool might write it: what WriteToc refuses, too.
struct Table {
  std::uint32_t name = 0xaa640001;
  std::uint32_t serial = kSerial;
  std::uint64_t flags = 0;
  struct Row {
    Uuid uuid;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint64_t flags = 0;
  };
  std::vector<Row> rows;
};

std::string Bare(const Table& table) {
  std::string bytes(kHeaderBytes + table.rows.size() * kEntryBytes, '\0');
  Writer writer(std::as_writable_bytes(std::span(bytes)).first(bytes.size()));
  writer.U32(table.name);
  writer.U32(table.serial);
  writer.U64(table.flags);
  for (const Table::Row& row : table.rows) {
    writer.Append(row.uuid.bytes);
    writer.U64(row.offset);
    writer.U64(row.size);
    writer.U64(row.flags);
  }
  return bytes;
}

// Two images of 100 and 50 bytes behind a table of 136.
Table Small() {
  Table table;
  table.rows = {{uuids::kTosFw, 136, 100, 0},
                {uuids::kNtFw, 236, 50, 0},
                {Uuid(), 286, 0, 0}};
  return table;
}

std::string ReadError(const Table& table, std::uint64_t available = 286) {
  return NameOf(ReadToc(AsBytes(Bare(table)), available).error());
}

TEST(FipToc, SaysWhereImagesLie) {
  const std::string bytes = Bare(Small());
  const auto toc = ReadToc(AsBytes(bytes), 286);
  ASSERT_TRUE(toc.ok()) << NameOf(toc.error());
  EXPECT_EQ(toc->count, 2u);
  EXPECT_EQ(toc->size, 286u);
  EXPECT_EQ(Find(*toc, uuids::kNtFw)->offset, 236u);
  const std::string fip = bytes + std::string(100, 't') + std::string(50, 'n');
  EXPECT_EQ(ToString(*FindImage(*toc, uuids::kNtFw, AsBytes(fip))),
            std::string(50, 'n'));
}

TEST(FipToc, IsWrittenAsItIsRead) {
  Table table = Small();
  table.serial = 7;
  table.flags = 0xabcd00000000;
  const std::string bytes = Bare(table);
  const auto toc = ReadToc(AsBytes(bytes), 286);
  ASSERT_TRUE(toc.ok()) << NameOf(toc.error());
  EXPECT_EQ(toc->platform_flags, 0xabcd);
  std::array<std::byte, kMaxTocBytes> buffer;
  EXPECT_EQ(ToString(*WriteToc(*toc, buffer)), bytes);
}

TEST(FipToc, FindsNothingThatIsNotThere) {
  const auto toc = ReadToc(AsBytes(Bare(Small())), 286);
  for (const Uuid& uuid : {uuids::kFwConfig, Uuid()}) {
    EXPECT_EQ(NameOf(Find(*toc, uuid).error()), "FIP_NO_ENTRY");
    EXPECT_EQ(NameOf(FindImage(*toc, uuid, {}).error()), "FIP_NO_ENTRY");
  }
}

TEST(FipToc, AnImageBehindTheBytesThatAreThereIsNotGiven) {
  const std::string bytes = Bare(Small());
  const auto toc = ReadToc(AsBytes(bytes), 286);
  const std::string fip = bytes + std::string(149, 'x');
  EXPECT_TRUE(FindImage(*toc, uuids::kTosFw, AsBytes(fip)).ok());
  EXPECT_EQ(NameOf(FindImage(*toc, uuids::kNtFw, AsBytes(fip)).error()),
            "TRUNCATED");
}

TEST(FipToc, MayLieInALargerPartitionButNotInASmallerOne) {
  EXPECT_EQ(ReadError(Small(), 4 << 20), "OK");
  EXPECT_EQ(ReadError(Small(), 285), "FIP_TERMINATOR");
  EXPECT_EQ(ReadError(Small(), 0), "FIP_TERMINATOR");
}

TEST(FipToc, CutAtAnyByteIsTruncated) {
  const std::string bytes = Bare(Small());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(NameOf(ReadToc(AsBytes(bytes).first(size), 286).error()),
              "TRUNCATED")
        << size;
  }
}

// No byte of a table is without meaning: another one is refused, or is read as
// another table.
TEST(FipToc, EveryBitOfItCounts) {
  const std::string bytes = Bare(Small());
  const auto toc = ReadToc(AsBytes(bytes), 4 << 20);
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
    const auto read = ReadToc(AsBytes(changed), 4 << 20);
    if (!read.ok()) continue;
    EXPECT_FALSE(*read == *toc) << bit;
  }
}

constexpr std::uint64_t kHuge = ~std::uint64_t{0};

struct BadTable {
  const char* what;
  const char* error;
  std::function<void(Table&)> change;
};

void PrintTo(const BadTable& bad, std::ostream* out) { *out << bad.what; }

class FipTocRefuses : public testing::TestWithParam<BadTable> {};

TEST_P(FipTocRefuses, WhatNoWriterWrites) {
  Table table = Small();
  GetParam().change(table);
  EXPECT_EQ(ReadError(table), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Tables, FipTocRefuses,
    testing::Values(
        BadTable{"other name", "FIP_NAME", [](Table& bad) { bad.name ^= 1; }},
        BadTable{"zeros", "FIP_NAME", [](Table& bad) { bad.name = 0; }},
        BadTable{"no serial", "FIP_SERIAL", [](Table& bad) { bad.serial = 0; }},
        BadTable{"low flag", "FIP_FLAGS", [](Table& bad) { bad.flags = 1; }},
        BadTable{"high flag", "FIP_FLAGS",
                 [](Table& bad) { bad.flags = std::uint64_t{1} << 48; }},
        BadTable{"flag below the platform's", "FIP_FLAGS",
                 [](Table& bad) { bad.flags = std::uint64_t{1} << 31; }},
        BadTable{"entry flag", "FIP_FLAGS",
                 [](Table& bad) { bad.rows[1].flags = 1; }},
        BadTable{"no end", "TRUNCATED",
                 [](Table& bad) { bad.rows.pop_back(); }},
        BadTable{"end with a size", "FIP_TERMINATOR",
                 [](Table& bad) { bad.rows[2].size = 1; }},
        BadTable{"end with a flag", "FIP_TERMINATOR",
                 [](Table& bad) { bad.rows[2].flags = 1; }},
        BadTable{"end without a size of the package", "FIP_TERMINATOR",
                 [](Table& bad) { bad.rows[2].offset = 0; }},
        BadTable{"end within the table", "FIP_TERMINATOR",
                 [](Table& bad) { bad.rows[2].offset = 135; }},
        BadTable{"end beyond", "FIP_TERMINATOR",
                 [](Table& bad) { bad.rows[2].offset = 287; }},
        BadTable{"end far beyond", "FIP_TERMINATOR",
                 [](Table& bad) { bad.rows[2].offset = kHuge; }},
        BadTable{"end before an image's end", "FIP_ENTRY",
                 [](Table& bad) { bad.rows[2].offset = 285; }},
        BadTable{"empty image", "FIP_ENTRY",
                 [](Table& bad) { bad.rows[0].size = 0; }},
        BadTable{"image over the header", "FIP_ENTRY",
                 [](Table& bad) { bad.rows[0].offset = 0; }},
        BadTable{"image over the end of the table", "FIP_ENTRY",
                 [](Table& bad) { bad.rows[0].offset = 135; }},
        BadTable{"image beyond", "FIP_ENTRY",
                 [](Table& bad) { bad.rows[1].offset = 286; }},
        BadTable{"image far beyond", "FIP_ENTRY",
                 [](Table& bad) { bad.rows[1].offset = kHuge; }},
        BadTable{"one byte too long", "FIP_ENTRY",
                 [](Table& bad) { bad.rows[1].size = 51; }},
        BadTable{"size that overflows", "FIP_ENTRY",
                 [](Table& bad) { bad.rows[1].size = kHuge - 235; }},
        BadTable{"huge size", "FIP_ENTRY",
                 [](Table& bad) { bad.rows[1].size = kHuge; }},
        BadTable{"same UUID", "FIP_DUPLICATE",
                 [](Table& bad) { bad.rows[1].uuid = bad.rows[0].uuid; }},
        BadTable{"one byte shared", "FIP_OVERLAP",
                 [](Table& bad) { bad.rows[1].offset = 235; }},
        BadTable{"one within the other", "FIP_OVERLAP",
                 [](Table& bad) { bad.rows[1].offset = 150; }},
        BadTable{"the other around it", "FIP_OVERLAP",
                 [](Table& bad) {
                   bad.rows[0].offset = 200;
                   bad.rows[0].size = 10;
                   bad.rows[1].offset = 190;
                 }},
        BadTable{"the same bytes", "FIP_OVERLAP", [](Table& bad) {
                   bad.rows[1].offset = 136;
                   bad.rows[1].size = 100;
                 }}));

Table Many(std::size_t count) {
  Table table;
  for (std::size_t i = 0; i < count; ++i) {
    table.rows.push_back(
        {MakeUuid(static_cast<std::uint32_t>(i + 1), 0, 0, 0, 0),
         TocBytes(count) + i, 1, 0});
  }
  table.rows.push_back({Uuid(), TocBytes(count) + count, 0, 0});
  return table;
}

TEST(FipToc, HoldsNoImageOrAsManyAsThereIsRoomFor) {
  EXPECT_EQ(ReadError(Many(0), TocBytes(0)), "OK");
  EXPECT_EQ(ReadError(Many(kMaxEntries), 8000), "OK");
  EXPECT_EQ(ReadError(Many(kMaxEntries + 1), 8000), "FIP_TOO_MANY");
  EXPECT_EQ(ReadError(Many(1000), 100000), "FIP_TOO_MANY");
}

TEST(FipTocWriter, WritesNothingThatIsNotRead) {
  std::array<std::byte, kMaxTocBytes> buffer;
  const auto toc = *ReadToc(AsBytes(Bare(Small())), 286);
  const auto error = [&](Toc changed) {
    return NameOf(WriteToc(changed, buffer).error());
  };
  Toc changed = toc;
  changed.serial = 0;
  EXPECT_EQ(error(changed), "FIP_SERIAL");
  changed = toc;
  changed.size = 285;
  EXPECT_EQ(error(changed), "FIP_ENTRY");
  changed = toc;
  changed.count = kMaxEntries + 1;
  EXPECT_EQ(error(changed), "FIP_TOO_MANY");
  changed = toc;
  changed.storage[0].uuid = Uuid();
  EXPECT_NE(error(changed), "OK");
}

TEST(FipTocWriter, NeedsRoomForAllOfIt) {
  const auto toc = *ReadToc(AsBytes(Bare(Small())), 286);
  for (std::size_t size = 0; size < TocBytes(2); ++size) {
    std::string buffer(size, '\0');
    EXPECT_EQ(
        NameOf(
            WriteToc(toc, std::as_writable_bytes(std::span(buffer)).first(size))
                .error()),
        "BUFFER_TOO_SMALL");
  }
}

}  // namespace
}  // namespace bootseal::tests
