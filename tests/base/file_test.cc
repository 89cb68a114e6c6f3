#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::base {
namespace {

using tests::StatusIs;

TEST(File, ReadsBackWhatWasWritten) {
  const tests::TemporaryFolder folder;
  ASSERT_OK(WriteFileAtomically(folder.File("a"), "content"));
  const auto content = ReadFile(folder.File("a"), 7);
  ASSERT_OK(content);
  EXPECT_EQ(*content, "content");
}

TEST(File, RefusesAFileAboveTheLimit) {
  const tests::TemporaryFolder folder;
  ASSERT_OK(WriteFileAtomically(folder.File("a"), "content"));
  EXPECT_THAT(ReadFile(folder.File("a"), 6),
              StatusIs(absl::StatusCode::kInvalidArgument, "FILE_TOO_LARGE"));
}

// A sparse file: it is on no disk, and would be read for seconds.
TEST(File, AsksForTheSizeBeforeItReads) {
  const tests::TemporaryFolder folder;
  ASSERT_OK(WriteFileAtomically(folder.File("a"), ""));
  std::filesystem::resize_file(folder.File("a"), std::uintmax_t{3} << 30);
  const auto content = ReadFile(folder.File("a"), std::size_t{2} << 30);
  EXPECT_THAT(content,
              StatusIs(absl::StatusCode::kInvalidArgument, "FILE_TOO_LARGE"));
  EXPECT_THAT(content, tests::MessageHas("has 3221225472 bytes"));
}

TEST(File, RefusesAFileWithoutEnd) {
  EXPECT_THAT(ReadFile("/dev/zero", 100000),
              StatusIs(absl::StatusCode::kInvalidArgument, "FILE_TOO_LARGE"));
}

TEST(File, RefusesAFolder) {
  const tests::TemporaryFolder folder;
  EXPECT_THAT(
      ReadFile(folder.path(), 10),
      StatusIs(absl::StatusCode::kFailedPrecondition, "FILE_UNREADABLE"));
}

TEST(File, NamesTheMissingFile) {
  const auto content = ReadFile("/nonexistent/file", 10);
  EXPECT_THAT(content, StatusIs(absl::StatusCode::kNotFound, "FILE_NOT_FOUND"));
  EXPECT_THAT(content, tests::MessageHas("/nonexistent/file"));
}

TEST(File, LeavesNothingBehindWhenItCannotWrite) {
  const tests::TemporaryFolder folder;
  std::filesystem::create_directory(folder.File("a"));
  EXPECT_THAT(
      WriteFileAtomically(folder.File("a"), "x"),
      StatusIs(absl::StatusCode::kFailedPrecondition, "FILE_UNWRITABLE"));
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry :
       std::filesystem::directory_iterator(folder.path())) {
    ++count;
  }
  EXPECT_EQ(count, 1U);
}

TEST(File, WritesPrivateFilesWithMode600) {
  const tests::TemporaryFolder folder;
  ASSERT_OK(
      WriteFileAtomically(folder.File("pin"), "1234", FileMode::kPrivate));
  EXPECT_OK(CheckPrivate(folder.File("pin")));
}

TEST(File, RefusesASecretThatOthersMayRead) {
  const tests::TemporaryFolder folder;
  ASSERT_OK(WriteFileAtomically(folder.File("pin"), "1234"));
  const auto status = CheckPrivate(folder.File("pin"));
  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kFailedPrecondition, "FILE_MODE"));
  EXPECT_THAT(status, tests::MessageHas("chmod 600"));
}

TEST(File, RefusesAPolicyThatOthersMayWrite) {
  const tests::TemporaryFolder folder;
  ASSERT_OK(WriteFileAtomically(folder.File("policy"), ""));
  EXPECT_OK(CheckNotWritableByOthers(folder.File("policy")));
  ASSERT_EQ(chmod(folder.File("policy").c_str(), 0666), 0);
  EXPECT_THAT(CheckNotWritableByOthers(folder.File("policy")),
              StatusIs(absl::StatusCode::kFailedPrecondition, "FILE_MODE"));
}

}  // namespace
}  // namespace bootseal::base
