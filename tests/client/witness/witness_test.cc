// c2sp.org/tlog-witness, status by status.
#include "client/witness/witness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/file.h"
#include "firmware/image/host/add_checkpoint.h"
#include "tests/client/witness/growth.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::Not;
using witness::Answer;

constexpr char kOrigin[] = "bootseal.example/test";

class FixedClock final : public base::Clock {
 public:
  absl::Time Now() const override { return absl::FromUnixSeconds(1700000000); }
};

class WitnessTest : public testing::Test {
 protected:
  WitnessTest() {
    WriteWitnessKey(folder_.File("w.pem"));
    Open();
  }

  void Open() {
    witness_.reset();
    auto cosigner =
        witness::Cosigner::Open({folder_.File("w.pem"), "", kWitness});
    auto opened = witness::Witness::Open(*std::move(cosigner), {log_.key()},
                                         folder_.File("state"), start_, clock_);
    ASSERT_OK(opened);
    witness_ = *std::move(opened);
    start_ = witness::Start::kContinuing;
  }

  int Add(const std::string& body) {
    return witness_->AddCheckpoint(body).status;
  }
  std::uint64_t Size() { return witness_->LatestSize(kOrigin); }
  std::string StateFile() {
    return absl::StrCat(folder_.File("state"),
                        image::host::CheckpointPath(kOrigin));
  }

  witness::Start start_ = witness::Start::kNew;
  TemporaryFolder folder_;
  FixedClock clock_;
  TestLog log_;
  std::unique_ptr<witness::Witness> witness_;
};

TEST_F(WitnessTest, CosignsALogFromItsFirstCheckpointOn) {
  std::uint64_t before = 0;
  for (const std::uint64_t size : {1, 2, 3, 3, 7, 8, 100}) {
    const Answer answer = witness_->AddCheckpoint(Growth(log_, before, size));
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto seen = image::host::OpenCosigned(
        log_.Note(size, RootOf(size)) + answer.body, witness_->key());
    ASSERT_OK(seen);
    EXPECT_EQ(seen->unix_seconds, 1700000000U);
    EXPECT_EQ(seen->line, answer.body);
    before = size;
  }
}

TEST_F(WitnessTest, TakesTheEmptyLog) {
  EXPECT_EQ(Add(Growth(log_, 0, 0)), 200);
  EXPECT_EQ(Add(Growth(log_, 0, 5)), 200);
}

