#include "server/audit/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/transparency/note.h"
#include "hsm/signer.h"
#include "server/audit/sqlite/store.h"
#include "server/trust/entry.h"
#include "tests/server/audit/log_fixture.h"
#include "tests/support/status_matchers.h"

namespace bootseal::audit {
namespace {

using tests::Proves;
using tests::RecordOf;

class LogTest : public tests::LogFixture {
 protected:
  LogTest() { Reopen(); }

  void AppendMany(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      ASSERT_OK(log_->Append(RecordOf("", absl::StrCat("entry ", i))));
    }
  }
};

TEST_F(LogTest, SignsACheckpointOfTheEmptyTree) {
  const Log::SignedHead head = log_->Checkpoint();
  EXPECT_EQ(head.head.size, 0u);
  EXPECT_TRUE(absl::StartsWith(
      head.note, absl::StrCat(tests::kOrigin, "\n0\n47DEQpj8HBSa+")));
  const auto key = image::transparency::ParseVerifierKey(
      std::string_view(log_->verifier_key()));
  ASSERT_TRUE(key.ok());
  const auto opened =
      image::transparency::OpenCheckpoint(std::string_view(head.note), *key);
  EXPECT_TRUE(opened.ok());
}

TEST_F(LogTest, GivesReceiptsThatVerifyOffline) {
  for (std::uint64_t i = 0; i < 20; ++i) {
    const Record record = RecordOf(absl::StrCat("id-", i), "content");
    const auto receipt = log_->Append(record);
    ASSERT_OK(receipt);
    EXPECT_EQ(receipt->index(), i);
    EXPECT_EQ(receipt->entry(), record.entry);
    EXPECT_FALSE(receipt->replayed());
    EXPECT_TRUE(Proves(*receipt, log_->verifier_key()));
  }
}

TEST_F(LogTest, GivesNoReceiptThatAnotherKeyWouldAccept) {
  const auto receipt = log_->Append(RecordOf("id", "content"));
  ASSERT_OK(receipt);
  softhsm_.GenerateKey("other", hsm::Algorithm::kEd25519);
  log_.reset();
  auto signer = tests::SignerIn(*hsm::OpenToken(softhsm_.Options()),
                                softhsm_.KeyUri("other"));
  ASSERT_OK(signer);
  const auto other = Log::Open(*OpenSqliteStore(folder_.File("other.sqlite")),
                               *std::move(signer), tests::kOrigin);
  ASSERT_OK(other);
  EXPECT_FALSE(Proves(*receipt, (*other)->verifier_key()));
}

TEST_F(LogTest, ProvesThatEachCheckpointExtendsTheOneBefore) {
  std::vector<Log::SignedHead> heads{log_->Checkpoint()};
  for (int i = 0; i < 9; ++i) {
    AppendMany(1);
    heads.push_back(log_->Checkpoint());
  }
  for (const Log::SignedHead& first : heads) {
    for (const Log::SignedHead& second : heads) {
      if (second.head.size < first.head.size) continue;
      const auto proof =
          log_->ConsistencyProof(first.head.size, second.head.size);
      ASSERT_OK(proof);
      EXPECT_EQ(image::transparency::VerifyConsistency(
                    first.head.size, second.head.size, *proof, first.head.root,
                    second.head.root),
                image::Error::kOk);
    }
  }
}

TEST_F(LogTest, ProvesOldEntriesInOldTrees) {
  AppendMany(11);
  const auto eleven = log_->Checkpoint();
  AppendMany(6);
  for (std::uint64_t index = 0; index < 11; ++index) {
    const auto proof = log_->InclusionProof(index, 11);
    ASSERT_OK(proof);
    const auto leaf =
        image::transparency::LeafHash(image::host::AsBytes(*log_->Get(index)));
    EXPECT_EQ(image::transparency::VerifyInclusion(leaf, index, 11, *proof,
                                                   eleven.head.root),
              image::Error::kOk);
  }
}

TEST_F(LogTest, ProvesNothingBeyondItsTree) {
  AppendMany(2);
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(log_->InclusionProof(0, 3),
              tests::StatusIs(kInvalid, "BEYOND_TREE"));
  EXPECT_THAT(log_->InclusionProof(2, 2),
              tests::StatusIs(kInvalid, "BEYOND_TREE"));
  EXPECT_THAT(log_->InclusionProof(0, 0),
              tests::StatusIs(kInvalid, "BEYOND_TREE"));
  EXPECT_THAT(log_->ConsistencyProof(1, 3),
              tests::StatusIs(kInvalid, "BEYOND_TREE"));
  EXPECT_THAT(log_->ConsistencyProof(2, 1),
              tests::StatusIs(kInvalid, "BEYOND_TREE"));
}

TEST_F(LogTest, RepeatsARecordedReleaseAgainstTheNewestCheckpoint) {
  const auto first = log_->Append(RecordOf("id", "content"));
  ASSERT_OK(first);
  AppendMany(3);
  const auto again = log_->Append(RecordOf("id", "content"));
  ASSERT_OK(again);
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->index(), first->index());
  EXPECT_EQ(again->entry(), first->entry());
  EXPECT_TRUE(Proves(*again, log_->verifier_key()));
  EXPECT_TRUE(absl::StrContains(again->text(), log_->Checkpoint().note));
  EXPECT_EQ(log_->Checkpoint().head.size, 4u);
}

