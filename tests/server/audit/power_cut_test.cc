// The log on a disk that loses power: at every write, sync, creation and
// removal of a life with appends, checkpoints of SQLite, a restart and an end,
// what the disk may hold then is opened and must hold every entry whose receipt
// was given out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <condition_variable>
#include <cstring>
#include <mutex>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/audit/record.h"
#include "tests/server/audit/first_schema.h"
#include "tests/server/audit/log_check.h"
#include "tests/server/audit/log_fixture.h"
#include "tests/support/power_cut.h"
#include "tests/support/status_matchers.h"

namespace bootseal::audit {
namespace {

using tests::Disk;
using tests::DiskOperation;
using tests::PowerCutVfs;
using tests::ProblemsOfLog;
using tests::Receipted;
using tests::Survivors;

const char* synchronous = nullptr;  // what connections keep; nullptr: the log's

int LeaveSynchronous(void*, int action, const char* name, const char* value,
                     const char*, const char*) {
  const bool sets = action == SQLITE_PRAGMA && value != nullptr &&
                    std::strcmp(name, "synchronous") == 0;
  return sets ? SQLITE_IGNORE : SQLITE_OK;
}

// Of every connection: SQLite moves the write-ahead log into the database every
// 40 pages and not every 1000, and the store is kept from asking for syncs when
// the test wants that.
int Prepare(sqlite3* database, char**, const sqlite3_api_routines*) {
  sqlite3_wal_autocheckpoint(database, 40);
  if (synchronous == nullptr) return SQLITE_OK;
  sqlite3_exec(database,
               absl::StrCat("PRAGMA synchronous=", synchronous).c_str(),
               nullptr, nullptr, nullptr);
  return sqlite3_set_authorizer(database, LeaveSynchronous, nullptr);
}

// While it exists, connections are prepared.
class Connections {
 public:
  explicit Connections(const char* synchronous_) {
    synchronous = synchronous_;
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(Prepare));
  }
  ~Connections() {
    sqlite3_reset_auto_extension();
    synchronous = nullptr;
  }
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;
};

// A receipt, and how many operations the disk had seen when it was given out.
struct Given {
  std::size_t after = 0;
  std::uint64_t index = 0;
  std::string entry;
};

struct Life {
  std::vector<DiskOperation> operations;
  std::vector<Given> given;
};

class PowerCutTest : public tests::LogFixture {
 protected:
  // Three at once, as one batch or several; waits for them.
  void AppendThree(const PowerCutVfs& vfs, int round, Life& life) {
    std::mutex mutex;
    std::condition_variable answered;
    int waiting = 3;
    for (int i = 0; i < 3; ++i) {
      log_->Append(
          tests::RecordOf(absl::StrCat(round, "-", i), std::string(900, 'x')),
          [&](const absl::StatusOr<Receipt>& receipt) {
            const std::lock_guard<std::mutex> lock(mutex);
            EXPECT_OK(receipt);
            life.given.push_back(
                {vfs.count(), receipt->index(), receipt->entry()});
            if (--waiting == 0) answered.notify_one();
          });
    }
    std::unique_lock<std::mutex> lock(mutex);
    answered.wait(lock, [&] { return waiting == 0; });
  }

  // A new log, or the one in the folder, and a restart.
  Life Live(int rounds) {
    Life life;
    const PowerCutVfs vfs(log_folder());
    for (int round = 0; round < 2 * rounds; ++round) {
      if (round % rounds == 0) Reopen();
      AppendThree(vfs, round, life);
    }
    log_.reset();
    life.operations = vfs.Operations();
    return life;
  }

  // At each operation: the problems of what is there after a cut.
  std::vector<std::string> CutEverywhere(const Life& life, Disk disk,
                                         Survivors survivors) {
    std::mt19937 random(seed_);
    std::vector<std::string> problems;
    for (std::size_t done = 0; done <= life.operations.size(); ++done) {
      if (done > 0) disk.Apply(life.operations[done - 1]);
      disk.CopyTo(folder_.File("after"), survivors, random);
      for (const std::string& problem : ProblemsOfLog(
               folder_.File("after/audit.sqlite"), GivenUntil(life, done))) {
        problems.push_back(absl::StrCat("cut after operation ", done, " of ",
                                        life.operations.size(), ": ", problem));
      }
    }
    return problems;
  }