TEST_F(WitnessTest, ShowsWhatItCosignedWithBothSignatures) {
  const std::string path = image::host::CheckpointPath(kOrigin);
  EXPECT_EQ(witness_->Latest(path).status, 404);
  const Answer answer = witness_->AddCheckpoint(Growth(log_, 0, 5));
  const Answer shown = witness_->Latest(path);
  EXPECT_EQ(shown.status, 200);
  EXPECT_EQ(shown.content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(shown.body, log_.Note(5, RootOf(5)) + answer.body);
  EXPECT_OK(log_.key().Open(shown.body).status());
  EXPECT_EQ(witness_->Latest("/checkpoint").status, 404);
  EXPECT_EQ(witness_->Latest("/" + std::string(64, '0') + "/checkpoint").status,
            404);
}

TEST_F(WitnessTest, KeepsNoSignaturesOfStrangers) {
  const TestLog stranger;  // another key under the same name
  const std::string note = stranger.Note(5, RootOf(5));
  const std::string line = note.substr(note.find("\n\n") + 2);
  ASSERT_EQ(Add(Growth(log_, 0, 5) + line), 200);
  EXPECT_THAT(witness_->LatestNote(kOrigin), Not(HasSubstr(line)));
}

TEST_F(WitnessTest, RefusesWhatIsNoRequest) {
  for (const std::string& body :
       {std::string(), std::string("hello"), std::string("old 0\n"),
        std::string("old 0\n\n"), std::string("old x\n\nlog\n")}) {
    EXPECT_EQ(Add(body), 400) << body;
  }
  EXPECT_EQ(Size(), 0U);
}

TEST_F(WitnessTest, RefusesAMalformedCheckpointOfAKnownLog) {
  const std::string good = Growth(log_, 0, 5);
  EXPECT_EQ(Add(good.substr(0, good.size() - 1)), 400);
  EXPECT_EQ(Add(absl::StrCat("old 0\n\n", kOrigin, "\n5\n")), 400);
  EXPECT_EQ(Add(absl::StrCat("old 0\n\n", kOrigin, "\n")), 400);
  EXPECT_EQ(Size(), 0U);
}

TEST_F(WitnessTest, DoesNotKnowOtherLogs) {
  const std::string other = absl::StrReplaceAll(
      Growth(log_, 0, 5), {{kOrigin, "bootseal.example/other"}});
  EXPECT_EQ(Add(other), 404);
}

TEST_F(WitnessTest, RefusesASignatureOfAnotherKey) {
  const TestLog stranger;
  EXPECT_EQ(Add(Growth(stranger, 0, 5)), 403);
  EXPECT_EQ(Size(), 0U);
}

TEST_F(WitnessTest, RefusesAWrongSignatureUnderTheLogsName) {
  std::string body = Growth(log_, 0, 5);
  const std::size_t at = body.size() - 20;
  body[at] = body[at] == 'A' ? 'B' : 'A';
  EXPECT_EQ(Add(body), 403);
  // Beside a good one too: such a note is malformed.
  const std::string line = body.substr(body.rfind("\xe2\x80\x94"));
  EXPECT_EQ(Add(Growth(log_, 0, 5) + line), 403);
  EXPECT_EQ(Size(), 0U);
}

TEST_F(WitnessTest, RefusesAnOldSizeAboveTheNew) {
  ASSERT_EQ(Add(Growth(log_, 0, 5)), 200);
  EXPECT_EQ(Add(Growth(log_, 5, 3)), 400);
  EXPECT_EQ(Size(), 5U);
}

TEST_F(WitnessTest, TellsItsSizeToWhoStartsElsewhere) {
  EXPECT_EQ(Add(Growth(log_, 2, 5)), 409);
  ASSERT_EQ(Add(Growth(log_, 0, 5)), 200);
  for (const std::uint64_t old_size : {0, 1, 4, 6}) {
    const Answer answer = witness_->AddCheckpoint(Growth(log_, old_size, 9));
    EXPECT_EQ(answer.status, 409);
    EXPECT_EQ(answer.content_type, "text/x.tlog.size");
    EXPECT_EQ(answer.body, "5\n");
  }
  // A log that went back has no old size that fits.
  EXPECT_EQ(Add(Growth(log_, 0, 4)), 409);
  EXPECT_EQ(Size(), 5U);
}

TEST_F(WitnessTest, RefusesAFork) {
  ASSERT_EQ(Add(Growth(log_, 0, 5)), 200);
  const std::string before = witness_->LatestNote(kOrigin);
  for (const std::uint64_t size : {5, 6, 9}) {
    EXPECT_EQ(Add(Fork(log_, 5, size)), 422) << size;
  }
  EXPECT_EQ(witness_->LatestNote(kOrigin), before);
  EXPECT_EQ(Add(Growth(log_, 5, 9)), 200);
}

TEST_F(WitnessTest, RefusesAWrongProof) {
  ASSERT_EQ(Add(Growth(log_, 0, 5)), 200);
  auto request = *image::host::ReadAddCheckpoint(Growth(log_, 5, 9));
  auto none = request;
  none.proof.clear();
  auto longer = request;
  longer.proof.push_back(longer.proof.back());
  auto changed = request;
  changed.proof[0][0] ^= std::byte{1};
  for (const auto& wrong : {none, longer, changed}) {
    EXPECT_EQ(Add(image::host::WriteAddCheckpoint(wrong)), 422);
  }
  EXPECT_EQ(Size(), 5U);
}

TEST_F(WitnessTest, RefusesAProofFromNothing) {
  auto request = *image::host::ReadAddCheckpoint(Growth(log_, 0, 5));
  request.proof.push_back(RootOf(3));
  EXPECT_EQ(Add(image::host::WriteAddCheckpoint(request)), 422);
}

TEST_F(WitnessTest, RefusesAnEmptyLogWithARoot) {
  EXPECT_EQ(Add(absl::StrCat("old 0\n\n", log_.Note(0, RootOf(1)))), 422);
}

TEST_F(WitnessTest, RemembersOverARestart) {
  ASSERT_EQ(Add(Growth(log_, 0, 5)), 200);
  const std::string note = witness_->LatestNote(kOrigin);
  Open();
  EXPECT_EQ(witness_->LatestNote(kOrigin), note);
  EXPECT_EQ(Add(Growth(log_, 0, 9)), 409);
  EXPECT_EQ(Add(Fork(log_, 5, 9)), 422);
  EXPECT_EQ(Add(Growth(log_, 5, 9)), 200);
}

TEST_F(WitnessTest, WhoCannotStoreDoesNotCosign) {
  ASSERT_EQ(Add(Growth(log_, 0, 5)), 200);
  // A folder in the file's place: nothing can be renamed over it.
  const std::string note = *base::ReadFile(StateFile(), 1 << 16);
  std::remove(StateFile().c_str());
  ASSERT_EQ(mkdir(StateFile().c_str(), 0700), 0);
  ASSERT_EQ(mkdir((StateFile() + "/x").c_str(), 0700), 0);
  EXPECT_EQ(Add(Growth(log_, 5, 9)), 500);
  EXPECT_EQ(Size(), 5U);
  rmdir((StateFile() + "/x").c_str());
  rmdir(StateFile().c_str());
  EXPECT_EQ(Add(Growth(log_, 5, 9)), 200);
}

TEST_F(WitnessTest, WithoutALogHasNothingToDo) {
  const TemporaryFolder folder;
  auto cosigner =
      witness::Cosigner::Open({folder_.File("w.pem"), "", kWitness});
  EXPECT_THAT(witness::Witness::Open(*std::move(cosigner), {}, folder.path(),
                                     witness::Start::kNew, clock_),
              StatusIs(absl::StatusCode::kInvalidArgument, "NO_LOG"));
}

TEST_F(WitnessTest, TrustsEveryKeyOfALogsName) {
  const TemporaryFolder folder;
  const TestLog next;  // the log's key after a rotation
  auto cosigner =
      witness::Cosigner::Open({folder_.File("w.pem"), "", kWitness});
  const auto both =
      witness::Witness::Open(*std::move(cosigner), {log_.key(), next.key()},
                             folder.path(), witness::Start::kNew, clock_);
  ASSERT_OK(both);
  EXPECT_EQ((*both)->AddCheckpoint(Growth(log_, 0, 5)).status, 200);
  EXPECT_EQ((*both)->AddCheckpoint(Growth(next, 5, 9)).status, 200);
  EXPECT_EQ((*both)->AddCheckpoint(Growth(TestLog(), 9, 10)).status, 403);
}

}  // namespace
}  // namespace bootseal::tests
