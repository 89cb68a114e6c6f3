// Words of a command line are taken as imgtool's own parser takes them: each
// pair is two ways to write one command, to imgtool and to us.
#include <gmock/gmock.h>

#include "tests/client/imgtool/sign_fixture.h"

namespace bootseal::tests {
namespace {

struct Pair {
  const char* name;
  Words odd;    // behind "sign"; IN and OUT stand for the files
  Words plain;  // the same said at length
};

class WordsTest : public SignTest, public testing::WithParamInterface<Pair> {
 protected:
  std::string ImageOf(Words words) const {
    words.insert(words.begin(), {"sign", "--unsigned"});
    for (std::string& word : words) {
      if (word == "IN") word = File("payload.bin");
      if (word == "OUT") word = File("image.bin");
    }
    EXPECT_OK(imgtool::Run(words));
    const std::string image = Image();
    std::filesystem::remove(File("image.bin"));
    return image;
  }
};

TEST_P(WordsTest, MeanTheSame) {
  EXPECT_EQ(absl::BytesToHexString(ImageOf(GetParam().odd)),
            absl::BytesToHexString(ImageOf(GetParam().plain)));
}

INSTANTIATE_TEST_SUITE_P(
    Sign, WordsTest,
    testing::Values(
        Pair{"ValueBehindAShortName",
             {"-v1.2.3", "-H32", "-S0x1000", "--pad-header", "IN", "OUT"},
             {"-v", "1.2.3", "-H", "32", "-S", "0x1000", "--pad-header", "IN",
              "OUT"}},
        Pair{"ValueBehindAnEqualSign",
             {"--version=1.2.3", "--header-size=32", "--slot-size=0x1000",
              "--pad-header", "IN", "OUT"},
             {"-v", "1.2.3", "-H", "32", "-S", "0x1000", "--pad-header", "IN",
              "OUT"}},
        Pair{"FlagAndOptionTogether",
             {"-cv", "1.2.3", "-H", "32", "-S", "0", "--pad-header", "IN",
              "OUT"},
             {"-c", "-v", "1.2.3", "-H", "32", "-S", "0", "--pad-header", "IN",
              "OUT"}},
        Pair{"FlagOptionAndValueTogether",
             {"-cv1.2.3", "-H", "32", "-S", "0", "--pad-header", "IN", "OUT"},
             {"-c", "-v", "1.2.3", "-H", "32", "-S", "0", "--pad-header", "IN",
              "OUT"}},
        Pair{"TheLastOfTwo",
             {"-v", "9.9", "-H", "64", "-v", "1.2.3", "-H", "32", "-S", "0",
              "--align", "8", "--align=4", "--pad-header", "IN", "OUT"},
             {"-v", "1.2.3", "-H", "32", "-S", "0", "--align", "4",
              "--pad-header", "IN", "OUT"}},
        Pair{"FlagTwice",
             {"-v", "1.2.3", "-H", "32", "-S", "0", "--pad-header",
              "--pad-header", "IN", "OUT"},
             {"-v", "1.2.3", "-H", "32", "-S", "0", "--pad-header", "IN",
              "OUT"}},
        Pair{
            "FilesAmongOptions",
            {"IN", "-v", "1.2.3", "-H", "32", "OUT", "-S", "0", "--pad-header"},
            {"-v", "1.2.3", "-H", "32", "-S", "0", "--pad-header", "IN",
             "OUT"}},
        Pair{"FilesBehindTwoDashes",
             {"-v", "1.2.3", "-H", "32", "-S", "0", "--pad-header", "--", "IN",
              "OUT"},
             {"-v", "1.2.3", "-H", "32", "-S", "0", "--pad-header", "IN",
              "OUT"}},
        Pair{"FirstOfTwoValuesBehindAnEqualSign",
             {"-v", "1.2.3", "-H", "32", "-S", "0", "--pad-header",
              "--custom-tlv=0xa0", "0x11", "IN", "OUT"},
             {"-v", "1.2.3", "-H", "32", "-S", "0", "--pad-header",
              "--custom-tlv", "0xa0", "0x11", "IN", "OUT"}},
        Pair{"AutoInCapitals",
             {"-v", "1.2.3", "-H", "32", "-S", "0", "--pad-header", "-s",
              "AUTO", "IN", "OUT"},
             {"-v", "1.2.3", "-H", "32", "-S", "0", "--pad-header", "-s",
              "0x01020003", "IN", "OUT"}},
        Pair{"PrefixInCapitals",
             {"-v", "1.2.3", "-H", "0X20", "-S", "0B1000000000000",
              "--pad-header", "IN", "OUT"},
             {"-v", "1.2.3", "-H", "32", "-S", "4096", "--pad-header", "IN",
              "OUT"}}),
    [](const auto& row) { return std::string(row.param.name); });

using LiteralTest = SignTest;

// Brackets, quotes and equal signs are part of a value.
TEST_F(LiteralTest, ValuesAreTakenAsTheyAre) {
  for (const std::string value :
       {"[x,y]", "'q'", "a=b", "{}", "%%", "a,b", "-", "--", "x y"}) {
    ASSERT_OK(Sign({"--unsigned", "--custom-tlv", "0xa0", value})) << value;
    EXPECT_EQ(TlvOf(ReadingOf(Image()).facts.protected_area, 0xa0), value);
  }
}

// A file may be called like a command.
TEST_F(LiteralTest, AFileNamedLikeACommandIsAFile) {
  const auto folder = std::filesystem::current_path();
  std::filesystem::current_path(File("."));
  Write("verify", GoldenPayload());
  const absl::Status status =
      imgtool::Run({"sign", "--unsigned", "-v", "1", "-H", "32", "-S", "0",
                    "--pad-header", "verify", "version"});
  std::filesystem::current_path(folder);
  EXPECT_OK(status);
  EXPECT_TRUE(std::filesystem::exists(File("version")));
}

TEST_F(LiteralTest, VerifyTakesTheLastKey) {
  MakeKey("ed25519", "key.pem");
  ASSERT_OK(Sign({"-k", File("key.pem")}));
  EXPECT_OK(imgtool::Run({"verify", "-k", File("none"), "-k", File("key.pem"),
                          File("image.bin")}));
  EXPECT_EQ(
      imgtool::ExitStatusOf(imgtool::Run({"verify", "-k", File("key.pem"), "-k",
                                          File("none"), File("image.bin")})),
      1);
}

}  // namespace
}  // namespace bootseal::tests
