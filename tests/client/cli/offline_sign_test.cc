// `bootseal sign` with what it refuses before it asks a server.
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <filesystem>
#include <string>
#include <vector>
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/file.h"
#include "bootseal/v1/policy.pb.h"
#include "tests/client/cli/offline_fixture.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

struct BadInput {
  const char* name;
  std::string content;
  const char* message;
  const char* file = "app.bin";
};

class SignInputTest : public OfflineTest,
                      public testing::WithParamInterface<BadInput> {};

TEST_P(SignInputTest, IsNamedAndNothingIsWritten) {
  const std::string payload = WriteFile(GetParam().file, GetParam().content);
  const Outcome outcome = Sign(payload);
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr(GetParam().message));
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(Files(), testing::ElementsAre(GetParam().file));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, SignInputTest,
    testing::Values(
        BadInput{"Empty", "", "is empty"},
        BadInput{"AlreadyAnImage", "\x3d\xb8\xf3\x96rest", "already an image"},
        BadInput{"HexOverlap", ":0100000041BE\n:0100000041BE\n:00000001FF\n",
                 "is given twice", "app.hex"},
        BadInput{"HexHugeGap",
                 ":0100000041BE\n:020000040020DA\n:0100000042BD\n:00000001FF\n",
                 "a gap of 2097151 bytes", "app.hex"},
        BadInput{"HexChecksum", ":0100000041BF\n:00000001FF\n", "checksum",
                 "app.HEX"},
        BadInput{"HexCut", ":0100000041BE\n", "no end-of-file record",
                 "app.ihex"},
        BadInput{"HexEmpty", "", "HEX_EMPTY", "app.hex"},
        BadInput{"HexThatIsRaw", std::string("\x00\x80\x00\x20", 4),
                 "HEX_SYNTAX", "app.hex"},
        BadInput{"HexWithComment", "# app\n:0100000041BE\n:00000001FF\n",
                 "line 1: expected a colon and pairs of hexadecimal digits, at "
                 "least five, found a comment",
                 "app.hex"},
        BadInput{"HexWithByteOrderMark",
                 "\xef\xbb\xbf:0100000041BE\n:00000001FF\n",
                 "found a byte order mark", "app.hex"},
        BadInput{"HexThatIsSRecords", "S00F000068656C6C6F202020202000003C\n",
                 "found a Motorola S-record", "app.hex"}),
    [](const auto& each) { return std::string(each.param.name); });

TEST_F(OfflineTest, SignRefusesAVersionThatIsNone) {
  const std::string payload = WriteFile("app.bin", "payload");
  for (const char* version : {"one", "1.2.3.4", "1.2+5", "256", "01", ""}) {
    const Outcome outcome =
        Bootseal({"sign", "--target", "app", "--version", version, payload});
    EXPECT_EQ(outcome.exit_code, 2) << version << outcome.err;
  }
  EXPECT_THAT(Files(), testing::ElementsAre("app.bin"));
}

// A text that would clear a terminal, and one that would forge a line.
TEST_F(OfflineTest, ControlCharactersAreUsageAndNeverReachTheTerminal) {
  const std::string payload = WriteFile("app.bin", "payload");
  for (const std::string option : {"--target", "--version", "--request-id"}) {
    for (const std::string text : {"a\x1b[2Jb", "a\nb", "a\xc2\x9b", "a\xff"}) {
      std::vector<std::string> arguments{"sign", payload, option, text};
      if (option != "--target") {
        arguments.insert(arguments.end(), {"--target", "app"});
      }
      if (option != "--version") {
        arguments.insert(arguments.end(), {"--version", "1"});
      }
      const Outcome outcome = Bootseal(arguments);
      EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
      EXPECT_THAT(outcome.err, HasSubstr(option));
      EXPECT_THAT(outcome.err, HasSubstr("control characters"));
      EXPECT_THAT(outcome.err, Not(HasSubstr(text)));
      EXPECT_EQ(outcome.out, "");
    }
  }
}

TEST_F(OfflineTest, SignRefusesARequestIdThatIsTooLongOrEmpty) {
  const std::string payload = WriteFile("app.bin", "payload");
  for (const std::string& id : {std::string(65, 'a'), std::string()}) {
    const Outcome outcome = Sign(payload, {"--request-id", id});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("expected 1 to 64"));
  }
  // The longest one is fine: the next thing asked for is the log's key.
  EXPECT_THAT(Sign(payload, {"--request-id", std::string(64, 'a')}).err,
              HasSubstr("BOOTSEAL_LOG_KEY"));
}

