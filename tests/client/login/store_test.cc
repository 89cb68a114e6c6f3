#include "client/login/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "client/cli/exit_status.h"
#include "tests/support/pki.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::login {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using tests::MessageHas;
using tests::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

std::string Read(const std::string& path) {
  return base::ReadFile(path, 1 << 20).value_or("(cannot be read)");
}

mode_t ModeOf(const std::string& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
}

class StoreTest : public testing::Test {
 protected:
  StoreTest() : ca_("ca"), config_(folder_.File("bootseal/config")) {}

  cli::Credentials CredentialsOf(const std::string& name) const {
    const auto issued = ca_.Issue(tests::ForSpiffe("spiffe://example/" + name));
    cli::Credentials credentials;
    credentials.ca_pem = ca_.certificate_pem();
    credentials.certificate_pem = issued.certificate_pem;
    credentials.key_pem = base::Secret(std::string(issued.key_pem));
    return credentials;
  }

  cli::Settings Settings() const {
    return {.server = "127.0.0.1:1",
            .ca = "/elsewhere/ca.pem",
            .certificate = "/elsewhere/cert.pem",
            .key = "/elsewhere/key.pem",
            .log_key = ""};
  }

  absl::StatusOr<std::vector<std::string>> Put(
      const cli::Credentials& credentials) {
    return Put(credentials, Settings());
  }
  absl::StatusOr<std::vector<std::string>> Put(
      const cli::Credentials& credentials, const cli::Settings& settings) {
    auto store = Store::Open(config_);
    if (!store.ok()) return store.status();
    return store->Put(settings, credentials);
  }

  Stored Now() const {
    const auto stored = ReadStored(config_);
    EXPECT_OK(stored);
    return stored.value_or(Stored());
  }

  void MakeFolder(mode_t mode) const {
    ASSERT_EQ(mkdir(folder_.File("bootseal").c_str(), 0700), 0);
    ASSERT_EQ(chmod(folder_.File("bootseal").c_str(), mode), 0);
  }
  void Write(const std::string& path, const std::string& text) const {
    ASSERT_OK(base::WriteFileAtomically(path, text));
  }
  // Of logins that are stored.
  std::size_t Identities() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(
             folder_.File("bootseal/identity"))) {
      if (entry.is_directory()) ++count;
    }
    return count;
  }

  tests::TemporaryFolder folder_;
  tests::CertificateAuthority ca_;
  std::string config_;
};

TEST_F(StoreTest, KeepsCopiesThatNobodyElseMayRead) {
  const cli::Credentials credentials = CredentialsOf("ci");
  ASSERT_OK(Put(credentials));
  const Stored stored = Now();
  EXPECT_TRUE(stored.by_login);
  EXPECT_EQ(NameOf(*stored.bearer), "spiffe://example/ci");
  EXPECT_EQ(stored.settings.server, "127.0.0.1:1");
  EXPECT_EQ(Read(stored.settings.certificate), credentials.certificate_pem);
  EXPECT_EQ(Read(stored.settings.key), credentials.key_pem.Reveal());
  EXPECT_EQ(Read(stored.settings.ca), credentials.ca_pem);
  for (const std::string& file :
       {stored.settings.certificate, stored.settings.key, stored.settings.ca,
        config_}) {
    EXPECT_EQ(ModeOf(file), 0600U) << file;
  }
  for (std::string folder : {stored.settings.key, config_}) {
    folder = std::filesystem::path(folder).parent_path();
    EXPECT_EQ(ModeOf(folder), 0700U) << folder;
  }
  EXPECT_EQ(ModeOf(folder_.File("bootseal/identity")), 0700U);
}

TEST_F(StoreTest, NeedsNoUmask) {
  const mode_t before = umask(0);
  const auto put = Put(CredentialsOf("ci"));
  umask(before);
  ASSERT_OK(put);
  EXPECT_EQ(ModeOf(Now().settings.key), 0600U);
  EXPECT_EQ(ModeOf(folder_.File("bootseal")), 0700U);
}

