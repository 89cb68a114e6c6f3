#include "base/pending_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::base {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using tests::StatusIs;

class PendingFileTest : public testing::Test {
 protected:
  std::string File(const std::string& name) const { return folder_.File(name); }
  std::string Read(const std::string& name) const {
    return ReadFile(File(name), 1 << 20).value_or("nothing");
  }
  // Sorted names of what is in the folder.
  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry :
         std::filesystem::directory_iterator(folder_.path())) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  // "new" for each of the names, in their order.
  absl::Status PutNew(const std::vector<std::string>& names) const {
    std::vector<PendingFile> files;
    for (const std::string& name : names) {
      absl::StatusOr<PendingFile> file = PendingFile::Write(File(name), "new");
      if (!file.ok()) return file.status();
      files.push_back(*std::move(file));
    }
    return PutInPlace(std::move(files));
  }
  // A process that writes a pending file, then waits for the signal: its status
  // at the end.
  int StatusAfter(int number) const;

  tests::TemporaryFolder folder_;
};

TEST_F(PendingFileTest, GrowsBeforeItAppears) {
  auto file = PendingFile::Write(File("a"), "one\n");
  ASSERT_OK(file);
  ASSERT_OK(file->Append("two\n"));
  ASSERT_OK(file->Append(""));
  EXPECT_EQ(Read("a"), "nothing");
  std::vector<PendingFile> files;
  files.push_back(*std::move(file));
  ASSERT_OK(PutInPlace(std::move(files)));
  EXPECT_EQ(Read("a"), "one\ntwo\n");
  EXPECT_THAT(Files(), ElementsAre("a"));
}

TEST_F(PendingFileTest, GrowsByZerosThatTakeNoRoom) {
  constexpr std::size_t kZeros = 8 << 20;
  auto file = PendingFile::Write(File("a"), "one");
  ASSERT_OK(file);
  ASSERT_OK(file->AppendZeros(kZeros));
  ASSERT_OK(file->AppendZeros(0));
  ASSERT_OK(file->Append("two"));
  std::vector<PendingFile> files;
  files.push_back(*std::move(file));
  ASSERT_OK(PutInPlace(std::move(files)));
  struct stat info {};
  ASSERT_EQ(stat(File("a").c_str(), &info), 0);
  EXPECT_EQ(static_cast<std::size_t>(info.st_size), kZeros + 6);
  EXPECT_LT(static_cast<std::size_t>(info.st_blocks) * 512, kZeros);
  const std::string content = *ReadFile(File("a"), kZeros + 6);
  EXPECT_EQ(content, "one" + std::string(kZeros, '\0') + "two");
}

TEST_F(PendingFileTest, DoesNotGrowBeyondWhatAFileMayHave) {
  auto file = PendingFile::Write(File("a"), "one");
  ASSERT_OK(file);
  EXPECT_EQ(ReasonOf(file->AppendZeros(std::uint64_t{1} << 62)),
            "FILE_UNWRITABLE");
}

TEST_F(PendingFileTest, IsNotThereUntilItIsPutInPlace) {
  ASSERT_OK(WriteFileAtomically(File("a"), "old"));
  absl::StatusOr<PendingFile> file = PendingFile::Write(File("a"), "new");
  ASSERT_OK(file);
  EXPECT_EQ(Read("a"), "old");
  std::vector<PendingFile> files;
  files.push_back(*std::move(file));
  ASSERT_OK(PutInPlace(std::move(files)));
  EXPECT_EQ(Read("a"), "new");
  EXPECT_THAT(Files(), ElementsAre("a"));
}

TEST_F(PendingFileTest, IsGoneWhenItIsNotPutInPlace) {
  ASSERT_OK(PendingFile::Write(File("a"), "new"));
  EXPECT_THAT(Files(), IsEmpty());
}

TEST_F(PendingFileTest, SeveralReplaceWhatWasThere) {
  ASSERT_OK(WriteFileAtomically(File("a"), "old"));
  ASSERT_OK(WriteFileAtomically(File("c"), "old"));
  ASSERT_OK(PutNew({"a", "b", "c"}));
  for (const char* name : {"a", "b", "c"}) EXPECT_EQ(Read(name), "new");
  EXPECT_THAT(Files(), ElementsAre("a", "b", "c"));
}

TEST_F(PendingFileTest, TheOldFilesStayWhenALaterOneCannotBePlaced) {
  ASSERT_OK(WriteFileAtomically(File("a"), "old"));
  std::filesystem::create_directory(File("c"));
  EXPECT_THAT(
      PutNew({"a", "b", "c"}),
      StatusIs(absl::StatusCode::kFailedPrecondition, "FILE_UNWRITABLE"));
  EXPECT_EQ(Read("a"), "old");
  EXPECT_THAT(Files(), ElementsAre("a", "c"));
}