TEST_F(LogTest, RefusesARequestIdForOtherContent) {
  ASSERT_OK(log_->Append(RecordOf("id", "content")));
  EXPECT_THAT(
      log_->Append(RecordOf("id", "other")),
      tests::StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  EXPECT_EQ(log_->Checkpoint().head.size, 1u);
  EXPECT_TRUE(log_->healthy());
}

TEST_F(LogTest, FindsAReleaseAfterRestart) {
  const auto first = log_->Append(RecordOf("id", "content"));
  ASSERT_OK(first);
  Reopen();
  const auto found = log_->FindRelease("ci", "id");
  ASSERT_OK(found);
  ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->entry(), first->entry());
  EXPECT_TRUE((*found)->replayed());
  EXPECT_TRUE(Proves(**found, log_->verifier_key()));
}

TEST_F(LogTest, FindsNoReleaseOfOthersAndNoRefusal) {
  ASSERT_OK(log_->Append(RecordOf("id", "content")));
  ASSERT_OK(log_->Append(RecordOf("", "refused")));
  EXPECT_FALSE(log_->FindRelease("alice", "id")->has_value());
  EXPECT_FALSE(log_->FindRelease("ci", "other")->has_value());
  EXPECT_FALSE(log_->FindRelease("ci", "")->has_value());
}

TEST_F(LogTest, RefusesEntriesThatNoBundleHolds) {
  Record record;
  EXPECT_THAT(
      log_->Append(record),
      tests::StatusIs(absl::StatusCode::kInvalidArgument, "ENTRY_TOO_LARGE"));
  record.entry = std::string(65536, 'x');
  EXPECT_THAT(
      log_->Append(record),
      tests::StatusIs(absl::StatusCode::kInvalidArgument, "ENTRY_TOO_LARGE"));
  record.entry.pop_back();
  EXPECT_OK(log_->Append(record));
  EXPECT_TRUE(log_->healthy());
}

TEST_F(LogTest, GoesOnWhereItEnded) {
  AppendMany(5);
  const Head before = log_->Checkpoint().head;
  Reopen();
  EXPECT_EQ(log_->Checkpoint().head.size, before.size);
  EXPECT_EQ(log_->Checkpoint().head.root, before.root);
  const auto receipt = log_->Append(RecordOf("id", "content"));
  ASSERT_OK(receipt);
  EXPECT_EQ(receipt->index(), 5u);
  EXPECT_TRUE(Proves(*receipt, log_->verifier_key()));
}

TEST_F(LogTest, IsRefusedToASecondServer) {
  EXPECT_THAT(Open(),
              tests::StatusIs(absl::StatusCode::kUnavailable, "LOG_LOCKED"));
}

TEST_F(LogTest, WakesWhoWaitsForMore) {
  std::thread writer([this] { AppendMany(1); });
  EXPECT_EQ(log_->WaitBeyond(0, absl::Now() + absl::Seconds(60)), 1u);
  writer.join();
}

TEST_F(LogTest, StopsWaitingAtTheDeadline) {
  EXPECT_EQ(log_->WaitBeyond(0, absl::Now() + absl::Milliseconds(20)), 0u);
}

Record PolicyRecord(std::uint64_t version, const std::string& sha256) {
  v1::Entry entry;
  entry.mutable_policy()->set_version(version);
  entry.mutable_policy()->set_sha256(sha256);
  Record record;
  record.entry = *trust::EncodeEntry(entry);
  record.policy_version = version;
  return record;
}