TEST_F(StoreTest, RefusesAFolderThatOthersMayWrite) {
  for (const mode_t mode : {0770, 0720, 0702, 0777}) {
    std::filesystem::remove_all(folder_.File("bootseal"));
    MakeFolder(mode);
    const auto put = Put(CredentialsOf("ci"));
    EXPECT_THAT(put, StatusIs(kInvalid, "FOLDER_UNSAFE"));
    EXPECT_THAT(put, MessageHas("fix: chmod 700 -- "));
    EXPECT_FALSE(std::filesystem::exists(config_));
  }
}

TEST_F(StoreTest, TakesASettingsFolderThatOthersMayRead) {
  MakeFolder(0755);
  EXPECT_OK(Put(CredentialsOf("ci")));
}

TEST_F(StoreTest, RefusesAnIdentityFolderThatOthersMayRead) {
  for (const mode_t mode : {0750, 0705, 0711}) {
    std::filesystem::remove_all(folder_.File("bootseal"));
    MakeFolder(0700);
    const std::string identities = folder_.File("bootseal/identity");
    ASSERT_EQ(mkdir(identities.c_str(), 0700), 0);
    ASSERT_EQ(chmod(identities.c_str(), mode), 0);
    EXPECT_THAT(Put(CredentialsOf("ci")), StatusIs(kInvalid, "FOLDER_UNSAFE"));
    EXPECT_TRUE(std::filesystem::is_empty(identities));
  }
}

TEST_F(StoreTest, RefusesFoldersThatAreSymbolicLinks) {
  std::filesystem::create_directory(folder_.File("other"));
  std::filesystem::create_symlink(folder_.File("other"),
                                  folder_.File("bootseal"));
  const auto put = Put(CredentialsOf("ci"));
  EXPECT_THAT(put, StatusIs(kInvalid, "FOLDER_UNSAFE"));
  EXPECT_THAT(put, MessageHas("symbolic link"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_.File("other")));

  std::filesystem::remove(folder_.File("bootseal"));
  MakeFolder(0700);
  std::filesystem::create_symlink(folder_.File("other"),
                                  folder_.File("bootseal/identity"));
  EXPECT_THAT(Put(CredentialsOf("ci")), StatusIs(kInvalid, "FOLDER_UNSAFE"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_.File("other")));
}

TEST_F(StoreTest, RefusesASettingsFileThatIsASymbolicLink) {
  MakeFolder(0700);
  Write(folder_.File("dotfiles"), "server = kept:1\n");
  std::filesystem::create_symlink(folder_.File("dotfiles"), config_);
  EXPECT_THAT(Put(CredentialsOf("ci")), StatusIs(kInvalid, "FOLDER_UNSAFE"));
  EXPECT_EQ(Read(folder_.File("dotfiles")), "server = kept:1\n");
}

TEST_F(StoreTest, RefusesWhatBelongsToAnotherUser) {
  if (geteuid() != 0) GTEST_SKIP() << "only root may give files away";
  MakeFolder(0700);
  ASSERT_EQ(chown(folder_.File("bootseal").c_str(), 12345, -1), 0);
  const auto put = Put(CredentialsOf("ci"));
  EXPECT_THAT(put, StatusIs(kInvalid, "FOLDER_UNSAFE"));
  EXPECT_THAT(put, MessageHas("belongs to user 12345"));

  ASSERT_EQ(chown(folder_.File("bootseal").c_str(), geteuid(), -1), 0);
  Write(config_, "");
  ASSERT_EQ(chown(config_.c_str(), 12345, -1), 0);
  EXPECT_THAT(Put(CredentialsOf("ci")), StatusIs(kInvalid, "FOLDER_UNSAFE"));
}

TEST_F(StoreTest, RefusesAFileInTheFoldersPlace) {
  Write(folder_.File("bootseal"), "a file");
  EXPECT_THAT(Put(CredentialsOf("ci")), StatusIs(kInvalid, "FOLDER_UNSAFE"));
}

TEST_F(StoreTest, NamesAFolderThatCannotBeMade) {
  config_ = "/proc/bootseal/config";
  const auto put = Put(CredentialsOf("ci"));
  EXPECT_THAT(put, StatusIs(kInvalid, "FILE_UNWRITABLE"));
  EXPECT_EQ(cli::ExitStatusOf(put.status()), cli::ExitStatus::kLocalFile);
}

TEST_F(StoreTest, HasNoPlaceWithoutAHome) {
  config_ = "";
  const auto put = Put(CredentialsOf("ci"));
  EXPECT_THAT(put, StatusIs(kInvalid, "HOME_MISSING"));
  EXPECT_EQ(cli::ExitStatusOf(put.status()), cli::ExitStatus::kUsage);
}

