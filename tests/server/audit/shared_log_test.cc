// Several servers, one log: PostgreSQL, a log object for each server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/transparency/merkle.h"
#include "hsm/signer.h"
#include "server/audit/log.h"
#include "server/audit/postgres/store.h"
#include "server/audit/tree.h"
#include "server/trust/entry.h"
#include "tests/server/audit/log_fixture.h"
#include "tests/server/audit/store_home.h"
#include "tests/support/status_matchers.h"

namespace bootseal::audit {
namespace {

using tests::Proves;
using tests::RecordOf;

constexpr auto kUnavailable = absl::StatusCode::kUnavailable;
constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

class SharedLogTest : public ::testing::Test {
 protected:
  SharedLogTest() {
    softhsm_.GenerateKey("log", hsm::Algorithm::kEd25519);
    token_ = *hsm::OpenToken(softhsm_.Options());
  }

  absl::StatusOr<std::unique_ptr<Log>> Open() {
    ASSIGN_OR_RETURN(auto store, OpenPostgresStore(tests::OptionsFor(
                                     cluster(), connection_)));
    ASSIGN_OR_RETURN(auto signer,
                     tests::SignerIn(token_, softhsm_.KeyUri("log")));
    return Log::Open(std::move(store), std::move(signer), tests::kOrigin);
  }
  std::unique_ptr<Log> Opened() {
    auto log = Open();
    EXPECT_OK(log);
    return *std::move(log);
  }
  static tests::PostgresCluster& cluster() { return tests::Cluster(); }
  void Tamper(const std::string& sql) { cluster().Execute(connection_, sql); }

  // Until `log` is in the state that `healthy` says; false after 20 seconds.
  static bool Becomes(const Log& log, const bool healthy) {
    const absl::Time limit = absl::Now() + absl::Seconds(20);
    while (log.healthy() != healthy) {
      if (absl::Now() > limit) return false;
      absl::SleepFor(absl::Milliseconds(10));
    }
    return true;
  }
  static bool Continues(Log& log, const Log::SignedHead& first,
                        const Log::SignedHead& second) {
    const auto proof = log.ConsistencyProof(first.head.size, second.head.size);
    EXPECT_OK(proof);
    return proof.ok() &&
           image::transparency::VerifyConsistency(
               first.head.size, second.head.size, *proof, first.head.root,
               second.head.root) == image::Error::kOk;
  }

