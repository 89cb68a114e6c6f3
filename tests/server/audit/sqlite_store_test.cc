// What only a store in a file has to promise.
#include "server/audit/sqlite/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/server/audit/store_home.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::audit {
namespace {

constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

auto IsNoLog() {
  return tests::StatusIs(absl::StatusCode::kFailedPrecondition,
                         "FILE_NOT_A_LOG");
}

class SqliteStoreTest : public ::testing::Test {
 protected:
  SqliteStoreTest() {
    auto store = OpenSqliteStore(path());
    EXPECT_OK(store);
    store_ = *std::move(store);
  }

  std::string path() const { return folder_.File("audit.sqlite"); }
  static void Execute(const std::string& path, const std::string& sql) {
    tests::ExecuteSqlite(path, sql);
  }
  static std::string ContentOf(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  tests::TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
};

TEST_F(SqliteStoreTest, BelongsToOneServer) {
  const auto second = OpenSqliteStore(path());
  EXPECT_THAT(second, tests::StatusIs(kUnavailable, "LOG_LOCKED"));
  EXPECT_THAT(second, tests::MessageHas(path()));
  store_.reset();
  EXPECT_OK(OpenSqliteStore(path()));
}

TEST_F(SqliteStoreTest, BelongsToOneServerByAnyName) {
  const std::string link = folder_.File("link.sqlite");
  std::filesystem::create_symlink(path(), link);
  EXPECT_THAT(OpenSqliteStore(link),
              tests::StatusIs(kUnavailable, "LOG_LOCKED"));
}

TEST_F(SqliteStoreTest, KeepsOthersFromReadingTheFile) {
  ASSERT_OK(store_->Append({Record()}, {}, {1, {}}));
  for (const char* suffix : {"", "-wal", ".lock"}) {
    struct stat status {};
    ASSERT_EQ(stat((path() + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0777, 0600u) << suffix;
  }
}

TEST_F(SqliteStoreTest, RefusesAFileThatIsNoDatabase) {
  const std::string other = folder_.File("other");
  std::ofstream(other) << std::string(4096, 'x');
  EXPECT_THAT(OpenSqliteStore(other), IsNoLog());
  EXPECT_THAT(OpenSqliteStore(other), tests::MessageHas(other));
  EXPECT_EQ(ContentOf(other), std::string(4096, 'x'));
}

// Whatever version it says it has, and nothing in it is touched.
TEST_F(SqliteStoreTest, RefusesTheDatabaseOfAnotherProgram) {
  for (const char* version : {"0", "1", "7"}) {
    const std::string other = folder_.File(absl::StrCat("other", version));
    Execute(other,
            absl::StrCat("CREATE TABLE entries (a); PRAGMA user_version=",
                         version));
    const std::string before = ContentOf(other);
    EXPECT_THAT(OpenSqliteStore(other), IsNoLog()) << version;
    EXPECT_EQ(ContentOf(other), before) << version;
  }
}

TEST_F(SqliteStoreTest, RefusesALogOfALaterVersion) {
  store_.reset();
  Execute(path(), "PRAGMA user_version=7");
  EXPECT_THAT(
      OpenSqliteStore(path()),
      tests::StatusIs(absl::StatusCode::kFailedPrecondition, "LOG_SCHEMA"));
}

TEST_F(SqliteStoreTest, RefusesAFolderThatIsNotThere) {
  const std::string path = folder_.File("none/audit.sqlite");
  EXPECT_THAT(OpenSqliteStore(path),
              tests::StatusIs(absl::StatusCode::kNotFound, "FILE_NOT_FOUND"));
  EXPECT_THAT(OpenSqliteStore(path), tests::MessageHas(path));
}

TEST_F(SqliteStoreTest, RefusesAFolderInThePlaceOfItsFile) {
  const std::string folder = folder_.File("folder");
  std::filesystem::create_directory(folder);
  EXPECT_THAT(OpenSqliteStore(folder),
              tests::StatusIs(absl::StatusCode::kFailedPrecondition,
                              "FILE_UNWRITABLE"));
}

}  // namespace
}  // namespace bootseal::audit
