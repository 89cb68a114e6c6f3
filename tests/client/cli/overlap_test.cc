// While one key takes another's place: images of both are good, one key signs,
// and devices are told of both.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "hsm/algorithm.h"
#include "tests/client/cli/online_fixture.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

// Target "app" signs with "app"; "next" waits to take its place.
class OverlapTest : public OnlineTest {
 protected:
  OverlapTest() {
    server_.AddKey("next", hsm::Algorithm::kP256);
    server_.AddKey("third", hsm::Algorithm::kP256);
    server_.AddTarget("other", "third");
    Target().add_overlap_keys("next");
    server_.Start();
    EXPECT_EQ(SignTo("old.bin", "app").exit_code, 0);
  }

  v1::Target& Target() { return *server_.policy().mutable_targets(0); }

  Outcome SignTo(const std::string& name, const std::string& target,
                 std::vector<std::string> arguments = {}) {
    std::vector<std::string> all{"sign",      "--target",     target,
                                 "--version", "1.2.3",        "-o",
                                 File(name),  File("app.bin")};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return Bootseal("ci", all);
  }
  Outcome Verify(const std::string& name, const std::string& profile = "") {
    if (profile.empty()) {
      return Bootseal("ci", {"verify", "--target", "app", File(name)});
    }
    return Bootseal("ci", {"verify", "--profile", File(profile), File(name)});
  }
  // "next" signs from now on; `beside` are trusted too.
  void Switch(const std::vector<std::string>& beside) {
    server_.Stop();
    server_.policy().set_version(server_.policy().version() + 1);
    Target().set_key("next");
    Target().clear_overlap_keys();
    for (const std::string& name : beside) Target().add_overlap_keys(name);
    server_.Start();
  }
};

TEST_F(OverlapTest, ImagesOfBothAreGoodAndTheKeyIsNamed) {
  EXPECT_THAT(Verify("old.bin").out, HasSubstr(", key app, the current one\n"));
  Switch({"app"});
  ASSERT_EQ(SignTo("new.bin", "app").exit_code, 0);
  const Outcome old = Verify("old.bin");
  EXPECT_EQ(old.exit_code, 0);
  EXPECT_THAT(old.out, HasSubstr(", key app, beside next, the current one\n"));
  EXPECT_THAT(Verify("new.bin").out,
              HasSubstr(", key next, the current one\n"));
  const Outcome json =
      Bootseal("ci", {"--json", "verify", "--target", "app", File("old.bin")});
  EXPECT_THAT(json.out, HasSubstr("\"key\":\"app\",\"key_is_current\":false}"));
}

TEST_F(OverlapTest, ImagesOfBothAreGoodOffline) {
  Export("app", "app.profile");
  Switch({"app"});
  ASSERT_EQ(SignTo("new.bin", "app").exit_code, 0);
  for (const char* image : {"old.bin", "new.bin"}) {
    EXPECT_EQ(Verify(image, "app.profile").exit_code, 0) << image;
  }
}

TEST_F(OverlapTest, ImagesOfAThirdKeyAreRefused) {
  ASSERT_EQ(SignTo("third.bin", "other").exit_code, 0);
  const Outcome outcome = Verify("third.bin");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("KEY_UNKNOWN"));
  const Outcome explained =
      Bootseal("ci", {"explain", "--target", "app", File("third.bin")});
  EXPECT_EQ(explained.exit_code, 1);
  EXPECT_THAT(explained.out, HasSubstr("KEY_OF_OTHER_TARGET"));
}

TEST_F(OverlapTest, ADamagedImageOfEitherIsRefusedForWhatIsWrong) {
  std::string image = Read("old.bin");
  image[0x500] ^= 1;
  Write("damaged.bin", image);
  Switch({"app"});
  const Outcome outcome = Verify("damaged.bin");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("DIGEST_MISMATCH"));
}

TEST_F(OverlapTest, ImagesOfTheOldKeyAreRefusedOnceItIsDropped) {
  Switch({});
  const Outcome outcome = Verify("old.bin");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("KEY_UNKNOWN"));
}

