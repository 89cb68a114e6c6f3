// Vectors: facts services, appendix A.
#include "client/tiles/tile_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bootseal::tests {
namespace {

using namespace tiles;

TEST(TilePath, CutsTheIndexIntoGroupsOfThree) {
  EXPECT_EQ(TilePath(0, 0, 256), "tile/0/000");
  EXPECT_EQ(TilePath(0, 999, 256), "tile/0/999");
  EXPECT_EQ(TilePath(0, 1000, 256), "tile/0/x001/000");
  EXPECT_EQ(TilePath(1, 1234067, 256), "tile/1/x001/x234/067");
  EXPECT_EQ(EntriesPath(1234067, 1), "tile/entries/x001/x234/067.p/1");
  EXPECT_EQ(TilePath(0, 1000000, 256), "tile/0/x001/x000/000");
}

// Every path of a tree, as far as the specification's example names them.
std::vector<std::string> LastPaths(std::uint64_t size) {
  std::vector<std::string> paths;
  for (std::uint32_t level = 0; level < Levels(size); ++level) {
    const std::uint64_t full = FullTiles(size, level);
    if (full > 0) paths.push_back(TilePath(level, full - 1, kTileWidth));
    const std::uint32_t width = PartialWidth(size, level);
    if (width > 0) paths.push_back(TilePath(level, full, width));
  }
  return paths;
}

TEST(TilePath, OfSeventyThousandEntriesAreThoseOfTheExample) {
  EXPECT_THAT(
      LastPaths(70000),
      testing::ElementsAre("tile/0/272", "tile/0/273.p/112", "tile/1/000",
                           "tile/1/001.p/17", "tile/2/000.p/1"));
  EXPECT_EQ(EntriesPath(273, PartialWidth(70000, 0)), "tile/entries/273.p/112");
}

TEST(TilePath, OfOneFullTileHaveAPartialOneAbove) {
  EXPECT_THAT(LastPaths(256),
              testing::ElementsAre("tile/0/000", "tile/1/000.p/1"));
}

TEST(TilePath, OfAnEmptyTreeAreNone) { EXPECT_EQ(Levels(0), 0U); }

TEST(TilePath, CoverTheLargestTreeThereIs) {
  EXPECT_EQ(Levels(~std::uint64_t{0}), 8U);
  EXPECT_EQ(FullTiles(~std::uint64_t{0}, 8), 0U);
  EXPECT_EQ(PartialWidth(~std::uint64_t{0}, 63), 0U);
}

}  // namespace
}  // namespace bootseal::tests
