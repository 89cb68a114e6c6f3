// bootseal-token ceremony and destroy, as people and scripts run them.
#include <filesystem>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/file.h"
#include "base/transcript.h"
#include "hsm/public_key.h"
#include "hsm/random_check.h"
#include "tests/hsm/token_tool.h"
#include "tests/support/status_matchers.h"

namespace bootseal::hsm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using tests::Outcome;
using tests::StatusIs;

namespace fs = std::filesystem;

class Ceremony : public TokenToolTest {
 protected:
  std::string path() const { return folder_.File("transcript"); }
  std::string Text() const {
    return base::ReadFile(path(), base::kMaxTranscriptBytes).value_or("");
  }
  base::Transcript Read() const {
    const auto read = base::ReadTranscript(Text());
    EXPECT_OK(read);
    return read.value_or(base::Transcript());
  }

  std::vector<std::string> With(std::vector<std::string> more) const {
    std::vector<std::string> all{"ceremony", "--transcript", path()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  // Nobody is asked.
  Outcome Hold(const std::vector<std::string>& more) const {
    std::vector<std::string> all = With(more);
    all.push_back("--yes");
    return Tool(all);
  }
  Outcome HoldForApp() const {
    return Hold({"--label", "app", "--algorithm", "p256"});
  }
  // One line of standard input for each answer.
  Outcome HoldAnswering(const std::string& answers,
                        const std::vector<std::string>& more) const {
    std::vector<std::string> all{"sh", "-c", "printf \"$0\" | exec \"$@\"",
                                 answers, BOOTSEAL_TOKEN_PROGRAM};
    for (const std::string& each : With(more)) all.push_back(each);
    for (const std::string& each :
         {std::string("--module"), tests::SoftHsmToken::module_path(),
          std::string("--token"), softhsm_.label(), std::string("--pin-file"),
          softhsm_.pin_path()}) {
      all.push_back(each);
    }
    return tests::Run(all, softhsm_.environment());
  }
  Outcome Check() const { return Tool({"ceremony", "--check", path()}); }
  // The transcript with `from` replaced, sealed anew as a forger would.
  Outcome CheckForged(const std::string& from, const std::string& to) {
    const std::string text = Text();
    std::string lines = text.substr(0, text.rfind("sha256 "));
    EXPECT_THAT(lines, HasSubstr(from));
    lines = absl::StrReplaceAll(lines, {{from, to}});
    return Tool({"ceremony", "--check",
                 Private("forged", base::SealTranscript(lines))});
  }
};

TEST_F(Ceremony, MakesTheKeysOfItsPlanAndATranscriptThatTheTokenBearsOut) {
  const Outcome held = Hold(
      {"--label",     "app",         "--algorithm", "p256",       "--label",
       "capsules",    "--algorithm", "rsa2048",     "--label",    "log",
       "--algorithm", "ed25519",     "--label",     "wide",       "--algorithm",
       "p384",        "--padding",   "pss",         "--padding",  "pkcs1",
       "--padding",   "pss",         "--padding",   "pss",        "--purpose",
       "firmware",    "--purpose",   "firmware",    "--purpose",  "checkpoint",
       "--purpose",   "firmware",    "--origin",    "log.example"});
  ASSERT_EQ(held.exit_code, 0) << held.err;
  EXPECT_LE(Text().size(), base::kMaxTranscriptBytes);
  const base::Transcript transcript = Read();
  EXPECT_OK(base::CheckComplete(transcript));
  ASSERT_EQ(transcript.keys.size(), 4U);
  for (const base::TranscriptKey& key : transcript.keys) {
    EXPECT_THAT(Tool({"show", "--label", key.label}).out,
                HasSubstr(absl::StrCat("public key SHA-256 ",
                                       key.public_key_sha256, "\n")));
    EXPECT_THAT(Text(), HasSubstr(absl::StrCat("  public-key-sha256 ",
                                               key.public_key_sha256)));
  }
  EXPECT_THAT(Text(), HasSubstr("  vkey log.example+"));
  // What is shown is what is kept, and the hash is the file's.
  EXPECT_THAT(held.out, StartsWith(Text().substr(0, Text().rfind("sha256 "))));
  EXPECT_THAT(held.out,
              HasSubstr(absl::BytesToHexString(Sha256(Text())) + "\n"));
  const Outcome checked = Check();
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_THAT(checked.out, HasSubstr("key \"wide\" is in the token as the "
                                     "transcript says"));
}

TEST_F(Ceremony, PrintsALineThatAPolicyTakesWhateverTheLabel) {
  ASSERT_EQ(
      Hold({"--label", "boot \"key\" 7", "--algorithm", "p256"}).exit_code, 0);
  EXPECT_THAT(Text(), HasSubstr("  line keys { name: \"boot--key--7\" uri: "));
  EXPECT_THAT(Text(), HasSubstr(";object=boot%20%22key%22%207\" algorithm"));
}

TEST_F(Ceremony, SaysWhichProgramModuleAndTokenItWas) {
  ASSERT_EQ(HoldForApp().exit_code, 0);
  const auto hash_of = [](const std::string& file) {
    return absl::BytesToHexString(
        Sha256(base::ReadFile(file, 1U << 28).value_or("")));
  };
  const base::Transcript transcript = Read();
  ASSERT_GT(transcript.steps.size(), 4U);
  const base::TranscriptStep& program = transcript.steps[0];
  EXPECT_EQ(program.Detail("program-sha256"), hash_of(BOOTSEAL_TOKEN_PROGRAM));
  EXPECT_NE(program.Detail("version"), "");
  const base::TranscriptStep& token = transcript.steps[1];
  EXPECT_EQ(token.Detail("module-sha256"),
            hash_of(tests::SoftHsmToken::module_path()));
  EXPECT_EQ(token.Detail("token"), softhsm_.label());
  EXPECT_EQ(token.Detail("model"), "SoftHSM v2");
  EXPECT_EQ(token.Detail("serial").size(), 16U);
  EXPECT_EQ(transcript.steps[4].Detail("nobody-asked"), "--yes");
}

TEST_F(Ceremony, NeverHoldsAPin) {
  ASSERT_EQ(HoldForApp().exit_code, 0);
  EXPECT_THAT(Text(), Not(HasSubstr(softhsm_.pin())));
}

TEST_F(Ceremony, AsksEverybodyWhoIsPresentTwice) {
  const Outcome held =
      HoldAnswering("yes\\nyes\\nyes\\nyes\\n",
                    {"--label", "app", "--algorithm", "p256", "--witness-name",
                     "Alice Ames", "--witness-name", "Zoë"});
  ASSERT_EQ(held.exit_code, 0) << held.err;
  const base::Transcript transcript = Read();
  EXPECT_THAT(transcript.people, ElementsAre("Alice Ames", "Zoë"));
  EXPECT_THAT(Text(), HasSubstr("  confirmed Alice Ames\n  confirmed Zoë\n"));
  EXPECT_EQ(Check().exit_code, 0);
}

TEST_F(Ceremony, MakesNothingWhenOneDoesNotAgreeToThePlan) {
  for (const char* answers : {"no\\n", "yes\\n\\n", "yes\\nYES\\n", ""}) {
    fs::remove(path());
    const Outcome held = HoldAnswering(
        answers, {"--label", "app", "--algorithm", "p256", "--witness-name",
                  "Alice", "--witness-name", "Bob"});
    EXPECT_EQ(held.exit_code, 1);
    EXPECT_THAT(held.err, HasSubstr("CEREMONY_DECLINED"));
    EXPECT_THAT(held.err, HasSubstr("no key was made"));
    EXPECT_THAT(Text(), HasSubstr("\nresult failed "));
  }
  EXPECT_EQ(Tool({"list"}).out, "");
}

TEST_F(Ceremony, SaysWhatIsLeftWhenOneDoesNotAgreeToTheResultAndHowToRemoveIt) {
  const Outcome held = HoldAnswering(
      "yes\\nno\\n",
      {"--label", "app", "--algorithm", "p256", "--witness-name", "Alice"});
  EXPECT_EQ(held.exit_code, 1);
  const std::string hash = Read().keys.at(0).public_key_sha256;
  EXPECT_THAT(held.err, HasSubstr("key \"app\" is left in the token; remove it "
                                  "with bootseal-token destroy"));
  EXPECT_THAT(held.err, HasSubstr(hash));
  EXPECT_THAT(Text(), HasSubstr("\nstep left "));
  ExpectRefusal(Check(), 1, "TRANSCRIPT_FAILED");
  const Outcome destroyed =
      Tool({"destroy", "--label", "app", "--public-key-sha256", hash});
  EXPECT_EQ(destroyed.exit_code, 0) << destroyed.err;
  EXPECT_EQ(Tool({"list"}).out, "");
}

TEST_F(Ceremony, FailsAtALabelThatIsTakenBeforeItMakesAnyKey) {
  softhsm_.GenerateKey("next", Algorithm::kP256);
  const Outcome held = Hold({"--label", "app", "--algorithm", "p256", "--label",
                             "next", "--algorithm", "p256"});
  EXPECT_EQ(held.exit_code, 1);
  EXPECT_THAT(held.err, HasSubstr("KEY_EXISTS"));
  EXPECT_THAT(Text(), HasSubstr(" failed\n"));
  ExpectRefusal(Tool({"show", "--label", "app"}), 1, "KEY_MISSING");
}

TEST_F(Ceremony, OfAWrongPinLeavesATranscriptThatSaysSo) {
  const Outcome held =
      tests::Run({BOOTSEAL_TOKEN_PROGRAM, "ceremony", "--label", "app",
                  "--algorithm", "p256", "--yes", "--transcript", path(),
                  "--pin-file", Private("wrong-pin", "87654321")},
                 softhsm_.environment());
  EXPECT_EQ(held.exit_code, 1);
  EXPECT_THAT(held.err, HasSubstr("PIN_INCORRECT: PIN of " + folder_.path()));
  EXPECT_FALSE(Read().done);
  EXPECT_THAT(Text(), HasSubstr("  error PIN_INCORRECT: "));
  EXPECT_THAT(Text(), Not(HasSubstr("87654321")));
}

TEST_F(Ceremony,
       NeverWritesOverATranscriptAndBeginsNothingWithoutAPlaceForOne) {
  ASSERT_EQ(HoldForApp().exit_code, 0);
  const std::string before = Text();
  ExpectRefusal(Hold({"--label", "next", "--algorithm", "p256"}), 5,
                "FILE_EXISTS");
  EXPECT_EQ(Text(), before);
  ExpectRefusal(Tool({"ceremony", "--yes", "--label", "next", "--algorithm",
                      "p256", "--transcript", folder_.File("none/here")}),
                5, "FILE_UNWRITABLE");
  ExpectRefusal(Tool({"show", "--label", "next"}), 1, "KEY_MISSING");
}

TEST_F(Ceremony, RefusesAPlanThatIsNone) {
  const std::vector<std::vector<std::string>> plans = {
      {"--label", "app"},
      {"--label", "app", "--algorithm", "p256", "--algorithm", "p384"},
      {"--label", "a", "--label", "a", "--algorithm", "p256", "--algorithm",
       "p256"},
      {"--label", "app", "--algorithm", "p256", "--padding", "pkcs1"},
      {"--label", "log", "--algorithm", "p256", "--purpose", "checkpoint"},
      {"--label", std::string(41, 'a'), "--algorithm", "p256"},
      {"--label", "app", "--algorithm", "p256", "--witness-name", "a\x1b[2J"},
      {"--label", "app", "--algorithm", "p256", "--witness-name", "\xff"},
      {"--label", "app", "--algorithm", "p256", "--witness-name", "Al",
       "--witness-name", "Al"},
      {"--label", "app", "--algorithm", "p256", "--witness-name", "Al",
       "--witness-name", "AL"}};
  for (const auto& plan : plans) ExpectRefusal(Hold(plan), 2, "USAGE");
  ExpectRefusal(Hold({"--label", "log", "--algorithm", "ed25519", "--purpose",
                      "checkpoint"}),
                2, "ORIGIN");
  ExpectRefusal(HoldAnswering("", {"--label", "a", "--algorithm", "p256"}), 2,
                "USAGE");
  ExpectRefusal(Tool({"ceremony"}), 2, "USAGE");
  EXPECT_FALSE(fs::exists(path()));
}

TEST_F(Ceremony, RefusesANameThatNobodyCouldTellFromAnotherOrFromNone) {
  for (const char* name : {" ", "", " Bob", "Bob ", "Bob  Burr", "Bo\u200bb",
                           "\ufeff"
                           "Bob",
                           "Bob\u00a0", "\u3164", "\u2800",
                           "Bo\u00ad"
                           "b",
                           "Bob\U000e0041"}) {
    ExpectRefusal(Hold({"--label", "app", "--algorithm", "p256",
                        "--witness-name", "Bob", "--witness-name", name}),
                  2, "USAGE");
  }
  EXPECT_FALSE(fs::exists(path()));
}

TEST_F(Ceremony, CheckRefusesWhatWasChangedBehindTheLastProbe) {
  ASSERT_EQ(Hold({"--label", "log", "--algorithm", "ed25519", "--label", "app",
                  "--algorithm", "p256", "--purpose", "checkpoint", "--purpose",
                  "firmware", "--origin", "log.example"})
                .exit_code,
            0);
  ASSERT_EQ(Check().exit_code, 0);
  const base::Transcript transcript = Read();
  const base::TranscriptStep& last = transcript.steps.back();
  const std::string signature = last.Detail("signature");
  const struct {
    std::string from;
    std::string to;
    const char* reason;
  } forgeries[] = {
      {"  device-hash ", "  device-hash f", "TRANSCRIPT_OTHER_KEY"},
      {"  line keys {", "  line keys { accept_imported: true",
       "TRANSCRIPT_OTHER_KEY"},
      {"  vkey log.example+", "  vkey log.example+0", "TRANSCRIPT_OTHER_KEY"},
      {"  vkey log.example", "  note well\n  vkey log.example",
       "TRANSCRIPT_OTHER_KEY"},
      {"  todo seal", "  todo publish", "TRANSCRIPT_PROBE"},
      {"  nobody-asked --yes\nstep closing",
       "  confirmed Alice Ames\nstep closing", "TRANSCRIPT_PROBE"},
      {"\nresult done", "\nperson Alice Ames\nresult done", "TRANSCRIPT_PROBE"},
      {"\nresult done", "\n  confirmed Alice Ames\nresult done",
       "TRANSCRIPT_PROBE"},
      {"\nresult done ", "\nresult done Alice Ames agreed ",
       "TRANSCRIPT_PROBE"},
      {signature, std::string(signature.size(), '0'), "TRANSCRIPT_PROBE"}};
  for (const auto& each : forgeries) {
    SCOPED_TRACE(each.to);
    ExpectRefusal(CheckForged(each.from, each.to), 1, each.reason);
  }
}

TEST_F(Ceremony, CheckRefusesATranscriptThatWasChanged) {
  ASSERT_EQ(HoldForApp().exit_code, 0);
  std::string text = Text();
  ExpectRefusal(Tool({"ceremony", "--check",
                      Private("changed", absl::StrReplaceAll(
                                             text, {{"SoftHSM", "SoftHSN"}}))}),
                2, "TRANSCRIPT_ALTERED");
  // One who seals it anew has no signature of the key over it.
  ExpectRefusal(CheckForged("extractable no", "extractable no "), 1,
                "TRANSCRIPT_PROBE");
  ExpectRefusal(CheckForged("  nobody-asked --yes", "  confirmed Alice"), 1,
                "TRANSCRIPT_PROBE");
  ExpectRefusal(CheckForged("step random", "step dice"), 1,
                "TRANSCRIPT_INCOMPLETE");
  ExpectRefusal(
      Tool({"ceremony", "--check", Private("large", std::string(16385, 'x'))}),
      5, "FILE_TOO_LARGE");
}

TEST_F(Ceremony, CheckRefusesATokenThatHasAnotherKeyOrNone) {
  ASSERT_EQ(HoldForApp().exit_code, 0);
  const std::string hash = Read().keys.at(0).public_key_sha256;
  ASSERT_EQ(Tool({"destroy", "--label", "app", "--public-key-sha256", hash})
                .exit_code,
            0);
  ExpectRefusal(Check(), 1, "KEY_MISSING");
  softhsm_.GenerateKey("app", Algorithm::kP256);
  ExpectRefusal(Check(), 1, "TRANSCRIPT_OTHER_KEY");
}

TEST_F(Ceremony, TellsProgramsInJson) {
  const Outcome held =
      Hold({"--label", "app", "--algorithm", "p256", "--json"});
  ASSERT_EQ(held.exit_code, 0) << held.err;
  EXPECT_THAT(held.out, StartsWith("{\"transcript\":\""));
  EXPECT_THAT(held.out, HasSubstr("\"keys\":[{\"label\":\"app\",\"id\":\""));
  EXPECT_THAT(held.err, StartsWith(base::kTranscriptTitle));
}

TEST_F(Ceremony, IsTheSameThroughAnotherVendorsModule) {
  std::string proxy;  // p11-kit's library is one: it hands every call on
  for (const auto& folder : fs::directory_iterator("/usr/lib")) {
    const fs::path library = folder.path() / "libp11-kit.so.0";
    if (fs::exists(library)) proxy = library;
  }
  ASSERT_NE(proxy, "");
  const auto tool = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), BOOTSEAL_TOKEN_PROGRAM);
    for (const std::string& each :
         {std::string("--module"), proxy, std::string("--token"),
          softhsm_.label(), std::string("--pin-file"), softhsm_.pin_path()}) {
      arguments.push_back(each);
    }
    return tests::Run(arguments, softhsm_.environment());
  };
  const Outcome held =
      tool(With({"--label", "app", "--algorithm", "rsa2048", "--yes"}));
  ASSERT_EQ(held.exit_code, 0) << held.err;
  EXPECT_THAT(Text(), HasSubstr("  library PKCS#11 Kit Proxy Module, "));
  EXPECT_EQ(tool({"ceremony", "--check", path()}).exit_code, 0);
  EXPECT_EQ(Check().exit_code, 0);
}