TEST_F(LogTest, KnowsThePolicyWithTheHighestVersion) {
  EXPECT_FALSE(log_->HighestPolicy()->has_value());
  ASSERT_OK(log_->Append(PolicyRecord(7, "seven")));
  AppendMany(1);
  Reopen();
  const auto highest = log_->HighestPolicy();
  ASSERT_OK(highest);
  EXPECT_EQ((*highest)->version(), 7u);
  EXPECT_EQ((*highest)->sha256(), "seven");
}

TEST_F(LogTest, TakesNoPolicyThatIsOlderOrAnotherOfItsVersion) {
  constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
  ASSERT_OK(log_->Append(PolicyRecord(7, "seven")));
  EXPECT_THAT(log_->Append(PolicyRecord(6, "six")),
              tests::StatusIs(kPrecondition, "POLICY_VERSION_LOWER"));
  EXPECT_THAT(log_->Append(PolicyRecord(7, "other")),
              tests::StatusIs(kPrecondition, "POLICY_VERSION_REUSED"));
  EXPECT_OK(log_->Append(PolicyRecord(7, "seven")));
  EXPECT_EQ(log_->Checkpoint().head.size, 2u);
}

TEST_F(LogTest, DoesNotTakeAnotherEntryForAPolicy) {
  Record record = RecordOf("", "refused");
  record.policy_version = 7;
  EXPECT_FALSE(log_->Append(record).ok());
  record.policy_version = 0;
  ASSERT_OK(log_->Append(record));
  Tamper("UPDATE entries SET policy_version = 7");
  EXPECT_THAT(
      log_->HighestPolicy(),
      tests::StatusIs(absl::StatusCode::kFailedPrecondition, "LOG_CORRUPT"));
}

TEST_F(LogTest, RefusesOriginsThatNoNoteCanName) {
  log_.reset();
  for (const char* origin : {"", "a b", "a+b", "a\n1", "a\tb", "\xc3\xa4"}) {
    auto signer = tests::SignerIn(*hsm::OpenToken(softhsm_.Options()),
                                  softhsm_.KeyUri("log"));
    ASSERT_OK(signer);
    EXPECT_THAT(
        Log::Open(*OpenSqliteStore(path()), *std::move(signer), origin),
        tests::StatusIs(absl::StatusCode::kInvalidArgument, "ORIGIN_INVALID"));
  }
}

// Each is found out when the log is opened again.
TEST_F(LogTest, DoesNotOpenWhenTheStoreWasTamperedWith) {
  for (const char* sql : {
           "UPDATE heads SET root = zeroblob(32) WHERE size = 5",
           "DELETE FROM nodes WHERE level = 2",
           "UPDATE nodes SET hash = zeroblob(32) WHERE level = 0"
           " AND position = 4",
           "UPDATE entries SET entry = x'00' WHERE position = 4",
           "DELETE FROM entries WHERE position = 4",
           "DELETE FROM heads WHERE size = 5",
           "INSERT INTO heads VALUES (6, zeroblob(32))",
           "UPDATE nodes SET hash = x'00' WHERE level = 2",
       }) {
    log_.reset();
    std::remove(path().c_str());
    Reopen();
    AppendMany(5);
    log_.reset();
    Tamper(sql);
    EXPECT_THAT(Open(), tests::StatusIs(absl::StatusCode::kFailedPrecondition,
                                        "LOG_CORRUPT"))
        << sql;
  }
}

TEST_F(LogTest, AnswersManyThreadsAtOnce) {
  constexpr int kThreads = 16;
  constexpr int kEach = 25;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < kEach; ++i) {
        const auto receipt =
            log_->Append(RecordOf(absl::StrCat(t, "-", i), "content"));
        ASSERT_OK(receipt);
        EXPECT_TRUE(Proves(*receipt, log_->verifier_key()));
        EXPECT_EQ(*log_->Get(receipt->index()), receipt->entry());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(log_->Checkpoint().head.size, std::uint64_t{kThreads * kEach});
}

TEST_F(LogTest, RecordsOneReleaseForManyRetriesAtOnce) {
  constexpr int kThreads = 16;
  std::vector<std::thread> threads;
  std::atomic<int> first{0};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, &first] {
      const auto receipt = log_->Append(RecordOf("id", "content"));
      ASSERT_OK(receipt);
      if (!receipt->replayed()) ++first;
      EXPECT_EQ(receipt->index(), 0u);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(first, 1);
  EXPECT_EQ(log_->Checkpoint().head.size, 1u);
}

}  // namespace
}  // namespace bootseal::audit
