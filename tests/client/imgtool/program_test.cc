// `bootseal imgtool` and a program called imgtool, as a shell runs them.
#include <gmock/gmock.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "tests/client/imgtool/sign_fixture.h"
#include "tests/support/process.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class ProgramTest : public SignTest {
 protected:
  static Outcome Imgtool(Words words) {
    words.insert(words.begin(), {BOOTSEAL_PROGRAM, "imgtool"});
    return tests::Run(words);
  }
};

TEST_F(ProgramTest, AnswersForTheVersionItStandsFor) {
  const Outcome outcome = Imgtool({"version"});
  EXPECT_EQ(outcome.out, "2.4.0\n");
  EXPECT_EQ(outcome.exit_code, 0);
}

TEST_F(ProgramTest, IsImgtoolUnderThatName) {
  for (const char* name : {"imgtool", "imgtool.py"}) {
    std::filesystem::create_symlink(BOOTSEAL_PROGRAM, File(name));
    EXPECT_EQ(tests::Run({File(name), "version"}).out, "2.4.0\n");
    EXPECT_EQ(tests::Run({File(name), "sign"}).exit_code, 2);
  }
}

TEST_F(ProgramTest, EndsWithTwoForTheCommandOfTheReport) {
  const Outcome outcome = Imgtool(
      {"sign", "-k", "root-RSA-3072.pem", "--public-key-format", "full",
       "--align", "8", "-v", "1.3.0", "-H", "0x400", "--pad-header", "-S",
       "0x2D000", "--pad", "--boot-record", "tfm_s.bin", "tfm_s_signed.bin"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err,
              HasSubstr("--boot-record takes a value; it swallowed tfm_s.bin"));
  EXPECT_THAT(outcome.out, IsEmpty());
}

TEST_F(ProgramTest, ItsOptionsAreNotOurs) {
  MakeKey("ed25519", "key.pem");
  // --key is a global option of bootseal, too.
  const Outcome outcome =
      Imgtool({"verify", "--key", File("key.pem"), File("payload.bin")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("HEADER_MAGIC"));
}

TEST_F(ProgramTest, WarnsOfAKeyThatEverybodyHas) {
  // RFC 8032 section 7.1, test 1: a private key in print.
  const std::string label = " PRIVATE KEY-----\n";  // no scanner's business
  Write("key.pem",
        absl::StrCat(
            "-----BEGIN", label,
            "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
            "-----END",
            label));
  const Outcome outcome =
      Imgtool({"sign", "-k", File("key.pem"), "-v", "1", "-H", "32", "-S", "0",
               "--pad-header", File("payload.bin"), File("image.bin")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("everybody has the private key"));
}

TEST_F(ProgramTest, SaysNothingWhenAllIsWell) {
  MakeKey("ed25519", "key.pem");
  const Outcome outcome =
      Imgtool({"sign", "-k", File("key.pem"), "-v", "1", "-H", "32", "-S", "0",
               "--pad-header", File("payload.bin"), File("image.bin")});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out + outcome.err, "");
}

TEST_F(ProgramTest, HelpsEveryCommand) {
  for (const char* command : {"sign", "create", "verify", "dumpinfo", "keygen",
                              "getpub", "getpubhash", "getpriv", "keyinfo"}) {
    const Outcome outcome = Imgtool({command, "--help"});
    EXPECT_EQ(outcome.exit_code, 0) << command;
    EXPECT_THAT(outcome.out, HasSubstr("Usage: imgtool")) << command;
  }
}

TEST_F(ProgramTest, WithoutCommandIsAUsageError) {
  EXPECT_EQ(Imgtool({}).exit_code, 2);
  EXPECT_EQ(Imgtool({"flash"}).exit_code, 2);
}

}  // namespace
}  // namespace bootseal::tests
