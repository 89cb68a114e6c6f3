#include "tests/integration/boards.h"

#include "absl/strings/str_cat.h"

namespace bootseal::tests {

std::string BoardPayload(const std::string& board) {
  return absl::StrCat(BOOTSEAL_BUILD_DIR, "/firmware/", board, "/payload.bin");
}

void ProvisionBoard(const Installation& installation, const std::string& board,
                    const std::string& algorithm, const std::string& target) {
  const Outcome exported =
      installation.Client({"targets", "export", target, "--format", "c++", "-o",
                           installation.File("rules.cc")});
  ASSERT_EQ(exported.exit_code, 0) << exported.err;
  const Outcome provision =
      Run({absl::StrCat(BOOTSEAL_SOURCE_DIR, "/firmware/provision"), "--board",
           board, "--algorithm", algorithm, "--build", BOOTSEAL_BUILD_DIR,
           "--rules", installation.File("rules.cc"), "-o",
           installation.File("boot.elf")});
  ASSERT_EQ(provision.exit_code, 0) << provision.err;
}

Outcome BootBoard(const Installation& installation, const std::string& board,
                  const std::string& image) {
  return Run({absl::StrCat(BOOTSEAL_SOURCE_DIR, "/deploy/boot"), board,
              installation.File("boot.elf"), installation.File(image)});
}

std::string NameOf(const testing::TestParamInfo<BoardAndAlgorithm>& info) {
  return absl::StrCat(info.param.board.substr(5), "_", info.param.algorithm);
}

}  // namespace bootseal::tests
