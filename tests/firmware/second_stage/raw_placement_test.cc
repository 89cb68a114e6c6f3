// NAND's offsets: no partition table, nothing else is different.
#include "tests/firmware/second_stage/second_stage_case.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;

TEST(RawPlacement, FindsMetadataAndBanksAtNandsOffsets) {
  SimulatedBoard& board = FreshBoard({.store = "nand"});
  EXPECT_TRUE(board.Boot().started);
  EXPECT_TRUE(RunsRelease(board, 0));
}

TEST(RawPlacement, FindsTheOtherBank) {
  FlashOrder order = Trial();
  order.store = "nand";
  SimulatedBoard& board = FreshBoard(order);
  EXPECT_TRUE(board.Boot().started);
  EXPECT_TRUE(RunsRelease(board, 1));
}

TEST(RawPlacement, TakesTheSecondReplica) {
  SimulatedBoard& board = FreshBoard({.store = "nand"});
  const std::uint64_t primary = OffsetOn("nand", "metadata1");
  board.storage.replace(primary, 4096, std::string(4096, '\xff'));
  EXPECT_THAT(board.Boot().log, HasSubstr("metadata: secondary, version 2"));
  EXPECT_TRUE(RunsRelease(board, 0));
}

TEST(RawPlacement, RefusesFlashThatEndsBeforeTheMetadata) {
  SimulatedBoard& board = FreshBoard({.store = "nand"});
  board.storage.resize(0x100000);
  const Ending ending = board.Boot();
  EXPECT_FALSE(ending.started);
  EXPECT_THAT(ending.log, HasSubstr("metadata: primary: partition missing"));
}

// Metadata that calls its bank by a GUID which no place has.
TEST(RawPlacement, RefusesABankOfAnotherGuid) {
  SimulatedBoard& board = FreshBoard({.store = "nand"});
  image::fwu::Metadata metadata =
      image::fwu::ReadMetadata(image::host::AsBytes(MetadataOf({})), {2, 1})
          ->metadata;
  metadata.images[0].banks[0].guid = image::guids::kMetadata;
  std::array<std::byte, 512> buffer;
  const std::string bytes =
      image::host::ToString(*image::fwu::WriteMetadata(metadata, {}, buffer));
  for (const char* copy : {"metadata1", "metadata2"}) {
    board.storage.replace(OffsetOn("nand", copy), bytes.size(), bytes);
  }
  EXPECT_THAT(board.Boot().log,
              HasSubstr("bank 0: refused: package: partition missing"));
  EXPECT_TRUE(RunsRelease(board, 1));
}

}  // namespace
}  // namespace bootseal::tests
