// Writing, continuing and reading an export.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/tiles/folder_writer.h"
#include "tests/client/tiles/written_log.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto kBroken = absl::StatusCode::kFailedPrecondition;

TEST(TilesFolder, HoldsTheBundleOfTheVector) {
  WrittenLog log;
  ASSERT_OK(log.Export(2));
  EXPECT_EQ(absl::BytesToHexString(log.Read("tile/entries/000.p/2")),
            "0007656e7472792d300007656e7472792d31");
  EXPECT_THAT(log.Files(), ElementsAre("checkpoint", "tile/0/000.p/2",
                                       "tile/entries/000.p/2"));
  EXPECT_OK(log.Check());
}

TEST(TilesFolder, OfSeventyThousandEntriesHasTheFilesOfTheExample) {
  WrittenLog log;
  ASSERT_OK(log.Export(70000));
  // 273 full and one partial tile, as many bundles, two tiles of level 1, one
  // of level 2, and the checkpoint.
  EXPECT_EQ(log.Files().size(), 2 * 274 + 2 + 1 + 1);
  for (const char* path :
       {"tile/0/000", "tile/0/272", "tile/0/273.p/112", "tile/1/000",
        "tile/1/001.p/17", "tile/2/000.p/1", "tile/entries/273.p/112"}) {
    EXPECT_THAT(log.Files(), Contains(path));
  }
  EXPECT_EQ(log.Read("tile/1/000").size(), 8192U);
  EXPECT_OK(log.Check());
}

TEST(TilesFolder, OfAnEmptyLogHoldsItsCheckpointAlone) {
  WrittenLog log;
  ASSERT_OK(log.Export(0));
  EXPECT_THAT(log.Files(), ElementsAre("checkpoint"));
  EXPECT_OK(log.Check());
}

TEST(TilesFolder, ContinuedInSmallStepsEqualsOneExport) {
  WrittenLog steps;
  WrittenLog whole;
  for (const std::uint64_t size : {0, 1, 1, 255, 256, 257, 511, 600, 1030}) {
    ASSERT_OK(steps.Export(size)) << size;
    ASSERT_OK(steps.Check()) << size;
  }
  ASSERT_OK(whole.Export(1030));
  for (const std::string& path : whole.Files()) {
    if (path == "checkpoint") continue;  // another key's
    EXPECT_EQ(steps.Read(path), whole.Read(path)) << path;
  }
}

TEST(TilesFolder, KeepsPartialTilesUntilTheFullOneIsThere) {
  WrittenLog log;
  ASSERT_OK(log.Export(3));
  ASSERT_OK(log.Export(5));
  EXPECT_TRUE(log.Has("tile/0/000.p/3"));
  EXPECT_TRUE(log.Has("tile/entries/000.p/3"));
  ASSERT_OK(log.Export(300));
  EXPECT_FALSE(log.Has("tile/0/000.p"));
  EXPECT_FALSE(log.Has("tile/entries/000.p"));
  EXPECT_TRUE(log.Has("tile/0/000"));
}

TEST(TilesFolder, IsReadFromTheFullTileWhereThePartialOneIsGone) {
  WrittenLog log;
  ASSERT_OK(log.Export(3));
  const std::string checkpoint = log.Read("checkpoint");
  ASSERT_OK(log.Export(300));
  log.Change("checkpoint", checkpoint);
  ASSERT_OK(log.Check());
  EXPECT_EQ(log.Open()->Entries(0)->size(), 3U);
}

TEST(TilesFolder, GivesEntriesFromAnyPlaceOn) {
  WrittenLog log;
  ASSERT_OK(log.Export(300));
  const auto reader = log.Open();
  ASSERT_OK(reader);
  EXPECT_EQ(reader->head().size, 300U);
  EXPECT_EQ(reader->Entries(250)->size(), 6U);
  EXPECT_EQ(reader->Entries(250)->front(), "entry-250");
  EXPECT_EQ(reader->Entries(256)->front(), "entry-256");
  EXPECT_TRUE(reader->Entries(300)->empty());
  EXPECT_TRUE(reader->Tile(0, 2)->empty());
}