  tests::TemporaryFolder folder_;
  tests::SoftHsmToken softhsm_{folder_.path()};
  const std::string connection_ = cluster().NewDatabase();
  std::shared_ptr<hsm::Token> token_;
};

TEST_F(SharedLogTest, GoesOnWhereAnotherServerEnded) {
  const auto one = Opened();
  const auto two = Opened();
  for (std::uint64_t i = 0; i < 20; ++i) {
    const auto receipt =
        (i % 3 == 0 ? one : two)->Append(RecordOf(absl::StrCat(i), "content"));
    ASSERT_OK(receipt);
    EXPECT_EQ(receipt->index(), i);
    EXPECT_TRUE(Proves(*receipt, one->verifier_key()));
  }
}

TEST_F(SharedLogTest, ShowsAtOnceWhatAnotherServerAppended) {
  const auto one = Opened();
  const auto two = Opened();
  for (std::uint64_t size = 1; size <= 50; ++size) {
    const auto before = two->Checkpoint();
    ASSERT_OK(one->Append(RecordOf("", absl::StrCat(size))));
    const auto after = two->Checkpoint();
    EXPECT_EQ(after.head.size, size);
    EXPECT_EQ(after.note, one->Checkpoint().note);
    EXPECT_TRUE(Continues(*two, before, after));
    EXPECT_OK(two->InclusionProof(size - 1, size));
  }
}

TEST_F(SharedLogTest, ProvesWhatAnotherServerAppendedWithoutBeingAskedBefore) {
  const auto one = Opened();
  const auto two = Opened();
  ASSERT_OK(one->Append(RecordOf("", "a")));
  ASSERT_OK(one->Append(RecordOf("", "b")));
  EXPECT_OK(two->InclusionProof(1, 2));
  EXPECT_OK(Opened()->ConsistencyProof(1, 2));
  EXPECT_THAT(
      two->InclusionProof(0, 3),
      tests::StatusIs(absl::StatusCode::kInvalidArgument, "BEYOND_TREE"));
}

TEST_F(SharedLogTest, WakesWhoWaitsForWhatAnotherServerAppends) {
  const auto one = Opened();
  const auto two = Opened();
  std::thread writer([&] {
    absl::SleepFor(absl::Milliseconds(50));
    EXPECT_OK(one->Append(RecordOf("", "a")));
  });
  EXPECT_EQ(two->WaitBeyond(0, absl::Now() + absl::Seconds(60)), 1u);
  writer.join();
}

TEST_F(SharedLogTest, RepeatsTheReleaseThatAnotherServerRecorded) {
  const auto one = Opened();
  const auto two = Opened();
  const auto first = one->Append(RecordOf("id", "content"));
  ASSERT_OK(first);
  const auto found = two->FindRelease("ci", "id");
  ASSERT_OK(found);
  ASSERT_TRUE(found->has_value());
  EXPECT_TRUE(Proves(**found, two->verifier_key()));
  const auto again = two->Append(RecordOf("id", "content"));
  ASSERT_OK(again);
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->entry(), first->entry());
  EXPECT_THAT(
      two->Append(RecordOf("id", "other")),
      tests::StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  EXPECT_EQ(one->Checkpoint().head.size, 1u);
}

TEST_F(SharedLogTest, NeverForksUnderManyWriters) {
  constexpr int kServers = 3;
  constexpr int kThreads = 4;
  constexpr int kEach = 60;
  std::vector<std::unique_ptr<Log>> logs;
  for (int i = 0; i < kServers; ++i) logs.push_back(Opened());
  std::vector<std::thread> threads;
  base::Mutex mutex;
  std::map<std::uint64_t, TreeHash> seen;
  std::atomic<int> forks{0};
  for (int t = 0; t < kServers * kThreads; ++t) {
    threads.emplace_back([&, t] {
      Log& log = *logs[static_cast<std::size_t>(t % kServers)];
      for (int i = 0; i < kEach; ++i) {
        const auto receipt =
            log.Append(RecordOf(absl::StrCat(t, "-", i), "content"));
        ASSERT_OK(receipt);
        EXPECT_TRUE(Proves(*receipt, log.verifier_key()));
        const Head head = log.Checkpoint().head;
        const base::MutexLock lock(mutex);
        if (seen.emplace(head.size, head.root).first->second != head.root) {
          ++forks;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(forks, 0);
  // Every checkpoint that was shown is of the one tree that is there now.
  Tree tree;
  for (std::uint64_t i = 0; i < kServers * kThreads * kEach; ++i) {
    const auto entry = logs[0]->Get(i);
    ASSERT_OK(entry);
    tree.Add(image::transparency::LeafHash(image::host::AsBytes(*entry)));
    const auto shown = seen.find(tree.size());
    if (shown == seen.end()) continue;
    EXPECT_EQ(shown->second, tree.root());
  }
  EXPECT_EQ(logs[1]->Checkpoint().head.root, tree.root());
  EXPECT_GT(seen.size(), 10u);
}

TEST_F(SharedLogTest, RecordsOneReleaseForRetriesAtAllServersAtOnce) {
  std::vector<std::unique_ptr<Log>> logs;
  for (int i = 0; i < 3; ++i) logs.push_back(Opened());
  std::vector<std::thread> threads;
  std::atomic<int> first{0};
  for (std::size_t t = 0; t < 12; ++t) {
    threads.emplace_back([&, t] {
      const auto receipt = logs[t % 3]->Append(RecordOf("id", "content"));
      ASSERT_OK(receipt);
      if (!receipt->replayed()) ++first;
      EXPECT_EQ(receipt->index(), 0u);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(first, 1);
  EXPECT_EQ(logs[0]->Checkpoint().head.size, 1u);
}

Record PolicyRecord(const std::string& text) {
  v1::Entry entry;
  entry.mutable_policy()->set_version(5);
  entry.mutable_policy()->set_sha256(text);
  Record record;
  record.entry = *trust::EncodeEntry(entry);
  record.policy_version = 5;
  return record;
}

TEST_F(SharedLogTest, TakesOneTextForAPolicyVersionFromServersThatRace) {
  std::vector<std::unique_ptr<Log>> logs;
  for (int i = 0; i < 4; ++i) logs.push_back(Opened());
  std::array<absl::Status, 4> answers;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      answers[i] =
          logs[i]->Append(PolicyRecord(i % 2 == 0 ? "even" : "odd")).status();
    });
  }
  for (std::thread& thread : threads) thread.join();
  // Both servers with the text that came first, and neither of the others.
  EXPECT_EQ(answers[0].ok(), answers[2].ok());
  EXPECT_EQ(answers[1].ok(), answers[3].ok());
  EXPECT_NE(answers[0].ok(), answers[1].ok());
  EXPECT_THAT(answers[0].ok() ? answers[1] : answers[0],
              tests::StatusIs(kPrecondition, "POLICY_VERSION_REUSED"));
}

TEST_F(SharedLogTest, IsUnavailableWithoutItsDatabaseAndComesBack) {
  const auto log = Opened();
  ASSERT_OK(log->Append(RecordOf("id-0", "content")));
  const Head before = log->Checkpoint().head;
  cluster().Stop();
  EXPECT_THAT(log->Append(RecordOf("id-1", "content")),
              tests::StatusIs(kUnavailable, "LOG_STORE"));
  EXPECT_THAT(log->FindRelease("ci", "id-0"),
              tests::StatusIs(kUnavailable, "LOG_STORE"));
  EXPECT_THAT(log->Refresh(), tests::StatusIs(kUnavailable, "LOG_STORE"));
  EXPECT_TRUE(Becomes(*log, false));
  cluster().Start();
  EXPECT_TRUE(Becomes(*log, true));
  const auto receipt = log->Append(RecordOf("id-1", "content"));
  ASSERT_OK(receipt);
  EXPECT_EQ(receipt->index(), before.size);
  EXPECT_TRUE(Proves(*receipt, log->verifier_key()));
}

TEST_F(SharedLogTest, LosesNothingAcknowledgedWhenTheDatabaseCrashes) {
  const auto log = Opened();
  for (int round = 0; round < 2; ++round) {
    std::vector<Receipt> receipts;
    std::promise<void> some;
    std::thread writer([&] {
      for (int i = 0;; ++i) {
        auto receipt =
            log->Append(RecordOf(absl::StrCat(round, "-", i), "content"));
        if (!receipt.ok()) return;
        receipts.push_back(*std::move(receipt));
        if (receipts.size() == 3) some.set_value();
      }
    });
    some.get_future().wait_for(std::chrono::minutes(1));
    cluster().Crash();
    writer.join();
    cluster().Start();
    EXPECT_TRUE(Becomes(*log, true));
    EXPECT_FALSE(receipts.empty());
    for (const Receipt& receipt : receipts) {
      EXPECT_EQ(*log->Get(receipt.index()), receipt.entry());
    }
  }
}

// The session is cut in the middle of the turn: what was decided is not
// stored, and the next one is.
TEST_F(SharedLogTest, LosesItsTurnWithItsConnection) {
  const auto log = Opened();
  ASSERT_OK(log->Append(RecordOf("id-0", "content")));
  Tamper(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
      " WHERE datname = current_database() AND pid <> pg_backend_pid()");
  const auto receipt = log->Append(RecordOf("id-1", "content"));
  ASSERT_OK(receipt);
  EXPECT_EQ(receipt->index(), 1u);
}

TEST_F(SharedLogTest, StopsWhenItsDatabaseLostWhatWasAcknowledged) {
  const auto log = Opened();
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK(log->Append(RecordOf("", absl::StrCat(i))));
  }
  Tamper(
      "DELETE FROM heads WHERE size = 3;"
      "DELETE FROM entries WHERE position = 2;"
      "DELETE FROM nodes WHERE level = 0 AND position = 2");
  EXPECT_TRUE(Becomes(*log, false));
  const auto stopped = log->Append(RecordOf("", "later"));
  EXPECT_THAT(stopped, tests::StatusIs(kUnavailable, "LOG_STOPPED"));
  EXPECT_EQ(log->Checkpoint().head.size, 3u);
}

TEST_F(SharedLogTest, SignsNoTreeThatIsNoContinuationOfTheLast) {
  const auto log = Opened();
  ASSERT_OK(log->Append(RecordOf("", "a")));
  // A whole other log of two entries, as a fail-over could bring one.
  const std::string other = cluster().NewDatabase();
  {
    auto store = OpenPostgresStore(tests::OptionsFor(cluster(), other));
    ASSERT_OK(store);
    Tree tree;
    std::vector<Node> nodes;
    std::vector<Record> records;
    for (const char* content : {"x", "y"}) {
      records.push_back(RecordOf("", content));
      for (const Node& node : tree.Add(image::transparency::LeafHash(
               image::host::AsBytes(records.back().entry)))) {
        nodes.push_back(node);
      }
    }
    ASSERT_OK((*store)->Append(records, nodes, {2, tree.root()}));
    const auto value = [](const TreeHash& hash) {
      return absl::StrCat(
          "'\\x", absl::BytesToHexString(image::host::ToString(hash)), "'");
    };
    std::string sql = "DELETE FROM nodes; DELETE FROM heads;";
    for (const Node& node : nodes) {
      absl::StrAppend(&sql, "INSERT INTO nodes VALUES (", node.id.level, ", ",
                      node.id.index, ", ", value(node.hash), ");");
    }
    absl::StrAppend(&sql, "INSERT INTO heads VALUES (2, ", value(tree.root()),
                    ")");
    Tamper("BEGIN;" + sql + ";COMMIT");
  }
  EXPECT_TRUE(Becomes(*log, false));
  EXPECT_EQ(log->Checkpoint().head.size, 1u);
  EXPECT_THAT(log->Append(RecordOf("", "later")),
              tests::StatusIs(kUnavailable, "LOG_STOPPED"));
}

TEST_F(SharedLogTest, DoesNotOpenWhenTheStoreWasTamperedWith) {
  for (const char* sql :
       {"UPDATE heads SET root = decode(repeat('00', 32), 'hex')",
        "DELETE FROM nodes WHERE level = 0 AND position = 2",
        "UPDATE entries SET entry = 'x' WHERE position = 2",
        "DELETE FROM entries WHERE position = 2",
        "DELETE FROM heads WHERE size = 3"}) {
    Tamper("DROP TABLE IF EXISTS entries, nodes, heads, log_schema");
    auto log = Opened();
    for (int i = 0; i < 3; ++i) {
      ASSERT_OK(log->Append(RecordOf("", absl::StrCat(i))));
    }
    log.reset();
    Tamper(sql);
    EXPECT_THAT(Open(), tests::StatusIs(kPrecondition, "LOG_CORRUPT")) << sql;
  }
}

}  // namespace
}  // namespace bootseal::audit