TEST_F(Ceremony, DestroyTakesTheKeyThatIsNamedByItsHashAndNoOther) {
  softhsm_.GenerateKey("app", Algorithm::kP256);
  softhsm_.GenerateKey("next", Algorithm::kP256);
  ExpectRefusal(Tool({"destroy", "--label", "app", "--public-key-sha256",
                      std::string(64, '0')}),
                1, "KEY_NOT_PINNED");
  ExpectRefusal(Tool({"destroy", "--label", "app"}), 2, "USAGE");
  EXPECT_EQ(Tool({"show", "--label", "app"}).exit_code, 0);
  const std::string hash = absl::BytesToHexString(
      Sha256(softhsm_.GenerateKey("third", Algorithm::kP256).public_key));
  EXPECT_EQ(Tool({"destroy", "--label", "third", "--public-key-sha256", hash})
                .exit_code,
            0);
  EXPECT_THAT(Tool({"list"}).out, Not(HasSubstr("third")));
  EXPECT_EQ(Tool({"show", "--label", "next"}).exit_code, 0);
}

TEST(RandomCheck, FindsASourceThatIsStuckBiasedOrRepeats) {
  const auto refused =
      StatusIs(absl::StatusCode::kFailedPrecondition, "RANDOM_BROKEN");
  // As many ones as zeros, no long runs, and six of sixteen nibbles.
  std::string few(kRandomCheckBytes, '\0');
  for (std::size_t i = 0; i < few.size(); ++i) few[i] = "\x35\xca\x69"[i % 3];
  EXPECT_THAT(CheckRandomBlock(std::string(kRandomCheckBytes, '\0')), refused);
  EXPECT_THAT(CheckRandomBlock(std::string(kRandomCheckBytes, '\x55')),
              refused);
  EXPECT_THAT(CheckRandomBlock(few), refused);
  std::mt19937 random(1);  // NOLINT: of others, four in a million fail
  std::string good(kRandomCheckBytes, '\0');
  for (char& byte : good) byte = static_cast<char>(random());
  EXPECT_OK(CheckRandomBlock(good));
  std::fill_n(good.begin() + 100, 5, '\xff');
  EXPECT_THAT(CheckRandomBlock(good), refused);
}

}  // namespace
}  // namespace bootseal::hsm
