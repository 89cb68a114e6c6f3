// deploy/boot-card: what is on a card is started or refused, and every way in
// which there is nothing to see has a reason. That a card with a signed package
// starts is README's table's to show (readme_test.cc).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;

constexpr const char* kElf = BOOTSEAL_BUILD_DIR
    "/firmware/mcimx7d-sabre/second-stage-mcimx7d-sabre-p256.elf";
constexpr int kWords = 8;
constexpr std::uintmax_t kCardBytes = 64 << 20;

std::string Words(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    absl::StrAppend(&text, "word ", 24 + i, "  0x0123456", i, "\n");
  }
  return text;
}

class DeployBootCard : public testing::Test {
 protected:
  std::string Written(const std::string& name, const std::string& content) {
    const std::string path = folder_.File(name);
    std::filesystem::create_directories(
        std::filesystem::path(path).parent_path());
    std::ofstream(path) << content;
    return path;
  }
  std::string EmptyCard(const std::string& name) {
    const std::string path = Written(name, "");
    std::filesystem::resize_file(path, kCardBytes);
    return path;
  }
  static Outcome Boot(const std::string& elf, const std::string& card,
                      const std::string& words) {
    return tests::Run(
        {BOOTSEAL_SOURCE_DIR "/deploy/boot-card", elf, card, words});
  }

  TemporaryFolder folder_;
};

TEST_F(DeployBootCard, ShowsTheRefusalOfAnEmptyCardWhateverItsPath) {
  const std::string words = Written("words", Words(kWords));
  for (const char* name : {"card", "a,b", "it's a, b/c d"}) {
    const Outcome boot = Boot(kElf, EmptyCard(name), words);
    EXPECT_EQ(boot.exit_code, 1) << name << boot.err;
    EXPECT_THAT(boot.out, HasSubstr("refused: GPT signature missing")) << name;
    EXPECT_EQ(boot.err, "") << name;
  }
}

TEST_F(DeployBootCard, KeepsTheFusesOfADeviceThatExists) {
  const std::string card = EmptyCard("card");
  Boot(kElf, card, Written("words", Words(kWords)));
  // The first word at its place, its lowest byte first.
  std::ifstream device(card + ".device", std::ios::binary);
  device.seekg(0xfff1000);
  std::string word(4, '\0');
  device.read(word.data(), 4);
  EXPECT_EQ(word, "\x60\x45\x23\x01");
  std::string others = Words(kWords);
  others.replace(others.find("0x01234560"), 10, "0xffffffff");
  const Outcome boot = Boot(kElf, card, Written("others", others));
  EXPECT_EQ(boot.exit_code, 2);
  EXPECT_THAT(boot.err, HasSubstr("has other words fused"));
  device.seekg(0xfff1000);
  device.read(word.data(), 4);
  EXPECT_EQ(word, "\x60\x45\x23\x01");
}

TEST_F(DeployBootCard, FusesNothingButEightWords) {
  const std::string card = EmptyCard("card");
  for (const std::string& text :
       {Words(kWords - 1), Words(kWords + 1), std::string("no words"),
        std::string(), Words(kWords - 1) + "word 31  0x0123456\n"}) {
    const Outcome boot = Boot(kElf, card, Written("words", text));
    EXPECT_EQ(boot.exit_code, 2) << text;
    EXPECT_THAT(boot.err, HasSubstr("expected 8")) << text;
    EXPECT_FALSE(std::filesystem::exists(card + ".device")) << text;
  }
}

TEST_F(DeployBootCard, NamesTheFileThatDoesNotExist) {
  const std::string words = Written("words", Words(kWords));
  const Outcome card = Boot(kElf, folder_.File("lost"), words);
  EXPECT_EQ(card.exit_code, 2);
  EXPECT_EQ(card.err, "boot-card: no card " + folder_.File("lost") + "\n");
  const Outcome elf = Boot(folder_.File("lost"), EmptyCard("card"), words);
  EXPECT_EQ(elf.exit_code, 2);
  EXPECT_EQ(elf.err,
            "boot-card: no second stage " + folder_.File("lost") + "\n");
  const Outcome lost = Boot(kElf, EmptyCard("card"), folder_.File("lost"));
  EXPECT_EQ(lost.exit_code, 2);
  EXPECT_EQ(lost.err, "boot-card: no words " + folder_.File("lost") + "\n");
}

TEST_F(DeployBootCard, ShowsWhatQemuSaysWhenItEndsByItself) {
  // No size that a card has.
  const std::string card = Written("card", std::string(3 * 512, 'x'));
  const Outcome boot = Boot(kElf, card, Written("words", Words(kWords)));
  EXPECT_EQ(boot.exit_code, 2);
  EXPECT_THAT(boot.err, HasSubstr("Invalid SD card size"));
  EXPECT_THAT(boot.err, HasSubstr("boot-card: QEMU ended without a verdict\n"));
}

TEST_F(DeployBootCard, ExplainsItsUsage) {
  const Outcome boot =
      tests::Run({BOOTSEAL_SOURCE_DIR "/deploy/boot-card", kElf});
  EXPECT_EQ(boot.exit_code, 2);
  EXPECT_THAT(boot.err,
              HasSubstr("deploy/boot-card SECOND_STAGE.elf CARD WORDS"));
}

}  // namespace
}  // namespace bootseal::tests
