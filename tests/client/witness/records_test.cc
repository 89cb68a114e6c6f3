#include "client/witness/records.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"
#include "client/witness/cosigner.h"
#include "firmware/image/host/add_checkpoint.h"
#include "tests/client/witness/growth.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using witness::Records;
using witness::Start;

constexpr char kOrigin[] = "bootseal.example/test";

class RecordsTest : public testing::Test {
 protected:
  RecordsTest() { WriteWitnessKey(folder_.File("w.pem")); }
  absl::StatusOr<Records> Open(Start start = Start::kContinuing) {
    return Records::Open(folder_.File("state"), Key(), {kOrigin}, start);
  }
  image::host::CosignerKey Key() {
    return *image::host::CosignerKey::Parse(WitnessKeyText());
  }
  std::string Cosigned(std::uint64_t size) {
    const auto cosigner =
        witness::Cosigner::Open({folder_.File("w.pem"), "", kWitness});
    const std::string note = log_.Note(size, RootOf(size));
    return note + *cosigner->Cosign(1, *image::host::NoteText(note));
  }
  std::string Path() {
    return folder_.File("state") + image::host::CheckpointPath(kOrigin);
  }

  TemporaryFolder folder_;
  TestLog log_;
};

TEST_F(RecordsTest, AreEmptyAtFirstAndKeptOverARestart) {
  {
    auto records = Open(Start::kNew);
    ASSERT_OK(records);
    EXPECT_EQ(records->Find(kOrigin)->size, 0U);
    EXPECT_EQ(records->Find("other"), nullptr);
    ASSERT_OK(records->Keep(kOrigin, {5, RootOf(5), Cosigned(5)}));
  }
  const auto again = Open();
  ASSERT_OK(again);
  EXPECT_EQ(again->Find(kOrigin)->size, 5U);
  EXPECT_EQ(again->Find(kOrigin)->root, RootOf(5));
}

TEST_F(RecordsTest, BelongToOneProcessAtATime) {
  const auto records = Open(Start::kNew);
  ASSERT_OK(records);
  EXPECT_EQ(base::ReasonOf(Open().status()), "FILE_LOCKED");
}

TEST_F(RecordsTest, ThatWereChangedAreNotForgotten) {
  ASSERT_OK(Open(Start::kNew).status());
  std::string changed = Cosigned(5);
  changed[changed.find("\n5\n") + 1] = '4';
  const std::string uncosigned = log_.Note(5, RootOf(5));
  for (const std::string& note :
       {std::string(), std::string("x"), changed, uncosigned}) {
    ASSERT_OK(base::WriteFileAtomically(Path(), note));
    EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                 "STATE_INVALID"));
  }
}

TEST_F(RecordsTest, OfOneLogAreNotAnothers) {
  ASSERT_OK(Open(Start::kNew).status());
  const std::string other =
      folder_.File("state") + image::host::CheckpointPath("other.example/log");
  ASSERT_OK(Records::Open(folder_.File("state"), Key(), {"other.example/log"},
                          Start::kNew)
                .status());
  ASSERT_OK(base::WriteFileAtomically(other, Cosigned(5)));
  EXPECT_THAT(Records::Open(folder_.File("state"), Key(), {"other.example/log"},
                            Start::kContinuing),
              StatusIs(absl::StatusCode::kFailedPrecondition, "STATE_INVALID"));
}

TEST_F(RecordsTest, ThatAreMissingAreNotTakenForNone) {
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition,
                               "WITNESS_STATE_MISSING"));
  EXPECT_FALSE(std::filesystem::exists(folder_.File("state")));
  std::filesystem::create_directories(folder_.File("state"));
  EXPECT_EQ(base::ReasonOf(Open().status()), "WITNESS_STATE_MISSING");
  std::filesystem::create_directories(
      std::filesystem::path(Path()).parent_path());
  EXPECT_EQ(base::ReasonOf(Open().status()), "WITNESS_STATE_MISSING");
}

TEST_F(RecordsTest, ThatHeldANoteAreMissedWhenItIsGone) {
  {
    auto records = Open(Start::kNew);
    ASSERT_OK(records);
    ASSERT_OK(records->Keep(kOrigin, {5, RootOf(5), Cosigned(5)}));
  }
  std::filesystem::remove(Path());
  EXPECT_EQ(base::ReasonOf(Open().status()), "WITNESS_STATE_MISSING");
}

