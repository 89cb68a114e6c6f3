#include "client/cli/text.h"

#include <gtest/gtest.h>

#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/exit_status.h"
#include "client/cli/json.h"
#include "client/cli/lookalike.h"
#include "client/cli/output.h"
#include "client/cli/payload.h"
#include "client/cli/progress.h"
#include "client/cli/report.h"

namespace bootseal::cli {
namespace {

TEST(Text, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(Printable("a\x1b[2Jb\r\n\x7f"), "a\\x1b[2Jb\\x0d\\x0a\\x7f");
  EXPECT_EQ(Printable("\xc2\x9b"
                      "2J"),
            "\\xc2\\x9b2J");
}

TEST(Text, KeepsUtf8) { EXPECT_EQ(Printable("caf\xc3\xa9"), "caf\xc3\xa9"); }

TEST(Text, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(ValidUtf8("a\xff"
                      "b"),
            "a\xef\xbf\xbd"
            "b");
  EXPECT_EQ(ValidUtf8("\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd");  // overlong
  EXPECT_EQ(ValidUtf8("\xe2\x80"), "\xef\xbf\xbd\xef\xbf\xbd");  // cut short
}

TEST(Text, AlignsColumns) {
  EXPECT_EQ(FormatTable({{"a", "bb"}, {"ccc", "d"}}), "a    bb\nccc  d\n");
}

TEST(Json, QuotesControlCharactersAndBackslashes) {
  EXPECT_EQ(Json::Text("a\"\\\n\x01").text(), "\"a\\\"\\\\\\u000a\\u0001\"");
}

// U+0080 to U+009f, which some terminals obey; not what comes after them.
TEST(Json, QuotesTheSecondSetOfControlCharacters) {
  EXPECT_EQ(Json::Text("a\xc2\x9b"
                       "2J\xc2\x80\xc2\xa0")
                .text(),
            "\"a\\u009b2J\\u0080\xc2\xa0\"");
}

TEST(Json, KeepsTheOrderOfMembers) {
  EXPECT_EQ(JsonObject()
                .Add("b", Json::Number(18446744073709551615U))
                .Add("a", Json::Array({Json::Null(), Json::Truth(true)}))
                .Build()
                .text(),
            "{\"b\":18446744073709551615,\"a\":[null,true]}");
}

TEST(Report, PutsTheHintOnALineOfItsOwn) {
  const absl::Status status = base::Refused("WRONG_ROLE", "no such role");
  const std::string text = FormatError(status, Format::kText);
  EXPECT_EQ(text.rfind("bootseal: WRONG_ROLE: no such role\nhint: ", 0), 0U)
      << text;
}

TEST(Report, SaysTheSameInJson) {
  const absl::Status status =
      base::Invalid("VERSION_INVALID", "version", "not a version");
  EXPECT_EQ(FormatError(status, Format::kJson),
            "{\"error\":{\"code\":\"INVALID_ARGUMENT\",\"reason\":"
            "\"VERSION_INVALID\",\"message\":\"not a version\",\"field\":"
            "\"version\",\"exit_status\":1}}\n");
}

TEST(Report, DoesNotLetAServerMoveTheCursor) {
  const absl::Status status = base::Refused("X", "a\x1b[1Ab");
  EXPECT_EQ(FormatError(status, Format::kText), "bootseal: X: a\\x1b[1Ab\n");
}

TEST(Report, DoesNotLetAReasonMoveTheCursorEither) {
  const absl::Status status = base::Refused("X\x1b[1A\n", "a");
  EXPECT_EQ(FormatError(status, Format::kText),
            "bootseal: X\\x1b[1A\\x0a: a\n");
}

// A line at the margin would look like ours.
TEST(Report, IndentsEveryFurtherLine) {
  const absl::Status status =
      base::Refused("X", "problems:\n  one\nbootseal: done\nhint: rm -r /");
  EXPECT_EQ(FormatError(status, Format::kText),
            "bootseal: X: problems:\n  one\n  bootseal: done\n  hint: rm -r "
            "/\n");
}

TEST(Report, WarnsInTheVoiceOfTheCommand) {
  testing::internal::CaptureStderr();
  Warn("a\nb");
  UseVoice(Format::kJson);
  Warn("a\nb");
  UseVoice(Format::kText);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "bootseal: a\\x0ab\n{\"warning\":{\"message\":\"a\\u000ab\"}}\n");
}

TEST(Report, LeavesOutAReasonThatIsNotKnown) {
  EXPECT_EQ(FormatError(absl::InternalError("broken"), Format::kText),
            "bootseal: broken\n");
}

TEST(ExitStatus, FollowsReasonAndCode) {
  EXPECT_EQ(ExitStatusOf(absl::OkStatus()), ExitStatus::kDone);
  EXPECT_EQ(ExitStatusOf(base::Refused("WRONG_ROLE", "")),
            ExitStatus::kRefused);
  EXPECT_EQ(ExitStatusOf(base::Precondition("APPROVALS_REQUIRED", "")),
            ExitStatus::kWaiting);
  EXPECT_EQ(ExitStatusOf(base::Unavailable("SERVER_UNREACHABLE", "")),
            ExitStatus::kUnreachable);
  EXPECT_EQ(ExitStatusOf(base::NotFound("FILE_NOT_FOUND", "")),
            ExitStatus::kLocalFile);
  EXPECT_EQ(ExitStatusOf(UsageError("USAGE", "")), ExitStatus::kUsage);
}

TEST(ExitStatus, IsUnreachableOnlyWhereNobodyAnswered) {
  for (const char* reason :
       {"", "SERVER_UNKNOWN", "SERVER_UNREACHABLE", "HANDSHAKE_FAILED",
        "CONNECTION_LOST", "DRAINING"}) {
    EXPECT_EQ(ExitStatusOf(base::Unavailable(reason, "")),
              ExitStatus::kUnreachable)
        << reason;
  }
  for (const char* reason : {"LOG_STOPPED", "LOG_STORE", "TOKEN_LOST", "NEW"}) {
    EXPECT_EQ(ExitStatusOf(base::Unavailable(reason, "")), ExitStatus::kRefused)
        << reason;
  }
  EXPECT_EQ(ExitStatusOf(absl::DeadlineExceededError("")),
            ExitStatus::kUnreachable);
}

TEST(Arguments, TakeWholeNumbersThatCannotBeMisread) {
  const CLI::Validator number = WholeNumber(1, 1000);
  for (std::string good : {"1", "10", "0x10", "1000"}) {
    EXPECT_EQ(number(good), "") << good;
  }
  for (std::string bad : {"", "0", "1001", "-1", "+1", "010", "0x", "1e3", " 1",
                          "1 ", "99999999999999999999", "one"}) {
    EXPECT_NE(number(bad), "") << bad;
  }
}

TEST(Arguments, TakeTheLargestNumberAndNoMore) {
  const CLI::Validator number = WholeNumber(0, kMaxNumber);
  std::string largest = "18446744073709551615";
  EXPECT_EQ(number(largest), "");
  std::string more = "18446744073709551616";
  EXPECT_NE(number(more), "");
}

TEST(Payload, SignedPathsComeBeforeTheSuffix) {
  EXPECT_EQ(SignedPath("app.bin"), "app.signed.bin");
  EXPECT_EQ(SignedPath("a.b/app"), "a.b/app.signed");
  EXPECT_EQ(SignedPath("a/.hidden"), "a/.hidden.signed");
  EXPECT_EQ(SignedPath("a/b.c.hex"), "a/b.c.signed.hex");
}

TEST(Payload, IsHexByItsName) {
  for (const char* name : {"a.hex", "a.HEX", "a.b/c.ihex", "a.signed.Hex"}) {
    EXPECT_TRUE(IsHexPath(name)) << name;
  }
  for (const char* name : {"a.bin", "hex", "a.hex.bin", "a.hexx", ""}) {
    EXPECT_FALSE(IsHexPath(name)) << name;
  }
}

TEST(Lookalike, IsWhatTheBytesAre) {
  const auto name_of = [](const std::string& bytes) {
    const Lookalike* const found = FindLookalike(bytes);
    return found == nullptr ? "" : std::string(found->name);
  };
  EXPECT_EQ(name_of(":0100000041BE\n:00000001FF\n"), "Intel HEX");
  EXPECT_EQ(name_of("S00F000068656C6C6F202020202000003C\r\n"),
            "Motorola S-records");
  EXPECT_EQ(name_of("\177ELF\1\1"), "an ELF file");
  EXPECT_EQ(name_of("UF2\nWQ"), "a UF2 file");
  // Vector tables may start with such bytes.
  EXPECT_EQ(name_of(std::string("\x3a\x80\0\x20\1\1\0\0", 8)), "");
  EXPECT_EQ(name_of(std::string("S0\0\x20\1\1\0\0", 8)), "");
  EXPECT_EQ(name_of(""), "");
}

TEST(Output, StandardOutputHasSeveralNames) {
  for (const char* name : {"-", "/dev/stdout", "/dev/fd/1"}) {
    EXPECT_TRUE(IsStandardOutput(name)) << name;
  }
  for (const char* name : {"", "--", "./-", "/dev/null", "/dev/stderr"}) {
    EXPECT_FALSE(IsStandardOutput(name)) << name;
  }
}

TEST(Progress, GrowsWithTheWork) {
  EXPECT_EQ(FormatProgress("up", 1, 2),
            "up  [" + std::string(20, '#') + std::string(20, '.') + "]  50%");
  EXPECT_EQ(FormatProgress("up", 0, 0),
            "up  [" + std::string(40, '#') + "] 100%");
}

}  // namespace
}  // namespace bootseal::cli
