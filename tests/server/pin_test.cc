// Where the PIN may come from, and what becomes of a server without one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "base/file.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr int kCannotStart = 1;
constexpr int kLocalFile = 5;
constexpr int kPin = 6;
constexpr char kVariable[] = "CREDENTIALS_DIRECTORY";

// A server whose PIN is the credential "pin", in a folder as systemd makes it.
class CredentialTest : public testing::Test {
 protected:
  CredentialTest() : folder_(server_.folder().File("credentials")) {
    std::filesystem::create_directory(folder_);
    setenv(kVariable, folder_.c_str(), 1);
    SetPinPath("credential:pin");
  }
  ~CredentialTest() override { unsetenv(kVariable); }

  void SetPinPath(const std::string& path) {
    server_.config().mutable_hsm()->mutable_pkcs11()->set_pin_path(path);
  }
  std::string path() const { return folder_ + "/pin"; }
  void Write(const std::string& text, mode_t mode = 0400) const {
    ASSERT_OK(base::WriteFileAtomically(path(), text));
    ASSERT_EQ(chmod(path().c_str(), mode), 0);
  }
  void ExpectRefusal(int status, const std::string& reason,
                     const std::string& fix) {
    EXPECT_EQ(server_.StartAndFail(), status) << reason;
    EXPECT_THAT(server_.ServerLog(),
                AllOf(HasSubstr(" reason=" + reason + " "), HasSubstr(fix),
                      Not(HasSubstr(server_.token().pin()))));
  }

  ServerFixture server_;
  const std::string folder_;
};

TEST_F(CredentialTest, IsThePin) {
  Write(server_.token().pin() + "\n");
  server_.Start();
  EXPECT_OK(Sign(server_.Channel("ci"), HeaderFor(TestPayload(5000)),
                 TestPayload(5000)));
}

TEST_F(CredentialTest, MayLackTheEndOfItsLine) {
  Write(server_.token().pin());
  server_.Start();
}

// With an access control list the group's bits are its mask.
TEST_F(CredentialTest, OfRootMayShowTheMaskOfItsList) {
  if (geteuid() != 0) GTEST_SKIP() << "files of root are root's to make";
  Write(server_.token().pin(), 0440);
  ASSERT_EQ(chown(path().c_str(), 0, 0), 0);
  server_.Start();
}

TEST_F(CredentialTest, ThatNobodyPassedIsRefused) {
  unsetenv(kVariable);
  ExpectRefusal(kCannotStart, "CREDENTIALS_MISSING", "LoadCredential=pin:FILE");
}

TEST_F(CredentialTest, InAFolderWithoutAnAbsolutePathIsRefused) {
  setenv(kVariable, "credentials", 1);
  ExpectRefusal(kCannotStart, "CREDENTIALS_MISSING", "absolute path");
}

TEST_F(CredentialTest, WithoutAFileIsRefused) {
  ExpectRefusal(kLocalFile, "FILE_NOT_FOUND", "LoadCredential=pin:FILE");
}

TEST_F(CredentialTest, OutsideTheFolderIsRefused) {
  for (const char* name :
       {"credential:../pin", "credential:..", "credential:.",
        "credential:", "credential:a/b", "credential:/etc/shadow"}) {
    SetPinPath(name);
    ExpectRefusal(kCannotStart, "CONFIG_INVALID",
                  "expected credential:NAME with the name that");
  }
}

TEST_F(CredentialTest, ThatOthersMayReadOrWriteIsRefused) {
  for (const mode_t mode : {0404, 0444, 0460, 0420, 0402}) {
    Write(server_.token().pin(), mode);
    ExpectRefusal(kLocalFile, "FILE_MODE", "expected 0");
  }
}

TEST_F(CredentialTest, OfAGroupThatIsNotRootsIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "files of others are root's to make";
  Write(server_.token().pin(), 0440);
  ASSERT_EQ(chown(path().c_str(), 0, 65534), 0);
  ExpectRefusal(kLocalFile, "FILE_MODE", "chmod 600");
}

TEST_F(CredentialTest, OfAnotherUserIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "files of others are root's to make";
  Write(server_.token().pin(), 0400);
  ASSERT_EQ(chown(path().c_str(), 65534, 0), 0);
  ExpectRefusal(kLocalFile, "FILE_MODE",
                "belongs to user 65534, expected root or user 0; fix: let the "
                "unit that starts bootseald as that user make it");
}

TEST_F(CredentialTest, ThatIsAPipeIsRefused) {
  ASSERT_EQ(mkfifo(path().c_str(), 0400), 0);
  ExpectRefusal(kLocalFile, "FILE_UNREADABLE", "LoadCredential=pin:FILE");
}

TEST_F(CredentialTest, WithNothingInItIsRefused) {
  for (const char* text : {"", "\n", "\r\n"}) {
    Write(text);
    ExpectRefusal(kPin, "PIN_EMPTY", "LoadCredential=pin:FILE in the unit: ");
  }
}

TEST_F(CredentialTest, WithTwoLinesIsRefused) {
  for (const char* end : {"\n\n", "\nsecond\n", "\r\nsecond"}) {
    Write(server_.token().pin() + end);
    ExpectRefusal(kPin, "PIN_NOT_ONE_LINE", "leave one line");
  }
}

TEST_F(CredentialTest, ThatIsTooLargeForAPinIsRefused) {
  Write(std::string(300, '1'));
  ExpectRefusal(kLocalFile, "FILE_TOO_LARGE", "expected at most 256");
}

// The token counts the tries: the unit does not start it again.
TEST_F(CredentialTest, ThatTheTokenRefusesEndsItWithAStatusOfItsOwn) {
  Write("87654321\n");
  ExpectRefusal(kPin, "PIN_INCORRECT", "PIN of credential:pin: ");
}

// As a file it is held to the same.
TEST(PinFile, WithTwoLinesIsRefused) {
  ServerFixture server;
  const std::string path = server.folder().File("two-lines");
  ASSERT_OK(base::WriteFileAtomically(path, "12345678\n12345678\n",
                                      base::FileMode::kPrivate));
  server.config().mutable_hsm()->mutable_pkcs11()->set_pin_path(path);
  EXPECT_EQ(server.StartAndFail(), kPin);
  EXPECT_THAT(server.ServerLog(), HasSubstr("reason=PIN_NOT_ONE_LINE"));
}

TEST(PinFile, OfAnotherUserIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "files of others are root's to make";
  ServerFixture server;
  ASSERT_EQ(chown(server.token().pin_path().c_str(), 65534, 65534), 0);
  EXPECT_EQ(server.StartAndFail(), kLocalFile);
  EXPECT_THAT(server.ServerLog(),
              AllOf(HasSubstr("belongs to user 65534"),
                    HasSubstr("fix: chown 0 -- " + server.token().pin_path())));
}

}  // namespace
}  // namespace bootseal::tests
