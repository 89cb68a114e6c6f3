#include "base/nearest_word.h"

#include <gtest/gtest.h>

namespace bootseal::base {
namespace {

TEST(NearestWord, IsTheOneThatFewestChangesMake) {
  const std::vector<std::string> known{"--config", "--counter", "--key",
                                       "--log-key"};
  EXPECT_EQ(NearestWord("--confg", known), "--config");
  EXPECT_EQ(NearestWord("--cofnig", known), "--config");
  EXPECT_EQ(NearestWord("--kye", known), "--key");
  EXPECT_EQ(NearestWord("--ke", known), "--key");
  EXPECT_EQ(NearestWord("--logkey", known), "--log-key");
  EXPECT_EQ(NearestWord("--config", known), "--config");
}

TEST(NearestWord, IsNoneWhenAllAreFar) {
  EXPECT_EQ(NearestWord("--verbose", {"--config", "--key"}), "");
  EXPECT_EQ(NearestWord("--", {"--config"}), "");
  EXPECT_EQ(NearestWord("--bar", {"--ca"}), "");
  EXPECT_EQ(NearestWord("-b", {"-a"}), "");
  EXPECT_EQ(NearestWord("", {"--config"}), "");
  EXPECT_EQ(NearestWord("--config", {}), "");
  EXPECT_EQ(NearestWord(std::string(1 << 20, 'a'), {std::string(66, 'a')}), "");
}

}  // namespace
}  // namespace bootseal::base
