// What the review says of a log's tree, policies, signatures and clock.
#include "client/review/review.h"

#include <gmock/gmock.h>

#include "client/review/report.h"
#include "client/review/sha256.h"
#include "firmware/image/host/convert.h"
#include "tests/client/review/review_fixture.h"

namespace bootseal::tests {
namespace {

using image::host::AsBytes;
using image::transparency::LeafHash;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LogReviewTest : public ReviewTest {
 protected:
  // 0 policy, 1 to 5 releases.
  LogReviewTest() {
    AddPolicy();
    for (const char* version : {"1.0", "1.1", "1.2", "1.3", "1.4"}) {
      Add(Release("app", version));
    }
  }

  // The checkpoint that the log had with `size` entries.
  review::KnownCheckpoint At(std::uint64_t size) const {
    cli::TreeBuilder tree;
    for (std::uint64_t i = 0; i < size; ++i) tree.Append(entries_[i]);
    return {"earlier", size, tree.Root()};
  }
  static review::KnownCheckpoint Wrong(review::KnownCheckpoint checkpoint) {
    checkpoint.root[0] ^= std::byte{1};
    return checkpoint;
  }
};

TEST_F(LogReviewTest, FindsNothingInAnHonestLog) {
  change_ = [this](review::Known& known) {
    for (std::uint64_t size = 0; size <= 6; ++size) {
      known.seen.push_back(At(size));
    }
    known.entries.push_back({"receipt", 3, LeafHash(AsBytes(entries_[3]))});
  };
  EXPECT_THAT(Found(), IsEmpty());
}

TEST_F(LogReviewTest, FindsNothingInAnEmptyLog) {
  entries_.clear();
  EXPECT_THAT(Found(), IsEmpty());
}

TEST_F(LogReviewTest, FindsAnEntryThatWasEdited) {
  tamper_ = [](auto& log) { log[2].mutable_entry()->back() ^= 1; };
  EXPECT_THAT(Found(), Contains("tree:LOG_INCONSISTENT"));
}

TEST_F(LogReviewTest, FindsTwoEntriesThatWereSwapped) {
  tamper_ = [](auto& log) {
    log[2].mutable_entry()->swap(*log[3].mutable_entry());
  };
  EXPECT_THAT(Found(), Contains("tree:LOG_INCONSISTENT"));
}

TEST_F(LogReviewTest, FindsAnEntryThatIsMissingAndGoesOn) {
  entries_[4] = entries_[4];
  tamper_ = [](auto& log) { log.erase(log.begin() + 2); };
  EXPECT_THAT(Found(), ElementsAre("tree:ENTRY_MISSING@2"));
}

TEST_F(LogReviewTest, FindsThatTheLastEntriesAreMissing) {
  tamper_ = [](auto& log) { log.resize(3); };
  EXPECT_THAT(Found(), ElementsAre("tree:ENTRY_MISSING@3"));
  EXPECT_THAT(MessageOf("ENTRY_MISSING"), HasSubstr("all up to 5"));
}

TEST_F(LogReviewTest, FindsAnEarlierCheckpointThatItDoesNotContinue) {
  for (const std::uint64_t size : {0, 1, 4, 6}) {
    change_ = [this, size](review::Known& known) {
      known.seen.push_back(Wrong(At(size)));
    };
    EXPECT_THAT(Found(), ElementsAre("consistency:LOG_INCONSISTENT")) << size;
  }
}

TEST_F(LogReviewTest, FindsThatItIsOlderThanWhatWasSeen) {
  change_ = [this](review::Known& known) {
    review::KnownCheckpoint later = At(6);
    later.size = 7;
    known.seen.push_back(later);
  };
  EXPECT_THAT(Found(), ElementsAre("rolled-back:ROLLED_BACK"));
  EXPECT_THAT(MessageOf("ROLLED_BACK"),
              HasSubstr("the log has 6 entries, earlier speaks of 7"));
}

TEST_F(LogReviewTest, FindsAnotherEntryInThePlaceOfAReceipts) {
  change_ = [this](review::Known& known) {
    known.entries.push_back({"receipt", 3, LeafHash(AsBytes(entries_[2]))});
  };
  EXPECT_THAT(Found(), ElementsAre("consistency:ENTRY_DIFFERS@3"));
}

TEST_F(LogReviewTest, CannotSayThatALogWithHolesContinuesAnything) {
  change_ = [this](review::Known& known) { known.seen.push_back(At(5)); };
  tamper_ = [](auto& log) { log.erase(log.begin() + 2); };
  EXPECT_THAT(Found(), ElementsAre("tree:ENTRY_MISSING@2",
                                   "consistency:LOG_INCOMPLETE"));
}

TEST_F(LogReviewTest, FindsWhatIsNoEntry) {
  entries_.push_back("BSE1 and nothing");
  EXPECT_THAT(Found(), ElementsAre("entry:ENTRY_MALFORMED@6"));
}

TEST_F(LogReviewTest, FindsASignatureOfAnotherKey) {
  v1::Entry entry = Release("app", "2.0");
  const SigningKey other(image::Algorithm::kP256);
  v1::SignedDigest& digest = *entry.mutable_signing()->mutable_digests(0);
  digest.set_signature(other.Sign(AsBytes(digest.digest())));
  Add(entry);
  EXPECT_THAT(Found(), ElementsAre("signature:SIGNATURE_INVALID@6"));
}

TEST_F(LogReviewTest, FindsASignatureOverAnotherDigest) {
  v1::Entry entry = Release("app", "2.0");
  entry.mutable_signing()->mutable_digests(0)->set_digest(
      review::Sha256("other"));
  Add(entry);
  EXPECT_THAT(Found(), ElementsAre("signature:SIGNATURE_INVALID@6"));
}

TEST_F(LogReviewTest, FindsAReleaseWithoutASignature) {
  v1::Entry entry = Release("app", "2.0");
  entry.mutable_signing()->clear_digests();
  Add(entry);
  EXPECT_THAT(Found(), ElementsAre("signature:RELEASE_UNSIGNED@6"));
}

TEST_F(LogReviewTest, FindsAKeyThatIsNotTheTargets) {
  Add(Release("edwards", "2.0"));
  EXPECT_THAT(Found(), ElementsAre("signature:KEY_NOT_PINNED@6"));
}

TEST_F(LogReviewTest, SaysWhichKeyItWasNotGiven) {
  change_ = [](review::Known& known) { known.keys = {}; };
  EXPECT_THAT(Found(), Contains("signature:KEY_UNKNOWN@1"));
  EXPECT_THAT(MessageOf("KEY_UNKNOWN"), HasSubstr("--public-key"));
}

TEST_F(LogReviewTest, FindsAReleaseForWhomThePolicyGivesNone) {
  v1::Entry entry = Release("app", "2.0");
  entry.mutable_caller()->set_identity("audrey");
  Add(entry);
  EXPECT_THAT(Found(), ElementsAre("policy:REQUESTER_NOT_ALLOWED@6"));
}

TEST_F(LogReviewTest, FindsAReleaseToADeniedCertificate) {
  v1::Entry entry = Release("app", "2.0");
  entry.mutable_caller()->set_certificate_sha256(std::string(32, '\xee'));
  Add(entry);
  EXPECT_THAT(Found(), ElementsAre("policy:REQUESTER_NOT_ALLOWED@6"));
}

TEST_F(LogReviewTest, FindsAReleaseUnderAPolicyThatTheLogDoesNotHold) {
  v1::Entry entry = Release("app", "2.0");
  entry.set_policy_sha256(review::Sha256("none"));
  Add(entry);
  EXPECT_THAT(Found(), ElementsAre("policy:POLICY_UNKNOWN@6"));
}

TEST_F(LogReviewTest, FindsAPolicyWithALowerVersion) {
  policy_.set_version(7);
  AddPolicy();
  policy_.set_version(6);
  AddPolicy();
  EXPECT_THAT(Found(), ElementsAre("policy:POLICY_VERSION_LOWER@7"));
}

TEST_F(LogReviewTest, FindsAVersionWithTwoTexts) {
  policy_.set_version(7);
  AddPolicy();
  policy_.mutable_targets(0)->set_lower_version(v1::PASS);
  AddPolicy();
  EXPECT_THAT(Found(), ElementsAre("policy:POLICY_VERSION_REUSED@7",
                                   "policy:TRUST_CHANGED@7?"));
}

TEST_F(LogReviewTest, TakesTheSamePolicyAgain) {
  AddPolicy();
  AddPolicy();
  EXPECT_THAT(Found(), IsEmpty());
}

TEST_F(LogReviewTest, FindsAPolicyWhoseTextIsNotWhatItNames) {
  v1::Entry entry = decoded_[0];
  entry.mutable_policy()->set_sha256(review::Sha256("other"));
  Add(entry);
  EXPECT_THAT(Found(), Contains("policy:POLICY_MISMATCH@6"));
}

TEST_F(LogReviewTest, FindsAPolicyThatNamesAnotherAsTheOneInForce) {
  const std::string before = policy_sha256_;
  policy_.set_version(8);
  AddPolicy();
  v1::Entry entry = decoded_.back();
  entry.set_policy_sha256(before);
  Add(entry);
  EXPECT_THAT(Found(), ElementsAre("policy:POLICY_MISMATCH@7"));
}

TEST_F(LogReviewTest, FindsAPolicyLoggedUnderAnotherVersion) {
  v1::Entry entry = decoded_[0];
  entry.mutable_policy()->set_version(99);
  Add(entry);
  EXPECT_THAT(Found(), Contains("policy:POLICY_MISMATCH@6"));
}

TEST_F(LogReviewTest, FindsAPolicyThatCannotBeRead) {
  v1::Entry entry = decoded_[0];
  entry.mutable_policy()->set_text("nonsense {");
  entry.mutable_policy()->set_sha256(review::Sha256("nonsense {"));
  entry.set_policy_sha256(entry.policy().sha256());
  Add(entry);
  EXPECT_THAT(Found(), Contains("policy:POLICY_INVALID@6"));
}

TEST_F(LogReviewTest, WarnsOfAClockThatWentBack) {
  v1::Entry entry = Release("app", "2.0");
  entry.set_time_unix_ms(now_ms_ - 3'600'000);
  Add(entry);
  EXPECT_THAT(Found(), ElementsAre("time:TIME_WENT_BACK@6?"));
}

TEST_F(LogReviewTest, WarnsOfAClockThatIsAhead) {
  v1::Entry entry = Release("app", "2.0");
  entry.set_time_unix_ms(now_ms_ + 3'600'000);
  Add(entry);
  EXPECT_THAT(Found(), ElementsAre("time:TIME_AHEAD@6?"));
}

TEST(Findings, CountAllAndHoldTheFirst) {
  review::Findings findings;
  for (std::uint64_t i = 0; i < 100; ++i) {
    findings.Add(
        {review::FindingClass::kKey, review::Weight::kFinding, i, "R", "m"});
  }
  findings.Warn(review::FindingClass::kTime, 5, "T", "m");
  EXPECT_EQ(findings.count(review::FindingClass::kKey), 100U);
  EXPECT_EQ(findings.held().size(), review::Findings::kHeld + 1);
  EXPECT_EQ(findings.mask(), 128U);
  EXPECT_FALSE(findings.clean());
}

TEST(Findings, HoldTheNewestWarningsBesideTheFirstFindings) {
  review::Findings findings;
  for (std::uint64_t i = 0; i < 100; ++i) {
    findings.Warn(review::FindingClass::kPolicy, i, "T", "m");
  }
  findings.Add(
      {review::FindingClass::kPolicy, review::Weight::kFinding, 7, "R", "m"});
  EXPECT_EQ(findings.warnings(review::FindingClass::kPolicy), 100U);
  const auto held = findings.held();
  ASSERT_EQ(held.size(), review::Findings::kHeld + 1);
  EXPECT_EQ(held.front().reason, "R");
  EXPECT_EQ(held[1].index, 80U);
  EXPECT_EQ(held.back().index, 99U);
}

TEST(Findings, AreNoneWhenThereAreOnlyWarnings) {
  review::Findings findings;
  findings.Warn(review::FindingClass::kTime, 5, "T", "m");
  EXPECT_TRUE(findings.clean());
  EXPECT_EQ(findings.warnings(review::FindingClass::kTime), 1U);
}

TEST(Findings, HaveABitForEachClass) {
  EXPECT_EQ(review::ClassBits(),
            "1 tree, 2 consistency, 4 rolled-back, 8 entry, 16 policy, "
            "32 signature, 64 approval, 128 key, 256 rollback, 512 time, "
            "1024 search");
}

}  // namespace
}  // namespace bootseal::tests
