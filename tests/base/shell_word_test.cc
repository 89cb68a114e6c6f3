#include "base/shell_word.h"

#include <gtest/gtest.h>

#include "tests/support/process.h"

namespace bootseal::base {
namespace {

TEST(ShellWord, IsWhatAShellTakesForThatArgumentAndNothingElse) {
  for (const char* word :
       {"", "/etc/bootseal/server.key", "a b", "a'; rm x", "$(id)", "`id`",
        "a\"b", "a\\b", "~", "*", "!", "a\nb", "-n", "\xc3\xbc", "#"}) {
    const tests::Outcome echoed =
        tests::Run({"sh", "-c", "printf '%s|' " + ShellWord(word)});
    EXPECT_EQ(echoed.out, std::string(word) + "|");
    EXPECT_EQ(echoed.err, "");
  }
}

TEST(ShellWord, StaysAsItIsWhereThatServes) {
  EXPECT_EQ(ShellWord("/etc/bootseal/server.key"), "/etc/bootseal/server.key");
  EXPECT_EQ(ShellWord("it's"), "'it'\\''s'");
}

}  // namespace
}  // namespace bootseal::base
