// What is kept of a log when several processes keep it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/status.h"
#include "client/cli/checkpoint_store.h"
#include "client/cli/exit_status.h"
#include "client/cli/file_lock.h"
#include "tests/client/cli/test_log.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::cli {
namespace {

using absl::StatusCode;
using tests::RootOf;
using tests::StatusIs;

constexpr auto kPrecondition = StatusCode::kFailedPrecondition;

class CheckpointAdvance : public testing::Test {
 protected:
  TrustedCheckpoint At(std::uint64_t size) {
    return log_.Checkpoint(size, RootOf(size));
  }
  // Signed by the log's key, and of another tree.
  TrustedCheckpoint Forked(std::uint64_t size) {
    return log_.Checkpoint(size, RootOf(size + 100));
  }
  // As a client whose call began before anything was kept.
  absl::Status Advance(const TrustedCheckpoint& now) {
    return Advance(std::nullopt, now);
  }
  absl::Status Advance(const std::optional<TrustedCheckpoint>& seen,
                       const TrustedCheckpoint& now) {
    return store_.Advance(seen, now,
                          [this](std::uint64_t first, std::uint64_t second) {
                            ++proofs_;
                            return absl::StatusOr<std::vector<std::string>>(
                                tests::ConsistencyOf(first, second));
                          });
  }
  std::string Kept() {
    return base::ReadFile(store_.path(), 1 << 16).value_or("");
  }