TEST_F(PendingFileTest, AFolderInTheMiddleIsNotMovedAway) {
  ASSERT_OK(WriteFileAtomically(File("a"), "old"));
  std::filesystem::create_directory(File("b"));
  ASSERT_OK(WriteFileAtomically(File("c"), "old"));
  EXPECT_THAT(PutNew({"a", "b", "c"}), tests::MessageHas("Is a directory"));
  EXPECT_EQ(Read("a"), "old");
  EXPECT_EQ(Read("c"), "old");
  EXPECT_TRUE(std::filesystem::is_directory(File("b")));
  EXPECT_THAT(Files(), ElementsAre("a", "b", "c"));
}

TEST_F(PendingFileTest, NamesThePlaceItCannotWrite) {
  const absl::StatusOr<PendingFile> file =
      PendingFile::Write("/nonexistent/a", "new");
  EXPECT_THAT(
      file, StatusIs(absl::StatusCode::kFailedPrecondition, "FILE_UNWRITABLE"));
  EXPECT_THAT(file, tests::MessageHas("/nonexistent/a"));
}

TEST_F(PendingFileTest, AFullDiskIsNamed) {
  EXPECT_THAT(WriteInPlace("/dev/full", "new"),
              tests::MessageHas("No space left"));
}

TEST_F(PendingFileTest, OnlyDevicesAndPipesAreWrittenInPlace) {
  ASSERT_OK(WriteFileAtomically(File("file"), "old"));
  ASSERT_EQ(mkfifo(File("pipe").c_str(), 0600), 0);
  EXPECT_TRUE(IsWrittenInPlace("/dev/null"));
  EXPECT_TRUE(IsWrittenInPlace(File("pipe")));
  EXPECT_FALSE(IsWrittenInPlace(File("file")));
  EXPECT_FALSE(IsWrittenInPlace(File("nothing")));
  EXPECT_FALSE(IsWrittenInPlace(folder_.path()));
}

TEST_F(PendingFileTest, APipeStaysAndGetsTheContent) {
  ASSERT_EQ(mkfifo(File("pipe").c_str(), 0600), 0);
  std::string content;
  std::thread reader([&] { content = Read("pipe"); });
  EXPECT_OK(WriteFileAtomically(File("pipe"), "new"));
  reader.join();
  EXPECT_EQ(content, "new");
  EXPECT_THAT(Files(), ElementsAre("pipe"));
}

int PendingFileTest::StatusAfter(int number) const {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
  const pid_t child = fork();
  if (child == 0) {
    // The test may have been started by nohup.
    signal(number, SIG_DFL);
    RemovePendingFilesOnSignal();
    const auto file = PendingFile::Write(File("a"), "new");
    if (!file.ok() || write(ends[1], "x", 1) != 1) _exit(99);
    while (true) pause();
  }
  close(ends[1]);
  char ready = 0;
  EXPECT_EQ(read(ends[0], &ready, 1), 1);
  close(ends[0]);
  EXPECT_EQ(Files().size(), 1U);
  kill(child, number);
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

TEST_F(PendingFileTest, ASignalRemovesItAndEndsTheProcessAllTheSame) {
  for (const int number : {SIGHUP, SIGINT, SIGPIPE, SIGTERM}) {
    const int status = StatusAfter(number);
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(WTERMSIG(status), number);
    EXPECT_THAT(Files(), IsEmpty()) << "after signal " << number;
  }
}

// nohup.
TEST_F(PendingFileTest, AnIgnoredSignalStaysIgnored) {
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGHUP, SIG_IGN);
    RemovePendingFilesOnSignal();
    raise(SIGHUP);
    _exit(42);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 42);
}

// Whenever the signal comes: both are new, or both are old, and nothing else.
TEST_F(PendingFileTest, ASignalNeverPartsTwoFiles) {
  ASSERT_OK(WriteFileAtomically(File("a"), "old"));
  ASSERT_OK(WriteFileAtomically(File("b"), "old"));
  for (int round = 0; round < 60; ++round) {
    const pid_t child = fork();
    if (child == 0) {
      RemovePendingFilesOnSignal();
      // Another thread than the one that writes may take the signal.
      std::thread([] {
        while (true) pause();
      }).detach();
      for (int i = 0;; ++i) {
        std::vector<PendingFile> files;
        for (const char* name : {"a", "b"}) {
          auto file = PendingFile::Write(File(name), std::to_string(i));
          if (!file.ok()) _exit(99);
          files.push_back(*std::move(file));
        }
        if (!PutInPlace(std::move(files)).ok()) _exit(98);
      }
    }
    std::this_thread::sleep_for(std::chrono::microseconds(500 + 37 * round));
    kill(child, SIGTERM);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << status;
    ASSERT_EQ(Read("a"), Read("b")) << "in round " << round;
    ASSERT_THAT(Files(), ElementsAre("a", "b")) << "in round " << round;
  }
}

}  // namespace
}  // namespace bootseal::base
