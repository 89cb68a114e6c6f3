// Three replicas on one log, clients that never stop, and somebody who kills:
// what was released is in the log, and there is one log.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/mutex.h"
#include "bootseal/v1/audit.grpc.pb.h"
#include "client/cli/log_key.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/transparency/merkle.h"
#include "server/audit/postgres/store.h"
#include "server/audit/proof.h"
#include "server/audit/tree.h"
#include "server/trust/entry.h"
#include "tests/chaos/load.h"
#include "tests/support/replicas.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using audit::TreeHash;
using testing::IsEmpty;

absl::Duration HowLong() {
  const char* set = std::getenv("BOOTSEAL_CHAOS_SECONDS");
  int seconds = 20;
  if (set != nullptr && !absl::SimpleAtoi(set, &seconds)) std::abort();
  return absl::Seconds(seconds);
}

// Asks one replica for its checkpoint over and over, whoever runs there.
class Watcher {
 public:
  Watcher(const ServerFixture& fixture, const std::string& server)
      : thread_([this, &fixture, server] { Watch(fixture, server); }) {}
  ~Watcher() { End(); }
  void End() {
    ending_ = true;
    if (thread_.joinable()) thread_.join();
  }
  // After the end, in the order in which they were seen.
  const std::vector<cli::TrustedCheckpoint>& seen() const { return seen_; }

 private:
  void Watch(const ServerFixture& fixture, const std::string& server) {
    const auto key = cli::LogKey::Read(fixture.log_key());
    ASSERT_OK(key);
    const auto stub =
        v1::AuditService::NewStub(fixture.ChannelTo(server, "auditor"));
    while (!ending_) {
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() +
                           std::chrono::seconds(5));
      v1::Checkpoint checkpoint;
      if (stub->GetCheckpoint(&context, {}, &checkpoint).ok()) {
        const auto opened = key->Open(checkpoint.note());
        ASSERT_OK(opened);
        seen_.push_back(*opened);
      }
      absl::SleepFor(absl::Milliseconds(20));
    }
  }

  std::atomic<bool> ending_ = false;
  std::vector<cli::TrustedCheckpoint> seen_;
  std::thread thread_;
};

class Chaos : public testing::Test {
 protected:
  Chaos() { replicas_.StartAll(); }

  // All of it, read from the database and hashed again.
  void ReadLog() {
    auto store = audit::OpenPostgresStore(
        {replicas_.connection(), cluster_.password_path()});
    ASSERT_OK(store);
    store_ = *std::move(store);
    const auto head = store_->NewestHead();
    ASSERT_OK(head);
    audit::Tree tree;
    roots_[0] = tree.root();
    for (std::uint64_t i = 0; i < head->size; ++i) {
      const auto entry = store_->Get(i);
      ASSERT_OK(entry);
      tree.Add(image::transparency::LeafHash(image::host::AsBytes(*entry)));
      roots_[tree.size()] = tree.root();
      entries_[*entry] = i;
    }
    EXPECT_EQ(tree.root(), head->root);
  }

  void ExpectEverythingReleasedIsInTheLog(const Load& load) {
    const auto key = cli::LogKey::Read(fixture_.log_key());
    ASSERT_OK(key);
    std::set<std::string> entries;
    for (const Released& each : load.released()) {
      EXPECT_TRUE(entries.insert(each.entry).second) << "one entry for two";
      EXPECT_EQ(entries_.count(each.entry), 1u);
      const auto checkpoint = key->OpenReceipt(each.receipt, each.entry);
      ASSERT_OK(checkpoint);
      seen_.push_back(*checkpoint);
      const auto entry = trust::DecodeEntry(each.entry);
      ASSERT_OK(entry);
      ASSERT_EQ(entry->signing().decision(), v1::ALLOWED);
      ASSERT_EQ(entry->signing().digests_size(), 1);
      if (each.signature.empty()) continue;
      EXPECT_EQ(entry->signing().digests(0).signature(), each.signature);
    }
  }

