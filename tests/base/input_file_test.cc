#include "base/input_file.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <future>

#include "base/file.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::base {
namespace {

using absl::StatusCode;
using tests::MessageHas;
using tests::StatusIs;

constexpr uid_t kSomebodyElse = 65534;

class InputFileTest : public testing::Test {
 protected:
  std::string Path() const { return folder_.File("secret"); }
  void Write(const std::string& text,
             FileMode mode = FileMode::kPrivate) const {
    ASSERT_OK(WriteFileAtomically(Path(), text, mode));
  }
  void MakePipe() const { ASSERT_EQ(mkfifo(Path().c_str(), 0600), 0); }
  static absl::StatusOr<std::string> ReadSecret(const std::string& path) {
    return ReadPrivateFile(path, 16, Accepts::kRegularFile);
  }
  static void ExpectNoFile(const std::string& path, const char* kind) {
    for (const auto& read : {ReadSecret(path), ReadOwnersFile(path, 16)}) {
      EXPECT_THAT(read,
                  StatusIs(StatusCode::kFailedPrecondition, "FILE_UNREADABLE"));
      EXPECT_THAT(read, MessageHas(path));
      EXPECT_THAT(read, MessageHas(kind));
    }
  }

  const tests::TemporaryFolder folder_;
};

TEST_F(InputFileTest, GivesAPrivateFile) {
  Write("1234");
  const auto text = ReadSecret(Path());
  ASSERT_OK(text);
  EXPECT_EQ(*text, "1234");
}

// As service managers and Kubernetes hand over secrets.
TEST_F(InputFileTest, FollowsLinks) {
  Write("1234");
  std::filesystem::create_symlink("secret", folder_.File("link"));
  EXPECT_OK(ReadSecret(folder_.File("link")));
}

TEST_F(InputFileTest, HoldsWhatALinkLeadsToAgainstTheRules) {
  Write("1234", FileMode::kPublic);
  std::filesystem::create_symlink("secret", folder_.File("link"));
  EXPECT_THAT(ReadSecret(folder_.File("link")),
              StatusIs(StatusCode::kFailedPrecondition, "FILE_MODE"));
}

// Nobody writes into it: whoever opened it to read would wait for ever.
TEST_F(InputFileTest, RefusesAPipeWithoutWaiting) {
  MakePipe();
  ExpectNoFile(Path(), "it is a pipe, expected a regular file");
}

TEST_F(InputFileTest, RefusesAPipeBehindALink) {
  MakePipe();
  std::filesystem::create_symlink("secret", folder_.File("link"));
  ExpectNoFile(folder_.File("link"), "it is a pipe");
}

TEST_F(InputFileTest, RefusesAFolder) {
  std::filesystem::create_directory(Path());
  ExpectNoFile(Path(), "it is a folder, expected a regular file");
}

TEST_F(InputFileTest, RefusesADevice) {
  ExpectNoFile("/dev/zero", "it is a device, expected a regular file");
}

TEST_F(InputFileTest, RefusesASocket) {
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(Path().copy(address.sun_path, sizeof(address.sun_path) - 1),
            sizeof(address.sun_path) - 1);
  ASSERT_EQ(bind(socket, reinterpret_cast<const sockaddr*>(&address),
                 sizeof(address)),
            0);
  ExpectNoFile(Path(), "it is a socket, expected a regular file");
  close(socket);
}

TEST_F(InputFileTest, NamesTheMissingFile) {
  EXPECT_THAT(ReadSecret(Path()),
              StatusIs(StatusCode::kNotFound, "FILE_NOT_FOUND"));
}

TEST_F(InputFileTest, RefusesAFileAboveTheLimit) {
  Write(std::string(17, '1'));
  EXPECT_THAT(ReadSecret(Path()),
              StatusIs(StatusCode::kInvalidArgument, "FILE_TOO_LARGE"));
}

TEST_F(InputFileTest, RefusesASecretThatOthersMayRead) {
  Write("1234", FileMode::kPublic);
  const auto text = ReadSecret(Path());
  EXPECT_THAT(text, StatusIs(StatusCode::kFailedPrecondition, "FILE_MODE"));
  EXPECT_THAT(text, MessageHas("fix: chmod 600 -- " + Path()));
}

TEST_F(InputFileTest, RefusesAnOwnersFileThatOthersMayWrite) {
  Write("1234");
  ASSERT_EQ(chmod(Path().c_str(), 0666), 0);
  EXPECT_THAT(ReadOwnersFile(Path(), 16),
              StatusIs(StatusCode::kFailedPrecondition, "FILE_MODE"));
}

TEST_F(InputFileTest, RefusesASecretOfSomebodyElse) {
  if (geteuid() != 0) GTEST_SKIP() << "files of others are root's to make";
  Write("1234");
  ASSERT_EQ(chown(Path().c_str(), kSomebodyElse, 0), 0);
  const auto text = ReadSecret(Path());
  EXPECT_THAT(text, StatusIs(StatusCode::kFailedPrecondition, "FILE_MODE"));
  EXPECT_THAT(text, MessageHas("belongs to user 65534"));
  EXPECT_THAT(text, MessageHas("fix: chown 0 -- " + Path()));
}

// What is said can be pasted into a shell, and does that and nothing else.
TEST_F(InputFileTest, QuotesTheFileInTheFix) {
  const std::string path = folder_.File("it's; touch b");
  ASSERT_OK(WriteFileAtomically(path, "1234"));
  const std::string said(ReadSecret(path).status().message());
  const std::string fix = said.substr(said.find("fix: ") + 5);
  EXPECT_EQ(tests::Run({"sh", "-c", fix}).exit_code, 0) << fix;
  EXPECT_OK(ReadSecret(path));
}

struct Judged {
  uid_t owner;
  uid_t reader;
  mode_t mode;
  bool as_private_key;
  bool as_bearer_token;
};

TEST_F(InputFileTest, JudgesKeysAndTokensByWhoseTheyAreAndWhoMayUseThem) {
  if (geteuid() != 0) GTEST_SKIP() << "files of others are root's to make";
  constexpr uid_t kOther = kSomebodyElse - 1;
  constexpr Judged kCases[] = {
      // The reader's own.
      {kSomebodyElse, kSomebodyElse, 0600, true, true},
      {kSomebodyElse, kSomebodyElse, 0400, true, true},
      {kSomebodyElse, kSomebodyElse, 0700, true, true},
      {kSomebodyElse, kSomebodyElse, 0640, false, false},
      {kSomebodyElse, kSomebodyElse, 0644, false, false},
      {kSomebodyElse, kSomebodyElse, 0604, false, false},
      {kSomebodyElse, kSomebodyElse, 0620, false, false},
      {kSomebodyElse, kSomebodyElse, 0602, false, false},
      // Root's, for a group that root chose; a token as Kubernetes has it.
      {0, kSomebodyElse, 0600, true, true},
      {0, kSomebodyElse, 0640, true, true},
      {0, kSomebodyElse, 0440, true, true},
      {0, kSomebodyElse, 0644, false, true},
      {0, kSomebodyElse, 0604, false, true},
      {0, kSomebodyElse, 0660, false, false},
      {0, kSomebodyElse, 0650, false, true},
      {0, kSomebodyElse, 0646, false, false},
      {0, 0, 0600, true, true},
      {0, 0, 0640, true, true},
      {0, 0, 0644, false, true},
      {0, 0, 0666, false, false},
      // Another's, which only root can read.
      {kOther, 0, 0600, true, false},
      {kOther, 0, 0640, false, false},
      {kOther, 0, 0644, false, false}};
  for (const Judged& each : kCases) {
    SCOPED_TRACE(testing::Message() << each.owner << " " << each.reader << " 0"
                                    << std::oct << each.mode);
    Write("1234");
    ASSERT_EQ(chown(Path().c_str(), each.owner, 0), 0);
    ASSERT_EQ(chmod(Path().c_str(), each.mode), 0);
    const auto judged = InputFile::Open(Path(), Accepts::kRegularFile);
    ASSERT_OK(judged);
    ASSERT_EQ(seteuid(each.reader), 0);
    const absl::Status key = judged->CheckPrivateKey();
    const absl::Status token = judged->CheckBearerToken();
    ASSERT_EQ(seteuid(0), 0);
    EXPECT_EQ(ReasonOf(key), each.as_private_key ? "" : "FILE_MODE");
    EXPECT_EQ(ReasonOf(token), each.as_bearer_token ? "" : "FILE_MODE");
  }
}

TEST_F(InputFileTest, TellsTheModeThatMendsAKeyAndStillServesItsReader) {
  Write("1234", FileMode::kPublic);
  const auto file = InputFile::Open(Path(), Accepts::kRegularFile);
  ASSERT_OK(file);
  const absl::Status status = file->CheckPrivateKey();
  EXPECT_THAT(status, StatusIs(StatusCode::kFailedPrecondition, "FILE_MODE"));
  EXPECT_THAT(status, MessageHas("has mode 0644, expected 0600, or 0640 where "
                                 "root owns it; fix: chmod 600 -- " +
                                 Path()));
  if (geteuid() != 0) return;
  ASSERT_EQ(seteuid(kSomebodyElse), 0);
  const absl::Status of_group = file->CheckPrivateKey();
  ASSERT_EQ(seteuid(0), 0);
  EXPECT_THAT(of_group, MessageHas("fix: chmod 640 -- "));
}

TEST_F(InputFileTest, SaysWhoseTheFileIsThatItMayNotRead) {
  if (geteuid() != 0) GTEST_SKIP() << "another user is root's to become";
  Write("1234");
  ASSERT_EQ(chmod(folder_.path().c_str(), 0755), 0);
  ASSERT_EQ(seteuid(kSomebodyElse), 0);
  const auto text = ReadSecret(Path());
  ASSERT_EQ(seteuid(0), 0);
  EXPECT_THAT(text,
              StatusIs(StatusCode::kFailedPrecondition, "FILE_UNREADABLE"));
  EXPECT_THAT(text, MessageHas("belongs to user 0 with mode 0600, and this "
                               "process is user 65534"));
}

// Another file of that name, as private as the first, or none at all: what was
// judged is what is read.
TEST_F(InputFileTest, ReadsWhatItJudgedUnderWhateverName) {
  Write("judged");
  const auto file = InputFile::Open(Path(), Accepts::kRegularFile);
  ASSERT_OK(file);
  Write("another", FileMode::kPublic);
  EXPECT_OK(file->CheckPrivate());
  const auto text = file->Read(16);
  ASSERT_OK(text);
  EXPECT_EQ(*text, "judged");
}

// A shell's <(...), for those who sit before their program.
TEST_F(InputFileTest, TakesAPipeWhereThatIsWanted) {
  MakePipe();
  auto writer = std::async(std::launch::async, [this] {
    return WriteFileAtomically(Path(), "1234");
  });
  const auto text = ReadPrivateFile(Path(), 16, Accepts::kAnything);
  EXPECT_OK(writer.get());
  ASSERT_OK(text);
  EXPECT_EQ(*text, "1234");
}

// Its path is for others to open, who would wait.
TEST_F(InputFileTest, IsNoPipeForWhoeverOnlyChecks) {
  MakePipe();
  EXPECT_THAT(CheckPrivate(Path()),
              StatusIs(StatusCode::kFailedPrecondition, "FILE_UNREADABLE"));
}

}  // namespace
}  // namespace bootseal::base