TEST_F(OfflineTest, SignRefusesATimeoutThatIsNoTime) {
  const std::string payload = WriteFile("app.bin", "payload");
  for (const char* timeout : {"0", "-1", "-0.5", "nan", "soon", ""}) {
    const Outcome outcome =
        Sign(payload, {absl::StrCat("--timeout=", timeout)});
    EXPECT_EQ(outcome.exit_code, 2) << timeout << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("timeout")) << timeout;
  }
}

// A leading zero is octal to some; an empty value is a script's unset variable.
TEST_F(OfflineTest, SignRefusesNumbersThatCouldBeMisread) {
  const std::string payload = WriteFile("app.bin", "payload");
  for (const std::string option : {"--security-counter", "--address"}) {
    for (const char* number :
         {"010", "", "00", "-1", "4294967296", "1e3", "auto"}) {
      const Outcome outcome = Sign(payload, {option, number});
      EXPECT_EQ(outcome.exit_code, 2) << number;
      EXPECT_THAT(outcome.err, HasSubstr(option));
      EXPECT_THAT(outcome.err, HasSubstr(absl::StrCat("\"", number, "\"")));
    }
    for (const char* number : {"0", "8", "0x8", "0o10", "0b1000"}) {
      // The next thing asked for is the log's key.
      EXPECT_THAT(Sign(payload, {option, number}).err,
                  HasSubstr("BOOTSEAL_LOG_KEY"))
          << number;
    }
  }
}

TEST_F(OfflineTest, SignRefusesEveryEmptyValue) {
  const std::string payload = WriteFile("app.bin", "payload");
  for (const std::string option :
       {"--target", "--version", "--security-counter", "--request-id", "-o",
        "--output", "--receipt", "--profile", "--address", "--timeout",
        "--server", "--ca", "--cert", "--key", "--log-key", "--config"}) {
    std::vector<std::string> arguments{"sign", payload, option, ""};
    if (option != "--target")
      arguments.insert(arguments.end(), {"--target", "a"});
    if (option != "--version")
      arguments.insert(arguments.end(), {"--version", "1"});
    const Outcome outcome = Bootseal(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << option;
    EXPECT_THAT(outcome.err, HasSubstr("USAGE")) << option;
    EXPECT_THAT(outcome.err, HasSubstr(option == "-o" ? "--output" : option));
  }
  EXPECT_EQ(Sign("").exit_code, 2);
  EXPECT_THAT(Files(), testing::ElementsAre("app.bin"));
}

TEST_F(OfflineTest, OtherCommandsRefuseEmptyValuesAndNumbersToo) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{
           {"audit", "list", "--start", ""},
           {"audit", "list", "--start", "010"},
           {"audit", "list", "--start", "99999999999999999999"},
           {"audit", "list", "--limit", ""},
           {"audit", "list", "--limit", "1001"},
           {"audit", "list", "--limit", "0"},
           {"audit", "list", "--target", ""},
           {"audit", "list", "--identity", ""},
           {"audit", "show", ""},
           {"audit", "show", "010"},
           {"audit", "tail", "--start", ""},
           {"audit", "tail", "--count", "-1"},
           {"audit", "verify", "--public-key", ""},
           {"policy", "check", ""},
           {"policy", "explain", "--target", "a", "--version", "1", "--size",
            ""},
           {"policy", "explain", "--target", "a", "--version", "1",
            "--security-counter", "010"},
           {"keys", "show", ""},
           {"keys", "show", "app", "-o", ""},
           {"targets", "export", ""},
           {"verify", "--target", "", "image"},
           {"verify", "--profile", "", "image"},
           {"explain", "--target", "a", ""},
           {"inspect", ""}}) {
    const Outcome outcome = Bootseal(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << absl::StrJoin(arguments, " ");
    EXPECT_THAT(outcome.err, HasSubstr("USAGE"))
        << absl::StrJoin(arguments, " ");
    EXPECT_THAT(outcome.err, testing::AnyOf(HasSubstr("is empty"),
                                            HasSubstr("is not a whole number")))
        << absl::StrJoin(arguments, " ");
  }
}