TEST_F(RecordsTest, OfAKillBetweenNoteAndMarkAreMissedToo) {
  ASSERT_OK(Open(Start::kNew).status());
  ASSERT_OK(base::WriteFileAtomically(Path(), Cosigned(5)));
  ASSERT_OK(Open().status());
  std::filesystem::remove(Path());
  EXPECT_EQ(base::ReasonOf(Open().status()), "WITNESS_STATE_MISSING");
}

TEST_F(RecordsTest, StayNewUntilSomethingIsKept) {
  ASSERT_OK(Open(Start::kNew).status());
  EXPECT_OK(Open().status());
  EXPECT_OK(Open().status());
}

TEST_F(RecordsTest, ThatAreThereAreNotNew) {
  {
    auto records = Open(Start::kNew);
    ASSERT_OK(records);
    EXPECT_OK(records->Keep(kOrigin, {5, RootOf(5), Cosigned(5)}));
  }
  EXPECT_THAT(Open(Start::kNew), StatusIs(absl::StatusCode::kFailedPrecondition,
                                          "WITNESS_STATE_EXISTS"));
  EXPECT_EQ(Open()->Find(kOrigin)->size, 5U);
}

TEST_F(RecordsTest, OfAStartThatDiedBetweenTwoLogsCanBeBegunAgain) {
  const std::vector<std::string> both{kOrigin, "other.example/log"};
  const auto open = [&](Start start) {
    return Records::Open(folder_.File("state"), Key(), both, start).status();
  };
  // Of the first log the mark, of the second nothing.
  ASSERT_OK(Open(Start::kNew).status());
  EXPECT_EQ(base::ReasonOf(open(Start::kContinuing)), "WITNESS_STATE_MISSING");
  EXPECT_OK(open(Start::kNew));
  EXPECT_OK(open(Start::kContinuing));
}

TEST_F(RecordsTest, ThatCannotBeLookedAtAreNotAbsent) {
  namespace fs = std::filesystem;
  fs::create_symlink(folder_.File("state"), folder_.File("state"));
  EXPECT_EQ(base::ReasonOf(Open().status()), "FILE_UNREADABLE");
  EXPECT_EQ(base::ReasonOf(Open(Start::kNew).status()), "FILE_UNREADABLE");
  fs::remove(folder_.File("state"));
  fs::create_directories(fs::path(Path()).parent_path());
  fs::create_symlink(Path(), Path());
  EXPECT_EQ(base::ReasonOf(Open(Start::kNew).status()), "FILE_UNREADABLE");
  fs::remove(Path());
  const fs::path mark = fs::path(Path()).parent_path() / "new";
  fs::create_symlink(mark, mark);
  EXPECT_EQ(base::ReasonOf(Open().status()), "FILE_UNREADABLE");
}

TEST_F(RecordsTest, AreHeldToWhatIsOnDiskThoughTheMarkStays) {
  auto records = Open(Start::kNew);
  ASSERT_OK(records);
  const auto mark = std::filesystem::path(Path()).parent_path() / "new";
  std::filesystem::remove(mark);
  std::filesystem::create_directories(mark / "in the way");
  EXPECT_EQ(base::ReasonOf(records->Keep(kOrigin, {5, RootOf(5), Cosigned(5)})),
            "FILE_UNWRITABLE");
  EXPECT_EQ(records->Find(kOrigin)->size, 5U);
}

TEST_F(RecordsTest, AreNewForAllLogsOrForNone) {
  {
    auto records = Open(Start::kNew);
    ASSERT_OK(records);
    ASSERT_OK(records->Keep(kOrigin, {5, RootOf(5), Cosigned(5)}));
  }
  EXPECT_EQ(
      base::ReasonOf(Records::Open(folder_.File("state"), Key(),
                                   {"other.example/log", kOrigin}, Start::kNew)
                         .status()),
      "WITNESS_STATE_EXISTS");
  EXPECT_EQ(base::ReasonOf(Records::Open(folder_.File("state"), Key(),
                                         {kOrigin, "other.example/log"},
                                         Start::kContinuing)
                               .status()),
            "WITNESS_STATE_MISSING");
  EXPECT_OK(Records::Open(folder_.File("state"), Key(), {"other.example/log"},
                          Start::kNew)
                .status());
}

TEST_F(RecordsTest, NeedAFolderThatCanBeWritten) {
  ASSERT_OK(base::WriteFileAtomically(folder_.File("state"), "a file"));
  EXPECT_EQ(base::ReasonOf(Open(Start::kNew).status()), "FILE_UNWRITABLE");
}

}  // namespace
}  // namespace bootseal::tests
