// The place of a transcript: taken before a key is made, and what is said when
// it is lost all the same.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/transcript.h"
#include "hsm/commands/transcript_file.h"
#include "hsm/public_key.h"
#include "tests/hsm/token_tool.h"
#include "tests/support/status_matchers.h"

namespace bootseal::hsm {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using tests::Outcome;

namespace fs = std::filesystem;

constexpr uid_t kSomebodyElse = 65534;
// No byte can be written to any file from here on, as on a full disk.
constexpr char kFull[] = R"(prlimit --fsize=0 --pid "$tool")";

class CeremonyFile : public TokenToolTest {
 protected:
  CeremonyFile() { fs::create_directory(folder_.File("place")); }

  std::string path() const { return folder_.File("place/transcript"); }

  std::vector<std::string> Command(const std::vector<std::string>& more) const {
    std::vector<std::string> all{BOOTSEAL_TOKEN_PROGRAM,
                                 "ceremony",
                                 "--transcript",
                                 path(),
                                 "--label",
                                 "app",
                                 "--algorithm",
                                 "p256",
                                 "--module",
                                 tests::SoftHsmToken::module_path(),
                                 "--token",
                                 softhsm_.label(),
                                 "--pin-file",
                                 softhsm_.pin_path()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  Outcome InShell(const std::string& script,
                  const std::vector<std::string>& more,
                  tests::Environment environment = {}) const {
    std::vector<std::string> all{"bash", "-c", script, "ceremony"};
    for (const std::string& word : Command(more)) all.push_back(word);
    environment.merge(softhsm_.environment());
    return tests::Run(all, environment);
  }

  // Alice says yes to the plan; `event` happens when the key is made and she is
  // asked about it, at most ten seconds later, and she says yes again.
  Outcome HoldWith(const std::string& event,
                   const std::vector<std::string>& more = {}) const {
    constexpr char kScript[] = R"sh(
cd "$FOLDER" && mkfifo answers out err
cat out >out.txt & readers=$!
cat err >err.txt & readers="$readers $!"
"$@" --witness-name Alice <answers >out 2>err &
tool=$!
exec 3>answers
echo yes >&3
for i in $(seq 200); do
  [ "$(grep -o 'Type yes' err.txt | wc -l)" -gt 1 ] && break
  sleep 0.05
done
eval "$EVENT"
echo yes >&3
wait "$tool"
status=$?
wait $readers
cat out.txt
cat err.txt >&2
exit "$status")sh";
    return InShell(kScript, more,
                   {{"FOLDER", folder_.File(".")}, {"EVENT", event}});
  }

  // A word of the command that the error tells to type.
  static std::string WordAfter(const std::string& text,
                               const std::string& option) {
    const std::size_t start = text.find(option + " ") + option.size() + 1;
    return text.substr(start, text.find_first_of(" ;\n\"", start) - start);
  }

  // That what is shown is a whole transcript, by the hash that is said, which
  // the token bears out.
  void ExpectKept(const std::string& shown, const std::string& hash) {
    const std::size_t start = shown.find(base::kTranscriptTitle);
    const std::size_t seal = shown.find("\nsha256 ");
    ASSERT_NE(start, std::string::npos);
    ASSERT_NE(seal, std::string::npos) << shown;
    const std::string text =
        shown.substr(start, shown.find('\n', seal + 1) + 1 - start);
    EXPECT_EQ(absl::BytesToHexString(Sha256(text)), hash);
    const Outcome checked =
        Tool({"ceremony", "--check", Private("saved", text)});
    EXPECT_EQ(checked.exit_code, 0) << checked.err;
  }
};

TEST_F(CeremonyFile, HasItsWholeRoomWhileNoKeyIsMadeYet) {
  const Outcome held = InShell(
      R"sh(mkfifo "$FOLDER/answers"
"$@" --witness-name Alice <"$FOLDER/answers" >/dev/null 2>"$FOLDER/err" &
exec 3>"$FOLDER/answers"
for i in $(seq 200); do grep -q 'Type yes' "$FOLDER/err" && break; sleep 0.05; done
stat -c '%s %a' "$FOLDER/place/transcript"
[ "$(stat -c %b "$FOLDER/place/transcript")" -ge 32 ] && echo allocated
echo no >&3
wait $!)sh",
      {}, {{"FOLDER", folder_.File(".")}});
  EXPECT_EQ(held.out, "16384 644\nallocated\n") << held.err;
  const auto text = base::ReadFile(path(), 1 << 20);
  ASSERT_OK(text);
  EXPECT_OK(base::ReadTranscript(*text));
}

TEST_F(CeremonyFile, WithoutRoomForItNoKeyIsMadeAndNothingIsLeft) {
  const Outcome held = InShell("ulimit -f 8; exec \"$@\"", {"--yes"});
  ExpectRefusal(held, 5, "FILE_UNWRITABLE");
  EXPECT_FALSE(fs::exists(path()));
  EXPECT_EQ(Tool({"list"}).out, "");
}

TEST_F(CeremonyFile, OnADiskThatIsFullAtTheEndTellsTheHashAndTheWaysOut) {
  const Outcome held = HoldWith(kFull);
  EXPECT_EQ(held.exit_code, 5);
  EXPECT_THAT(held.err,
              AllOf(HasSubstr("bootseal-token: FILE_UNWRITABLE: cannot write "),
                    HasSubstr("File too large"),
                    HasSubstr("the keys are made and in the token"),
                    HasSubstr("ceremony --pin-file FILE --check TRANSCRIPT")));
  EXPECT_THAT(held.out, HasSubstr("SHA-256 of the lines above "));
  ExpectKept(held.out, WordAfter(held.out, "SHA-256 of the lines above"));
  EXPECT_FALSE(fs::exists(path()));
}

TEST_F(CeremonyFile, ThatIsLostNamesTheCommandThatDestroysTheVeryKey) {
  const Outcome held = HoldWith(R"(rm -r "$FOLDER/place")");
  EXPECT_EQ(held.exit_code, 5);
  EXPECT_THAT(held.err, HasSubstr("No such file or directory"));
  softhsm_.GenerateKey("other", Algorithm::kP256);
  const Outcome destroyed = tests::Run(
      {BOOTSEAL_TOKEN_PROGRAM, "destroy", "--module",
       tests::SoftHsmToken::module_path(), "--token-uri",
       WordAfter(held.err, "destroy --token-uri"), "--pin-file",
       softhsm_.pin_path(), "--id", WordAfter(held.err, "--id"),
       "--public-key-sha256", WordAfter(held.err, "--public-key-sha256")},
      softhsm_.environment());
  EXPECT_EQ(destroyed.exit_code, 0) << destroyed.err << held.err;
  EXPECT_THAT(Tool({"list"}).out,
              AllOf(HasSubstr("other"), Not(HasSubstr("app"))));
}

TEST_F(CeremonyFile, WhoseNameAnotherTookStaysThatOthers) {
  const Outcome held = HoldWith(
      R"(rm "$FOLDER/place/transcript"; echo theirs >"$FOLDER/place/transcript")");
  EXPECT_EQ(held.exit_code, 5);
  EXPECT_THAT(held.err, HasSubstr("FILE_EXISTS"));
  EXPECT_EQ(*base::ReadFile(path(), 100), "theirs\n");
}

TEST_F(CeremonyFile, ThatIsLostIsToldToProgramsWithTheKeys) {
  const Outcome held = HoldWith(kFull, {"--json"});
  EXPECT_EQ(held.exit_code, 5);
  EXPECT_THAT(held.out, StartsWith("{\"transcript\":null,"));
  EXPECT_THAT(held.out, HasSubstr("\"keys\":[{\"label\":\"app\","));
  EXPECT_THAT(held.err, HasSubstr("\"reason\":\"FILE_UNWRITABLE\""));
  EXPECT_THAT(held.err, HasSubstr("bootseal-token destroy --token-uri"));
  const std::string member = "\"transcript_sha256\":\"";
  const std::regex question("Alice: [^:]* Type yes: ");
  ExpectKept(std::regex_replace(held.err, question, ""),
             held.out.substr(held.out.find(member) + member.size(), 64));
}

// The ceremony's own failure is told, and that it has no file.
TEST_F(CeremonyFile, OfAFailedCeremonyThatIsLostIsSaidToo) {
  const Outcome held =
      HoldWith(absl::StrCat(kFull, "; kill -s TERM \"$tool\""));
  EXPECT_EQ(held.exit_code, 1);
  EXPECT_THAT(held.err, AllOf(HasSubstr("CEREMONY_DECLINED"),
                              HasSubstr("is left in the token; remove it with"),
                              HasSubstr("there is no file of them")));
  EXPECT_THAT(held.out, ContainsRegex("\nresult failed [^\n]*\nsha256 "));
}

// A folder where people leave what they may not look for.
TEST_F(CeremonyFile, IsKeptInAFolderThatMayBeWrittenAndNotRead) {
  const std::string place = folder_.File("place");
  if (geteuid() == 0) {
    ASSERT_EQ(chmod(folder_.path().c_str(), 0711), 0);
    ASSERT_EQ(chown(place.c_str(), kSomebodyElse, 0), 0);
  }
  ASSERT_EQ(chmod(place.c_str(), 0300), 0);
  const uid_t user = geteuid();
  if (user == 0) {
    ASSERT_EQ(seteuid(kSomebodyElse), 0);
  }
  absl::Status kept;
  {
    auto file = commands::TranscriptFile::Reserve(path());
    kept = file.ok() ? file->Fill("text\n") : file.status();
  }
  ASSERT_EQ(seteuid(user), 0);
  ASSERT_EQ(chmod(place.c_str(), 0700), 0);
  EXPECT_OK(kept);
  EXPECT_EQ(base::ReadFile(path(), 100).value_or("gone"), "text\n");
}

TEST_F(CeremonyFile, IsWrittenWhenNobodyReadsTheScreenAnyMore) {
  const Outcome held =
      InShell("exec 3> >(:); wait \"$!\"; exec \"$@\" --yes >&3", {});
  EXPECT_EQ(held.exit_code, 5);
  EXPECT_THAT(held.err, HasSubstr("the keys are made, and "));
  const Outcome checked = Tool({"ceremony", "--check", path()});
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
}

}  // namespace
}  // namespace bootseal::hsm