TEST_F(OfflineTest, SignRefusesAMissingPayload) {
  const Outcome outcome = Sign(folder_.File("nothing"));
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("nothing"));
}

TEST_F(OfflineTest, SignRefusesToReplaceItsPayload) {
  const std::string payload = WriteFile("app.bin", "payload");
  const Outcome outcome = Sign(payload, {"-o", payload});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(Read(payload), "payload");
}

TEST_F(OfflineTest, SignRefusesAReceiptInThePlaceOfItsImage) {
  const std::string payload = WriteFile("app.bin", "payload");
  const std::string image = folder_.File("image");
  for (const std::string& receipt :
       {image, folder_.File("./image"), folder_.path() + "//image"}) {
    const Outcome outcome = Sign(payload, {"-o", image, "--receipt", receipt});
    EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("two names"));
  }
  EXPECT_THAT(Files(), testing::ElementsAre("app.bin"));
}

TEST_F(OfflineTest, SignRefusesAReceiptInThePlaceOfItsPayload) {
  const std::string payload = WriteFile("app.bin", "payload");
  const Outcome outcome = Sign(payload, {"--receipt", payload});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("would replace its input"));
  EXPECT_EQ(Read(payload), "payload");
}

TEST_F(OfflineTest, SignLooksForAPlaceToWriteBeforeItAsks) {
  const std::string payload = WriteFile("app.bin", "payload");
  const Outcome outcome = Sign(payload, {"-o", "/nonexistent/app.bin"});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("/nonexistent/app.bin"));
}

TEST_F(OfflineTest, SignRefusesAFolderAsOutputBeforeItAsks) {
  const std::string payload = WriteFile("app.bin", "payload");
  std::filesystem::create_directory(folder_.File("out"));
  for (const char* option : {"-o", "--receipt"}) {
    for (const std::string& folder :
         {folder_.File("out"), folder_.File("out/"), folder_.File("none/")}) {
      const Outcome outcome = Sign(payload, {option, folder});
      EXPECT_EQ(outcome.exit_code, 5) << folder;
      EXPECT_THAT(outcome.err, HasSubstr("FILE_UNWRITABLE"));
      EXPECT_THAT(outcome.err, HasSubstr(folder));
    }
  }
}

// The next thing asked for is the log's key.
TEST_F(OfflineTest, SignTakesDevicesAndStandardOutputForPlaces) {
  const std::string payload = WriteFile("app.bin", "payload");
  for (const char* output : {"/dev/null", "/dev/stdout", "-", "/dev/full"}) {
    EXPECT_THAT(Sign(payload, {"-o", output}).err,
                HasSubstr("BOOTSEAL_LOG_KEY"))
        << output;
  }
}

TEST_F(OfflineTest, SignSendsNoImageToATerminal) {
  const std::string payload = WriteFile("app.bin", "payload");
  // script runs it with a terminal of its own.
  const Outcome outcome =
      tests::Run({"script", "--quiet", "--return", "--command",
                  absl::StrCat(BOOTSEAL_PROGRAM,
                               " sign --target app --version 1 -o - ", payload),
                  "/dev/null"},
                 environment_);
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.out, HasSubstr("OUTPUT_IS_TERMINAL"));
}

TEST_F(OfflineTest, SignSendsImageAndReceiptToTwoPlaces) {
  const std::string payload = WriteFile("app.bin", "payload");
  const Outcome outcome =
      Sign(payload, {"-o", "-", "--receipt", "/dev/stdout"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("two names"));
}

// Its name decides, not its first byte.
TEST_F(OfflineTest, SignTakesRawBytesThatStartWithAColon) {
  const std::string payload = WriteFile("app.bin", ":\x80 payload");
  EXPECT_THAT(Sign(payload).err, HasSubstr("BOOTSEAL_LOG_KEY"));
}

TEST_F(OfflineTest, SignWantsAnAddressForHexOutput) {
  const std::string payload = WriteFile("app.bin", "payload");
  const Outcome outcome = Sign(payload, {"-o", folder_.File("app.hex")});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("--address"));
}

TEST_F(OfflineTest, SignWantsALogKey) {
  const Outcome outcome = Sign(WriteFile("app.bin", "payload"));
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("BOOTSEAL_LOG_KEY"));
  EXPECT_THAT(Files(), testing::ElementsAre("app.bin"));
}

}  // namespace
}  // namespace bootseal::tests
