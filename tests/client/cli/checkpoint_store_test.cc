#include "client/cli/checkpoint_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/exit_status.h"
#include "firmware/image/host/convert.h"
#include "tests/client/cli/test_log.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::cli {
namespace {

namespace transparency = image::transparency;
using absl::StatusCode;
using image::host::ToString;
using tests::RootOf;
using tests::StatusIs;
using tests::TestLog;

ConsistencyProof Proof(std::vector<std::string> hashes) {
  return [hashes](std::uint64_t,
                  std::uint64_t) -> absl::StatusOr<std::vector<std::string>> {
    return hashes;
  };
}

class CheckpointStoreTest : public testing::Test {
 protected:
  TrustedCheckpoint Checkpoint(std::uint64_t size,
                               const transparency::TreeHash& root) {
    return log_.Checkpoint(size, root);
  }
  TrustedCheckpoint Checkpoint(std::uint64_t size) {
    return Checkpoint(size, RootOf(size));
  }

  TestLog log_;
  tests::TemporaryFolder folder_;
  CheckpointStore store_{folder_.File("state"), log_.key()};
};

// Roots and proof of services.md, appendix A, by way of RFC 6962.
TEST(TreeBuilder, ReproducesKnownRoots) {
  EXPECT_EQ(absl::Base64Escape(ToString(RootOf(0))),
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  EXPECT_EQ(absl::Base64Escape(ToString(RootOf(1))),
            "QHZrIDNCkCb1PVRQJnmoOXBrR0H43K86i7pfQbX/4HU=");
  EXPECT_EQ(absl::Base64Escape(ToString(RootOf(5))),
            "GqaNMHSQWlgfhMu9D3U3lJBP2ARRvEwT5p2aU7xZUCw=");
  EXPECT_EQ(absl::Base64Escape(ToString(RootOf(8))),
            "38wTubDKkyxo3j1Z6qqP4mapyAkcAwDoQF6/6w0OWDI=");
}

TEST(LogKey, IsTextOrAFileThatHoldsIt) {
  const TestLog log;
  const tests::TemporaryFolder folder;
  ASSERT_OK(base::WriteFileAtomically(folder.File("key"), log.vkey() + "\n"));
  EXPECT_EQ(LogKey::Read(log.vkey())->text(), log.vkey());
  EXPECT_EQ(LogKey::Read(folder.File("key"))->text(), log.vkey());
}

TEST(LogKey, RefusesWhatIsNoKey) {
  EXPECT_THAT(LogKey::Read(""),
              StatusIs(StatusCode::kInvalidArgument, "LOG_KEY_MISSING"));
  EXPECT_THAT(LogKey::Read("bootseal.example/test+00000000+AQID"),
              StatusIs(StatusCode::kInvalidArgument, "LOG_KEY_INVALID"));
  EXPECT_EQ(ExitStatusOf(LogKey::Read("").status()), ExitStatus::kUsage);
}

TEST_F(CheckpointStoreTest, RemembersNothingAtFirst) {
  const auto seen = store_.Load();
  ASSERT_OK(seen);
  EXPECT_FALSE(seen->has_value());
}

TEST_F(CheckpointStoreTest, RefusesAStateThatOurLogDidNotSign) {
  ASSERT_OK(store_.Advance(std::nullopt, Checkpoint(5), Proof({})));
  const TestLog other;
  ASSERT_OK(base::WriteFileAtomically(store_.path(), other.Note(9, RootOf(9))));
  const auto seen = store_.Load();
  EXPECT_THAT(seen, StatusIs(StatusCode::kInvalidArgument, "STATE_INVALID"));
  EXPECT_EQ(ExitStatusOf(seen.status()), ExitStatus::kLocalFile);
}

TEST_F(CheckpointStoreTest, KeepsLogsOfOneNameApart) {
  const TestLog other;
  EXPECT_NE(CheckpointStore(folder_.path(), other.key()).path(),
            CheckpointStore(folder_.path(), log_.key()).path());
}

// 3 -> 5, from services.md, appendix A.
std::vector<std::string> GoodProof() {
  std::vector<std::string> hashes;
  for (const char* text : {"BJ19zbVrz+vTEzBMmDnxlqPUtu873AsIKY+TrIGR8Kg=",
                           "J0ebarMh0u5HdFL2i6UndI6GPK/o+9HfK/idFXDRtpc=",
                           "LyelCCwdQq+kiKw1Cp/EOQwIT1T3Hs3/hZ6Y24QptHk=",
                           "GUu1otW9EOXRqm/V1CmAs1bK8dpiPNmYfEv6L4F3Htc="}) {
    std::string hash;
    EXPECT_TRUE(absl::Base64Unescape(text, &hash));
    hashes.push_back(hash);
  }
  return hashes;
}

TEST_F(CheckpointStoreTest, AcceptsALogThatGrew) {
  EXPECT_EQ(tests::ConsistencyOf(3, 5), GoodProof());
  EXPECT_OK(CheckContinuity(Checkpoint(3), Checkpoint(5), Proof(GoodProof())));
}

TEST_F(CheckpointStoreTest, AcceptsTheSameCheckpointAgain) {
  EXPECT_OK(CheckContinuity(Checkpoint(5), Checkpoint(5), Proof({})));
}

TEST_F(CheckpointStoreTest, RefusesTwoRootsOfOneSize) {
  EXPECT_THAT(
      CheckContinuity(Checkpoint(5), Checkpoint(5, RootOf(4)), Proof({})),
      StatusIs(StatusCode::kFailedPrecondition, "LOG_INCONSISTENT"));
}

TEST_F(CheckpointStoreTest, RefusesALogThatWentBack) {
  EXPECT_THAT(CheckContinuity(Checkpoint(5), Checkpoint(3), Proof({})),
              StatusIs(StatusCode::kFailedPrecondition, "LOG_WENT_BACK"));
}

TEST_F(CheckpointStoreTest, RefusesARewrittenLog) {
  EXPECT_THAT(CheckContinuity(Checkpoint(3, RootOf(2)), Checkpoint(5),
                              Proof(GoodProof())),
              StatusIs(StatusCode::kFailedPrecondition, "LOG_INCONSISTENT"));
}

TEST_F(CheckpointStoreTest, RefusesAProofOfBrokenHashes) {
  EXPECT_THAT(CheckContinuity(Checkpoint(3), Checkpoint(5), Proof({"short"})),
              StatusIs(StatusCode::kFailedPrecondition, "REPLY_MALFORMED"));
}

ConsistencyProof Failing(absl::Status why) {
  return [why](std::uint64_t,
               std::uint64_t) -> absl::StatusOr<std::vector<std::string>> {
    return why;
  };
}

TEST_F(CheckpointStoreTest, RefusesGrowthWhoseProofIsDenied) {
  const absl::Status status =
      CheckContinuity(Checkpoint(3), Checkpoint(5),
                      Failing(base::Refused("WRONG_ROLE", "no role reads it")));
  EXPECT_THAT(status, StatusIs(StatusCode::kPermissionDenied,
                               "LOG_CONTINUITY_UNPROVEN"));
  EXPECT_EQ(ExitStatusOf(status), ExitStatus::kRefused);
  EXPECT_THAT(std::string(status.message()),
              testing::HasSubstr("no role reads it"));
}

TEST_F(CheckpointStoreTest, CallsNoLogUnprovenForAServerThatIsAwayOrBusy) {
  for (const absl::Status& why :
       {base::Unavailable("SERVER_UNREACHABLE", "told why"),
        base::Exhausted("CALL_RATE", "told why"),
        base::Fail(StatusCode::kDeadlineExceeded, "NO_ANSWER", "told why")}) {
    const absl::Status status =
        CheckContinuity(Checkpoint(3), Checkpoint(5), Failing(why));
    EXPECT_THAT(status, StatusIs(why.code(), "LOG_PROOF_UNAVAILABLE"));
    EXPECT_EQ(ExitStatusOf(status), ExitStatus::kUnreachable);
    EXPECT_THAT(std::string(status.message()),
                testing::AllOf(testing::HasSubstr(base::ReasonOf(why)),
                               testing::HasSubstr("told why")));
  }
}

TEST_F(CheckpointStoreTest, NeedsNoProofToSeeThatALogWentBack) {
  EXPECT_THAT(CheckContinuity(Checkpoint(5), Checkpoint(3),
                              Failing(base::Refused("WRONG_ROLE", "no"))),
              StatusIs(StatusCode::kFailedPrecondition, "LOG_WENT_BACK"));
}

}  // namespace
}  // namespace bootseal::cli
