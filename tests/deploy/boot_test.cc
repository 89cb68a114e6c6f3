// deploy/boot: every way in which there is nothing to see has a reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kBoard = "mps2-an521";
// Holds no key: refuses everything.
constexpr const char* kElf =
    BOOTSEAL_BUILD_DIR "/firmware/mps2-an521/boot-mps2-an521-p256.elf";

Outcome Boot(const std::string& board, const std::string& elf,
             const std::string& image) {
  return tests::Run({BOOTSEAL_SOURCE_DIR "/deploy/boot", board, elf, image});
}

class DeployBoot : public testing::Test {
 protected:
  std::string Image(const std::string& name) const {
    const std::string path = folder_.File(name);
    std::filesystem::create_directories(
        std::filesystem::path(path).parent_path());
    std::ofstream(path) << "no image";
    return path;
  }

  TemporaryFolder folder_;
};

TEST_F(DeployBoot, ShowsTheRefusalOfAnImageWhateverItsPath) {
  for (const char* name : {"image", "a,b", "a,,b,addr=0", "it's a, b/c d"}) {
    const Outcome boot = Boot(kBoard, kElf, Image(name));
    EXPECT_EQ(boot.exit_code, 1) << name << boot.err;
    EXPECT_THAT(boot.out, HasSubstr("refused: no key provisioned")) << name;
    EXPECT_EQ(boot.err, "") << name;
  }
}

TEST_F(DeployBoot, NamesTheBoardThatDoesNotExistAndThoseThatDo) {
  for (const char* board : {"mps2-an999", "", "..", "payload"}) {
    const Outcome boot = Boot(board, kElf, Image("image"));
    EXPECT_EQ(boot.exit_code, 2) << board;
    EXPECT_EQ(boot.err, "boot: no board " + std::string(board) +
                            ", there are: mps2-an505 mps2-an521\n");
  }
}

TEST_F(DeployBoot, NamesTheFileThatDoesNotExist) {
  const Outcome image = Boot(kBoard, kElf, folder_.File("lost.img"));
  EXPECT_EQ(image.exit_code, 2);
  EXPECT_EQ(image.err, "boot: no image " + folder_.File("lost.img") + "\n");
  const Outcome folder = Boot(kBoard, kElf, folder_.path());
  EXPECT_EQ(folder.exit_code, 2);
  EXPECT_EQ(folder.err, "boot: no image " + folder_.path() + "\n");
  const Outcome elf = Boot(kBoard, folder_.File("lost.elf"), Image("image"));
  EXPECT_EQ(elf.exit_code, 2);
  EXPECT_EQ(elf.err, "boot: no bootloader " + folder_.File("lost.elf") + "\n");
}

TEST_F(DeployBoot, ShowsWhatQemuSaysWhenItEndsByItself) {
  // No vectors: the core locks up, and QEMU aborts.
  const Outcome abort = Boot(kBoard, Image("no.elf"), Image("image"));
  EXPECT_EQ(abort.exit_code, 2);
  EXPECT_THAT(abort.err, HasSubstr("qemu: fatal: Lockup"));
  EXPECT_THAT(abort.err, HasSubstr("boot: QEMU ended without a verdict\n"));
  EXPECT_THAT(abort.err, Not(HasSubstr("has no peer")));
  // Two files for one place: QEMU does not even start.
  const Outcome refused = Boot(
      kBoard, BOOTSEAL_BUILD_DIR "/firmware/mps2-an521/payload-mps2-an521.elf",
      Image("image"));
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("regions are overlapping"));
}

TEST_F(DeployBoot, ExplainsItsUsage) {
  const Outcome boot =
      tests::Run({BOOTSEAL_SOURCE_DIR "/deploy/boot", kBoard, kElf});
  EXPECT_EQ(boot.exit_code, 2);
  EXPECT_THAT(boot.err, HasSubstr("deploy/boot BOARD BOOTLOADER.elf IMAGE"));
}

}  // namespace
}  // namespace bootseal::tests