  static Receipted GivenUntil(const Life& life, std::size_t done) {
    Receipted receipted;
    for (const Given& given : life.given) {
      if (given.after <= done) receipted[given.index] = given.entry;
    }
    return receipted;
  }

  void ExpectWholeAfterEveryCut(const Life& life, const Disk& before) {
    SCOPED_TRACE(absl::StrCat("seed ", seed_));
    for (const Survivors survivors :
         {Survivors::kSynced, Survivors::kAll, Survivors::kScattered}) {
      const auto problems = CutEverywhere(life, before, survivors);
      EXPECT_THAT(problems, testing::IsEmpty())
          << absl::StrJoin(problems, "\n");
    }
  }

  static std::size_t Count(const Life& life, DiskOperation::Kind kind) {
    std::size_t count = 0;
    for (const DiskOperation& operation : life.operations) {
      if (operation.kind == kind) ++count;
    }
    return count;
  }
  static std::size_t WritesTo(const Life& life, const std::string& name) {
    std::size_t count = 0;
    for (const DiskOperation& operation : life.operations) {
      if (operation.kind == DiskOperation::Kind::kWrite &&
          operation.name == name) {
        ++count;
      }
    }
    return count;
  }

  const std::uint32_t seed_ = std::random_device{}();
};

// Else the other tests prove nothing.
TEST_F(PowerCutTest, SeesWritesSyncsAndCheckpoints) {
  const Connections connections(nullptr);
  const Life life = Live(6);
  EXPECT_EQ(life.given.size(), 36u);
  EXPECT_GT(WritesTo(life, "audit.sqlite-wal"), 100u);
  EXPECT_GT(WritesTo(life, "audit.sqlite"), 20u);
  EXPECT_GT(Count(life, DiskOperation::Kind::kSync), 12u);
  EXPECT_GE(Count(life, DiskOperation::Kind::kSyncFolder), 2u);
  EXPECT_GE(Count(life, DiskOperation::Kind::kRemove), 2u);
  EXPECT_GE(Count(life, DiskOperation::Kind::kCreate), 3u);
}

TEST_F(PowerCutTest, LosesNoEntryThatHasAReceipt) {
  const Connections connections(nullptr);
  ExpectWholeAfterEveryCut(Live(12), Disk());
}

TEST_F(PowerCutTest, LosesNoEntryOfTheFirstSchemaWhileItIsBroughtToTheNewest) {
  const std::vector<std::string> leaves = tests::Encoded(tests::FirstEntries());
  tests::WriteFirstSchema(path(), leaves);
  const Disk before(log_folder());
  const Connections connections(nullptr);
  Life life = Live(1);
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    life.given.push_back({0, i, leaves[i]});
  }
  ExpectWholeAfterEveryCut(life, before);
}

// A disk that forgets names until their folder is synced, and a log that never
// has that done.
TEST_F(PowerCutTest, FindsTheLossOfAFileWhoseFolderWasNotSynced) {
  const Connections connections(nullptr);
  Life life = Live(1);
  for (DiskOperation& operation : life.operations) {
    if (operation.kind == DiskOperation::Kind::kSyncFolder) {
      operation = {DiskOperation::Kind::kSync, "audit.sqlite", 0, {}};
    }
  }
  EXPECT_THAT(CutEverywhere(life, Disk(), Survivors::kSynced),
              testing::Contains(testing::HasSubstr("has a receipt, is lost")));
}

// The same with a store that syncs less: the disk must show it. With NORMAL a
// log stays whole and loses its end; with OFF anything may be.
TEST_F(PowerCutTest, FindsTheLossOfALogThatDoesNotSyncItsAppends) {
  const Connections connections("NORMAL");
  const Life life = Live(6);
  const auto problems = CutEverywhere(life, Disk(), Survivors::kSynced);
  EXPECT_THAT(problems,
              testing::Contains(testing::HasSubstr("has a receipt, is lost")));
}

TEST_F(PowerCutTest, FindsTheDamageOfALogThatSyncsNothing) {
  const Connections connections("OFF");
  const Life life = Live(6);
  EXPECT_EQ(Count(life, DiskOperation::Kind::kSync), 0u);
  const auto problems = CutEverywhere(life, Disk(), Survivors::kScattered);
  EXPECT_THAT(problems,
              testing::Contains(testing::HasSubstr("has a receipt, is lost")));
  EXPECT_THAT(problems, testing::Contains(testing::HasSubstr("does not ")));
}

}  // namespace
}  // namespace bootseal::audit
