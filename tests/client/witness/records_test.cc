#include "client/witness/records.h"

#include <gtest/gtest.h>

#include <string>

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

constexpr char kOrigin[] = "bootseal.example/test";

class RecordsTest : public testing::Test {
 protected:
  RecordsTest() { WriteWitnessKey(folder_.File("w.pem")); }
  absl::StatusOr<Records> Open() {
    return Records::Open(folder_.File("state"), Key(), {kOrigin});
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
    auto records = Open();
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
  const auto records = Open();
  ASSERT_OK(records);
  EXPECT_EQ(base::ReasonOf(Open().status()), "FILE_LOCKED");
}

TEST_F(RecordsTest, ThatWereChangedAreNotForgotten) {
  ASSERT_OK(Open().status());
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
  ASSERT_OK(Open().status());
  const std::string other =
      folder_.File("state") + image::host::CheckpointPath("other.example/log");
  ASSERT_OK(Records::Open(folder_.File("state"), Key(), {"other.example/log"})
                .status());
  ASSERT_OK(base::WriteFileAtomically(other, Cosigned(5)));
  EXPECT_THAT(
      Records::Open(folder_.File("state"), Key(), {"other.example/log"}),
      StatusIs(absl::StatusCode::kFailedPrecondition, "STATE_INVALID"));
}

TEST_F(RecordsTest, NeedAFolderThatCanBeWritten) {
  ASSERT_OK(base::WriteFileAtomically(folder_.File("state"), "a file"));
  EXPECT_EQ(base::ReasonOf(Open().status()), "FILE_UNWRITABLE");
}

}  // namespace
}  // namespace bootseal::tests