  int proofs_ = 0;
  tests::TestLog log_;
  tests::TemporaryFolder folder_;
  CheckpointStore store_{folder_.File("state"), log_.key(),
                         absl::Milliseconds(50)};
};

TEST_F(CheckpointAdvance, KeepsTheFirstOne) {
  ASSERT_OK(Advance(At(5)));
  EXPECT_EQ(Kept(), At(5).note);
  EXPECT_EQ(proofs_, 0);
}

TEST_F(CheckpointAdvance, ProvesOnceWhenNobodyElseIsThere) {
  ASSERT_OK(Advance(At(3)));
  ASSERT_OK(Advance(At(3), At(5)));
  EXPECT_EQ(Kept(), At(5).note);
  EXPECT_EQ(proofs_, 1);
}

TEST_F(CheckpointAdvance, ProvesWhatAnotherKeptMeanwhileToo) {
  ASSERT_OK(Advance(At(3)));
  ASSERT_OK(Advance(At(5)));
  EXPECT_EQ(Kept(), At(5).note);
  ASSERT_OK(Advance(At(3), At(8)));
  EXPECT_EQ(Kept(), At(8).note);
  EXPECT_EQ(proofs_, 3);
}

TEST_F(CheckpointAdvance, NeverGoesBack) {
  ASSERT_OK(Advance(At(8)));
  ASSERT_OK(Advance(At(5)));
  EXPECT_EQ(Kept(), At(8).note);
  EXPECT_EQ(proofs_, 1);
}

TEST_F(CheckpointAdvance, DoesNotReplaceWhatIsNotContinued) {
  ASSERT_OK(Advance(Forked(5)));
  EXPECT_THAT(Advance(At(8)), StatusIs(kPrecondition, "LOG_INCONSISTENT"));
  EXPECT_EQ(Kept(), Forked(5).note);
}

TEST_F(CheckpointAdvance, RefusesWhatIsNoPartOfALargerOne) {
  ASSERT_OK(Advance(Forked(8)));
  EXPECT_THAT(Advance(At(5)), StatusIs(kPrecondition, "LOG_INCONSISTENT"));
  EXPECT_EQ(Kept(), Forked(8).note);
}

TEST_F(CheckpointAdvance, RefusesAnotherRootOfTheSameSize) {
  ASSERT_OK(Advance(Forked(5)));
  EXPECT_THAT(Advance(At(5)), StatusIs(kPrecondition, "LOG_INCONSISTENT"));
  EXPECT_EQ(Kept(), Forked(5).note);
}

TEST_F(CheckpointAdvance, RefusesWhatDoesNotContinueWhatWasSeen) {
  ASSERT_OK(Advance(At(5)));
  EXPECT_THAT(Advance(Forked(3), At(8)),
              StatusIs(kPrecondition, "LOG_INCONSISTENT"));
  EXPECT_THAT(Advance(At(8), At(5)), StatusIs(kPrecondition, "LOG_WENT_BACK"));
  EXPECT_EQ(Kept(), At(5).note);
}

TEST_F(CheckpointAdvance, KeepsNothingWithoutItsProof) {
  ASSERT_OK(Advance(At(5)));
  const absl::Status status = store_.Advance(
      std::nullopt, At(8),
      [](std::uint64_t,
         std::uint64_t) -> absl::StatusOr<std::vector<std::string>> {
        return base::Unavailable("SERVER_UNREACHABLE", "gone");
      });
  EXPECT_THAT(status,
              StatusIs(StatusCode::kUnavailable, "LOG_PROOF_UNAVAILABLE"));
  EXPECT_EQ(Kept(), At(5).note);
}

TEST_F(CheckpointAdvance, DoesNotReplaceWhatOurLogDidNotSign) {
  ASSERT_OK(Advance(At(3)));
  const tests::TestLog other;
  const std::string note = other.Note(5, RootOf(5));
  ASSERT_OK(base::WriteFileAtomically(store_.path(), note));
  EXPECT_THAT(Advance(At(3), At(8)),
              StatusIs(StatusCode::kInvalidArgument, "STATE_INVALID"));
  EXPECT_EQ(Kept(), note);
}

TEST_F(CheckpointAdvance, GivesUpWaitingForTheLockAndNamesIt) {
  ASSERT_OK(Advance(At(3)));
  const auto lock = FileLock::Take(store_.lock_path(), absl::ZeroDuration());
  ASSERT_OK(lock);
  const absl::Status status = Advance(At(3), At(5));
  EXPECT_THAT(status, StatusIs(kPrecondition, "FILE_LOCKED"));
  EXPECT_THAT(status, tests::MessageHas(store_.lock_path()));
  EXPECT_EQ(ExitStatusOf(status), ExitStatus::kLocalFile);
  EXPECT_EQ(Kept(), At(3).note);
}

TEST_F(CheckpointAdvance, GivesTheLockBackAfterAnError) {
  ASSERT_OK(Advance(Forked(5)));
  ASSERT_FALSE(Advance(At(8)).ok());
  EXPECT_OK(FileLock::Take(store_.lock_path(), absl::ZeroDuration()));
}

// A busy server may take minutes for a proof.
TEST_F(CheckpointAdvance, LetsOthersKeepTheirsWhileItAsksAndProvesThoseToo) {
  ASSERT_OK(Advance(At(3)));
  std::vector<absl::Status> others;
  ASSERT_OK(store_.Advance(std::nullopt, At(8),
                           [&](std::uint64_t first, std::uint64_t larger) {
                             others.push_back(Advance(At(3), At(5)));
                             return absl::StatusOr<std::vector<std::string>>(
                                 tests::ConsistencyOf(first, larger));
                           }));
  ASSERT_EQ(others.size(), 2U);  // 3 to 8, 5 to 8
  for (const absl::Status& other : others) EXPECT_OK(other);
  EXPECT_EQ(Kept(), At(8).note);
}

TEST_F(CheckpointAdvance, RefusesWhatDoesNotContinueOneThatWasKeptMeanwhile) {
  ASSERT_OK(Advance(At(3)));
  EXPECT_THAT(store_.Advance(At(3), At(8),
                             [&](std::uint64_t first, std::uint64_t larger) {
                               EXPECT_OK(base::WriteFileAtomically(
                                   store_.path(), Forked(5).note));
                               return absl::StatusOr<std::vector<std::string>>(
                                   tests::ConsistencyOf(first, larger));
                             }),
              StatusIs(kPrecondition, "LOG_INCONSISTENT"));
  EXPECT_EQ(Kept(), Forked(5).note);
}

TEST_F(CheckpointAdvance, SaysThatItsFolderIsNone) {
  ASSERT_OK(base::WriteFileAtomically(folder_.File("state"), "a file"));
  EXPECT_THAT(Advance(At(3)), StatusIs(kPrecondition, "FILE_UNWRITABLE"));
}

TEST_F(CheckpointAdvance, KeepsOthersFromReading) {
  ASSERT_OK(Advance(At(3)));
  for (const std::string& path : {store_.path(), store_.lock_path()}) {
    struct stat status {};
    ASSERT_EQ(stat(path.c_str(), &status), 0) << path;
    EXPECT_EQ(status.st_mode & 0777, 0600u) << path;
  }
}

}  // namespace
}  // namespace bootseal::cli
