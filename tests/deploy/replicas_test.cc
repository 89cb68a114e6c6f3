// deploy/replicas: a database, three servers, one log.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <string>
#include <thread>

#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ReplicasScript : public testing::Test {
 protected:
  // User postgres may pass, not look.
  ReplicasScript() {
    std::filesystem::permissions(folder_.path(), std::filesystem::perms(0711));
  }
  ~ReplicasScript() override { EXPECT_EQ(Script("--stop").exit_code, 0); }

  Outcome Script(const std::string& option = "") {
    std::vector<std::string> command{BOOTSEAL_SOURCE_DIR "/deploy/replicas"};
    if (!option.empty()) command.push_back(option);
    return tests::Run(command, environment_, std::chrono::seconds(240));
  }
  // What runs with this home on its command line.
  std::string Running() {
    return tests::Run({"sh", "-c",
                       "grep -lszF -- \"$1\" /proc/[0-9]*/cmdline |"
                       " xargs -r -n 1 dirname | while read -r p; do"
                       " readlink \"$p/exe\"; done |"
                       " grep -E '(bootseald|postgres)( |$)' || true",
                       "-", home_})
        .out;
  }

  TemporaryFolder folder_;
  const std::string home_ = folder_.File("home");
  Environment environment_{{"BOOTSEAL_REPLICAS_HOME", home_},
                           {"BOOTSEAL_REPLICAS_PORT", "0"},
                           {"BOOTSEAL_REPLICAS_BUILD", BOOTSEAL_BUILD_DIR}};
};

TEST_F(ReplicasScript, SignsWhileAServerIsKilledAndLeavesNothingRunning) {
  const Outcome first = Script();
  ASSERT_EQ(first.exit_code, 0) << first.out << first.err;
  EXPECT_EQ(first.err, "");
  EXPECT_THAT(first.out, HasSubstr("synchronous_commit is on"));
  EXPECT_THAT(first.out, HasSubstr("releases      3\n"));
  EXPECT_THAT(first.out, HasSubstr("\nIt works."));
  EXPECT_THAT(Running(), HasSubstr("bootseald"));
  EXPECT_THAT(Running(), HasSubstr("postgres"));

  const Outcome second = Script();
  ASSERT_EQ(second.exit_code, 0) << second.out << second.err;
  EXPECT_THAT(second.out, HasSubstr("releases      6\n"));

  const Outcome stop = Script("--stop");
  EXPECT_EQ(stop.exit_code, 0) << stop.err;
  EXPECT_THAT(Running(), IsEmpty());
  EXPECT_THAT(tests::Run({"cat", "/proc/mounts"}).out, Not(HasSubstr(home_)));
}

TEST_F(ReplicasScript, GivesEachServerATokenThatItCannotWrite) {
  const Outcome run = Script();
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  for (const char* view : {"1", "2", "3"}) {
    const std::string objects = home_ + "/token-" + view + "/objects";
    const Outcome write = tests::Run(
        {"sh", "-c", "test -w \"$1\" && ! grep -q \" $1 .* ro,\" /proc/mounts",
         "-", objects});
    EXPECT_NE(write.exit_code, 0) << objects;
  }
}

// Killed with all that works on it, as soon as initdb has written its first
// file.
TEST_F(ReplicasScript, MakesADatabaseAnewThatWasInterrupted) {
  const std::string begun = home_ + "/postgres/data.new/PG_VERSION";
  {
    Background run({BOOTSEAL_SOURCE_DIR "/deploy/replicas"}, environment_,
                   folder_.File("run.log"));
    for (int i = 0; i < 24000 && !std::filesystem::exists(begun); ++i) {
      ASSERT_EQ(run.Wait(std::chrono::seconds(0)), -1);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    run.Signal(SIGKILL);
    tests::Run({"sh", "-c",
                "grep -lszF -- \"$1/postgres/data.new\" /proc/[0-9]*/cmdline |"
                " xargs -r -n 1 dirname | xargs -r -n 1 basename |"
                " grep -vx $$ | xargs -r kill -9",
                "-", home_});
  }
  ASSERT_TRUE(std::filesystem::exists(begun));
  ASSERT_FALSE(std::filesystem::exists(home_ + "/postgres/data"));
  const Outcome again = Script();
  ASSERT_EQ(again.exit_code, 0) << again.out << again.err;
  EXPECT_THAT(again.out, HasSubstr("\nIt works."));
}

TEST_F(ReplicasScript, ExplainsItsUsage) {
  const Outcome help = Script("--help");
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("deploy/replicas --stop"));
  EXPECT_THAT(help.out, HasSubstr("asynchronous standby"));
  EXPECT_EQ(Script("--hlep").exit_code, 2);
  environment_["BOOTSEAL_REPLICAS_PORT"] = "http";
  EXPECT_EQ(Script().exit_code, 2);
  environment_["BOOTSEAL_REPLICAS_PORT"] = "0";
  EXPECT_FALSE(std::filesystem::exists(home_));
}

}  // namespace
}  // namespace bootseal::tests
