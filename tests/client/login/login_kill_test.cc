// bootseal login and logout, killed at every write, sync, rename and removal of
// their lives: whoever we were before or are now, nothing between, and no file
// that others may read at any moment.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/client/login/login_fixture.h"

namespace bootseal::tests {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

constexpr int kKilled = 128 + SIGKILL;
// A life has fewer calls: else it would never end.
constexpr int kTooMany = 100;

class LoginKillTest : public testing::Test {
 protected:
  LoginKillTest() {
    EXPECT_OK(base::WriteFileAtomically(File("ca.pem"), ca_.certificate_pem()));
    for (const char* name : {"before", "after"}) {
      CertificateRequest request = ForSpiffe("spiffe://test/ci");
      WriteCredential(folder_, name, ca_.Issue(request));
    }
  }

  std::string File(const std::string& name) const { return folder_.File(name); }

  std::vector<std::string> Login(const std::string& name) const {
    return LoginArguments({"127.0.0.1:1", File("ca.pem"), kLogKey},
                          {"--cert", File(name + ".pem"), "--key",
                           File(name + ".key"), "--offline"});
  }

  // The exit status of `arguments`, killed at that call.
  int RunKilledAt(const LoginHome& home,
                  const std::vector<std::string>& arguments, int call) const {
    const std::string folder = std::filesystem::canonical(home.File("."));
    return home
        .Run(arguments,
             {{"LD_PRELOAD", KILL_AT_MODULE},
              {"KILL_FOLDER", folder},
              {"KILL_AT", absl::StrCat(call)},
              {"ASAN_OPTIONS", "verify_asan_link_order=0:detect_leaks=0"}})
        .exit_code;
  }

  static void ExpectPrivate(const LoginHome& home) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(home.File("bootseal"))) {
      struct stat info {};
      ASSERT_EQ(lstat(entry.path().c_str(), &info), 0);
      EXPECT_EQ(info.st_mode & 0077, 0U) << entry.path();
    }
  }

  static constexpr char kLogKey[] =
      "fwsign.example/audit+fd33bb95+"
      "AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
  TemporaryFolder folder_;
  CertificateAuthority ca_{"ca"};
};

TEST_F(LoginKillTest, LeavesTheIdentityBeforeOrTheOneAfter) {
  int lives = 0;
  for (int exit = kKilled; exit == kKilled && lives < kTooMany;) {
    LoginHome home;
    ASSERT_EQ(home.Run(Login("before")).exit_code, 0);
    const std::string key = home.Stored("key.pem");
    exit = RunKilledAt(home, Login("after"), ++lives);
    ASSERT_THAT(exit, AnyOf(0, kKilled));
    ExpectPrivate(home);
    // Key and certificate belong together, whichever they are.
    const Outcome status = home.Run({"login", "--status"});
    EXPECT_EQ(status.exit_code, 0) << lives << status.err;
    // The next one finishes, and clears up.
    ASSERT_EQ(home.Run(Login("after")).exit_code, 0);
    EXPECT_FALSE(std::filesystem::exists(key));
    ExpectPrivate(home);
  }
  EXPECT_GT(lives, 10);
  EXPECT_LT(lives, kTooMany);
}

TEST_F(LoginKillTest, LogoutTakesTheKeyFirstAndIsFinishedByAnother) {
  int lives = 0;
  for (int exit = kKilled; exit == kKilled && lives < kTooMany;) {
    LoginHome home;
    ASSERT_EQ(home.Run(Login("before")).exit_code, 0);
    const std::string key = home.Stored("key.pem");
    exit = RunKilledAt(home, {"logout"}, ++lives);
    ASSERT_THAT(exit, AnyOf(0, kKilled));
    const Outcome again = home.Run({"logout"});
    EXPECT_THAT(again.exit_code, AnyOf(0, 5)) << again.err;
    if (again.exit_code == 5) {
      EXPECT_THAT(again.err, HasSubstr("NOT_LOGGED_IN"));
    }
    EXPECT_FALSE(std::filesystem::exists(key)) << lives;
  }
  EXPECT_GT(lives, 4);
  EXPECT_LT(lives, kTooMany);
}

}  // namespace
}  // namespace bootseal::tests