  // Of any two that were signed, the smaller is a part of the larger.
  void ExpectOneLog() {
    std::map<std::uint64_t, TreeHash> shown;
    for (const cli::TrustedCheckpoint& each : seen_) {
      EXPECT_EQ(shown.emplace(each.size, each.root).first->second, each.root)
          << "two roots of size " << each.size;
    }
    ASSERT_GT(shown.size(), 10u);
    for (auto at = shown.begin(), next = std::next(at); next != shown.end();
         at = next++) {
      EXPECT_EQ(roots_[at->first], at->second) << at->first;
      if (at->first == 0) continue;
      const auto proof =
          audit::Carry(audit::PlanConsistency(at->first, next->first),
                       audit::NodeCache(*store_));
      ASSERT_OK(proof);
      EXPECT_EQ(image::transparency::VerifyConsistency(
                    at->first, next->first, *proof, at->second, next->second),
                image::Error::kOk);
    }
  }

  // What an auditor types.
  void ExpectTheLogVerifies() {
    Environment environment = replicas_.ClientEnvironment("auditor");
    environment["BOOTSEAL_STATE"] = fixture_.folder().File("auditor");
    const Outcome verify = tests::Run({BOOTSEAL_PROGRAM, "audit", "verify"},
                                      environment, std::chrono::seconds(120));
    EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err;
  }

  // After the clients have ended, with every replica running.
  void ExpectNothingLost(const Load& load, std::vector<Watcher*> watchers) {
    EXPECT_THAT(load.errors(), IsEmpty());
    ReadLog();
    ExpectEverythingReleasedIsInTheLog(load);
    for (Watcher* watcher : watchers) {
      watcher->End();
      std::uint64_t size = 0;
      for (const cli::TrustedCheckpoint& each : watcher->seen()) {
        EXPECT_GE(each.size, size) << "a replica's log went back";
        size = each.size;
        seen_.push_back(each);
      }
    }
    ExpectOneLog();
    ExpectTheLogVerifies();
    std::cout << load.released().size() << " releases, " << load.program_runs()
              << " of them by programs, " << seen_.size() << " checkpoints"
              << std::endl;
  }

  PostgresCluster cluster_;
  ServerFixture fixture_;
  Replicas replicas_{fixture_, cluster_, 3};
  std::unique_ptr<audit::Store> store_;
  std::map<std::uint64_t, TreeHash> roots_;
  std::map<std::string, std::uint64_t> entries_;
  std::vector<cli::TrustedCheckpoint> seen_;
};

TEST_F(Chaos, KilledReplicasLoseNothingAndNeverFork) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937 random(seed);
  const auto up_to = [&random](int limit) {
    return std::uniform_int_distribution<int>(0, limit)(random);
  };
  Watcher first(fixture_, replicas_.address(0));
  Watcher second(fixture_, replicas_.address(1));
  Watcher third(fixture_, replicas_.address(2));
  Load load(replicas_.ClientEnvironment("ci"), 4, 2);
  const absl::Time end = absl::Now() + HowLong();
  int kills = 0;
  while (absl::Now() < end) {
    absl::SleepFor(absl::Milliseconds(up_to(800)));
    const auto victim = static_cast<std::size_t>(up_to(2));
    replicas_.Kill(victim);
    ++kills;
    absl::SleepFor(absl::Milliseconds(up_to(300)));
    replicas_.Start(victim);
    // Half of the time its start is not waited for: it may be killed in it.
    if (up_to(1) == 0) {
      ASSERT_TRUE(replicas_.AwaitListening(victim)) << replicas_.Log(victim);
    }
  }
  load.End();
  for (std::size_t i = 0; i < replicas_.size(); ++i) {
    ASSERT_TRUE(replicas_.AwaitListening(i)) << replicas_.Log(i);
  }
  std::cout << kills << " kills" << std::endl;
  EXPECT_GE(kills, 8);
  EXPECT_GE(load.released().size(), 100u);
  EXPECT_GE(load.program_runs(), 10);
  ExpectNothingLost(load, {&first, &second, &third});
}

// Stopped, and crashed: commits are cut off in the middle.
TEST_F(Chaos, ARestartedDatabaseLosesNothing) {
  Watcher watcher(fixture_, replicas_.address(0));
  Load load(replicas_.ClientEnvironment("ci"), 4, 1);
  absl::SleepFor(absl::Seconds(1));
  cluster_.Stop();
  cluster_.Start();
  absl::SleepFor(absl::Seconds(2));
  cluster_.Crash();
  cluster_.Start();
  absl::SleepFor(absl::Seconds(2));
  load.End();
  EXPECT_GE(load.released().size(), 50u);
  ExpectNothingLost(load, {&watcher});
}

}  // namespace
}  // namespace bootseal::tests
