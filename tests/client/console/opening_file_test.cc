#include "client/console/opening_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "client/console/access.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

namespace fs = std::filesystem;
using console::OpeningFile;
using testing::HasSubstr;
using testing::Not;

constexpr char kAddress[] = "http://127.0.0.1:1/open/abc";

class OpeningFileTest : public testing::Test {
 protected:
  OpeningFileTest() { setenv("XDG_RUNTIME_DIR", folder_.path().c_str(), 1); }
  ~OpeningFileTest() override { unsetenv("XDG_RUNTIME_DIR"); }

  static mode_t ModeOf(const std::string& path) {
    struct stat found {};
    EXPECT_EQ(stat(path.c_str(), &found), 0) << path;
    return found.st_mode & 07777;
  }

  TemporaryFolder folder_;
};

TEST_F(OpeningFileTest, IsForThisUserAloneAndNamesNothing) {
  const auto file = OpeningFile::Write(kAddress);
  ASSERT_OK(file);
  EXPECT_EQ(ModeOf(file->path()), 0600U);
  EXPECT_EQ(ModeOf(fs::path(file->path()).parent_path()), 0700U);
  EXPECT_THAT(file->path(), Not(HasSubstr("abc")));
  EXPECT_THAT(*base::ReadFile(file->path(), 4096),
              HasSubstr("content=\"0;url=http://127.0.0.1:1/open/abc\""));
}

TEST_F(OpeningFileTest, LeavesNothingBehind) {
  { ASSERT_OK(OpeningFile::Write(kAddress).status()); }
  EXPECT_TRUE(fs::is_empty(folder_.path()));
  auto file = OpeningFile::Write(kAddress);
  ASSERT_OK(file);
  file->Remove();
  EXPECT_TRUE(fs::is_empty(folder_.path()));
  file->Remove();
}

TEST_F(OpeningFileTest, GoesWhenThePageIsOpen) {
  console::Access access;
  std::optional<OpeningFile> file = *OpeningFile::Write(kAddress);
  access.OnFirstUse([&file] { file->Remove(); });
  EXPECT_FALSE(access.Redeem("x").ok());
  EXPECT_TRUE(fs::exists(file->path()));
  ASSERT_OK(access.Redeem(access.IssueTicket()));
  EXPECT_FALSE(fs::exists(file->path()));
  ASSERT_OK(access.Redeem(access.IssueTicket()));
}

TEST_F(OpeningFileTest, GoesWhenASignalEndsTheProcess) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      signal(number, SIG_DFL);  // whatever it was started by
      const auto file = OpeningFile::Write(kAddress);
      if (!file.ok() || !fs::exists(file->path())) _exit(1);
      raise(number);
      _exit(2);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "exit code " << WEXITSTATUS(status);
    EXPECT_EQ(WTERMSIG(status), number);
    EXPECT_TRUE(fs::is_empty(folder_.path()));
  }
}

TEST_F(OpeningFileTest, StaysWhereASignalIsIgnored) {
  const auto before = signal(SIGINT, SIG_IGN);
  {
    const auto file = OpeningFile::Write(kAddress);
    ASSERT_OK(file);
    raise(SIGINT);
    EXPECT_TRUE(fs::exists(file->path()));
  }
  EXPECT_EQ(signal(SIGINT, before), SIG_IGN);
}

TEST_F(OpeningFileTest, CanBeGivenWhileOthersAskForAccess) {
  console::Access access;
  std::optional<OpeningFile> file = *OpeningFile::Write(kAddress);
  const std::string ticket = access.IssueTicket();
  std::vector<std::thread> pages;
  pages.reserve(4);
  for (int i = 0; i < 4; ++i) {
    pages.emplace_back([&access, &ticket] {
      for (int j = 0; j < 1000; ++j) access.Redeem("x").IgnoreError();
      access.Redeem(ticket).IgnoreError();
    });
  }
  access.OnFirstUse([&file] { file->Remove(); });
  for (std::thread& page : pages) page.join();
  access.Redeem(access.IssueTicket()).IgnoreError();
  EXPECT_FALSE(fs::exists(file->path()));
}

TEST_F(OpeningFileTest, NeedsAFolderThatCanBeWritten) {
  setenv("XDG_RUNTIME_DIR", folder_.File("missing").c_str(), 1);
  EXPECT_THAT(
      OpeningFile::Write(kAddress),
      StatusIs(absl::StatusCode::kFailedPrecondition, "FILE_UNWRITABLE"));
}

}  // namespace
}  // namespace bootseal::tests
