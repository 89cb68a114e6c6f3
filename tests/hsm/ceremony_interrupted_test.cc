// A ceremony that is interrupted says what it leaves, as one that fails.
#include <gmock/gmock.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/transcript.h"
#include "tests/hsm/token_tool.h"

namespace bootseal::hsm {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using tests::Outcome;

class InterruptedCeremony : public TokenToolTest {
 protected:
  // Says yes `answers` times, and sends the signal once the next question is
  // asked, for at most ten seconds.
  Outcome Hold(int answers, const std::string& signal) {
    constexpr char kScript[] = R"sh(
mkfifo "$FOLDER/answers"
"$@" <"$FOLDER/answers" >"$FOLDER/out" 2>"$FOLDER/err" &
tool=$!
exec 3>"$FOLDER/answers"
for i in $(seq "$ANSWERS"); do echo yes >&3; done
for i in $(seq 200); do
  [ "$(grep -o 'Type yes' "$FOLDER/err" | wc -l)" -gt "$ANSWERS" ] && break
  sleep 0.05
done
kill -s "$SIGNAL" "$tool"
wait "$tool"
status=$?
cat "$FOLDER/out"
cat "$FOLDER/err" >&2
exit "$status")sh";
    tests::Environment environment = softhsm_.environment();
    environment["FOLDER"] = folder_.File(".");
    environment["ANSWERS"] = std::to_string(answers);
    environment["SIGNAL"] = signal;
    return tests::Run({"sh",
                       "-c",
                       kScript,
                       "ceremony",
                       BOOTSEAL_TOKEN_PROGRAM,
                       "ceremony",
                       "--transcript",
                       folder_.File("transcript"),
                       "--label",
                       "app",
                       "--algorithm",
                       "p256",
                       "--witness-name",
                       "Alice",
                       "--module",
                       tests::SoftHsmToken::module_path(),
                       "--token",
                       softhsm_.label(),
                       "--pin-file",
                       softhsm_.pin_path()},
                      environment);
  }
  std::string Text() const {
    return base::ReadFile(folder_.File("transcript"), base::kMaxTranscriptBytes)
        .value_or("");
  }
};

TEST_F(InterruptedCeremony, NamesTheKeyThatItLeavesAndWritesItsTranscript) {
  const Outcome held = Hold(1, "TERM");
  EXPECT_EQ(held.exit_code, 1);
  EXPECT_THAT(held.err,
              AllOf(HasSubstr("CEREMONY_DECLINED"),
                    HasSubstr("SIGTERM came before Alice said yes"),
                    HasSubstr("key \"app\" is left in the token; remove it")));
  EXPECT_THAT(Text(),
              AllOf(HasSubstr("\nstep left "), HasSubstr("\nresult failed ")));
}

TEST_F(InterruptedCeremony, MakesNoKeyBeforeThePlanIsAgreed) {
  for (const char* signal : {"INT", "HUP"}) {
    const Outcome held = Hold(0, signal);
    EXPECT_EQ(held.exit_code, 1) << signal;
    EXPECT_THAT(held.err,
                AllOf(HasSubstr(absl::StrCat("SIG", signal, " came before")),
                      HasSubstr("no key was made")));
    EXPECT_THAT(Text(), HasSubstr("\nresult failed "));
    std::filesystem::remove(folder_.File("transcript"));
    std::filesystem::remove(folder_.File("answers"));
  }
  EXPECT_EQ(Tool({"list"}).out, "");
}

}  // namespace
}  // namespace bootseal::hsm
