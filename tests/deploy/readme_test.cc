// README.md tells the truth about the quickstart: what it shows was printed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/deploy/quickstart.h"
#include "tests/deploy/readme.h"

namespace bootseal::tests {
namespace {

using ::testing::HasSubstr;

// What differs between two runs, and between two homes, is left out.
std::string Normalised(std::string text) {
  const std::pair<const char*, const char*> kDifferences[] = {
      {"[0-9a-f]{32,}", "HEX"},
      {"127\\.0\\.0\\.1:[0-9]+", "127.0.0.1:PORT"},
      {"process [0-9]+", "process N"},
      {"\\([0-9]+ bytes", "(N bytes"},
      {"build/[a-z]+/firmware/mps2-an521/boot-", "build/quickstart/boot-"},
      {"build/(dev|asan|tsan|release)/", "build/release/"},
      {"BOOTSEAL_QUICKSTART_HOME=[^ ]+ ", ""},
  };
  for (const auto& [pattern, replacement] : kDifferences) {
    text = std::regex_replace(text, std::regex(pattern), replacement);
  }
  return text;
}

// The rows of a picture that deploy/terminal_picture drew, joined to lines.
std::string PicturedLines(const std::string& picture) {
  const std::regex row("<text class=\"([^\"]*)\"[^>]*>([^<]*)</text>");
  std::string lines;
  for (std::sregex_iterator it(picture.begin(), picture.end(), row), end;
       it != end; ++it) {
    const bool goes_on = absl::EndsWith((*it)[1].str(), " more");
    if (!goes_on && !lines.empty()) absl::StrAppend(&lines, "\n");
    absl::StrAppend(
        &lines,
        absl::StrReplaceAll((*it)[2].str(),
                            {{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}}));
  }
  return lines;
}

TEST(Readme, PicturesWhatTheQuickstartPrints) {
  const Quickstart quickstart;
  const Outcome run = quickstart.Run();
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  const std::string printed =
      absl::StrReplaceAll(run.out, {{quickstart.home(), "build/quickstart"},
                                    {BOOTSEAL_BUILD_DIR, "build/release"}});
  EXPECT_EQ(Normalised(PicturedLines(ReadDocument("deploy/terminal.svg"))),
            Normalised(Part(printed, "==> sign a payload", "\n\nIt works")));
  EXPECT_THAT(ReadDocument("README.md"), HasSubstr("(deploy/terminal.svg)"));
}

TEST(Readme, PicturesLongLinesAndMarkupAsTheyWere) {
  const std::string text =
      absl::StrCat(std::string(300, 'x'), " <a & b>\n\n$ last");
  const Outcome drawn =
      tests::Run({"bash", "-c", "printf '%s\\n' \"$1\" | \"$2\"", "-", text,
                  BOOTSEAL_SOURCE_DIR "/deploy/terminal_picture"});
  ASSERT_EQ(drawn.exit_code, 0) << drawn.err;
  EXPECT_EQ(PicturedLines(drawn.out), text);
}

}  // namespace
}  // namespace bootseal::tests
