// A log whose process is killed at every write, sync, truncation and removal of
// its life: opening, appends, SQLite's checkpoint, the end. Afterwards the log
// is whole and holds every entry whose receipt was given out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "tests/server/audit/first_schema.h"
#include "tests/server/audit/log_check.h"
#include "tests/server/audit/log_fixture.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"

namespace bootseal::audit {
namespace {

using testing::IsEmpty;
using tests::ProblemsOfLog;
using tests::Receipted;

constexpr int kKilled = 128 + SIGKILL;
// A life has fewer calls: else it would never end.
constexpr int kTooMany = 1000;

enum class Cut { kBeforeCall, kWithinWrite };

class KillTest : public tests::LogFixture {
 protected:
  std::vector<std::string> Writer() const {
    return {APPEND_ENTRIES_PROGRAM, path(), softhsm_.uri(), softhsm_.pin(),
            softhsm_.KeyUri("log"), "2"};
  }
  tests::Environment KilledAt(int call, Cut cut) const {
    tests::Environment environment = softhsm_.environment();
    environment["LD_PRELOAD"] = KILL_AT_MODULE;
    environment["KILL_FOLDER"] = std::filesystem::canonical(log_folder());
    environment["KILL_AT"] = absl::StrCat(call);
    if (cut == Cut::kWithinWrite) environment["KILL_HALF"] = "1";
    environment["ASAN_OPTIONS"] = "verify_asan_link_order=0:detect_leaks=0";
    return environment;
  }

  // False once the process came to its end.
  bool IsKilledAt(int call, Cut cut) {
    std::ofstream(output_) << "";
    tests::Background writer(Writer(), KilledAt(call, cut), output_);
    const int exit = writer.Wait(std::chrono::seconds(60));
    EXPECT_THAT(exit, testing::AnyOf(0, kKilled)) << ReadOutput();
    return exit == kKilled;
  }
  std::string ReadOutput() const {
    return base::ReadFile(output_, 1 << 20).value_or("");
  }

  void StartAnew() {
    std::filesystem::remove_all(log_folder());
    std::filesystem::create_directory(log_folder());
  }

  // How many lives there were: one for each call, and the one that was not
  // killed.
  int KillEverywhere(Cut cut, const std::function<void()>& prepare,
                     Receipted receipted) {
    for (int call = 1; call < kTooMany; ++call) {
      SCOPED_TRACE(absl::StrCat("killed at call ", call));
      prepare();
      const bool killed = IsKilledAt(call, cut);
      const Receipted given = tests::ReadReceipted(output_);
      receipted.insert(given.begin(), given.end());
      EXPECT_THAT(ProblemsOfLog(path(), receipted), IsEmpty());
      if (HasFailure()) return call;
      if (!killed) return call;
      if (!keeps_) receipted = before_;
    }
    ADD_FAILURE() << "it was killed at every of " << kTooMany << " calls";
    return kTooMany;
  }

  const std::string output_ = folder_.File("receipts");
  Receipted before_;    // what a prepared log holds
  bool keeps_ = false;  // the log goes on from life to life
};

TEST_F(KillTest, LosesNothingOfANewLog) {
  EXPECT_GT(KillEverywhere(Cut::kBeforeCall, [this] { StartAnew(); }, {}), 40);
}

TEST_F(KillTest, LosesNothingOfANewLogWhenKilledWithinAWrite) {
  EXPECT_GT(KillEverywhere(Cut::kWithinWrite, [this] { StartAnew(); }, {}), 40);
}

// Every life goes on with what the one before left.
TEST_F(KillTest, LosesNothingOfALogThatDiesAgainAndAgain) {
  keeps_ = true;
  EXPECT_GT(KillEverywhere(Cut::kBeforeCall, [] {}, {}), 20);
}

TEST_F(KillTest, LosesNothingOfTheFirstSchemaWhileItIsBroughtToTheNewest) {
  const auto leaves = tests::Encoded(tests::FirstEntries());
  for (std::size_t i = 0; i < leaves.size(); ++i) before_[i] = leaves[i];
  const auto prepare = [&] {
    StartAnew();
    tests::WriteFirstSchema(path(), leaves);
  };
  EXPECT_GT(KillEverywhere(Cut::kBeforeCall, prepare, before_), 20);
}

TEST_F(KillTest, LeavesTheFirstSchemaOrTheNewestAndNothingBetween) {
  constexpr char kColumns[] =
      "SELECT count(*) FROM pragma_table_info('entries')";
  const auto leaves = tests::Encoded(tests::FirstEntries());
  std::set<std::string> seen;
  for (int call = 1; call < kTooMany; ++call) {
    StartAnew();
    tests::WriteFirstSchema(path(), leaves);
    const bool killed = IsKilledAt(call, Cut::kBeforeCall);
    const std::string version = tests::Query(path(), "PRAGMA user_version");
    EXPECT_EQ(tests::Query(path(), kColumns), version == "1" ? "7" : "11")
        << call;
    seen.insert(version);
    if (!killed) break;
  }
  EXPECT_THAT(seen, testing::ElementsAre("1", "3"));
}

// A call that the preloaded module missed would be a moment that no test above
// has tried.
TEST_F(KillTest, MeetsEveryCallThatTheKernelSees) {
  const std::string trace = folder_.File("trace");
  const std::string count = folder_.File("count");
  std::vector<std::string> traced{
      "strace",
      "-f",
      "-y",
      "-qq",
      "-o",
      trace,
      "-e",
      "trace=write,writev,pwrite64,pwritev,pwritev2,fsync,fdatasync,"
      "sync_file_range,msync,fallocate,ftruncate,truncate,rename,renameat,"
      "renameat2,unlink,unlinkat,link,linkat,copy_file_range,sendfile"};
  tests::Environment environment = KilledAt(0, Cut::kBeforeCall);
  environment["KILL_COUNT"] = count;
  for (const auto& [name, value] : environment) {
    traced.insert(traced.end(), {"-E", absl::StrCat(name, "=", value)});
  }
  for (const std::string& argument : Writer()) traced.push_back(argument);
  const tests::Outcome outcome = tests::Run(traced);
  if (outcome.err.find("ptrace") != std::string::npos) {
    GTEST_SKIP() << "this machine does not let strace trace: " << outcome.err;
  }
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto text = base::ReadFile(trace, 64 << 20);
  ASSERT_OK(text);
  int calls = 0;
  for (const absl::string_view line : absl::StrSplit(*text, '\n')) {
    if (absl::StrContains(line, log_folder())) ++calls;
  }
  EXPECT_GT(calls, 40);
  EXPECT_EQ(*base::ReadFile(count, 100), absl::StrCat(calls));
}

}  // namespace
}  // namespace bootseal::audit