// Which would be another one in every folder.
TEST_F(StoreTest, HasNoPlaceBelowARelativeHome) {
  config_ = "home-of-nobody/bootseal/config";
  const auto put = Put(CredentialsOf("ci"));
  EXPECT_THAT(put, StatusIs(kInvalid, "HOME_RELATIVE"));
  EXPECT_EQ(cli::ExitStatusOf(put.status()), cli::ExitStatus::kUsage);
  EXPECT_FALSE(std::filesystem::exists("home-of-nobody"));
}

TEST_F(StoreTest, ReplacesAnIdentityAndNamesTheLines) {
  ASSERT_OK(Put(CredentialsOf("ci")));
  const Stored before = Now();
  const auto replaced = Put(CredentialsOf("ci"));
  ASSERT_OK(replaced);
  EXPECT_THAT(*replaced, ElementsAre("ca = " + before.settings.ca,
                                     "cert = " + before.settings.certificate,
                                     "key = " + before.settings.key));
  EXPECT_FALSE(std::filesystem::exists(before.settings.key));
  EXPECT_EQ(Identities(), 1U);
}

TEST_F(StoreTest, ReplacesNothingByTheSameOnce) {
  const cli::Credentials credentials = CredentialsOf("ci");
  ASSERT_OK(Put(credentials));
  const auto replaced = Put(credentials);
  ASSERT_OK(replaced);
  EXPECT_THAT(*replaced, IsEmpty());
  EXPECT_EQ(Read(Now().settings.key), credentials.key_pem.Reveal());
}

TEST_F(StoreTest, KeepsCommentsAndOtherSettings) {
  MakeFolder(0700);
  Write(config_, "# our team's\nserver = old:1\n; as agreed\n");
  const auto replaced = Put(CredentialsOf("ci"));
  ASSERT_OK(replaced);
  EXPECT_THAT(*replaced, ElementsAre("server = old:1"));
  EXPECT_THAT(Read(config_), HasSubstr("# our team's\n; as agreed\n"));
}

TEST_F(StoreTest, LeavesASettingsFileThatDoesNotParse) {
  MakeFolder(0700);
  Write(config_, "sever = typo:1\n");
  EXPECT_THAT(Put(CredentialsOf("ci")), StatusIs(kInvalid, "CONFIG_INVALID"));
  EXPECT_EQ(Read(config_), "sever = typo:1\n");
  EXPECT_EQ(Identities(), 0U);
}

TEST_F(StoreTest, KeepsValuesThatNeedQuotes) {
  cli::Settings settings = Settings();
  settings.token_file = "/a folder, with a comma/token";
  settings.server = "a:1,[::1]:2";
  ASSERT_OK(Put(CredentialsOf("ci"), settings));
  EXPECT_EQ(Now().settings.token_file, settings.token_file);
  EXPECT_EQ(Now().settings.server, settings.server);
}

TEST_F(StoreTest, RefusesAValueThatTheFileCannotHold) {
  for (const char* path : {"/a;b/token", "/a\nserver = evil:1", "/a\"b, c"}) {
    cli::Settings settings = Settings();
    settings.token_file = path;
    EXPECT_THAT(Put(CredentialsOf("ci"), settings),
                StatusIs(kInvalid, "SETTING_UNWRITABLE"));
    EXPECT_FALSE(std::filesystem::exists(config_));
    EXPECT_EQ(Identities(), 0U);
  }
}

TEST_F(StoreTest, ThatFailsLeavesTheIdentityBefore) {
  ASSERT_OK(Put(CredentialsOf("ci")));
  const std::string before = Read(config_);
  cli::Settings settings = Settings();
  settings.token_file = "/a;b";
  EXPECT_THAT(Put(CredentialsOf("ci"), settings), Not(tests::IsOk()));
  EXPECT_EQ(Read(config_), before);
  EXPECT_TRUE(std::filesystem::exists(Now().settings.key));
  EXPECT_EQ(Identities(), 1U);
}

