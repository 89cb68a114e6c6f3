// What the log does when its disk is full, its key fails or its process dies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "hsm/pkcs11/module.h"
#include "hsm/pkcs11/token.h"
#include "hsm/signer.h"
#include "server/audit/sqlite/store.h"
#include "tests/server/audit/log_check.h"
#include "tests/server/audit/log_fixture.h"
#include "tests/support/faulty_pkcs11.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"

namespace bootseal::audit {
namespace {

using tests::Proves;
using tests::RecordOf;

auto IsStopped() {
  return tests::StatusIs(absl::StatusCode::kUnavailable, "LOG_STOPPED");
}

// Files of this process cannot grow beyond `bytes`: the system's own refusal,
// as on a disk that is full.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const struct rlimit small = {bytes, before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  void (*handler_)(int);
  struct rlimit before_ {};
};

class LogFailureTest : public tests::LogFixture {
 protected:
  // Appends releases until one fails; how many were acknowledged.
  std::uint64_t AppendUntilFailure(std::uint64_t limit) {
    for (std::uint64_t i = 0; i < limit; ++i) {
      const auto receipt = log_->Append(
          RecordOf(absl::StrCat("id-", i), std::string(1000, 'x')));
      if (receipt.ok()) continue;
      EXPECT_THAT(receipt, IsStopped());
      return i;
    }
    ADD_FAILURE() << limit << " entries were stored without any failure";
    return limit;
  }

  void ExpectStopped() {
    EXPECT_FALSE(log_->healthy());
    EXPECT_THAT(log_->Append(RecordOf("later", "content")), IsStopped());
  }

  void ExpectReleases(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto found = log_->FindRelease("ci", absl::StrCat("id-", i));
      ASSERT_OK(found);
      ASSERT_TRUE(found->has_value()) << i;
      EXPECT_EQ((*found)->index(), i);
      EXPECT_TRUE(Proves(**found, log_->verifier_key())) << i;
    }
  }
};

TEST_F(LogFailureTest, ReleasesNothingOnAFullDisk) {
  Reopen();
  std::uint64_t acknowledged = 0;
  {
    const FileSizeLimit limit(256 * 1024);
    acknowledged = AppendUntilFailure(1000);
    EXPECT_GT(acknowledged, 0u);
    ExpectStopped();
    EXPECT_EQ(log_->Checkpoint().head.size, acknowledged);
    ExpectReleases(acknowledged);
  }
  // Room alone does not heal it: a restart does, and nothing is lost.
  ExpectStopped();
  Reopen();
  EXPECT_TRUE(log_->healthy());
  EXPECT_GE(log_->Checkpoint().head.size, acknowledged);
  ExpectReleases(acknowledged);
  EXPECT_OK(log_->Append(RecordOf("later", "content")));
}

TEST_F(LogFailureTest, TellsEveryoneWhoWaitsThatTheDiskIsFull) {
  Reopen();
  const FileSizeLimit limit(128 * 1024);
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 1000; ++i) {
        const auto receipt = log_->Append(
            RecordOf(absl::StrCat(t, "-", i), std::string(1000, 'x')));
        if (receipt.ok()) continue;
        EXPECT_THAT(receipt, IsStopped());
        return;
      }
      ADD_FAILURE() << "the disk was never full";
    });
  }
  for (std::thread& thread : threads) thread.join();
  ExpectStopped();
}

// The key that signs checkpoints, over a module that can be made to fail.
class LogKeyTest : public LogFailureTest {
 protected:
  LogKeyTest() {
    auto module = hsm::pkcs11::Module::FromFunctions(faulty_.functions());
    EXPECT_OK(module);
    auto token = hsm::Token::Open(*std::move(module), softhsm_.Options());
    EXPECT_OK(token);
    auto signer = tests::SignerIn(*std::move(token), softhsm_.KeyUri("log"));
    EXPECT_OK(signer);
    auto log =
        Log::Open(*OpenSqliteStore(path()), *std::move(signer), tests::kOrigin);
    EXPECT_OK(log);
    log_ = *std::move(log);
  }
  ~LogKeyTest() override { log_.reset(); }

  tests::FaultyPkcs11 faulty_{tests::SoftHsmToken::module_path()};
};

TEST_F(LogKeyTest, ReleasesNothingThatNoCheckpointCovers) {
  ASSERT_OK(log_->Append(RecordOf("id-0", "content")));
  faulty_.FailAlways(tests::Call::kSign, CKR_FUNCTION_FAILED);
  EXPECT_THAT(log_->Append(RecordOf("id-1", "content")), IsStopped());
  ExpectStopped();
  EXPECT_EQ(log_->Checkpoint().head.size, 1u);
  // It is stored, and yet there is no receipt for it.
  EXPECT_OK(log_->Get(1));
  EXPECT_FALSE(log_->FindRelease("ci", "id-1")->has_value());
}

TEST_F(LogKeyTest, HandsOutNoCheckpointWithABadSignature) {
  faulty_.TamperWithSignatures([](CK_BYTE* bytes, CK_ULONG*) { ++*bytes; });
  EXPECT_THAT(log_->Append(RecordOf("id-0", "content")), IsStopped());
  EXPECT_EQ(log_->Checkpoint().head.size, 0u);
}

// A writer in a process of its own, killed at a random moment: whatever it
// acknowledged on its standard output is there afterwards.
class LogCrashTest : public LogFailureTest {
 protected:
  void RunAndKill(std::chrono::microseconds lifetime) {
    std::ofstream(output_) << "";
    tests::Background writer({APPEND_ENTRIES_PROGRAM, path(), softhsm_.uri(),
                              softhsm_.pin(), softhsm_.KeyUri("log")},
                             softhsm_.environment(), output_);
    // Not before it appends: else nothing is tested.
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (tests::ReadReceipted(output_).empty() &&
           std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    std::this_thread::sleep_for(lifetime);
    writer.Signal(SIGKILL);
    EXPECT_EQ(writer.Wait(std::chrono::seconds(30)), 128 + SIGKILL);
  }

  const std::string output_ = folder_.File("acknowledged");
};

TEST_F(LogCrashTest, LosesNothingThatItAcknowledgedWhenKilled) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> microseconds(0, 30000);
  tests::Receipted receipted;
  for (int round = 0; round < 8; ++round) {
    RunAndKill(std::chrono::microseconds(microseconds(random)));
    const tests::Receipted fresh = tests::ReadReceipted(output_);
    ASSERT_FALSE(fresh.empty());
    for (const auto& [index, entry] : fresh) {
      EXPECT_TRUE(receipted.emplace(index, entry).second) << index;
    }
    EXPECT_THAT(tests::ProblemsOfLog(path(), receipted), testing::IsEmpty());
    Reopen();
    log_.reset();
  }
}

}  // namespace
}  // namespace bootseal::audit
