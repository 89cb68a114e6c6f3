// The export under a reader that shares nothing with us: read_tiles.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"
#include "tests/client/tiles/written_log.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Outcome ReadWithPython(const WrittenLog& log) {
  return Run({"python3",
              BOOTSEAL_SOURCE_DIR "/tests/client/tiles/read_tiles.py",
              log.folder(), log.log().vkey()});
}

std::string Summary(std::uint64_t size) {
  return absl::StrCat(size, " ",
                      absl::Base64Escape(image::host::ToString(RootOf(size))));
}

TEST(PythonReader, ProvesTheExportOfAnySize) {
  for (const std::uint64_t size : {0, 1, 2, 255, 256, 257, 700}) {
    WrittenLog log;
    ASSERT_OK(log.Export(size));
    const Outcome outcome = ReadWithPython(log);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, StartsWith(Summary(size) + " "));
  }
}

TEST(PythonReader, ProvesThreeLevelsOfTiles) {
  WrittenLog log;
  ASSERT_OK(log.Export(66000));
  const Outcome outcome = ReadWithPython(log);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, StartsWith(Summary(66000) + " "));
}

TEST(PythonReader, ProvesAnExportThatWasContinued) {
  WrittenLog log;
  for (const std::uint64_t size : {100, 300, 513}) {
    ASSERT_OK(log.Export(size));
    EXPECT_EQ(ReadWithPython(log).exit_code, 0);
  }
}

TEST(PythonReader, RefusesAnExportWithAnyFileDamaged) {
  WrittenLog log;
  ASSERT_OK(log.Export(300));
  for (const std::string& path : log.Files()) {
    log.Flip(path, 3);
    EXPECT_NE(ReadWithPython(log).exit_code, 0) << path;
    log.Flip(path, 3);
  }
  EXPECT_EQ(ReadWithPython(log).exit_code, 0);
}

TEST(PythonReader, RefusesTheCheckpointOfAnotherKey) {
  WrittenLog log;
  const WrittenLog other;
  ASSERT_OK(log.Export(3));
  log.Change("checkpoint", other.log().Note(3, RootOf(3)));
  EXPECT_THAT(ReadWithPython(log).err, HasSubstr("did not sign"));
}

}  // namespace
}  // namespace bootseal::tests
