// The table of contents of a FIP: what was made up or cut short is none.
#include "firmware/image/host/fip_table.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/support/status_matchers.h"

namespace bootseal::image::host {
namespace {

using tests::StatusIs;
constexpr auto kState = absl::StatusCode::kFailedPrecondition;

std::string Number(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i)
    text.push_back(static_cast<char>(value >> 8 * i));
  return text;
}

std::string Entry(char uuid, std::uint64_t offset, std::uint64_t size) {
  return std::string(16, uuid) + Number(offset, 8) + Number(size, 8) +
         Number(0, 8);
}

std::string Head(std::uint32_t serial = 0x12345678) {
  return Number(0xaa640001, 4) + Number(serial, 4) + Number(0, 8);
}

// Two images of 50 and 70 bytes.
std::string Table() {
  return Head() + Entry('a', 136, 50) + Entry('b', 186, 70) +
         Entry('\0', 256, 0);
}

absl::Status Judged(const std::string& front, std::uint64_t room = 256) {
  return ReadFipTable(front, room).status();
}

TEST(FipTable, SaysItsImagesAndItsSize) {
  const auto table = ReadFipTable(Table() + std::string(120, 'x'), 256);
  ASSERT_OK(table);
  EXPECT_EQ(table->images, 2U);
  EXPECT_EQ(table->size, 256U);
}

TEST(FipTable, HasToBeginWithItsMagicAndASerialNumber) {
  for (std::size_t at = 0; at < 4; ++at) {
    std::string table = Table();
    table[at] = static_cast<char>(table[at] ^ 1);
    EXPECT_THAT(Judged(table), StatusIs(kState, "FIP_MAGIC")) << at;
  }
  EXPECT_THAT(Judged(Head(0) + Entry('a', 136, 50) + Entry('\0', 186, 0)),
              StatusIs(kState, "FIP_TABLE"));
}

TEST(FipTable, IsNoneWhereverItIsCutShort) {
  const std::string whole = Table();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THAT(Judged(whole.substr(0, size)),
                StatusIs(kState, size < 4 ? "FIP_MAGIC" : "FIP_TABLE"))
        << size;
  }
}

TEST(FipTable, HasImagesThatLieInTheFile) {
  EXPECT_OK(Judged(Table(), 256));
  EXPECT_THAT(Judged(Table(), 255), StatusIs(kState, "FIP_TRUNCATED"));
  const std::vector<std::pair<std::uint64_t, std::uint64_t>> kOutside = {
      {257, 1}, {0, 257}, {136, 0}, {~0ull, 2}, {2, ~0ull}, {~0ull, ~0ull}};
  for (const auto& [offset, size] : kOutside) {
    EXPECT_THAT(Judged(Head() + Entry('a', offset, size) + Entry('\0', 256, 0)),
                StatusIs(kState, "FIP_TRUNCATED"))
        << offset << " " << size;
  }
}

TEST(FipTable, HasAnImageAndAnEnd) {
  EXPECT_THAT(Judged(Head() + Entry('\0', 56, 0)),
              StatusIs(kState, "FIP_TABLE"));
  std::string endless = Head();
  while (endless.size() < 2 * kFipFrontBytes) endless += Entry('a', 0, 1);
  EXPECT_THAT(Judged(endless, endless.size()), StatusIs(kState, "FIP_TABLE"));
}

}  // namespace
}  // namespace bootseal::image::host