TEST_F(OverlapTest, ExplainJudgesByTheKeyOfTheImage) {
  Switch({"app"});
  const Outcome text =
      Bootseal("ci", {"explain", "--target", "app", File("old.bin")});
  EXPECT_EQ(text.exit_code, 0) << text.out;
  EXPECT_THAT(text.out, HasSubstr("key app, beside next, the current one\n"));
  const Outcome json =
      Bootseal("ci", {"--json", "explain", "--target", "app", File("old.bin")});
  EXPECT_THAT(json.out, HasSubstr("\"key\":\"app\",\"key_is_current\":false}"));
}

// An image of a key that no longer signs is no release of today.
TEST_F(OverlapTest, AKeptProfileFollowsToTheKeysThatItNames) {
  Export("app", "app.profile");
  Switch({"app"});
  const std::vector<std::string> kept{"--profile", File("app.profile")};
  EXPECT_EQ(SignTo("new.bin", "app", kept).exit_code, 0);
  EXPECT_THAT(Verify("new.bin").out, HasSubstr(", key next, "));
}

TEST_F(OverlapTest, AKeptProfileFollowsToNoOtherKey) {
  Export("app", "app.profile");
  Switch({"app"});
  server_.Stop();
  server_.policy().set_version(7);
  Target().set_key("third");
  server_.Start();
  const Outcome outcome =
      SignTo("new.bin", "app", {"--profile", File("app.profile")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("PROFILE_MISMATCH"));
  EXPECT_THAT(Files(), Not(testing::Contains("new.bin")));
}

TEST_F(OverlapTest, DevicesAreToldOfAllInTheirOrder) {
  const auto exported = [this](const char* format) {
    return Bootseal("ci", {"targets", "export", "app", "--format", format}).out;
  };
  const auto hash = [this](const char* key) {
    std::string text =
        Bootseal("auditor", {"keys", "show", key, "--format", "hash"}).out;
    return text.substr(0, text.find('\n'));
  };
  EXPECT_THAT(exported("hashes"),
              testing::MatchesRegex("HASH +KEY +STATE *\n" + hash("app") +
                                    " +app +current *\n" + hash("next") +
                                    " +next +overlap *\n"));
  const Outcome json = Bootseal(
      "ci", {"--json", "targets", "export", "app", "--format", "hashes"});
  EXPECT_THAT(json.out,
              HasSubstr(absl::StrCat("{\"key\":\"next\",\"current\":false,"
                                     "\"hash\":\"",
                                     hash("next"), "\",\"place\":null}")));
  const std::string rules = exported("c++");
  EXPECT_THAT(rules, HasSubstr(hash("app").substr(0, 32)));
  EXPECT_THAT(rules, HasSubstr(absl::StrCat("kOverlapKeyHash1 =\n    Hex(\"",
                                            hash("next"))));
  EXPECT_THAT(rules, HasSubstr("{kOverlapKey1, kOverlapKeyHash1},"));
  EXPECT_THAT(Bootseal("ci", {"targets", "list"}).out,
              HasSubstr("app (and next)"));
}

// It signs all the same; but nobody makes devices that lack a key.
TEST_F(OverlapTest, AKeyThatTheTokenLacksIsNamedToWhoeverProvisions) {
  server_.Stop();
  server_.policy().set_version(2);
  server_.policy().mutable_keys(2)->set_uri("pkcs11:object=nowhere");
  server_.Start();
  EXPECT_EQ(SignTo("new.bin", "app").exit_code, 0);
  for (const char* format : {"textproto", "c++", "hashes"}) {
    const Outcome outcome =
        Bootseal("ci", {"targets", "export", "app", "--format", format});
    EXPECT_EQ(outcome.exit_code, 1) << format;
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, HasSubstr("OVERLAP_KEY_MISSING"));
  }
}

}  // namespace
}  // namespace bootseal::tests
