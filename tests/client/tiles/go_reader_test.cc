// The export under the Go team's packages, where Debian's golang-go and
// golang-golang-x-mod-dev are installed: read_tiles.go.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"
#include "tests/client/tiles/written_log.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

constexpr char kPackages[] = "/usr/share/gocode";
constexpr std::chrono::seconds kBuildLimit(250);

bool HasGo() {
  return std::filesystem::exists("/usr/bin/go") &&
         std::filesystem::exists(
             absl::StrCat(kPackages, "/src/golang.org/x/mod/sumdb/tlog"));
}

TEST(GoReader, ProvesTheExportAndRefusesADamagedOne) {
  if (!HasGo()) GTEST_SKIP() << "no golang-go and golang-golang-x-mod-dev";
  const TemporaryFolder folder;
  const Environment environment{{"GO111MODULE", "off"},
                                {"GOPATH", kPackages},
                                {"GOFLAGS", ""},
                                {"CGO_ENABLED", "0"},
                                {"GOCACHE", folder.File("cache")}};
  const std::string program = folder.File("read_tiles");
  const Outcome build =
      tests::Run({"go", "build", "-o", program,
                  BOOTSEAL_SOURCE_DIR "/tests/client/tiles/read_tiles.go"},
                 environment, kBuildLimit);
  ASSERT_EQ(build.exit_code, 0) << build.err;
  for (const std::uint64_t size : {1, 256, 700, 66000}) {
    WrittenLog log;
    ASSERT_OK(log.Export(size));
    const Outcome good = tests::Run({program, log.folder(), log.log().vkey()});
    EXPECT_EQ(good.exit_code, 0) << good.err;
    EXPECT_EQ(
        good.out,
        absl::StrCat(size, " ",
                     absl::Base64Escape(image::host::ToString(RootOf(size))),
                     "\n"));
    log.Flip(log.Files().back(), 4);
    EXPECT_NE(tests::Run({program, log.folder(), log.log().vkey()}).exit_code,
              0);
  }
}

}  // namespace
}  // namespace bootseal::tests