// What a login that was killed before its last step leaves behind.
TEST_F(StoreTest, RemovesWhatNoSettingsFileNames) {
  ASSERT_OK(Put(CredentialsOf("ci")));
  const std::string left = folder_.File("bootseal/identity/0123456789abcdef");
  std::filesystem::create_directory(left);
  Write(left + "/key.pem", "half");
  const std::string others = folder_.File("bootseal/identity/notes");
  std::filesystem::create_directory(others);
  ASSERT_OK(Put(CredentialsOf("ci")));
  EXPECT_FALSE(std::filesystem::exists(left));
  EXPECT_TRUE(std::filesystem::exists(others));
}

TEST_F(StoreTest, IsOneProcesssAtATime) {
  const auto first = Store::Open(config_);
  ASSERT_OK(first);
  EXPECT_THAT(cli::FileLock::Take(folder_.File("bootseal/identity/lock"),
                                  absl::ZeroDuration()),
              StatusIs(absl::StatusCode::kFailedPrecondition, "FILE_LOCKED"));
}

TEST_F(StoreTest, DoesNotLoseTheKeyOfAnotherPerson) {
  ASSERT_OK(Put(CredentialsOf("ci")));
  const auto store = Store::Open(config_);
  ASSERT_OK(store);
  const absl::Status loss =
      store->CheckLoss(Settings(), CredentialsOf("alice"), absl::Now());
  EXPECT_THAT(loss, StatusIs(kInvalid, "IDENTITY_PRESENT"));
  EXPECT_THAT(loss, MessageHas("spiffe://example/ci"));
  EXPECT_OK(store->CheckLoss(Settings(), CredentialsOf("ci"), absl::Now()));
  EXPECT_OK(store->CheckLoss(Settings(), CredentialsOf("alice"),
                             absl::Now() + absl::Hours(48)));
}

TEST_F(StoreTest, DoesNotLoseAnIdentityThatSomebodyWroteDown) {
  for (const char* line : {"cert = /by/hand.pem\n", "token-file = /token\n",
                           "token-audience = bootseal\n"}) {
    std::filesystem::remove_all(folder_.File("bootseal"));
    MakeFolder(0700);
    Write(config_, line);
    const auto store = Store::Open(config_);
    ASSERT_OK(store);
    EXPECT_THAT(store->CheckLoss(Settings(), CredentialsOf("ci"), absl::Now()),
                StatusIs(kInvalid, "IDENTITY_PRESENT"))
        << line;
  }
}

TEST_F(StoreTest, LosesNothingByTakingOverWhatSomebodyWroteDown) {
  MakeFolder(0700);
  Write(config_, "cert = /elsewhere/cert.pem\nkey = /elsewhere/key.pem\n");
  const auto store = Store::Open(config_);
  ASSERT_OK(store);
  EXPECT_OK(store->CheckLoss(Settings(), CredentialsOf("ci"), absl::Now()));
}

TEST_F(StoreTest, ForgetsKeyAndCertificateAndKeepsTheServer) {
  ASSERT_OK(Put(CredentialsOf("ci")));
  const Stored before = Now();
  auto store = Store::Open(config_);
  ASSERT_OK(store);
  ASSERT_OK(store->Forget());
  EXPECT_FALSE(std::filesystem::exists(before.settings.key));
  EXPECT_FALSE(std::filesystem::exists(before.settings.certificate));
  const Stored after = Now();
  EXPECT_FALSE(after.HasIdentity());
  EXPECT_EQ(after.settings.server, "127.0.0.1:1");
  EXPECT_EQ(Read(after.settings.ca), ca_.certificate_pem());
}

TEST_F(StoreTest, ForgetsNothingThatLoginDidNotStore) {
  MakeFolder(0700);
  Write(config_, "cert = /by/hand.pem\nkey = /by/hand.key\n");
  auto store = Store::Open(config_);
  ASSERT_OK(store);
  EXPECT_THAT(store->Forget(), StatusIs(kInvalid, "IDENTITY_NOT_STORED"));
  EXPECT_EQ(Read(config_), "cert = /by/hand.pem\nkey = /by/hand.key\n");
}

TEST_F(StoreTest, HasNothingToForgetWithoutAnIdentity) {
  auto store = Store::Open(config_);
  ASSERT_OK(store);
  EXPECT_THAT(store->Forget(), StatusIs(kInvalid, "NOT_LOGGED_IN"));
}

}  // namespace
}  // namespace bootseal::login