TEST(TilesFolder, DoesNotTakeACheckpointOfOtherEntries) {
  WrittenLog log;
  ASSERT_OK(log.Export(300));
  const std::string before = log.Read("checkpoint");
  EXPECT_THAT(log.ExportUnder(400, log.log().Checkpoint(400, RootOf(399))),
              StatusIs(kBroken, "LOG_INCONSISTENT"));
  EXPECT_THAT(log.ExportUnder(400, log.log().Checkpoint(401, RootOf(400))),
              StatusIs(kBroken, "LOG_INCONSISTENT"));
  EXPECT_EQ(log.Read("checkpoint"), before);
  ASSERT_OK(log.Check());
  EXPECT_OK(log.Export(400));
  EXPECT_OK(log.Check());
}

TEST(TilesFolder, DoesNotGoBackToASmallerCheckpoint) {
  WrittenLog log;
  ASSERT_OK(log.Export(300));
  EXPECT_THAT(log.Export(299), StatusIs(kBroken, "LOG_INCONSISTENT"));
  EXPECT_OK(log.Check());
}

TEST(TilesFolder, OfAnotherLogIsNotContinued) {
  WrittenLog log;
  const WrittenLog other;
  ASSERT_OK(log.Export(3));
  log.Change("checkpoint", other.log().Note(3, RootOf(3)));
  EXPECT_THAT(log.Export(5), StatusIs(kBroken, "LOG_KEY_MISMATCH"));
}

TEST(TilesFolder, WithADamagedRightEdgeIsNotContinued) {
  for (const char* path :
       {"tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"}) {
    WrittenLog log;
    ASSERT_OK(log.Export(300));
    log.Flip(path, 5);
    EXPECT_THAT(log.Export(301), StatusIs(kBroken, "EXPORT_DAMAGED")) << path;
  }
}

TEST(TilesFolder, IsRefusedWithAnyFileDamaged) {
  WrittenLog log;
  ASSERT_OK(log.Export(600));
  for (const std::string& path : log.Files()) {
    const std::string good = log.Read(path);
    if (path == "checkpoint") continue;
    for (const std::size_t at : {std::size_t{0}, good.size() - 1}) {
      log.Flip(path, at);
      EXPECT_THAT(log.Check().code(), kBroken) << path << " " << at;
      log.Change(path, good);
    }
    log.Change(path, good.substr(0, good.size() - 1));
    EXPECT_EQ(log.Check().code(), kBroken) << path;
    log.Change(path, "");
    EXPECT_EQ(log.Check().code(), kBroken) << path;
    std::remove((log.folder() + "/" + path).c_str());
    EXPECT_THAT(log.Check(), StatusIs(kBroken, "EXPORT_DAMAGED")) << path;
    log.Change(path, good);
  }
  EXPECT_OK(log.Check());
}

TEST(TilesFolder, WithoutACheckpointIsNone) {
  WrittenLog log;
  ASSERT_OK(log.Export(3));
  std::remove((log.folder() + "/checkpoint").c_str());
  EXPECT_EQ(base::ReasonOf(log.Open().status()), "FILE_NOT_FOUND");
}

TEST(TilesFolder, HoldsEntriesOfEveryLengthThatABundleCan) {
  TemporaryFolder folder;
  const TestLog log;
  auto writer = tiles::FolderWriter::Open(folder.path(), log.key());
  ASSERT_OK(writer);
  EXPECT_OK(writer->Append(""));
  EXPECT_OK(writer->Append(std::string(65535, 'x')));
  EXPECT_THAT(writer->Append(std::string(65536, 'x')),
              StatusIs(kBroken, "EXPORT_ENTRY"));
  EXPECT_EQ(writer->size(), 2U);
}

TEST(TilesFolder, IsWrittenByOneAtATime) {
  TemporaryFolder folder;
  const TestLog log;
  const auto first = tiles::FolderWriter::Open(folder.path(), log.key());
  ASSERT_OK(first);
  EXPECT_EQ(base::ReasonOf(
                tiles::FolderWriter::Open(folder.path(), log.key()).status()),
            "FILE_LOCKED");
}

}  // namespace
}  // namespace bootseal::tests
