// Labels that bootseal-token gives to tokens and keys.
#include <string>

#include "tests/hsm/token_tool.h"

namespace bootseal::hsm {
namespace {

using testing::HasSubstr;
using tests::Outcome;

class TokenLabel : public TokenToolTest {
 protected:
  Outcome Generate(const std::string& label) {
    return Tool({"generate", "--algorithm", "p256", "--label", label});
  }
};

struct Label {
  std::string text;
  const char* complaint;
};

const Label kRefused[] = {
    {"", "the label \"\" is empty"},
    {" ", "the label \" \" begins or ends with a space"},
    {" app", "\" app\" begins or ends with a space"},
    {"app ", "\"app \" begins or ends with a space"},
    {"a\nb", "\"a\\nb\" has byte 0x0a"},
    {"a\x1b[2J", "\"a\\x1b[2J\" has byte 0x1b"},
    {"a\x7f", "has byte 0x7f"},
    {"a\xc3", "\"a\\xc3\" has byte 0xc3"},  // half a character
    {"a\xc0\xaf", "has byte 0xc0"},         // an overlong slash
    {"a\xc2\x9b", "has byte 0xc2"},         // a C1 control
    {"schl\xc3\xbcssel", "has byte 0xc3"},
};

TEST_F(TokenLabel, IsRefusedForATokenWhenItCannotBeReadBack) {
  for (const Label& label : kRefused) {
    const Outcome outcome = Init(label.text, "12345678\n");
    ExpectRefusal(outcome, 2, "TOKEN_LABEL");
    EXPECT_THAT(outcome.err, HasSubstr(label.complaint));
    EXPECT_THAT(outcome.err,
                HasSubstr("expected 1 to 32 printable ASCII characters"));
  }
  EXPECT_EQ(Init("second", "12345678\n").exit_code, 0);
}

TEST_F(TokenLabel, IsRefusedForAGeneratedKeyWhenItCannotBeReadBack) {
  for (const Label& label : kRefused) {
    const Outcome outcome = Generate(label.text);
    ExpectRefusal(outcome, 2, "KEY_LABEL");
    EXPECT_THAT(outcome.err, HasSubstr(label.complaint));
    EXPECT_THAT(outcome.err, HasSubstr("expected printable ASCII characters"));
  }
  EXPECT_EQ(Tool({"list"}).out, "");
}

TEST_F(TokenLabel, IsRefusedForAnImportedKeyWhenItCannotBeReadBack) {
  const std::string pem = MakePem({"-algorithm", "ED25519"});
  for (const Label& label : kRefused) {
    const Outcome outcome =
        Tool({"import", "--accept-imported", "--label", label.text, pem});
    ExpectRefusal(outcome, 2, "KEY_LABEL");
    EXPECT_THAT(outcome.err, HasSubstr(label.complaint));
  }
  EXPECT_EQ(Tool({"list"}).out, "");
}

TEST_F(TokenLabel, HasAtMost32BytesForAToken) {
  const Outcome outcome = Init(std::string(33, 'l'), "12345678\n");
  ExpectRefusal(outcome, 2, "TOKEN_LABEL");
  EXPECT_THAT(outcome.err, HasSubstr("has 33 bytes"));
  EXPECT_EQ(Init(std::string(32, 'l'), "12345678\n").exit_code, 0);
}

TEST_F(TokenLabel, IsRefusedBeforeAnyFileIsRead) {
  const std::string none = folder_.File("none");
  ExpectRefusal(tests::Run({BOOTSEAL_TOKEN_PROGRAM, "init", "--label", "",
                            "--pin-file", none, "--so-pin-file", none}),
                2, "TOKEN_LABEL");
  ExpectRefusal(tests::Run({BOOTSEAL_TOKEN_PROGRAM, "generate", "--label", "",
                            "--algorithm", "p256", "--pin-file", none}),
                2, "KEY_LABEL");
  ExpectRefusal(
      tests::Run({BOOTSEAL_TOKEN_PROGRAM, "import", "--accept-imported",
                  "--label", "", "--pin-file", none, none}),
      2, "KEY_LABEL");
}

TEST_F(TokenLabel, MayHaveSpacesWithinAndAnyPunctuation) {
  const std::string label = "an app; 100% \"ours\"/v1=\\";
  ASSERT_EQ(Generate(label).exit_code, 0);
  EXPECT_EQ(Tool({"show", "--label", label}).exit_code, 0);
  EXPECT_EQ(Init("my token / 2", "12345678\n").exit_code, 0);
}

TEST_F(TokenLabel, OfAnotherToolCannotPassForOutputOfOurs) {
  const Outcome other = tests::Run(
      {"softhsm2-util", "--import",
       MakePem({"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"}),
       "--token", softhsm_.label(), "--label", "app  p256\n\x1b[2J\xff", "--id",
       "77", "--pin", softhsm_.pin()},
      softhsm_.environment());
  ASSERT_EQ(other.exit_code, 0) << other.err;
  const std::string shown = "app  p256\\n\\x1b[2J\\xff";
  EXPECT_EQ(Tool({"list"}).out, shown + "  p256  id 77  KEY_IMPORTED\n");
  EXPECT_THAT(Tool({"show", "--id", "77"}).out,
              HasSubstr("label              " + shown + "\n"));
  EXPECT_THAT(Tool({"list", "--json"}).out,
              HasSubstr("\"label\":\"app  p256\\u000a\\u001b[2J\\ufffd\""));
}

}  // namespace
}  // namespace bootseal::hsm
