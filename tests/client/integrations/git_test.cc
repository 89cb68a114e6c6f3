// client/integrations/git: hooks in a repository, with images that a server
// signed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>

#include "absl/strings/str_cat.h"
#include "tests/integration/installation.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr char kHooks[] = BOOTSEAL_SOURCE_DIR "/client/integrations/git";

// A repository with both hooks and a place to push to; no server.
class Git : public testing::Test {
 protected:
  Git() {
    fs::create_directory(folder_.File("repository"));
    EXPECT_EQ(Run({"init", "-q", "-b", "main"}).exit_code, 0);
    EXPECT_EQ(Run({"init", "-q", "--bare", folder_.File("there")}).exit_code,
              0);
    Run({"remote", "add", "origin", folder_.File("there")});
    for (const char* hook : {"pre-commit", "pre-push"}) {
      fs::create_symlink(absl::StrCat(kHooks, "/", hook),
                         File(absl::StrCat(".git/hooks/", hook)));
    }
  }

  std::string File(const std::string& name) const {
    return absl::StrCat(folder_.File("repository"), "/", name);
  }
  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(File(name), std::ios::binary) << content;
  }

  Outcome Run(const std::vector<std::string>& arguments) const {
    std::vector<std::string> command{
        "git",         "-C", folder_.File("repository"), "-c",
        "user.name=a", "-c", "user.email=a@b.example"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    Environment environment{{"BOOTSEAL", BOOTSEAL_BIN_DIR "/bootseal"},
                            {"BOOTSEAL_SERVER", "127.0.0.1:1"},
                            {"HOME", folder_.path()}};
    if (!log_key_.empty()) environment["BOOTSEAL_LOG_KEY"] = log_key_;
    return tests::Run(command, environment);
  }

  Outcome Commit() const {
    EXPECT_EQ(Run({"add", "--all"}).exit_code, 0);
    return Run({"commit", "-q", "-m", "a"});
  }
  void ExpectRefused(const Outcome& commit, const std::string& error) const {
    EXPECT_EQ(commit.exit_code, 1);
    EXPECT_THAT(commit.err,
                AllOf(HasSubstr(error), HasSubstr("pre-commit: nothing is "
                                                  "committed")));
  }

  TemporaryFolder folder_;
  std::string log_key_;
};

TEST_F(Git, CommitsAGoodPolicyAndNoneWithProblems) {
  Write("policy.textproto", "version: 1\n");
  const Outcome good = Commit();
  EXPECT_EQ(good.exit_code, 0) << good.err;
  Write("policy.textproto", "version: 1\ntargets { name: \"a\" key: \"b\" }\n");
  ExpectRefused(Commit(), "targets");
  // What is in the index counts, and not what lies in the folder.
  Write("policy.textproto", "version: 2\n");
  ExpectRefused(Run({"commit", "-q", "-m", "a"}), "targets");
  EXPECT_EQ(Commit().exit_code, 0);
}

TEST_F(Git, CommitsNoPolicyWhoseTestsFail) {
  Write("policy.textproto", "version: 1\n");
  Write("policy.test.textproto",
        "policy_path: \"policy.textproto\"\ncases { name: \"a\" identity: "
        "\"nobody\" target: \"b\" version: \"1.0.0\" expect { decision: "
        "ALLOWED } }\n");
  ExpectRefused(Commit(), "policy.test.textproto");
}

TEST_F(Git, CommitsNoPrivateKey) {
  for (const char* name : {"PRIVATE KEY", "EC PRIVATE KEY",
                           "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY"}) {
    Write("a key.pem", absl::StrCat("-----BEGIN ", name, "-----\nMC4=\n"));
    ExpectRefused(Commit(), "a key.pem: holds a private key");
  }
  Write("a key.pem", "-----BEGIN PUBLIC KEY-----\nMC4=\n");
  EXPECT_EQ(Commit().exit_code, 0);
}

// Git calls that a change of type, and not a modification.
TEST_F(Git, CommitsNoPrivateKeyInThePlaceOfASymbolicLink) {
  fs::create_symlink("elsewhere", File("key.pem"));
  EXPECT_EQ(Commit().exit_code, 0);
  fs::remove(File("key.pem"));
  Write("key.pem", absl::StrCat("-----BEGIN", " PRIVATE KEY-----\nMC4=\n"));
  ExpectRefused(Commit(), "key.pem: holds a private key");
}

// The marker in two parts: this file may be committed.
TEST_F(Git, CommitsNoPrivateKeyThatIsAPartOfALine) {
  const std::string begin = absl::StrCat("-----BEGIN", " PRIVATE KEY-----");
  for (const std::string& text :
       {absl::StrCat("key: |\n    ", begin, "\n    MC4=\n"),
        absl::StrCat("const char kKey[] = \"", begin, "\\nMC4=\\n\";\n"),
        absl::StrCat("{\"a\": 1, \"key\": \"", begin, "\\nMC4=\"}"),
        absl::StrCat("# bootseal: no key\n", begin, "\r\nMC4=\r\n")}) {
    Write("settings", text);
    ExpectRefused(Commit(), "settings: holds a private key");
  }
  Write("settings",
        absl::StrCat("It begins with ", begin, " <!-- bootseal: no key -->\n"));
  EXPECT_EQ(Commit().exit_code, 0);
}

TEST_F(Git, CommitsNoPrivateKeyInDer) {
  const std::string make =
      "openssl ecparam -name prime256v1 -genkey -noout -outform DER -out sec1; "
      "openssl pkey -inform DER -in sec1 -outform DER -out plain; "
      "openssl pkcs8 -topk8 -inform DER -in sec1 -outform DER -out sealed "
      "-passout pass:abcd; openssl genrsa -out pem 2048; "
      "openssl rsa -in pem -traditional -outform DER -out pkcs1; "
      "openssl pkey -inform DER -in sec1 -pubout -outform DER -out public";
  ASSERT_EQ(tests::Run({"sh", "-ec", absl::StrCat("cd \"$1\"; ", make), "make",
                        folder_.path()})
                .exit_code,
            0);
  for (const char* kind : {"sec1", "plain", "sealed", "pkcs1"}) {
    SCOPED_TRACE(kind);
    fs::copy_file(folder_.File(kind), File("a key.der"),
                  fs::copy_options::overwrite_existing);
    ExpectRefused(Commit(), "a key.der: holds a private key");
  }
  fs::copy_file(folder_.File("public"), File("a key.der"),
                fs::copy_options::overwrite_existing);
  Write("0", "0 begins as DER does\n");
  EXPECT_EQ(Commit().exit_code, 0);
}

class GitImages : public Git {
 protected:
  GitImages() : on_({BoardTarget("p256")}) {
    EXPECT_EQ(on_.StartServer(), -1) << on_.ServerLog();
    on_.Write("app.bin", Payload(4096));
    for (const std::string version : {"1.2.3", "1.2.13", "1.5"}) {
      const std::string image = on_.File(version);
      const Outcome sign = on_.Client({"sign", "--target", "p256", "--version",
                                       version, "--receipt", image + ".receipt",
                                       "-o", image, on_.File("app.bin")});
      EXPECT_EQ(sign.exit_code, 0) << sign.err;
    }
    EXPECT_EQ(
        on_.Client({"targets", "export", "p256", "-o", File("app.profile")})
            .exit_code,
        0);
    log_key_ = on_.ClientEnvironment("ci").at("BOOTSEAL_LOG_KEY");
  }

  void Take(const std::string& version) const {
    Write("app.signed.bin", on_.Read(version));
    Write("app.signed.bin.receipt", on_.Read(version + ".receipt"));
  }

  Installation on_;
};

TEST_F(GitImages, AreCommittedWhenTheyBootAndAreInTheLog) {
  Take("1.2.3");
  ExpectRefused(Commit(),
                "app.signed.bin: no profile: set one with git config");
  Run({"config", "--add", "bootseal.profile", "app.profile"});
  const Outcome good = Commit();
  EXPECT_EQ(good.exit_code, 0) << good.err;
  std::string tampered = on_.Read("1.2.13");
  tampered[1500] ^= 1;
  Write("app.signed.bin", tampered);
  Write("app.signed.bin.receipt", on_.Read("1.2.13.receipt"));
  ExpectRefused(Commit(), "digest");
  // Of another image.
  Write("app.signed.bin", on_.Read("1.2.13"));
  Write("app.signed.bin.receipt", on_.Read("1.2.3.receipt"));
  ExpectRefused(Commit(), "RECEIPT_MISMATCH");
  Take("1.2.13");
  EXPECT_EQ(Commit().exit_code, 0);
}

TEST_F(GitImages, LetATagGoOnlyWhenTheyAreOfItsVersion) {
  Run({"config", "--add", "bootseal.profile", "app.profile"});
  Write("README", "a\n");
  ASSERT_EQ(Commit().exit_code, 0);
  for (const char* tag : {"v1.2.3", "v1.2.13", "other"}) Run({"tag", tag});
  EXPECT_EQ(Run({"push", "-q", "origin", "main", "other"}).exit_code, 0);
  const Outcome none = Run({"push", "-q", "origin", "v1.2.3"});
  EXPECT_THAT(none.err, AllOf(HasSubstr("v1.2.3: no images: git config"),
                              HasSubstr("pre-push: nothing is pushed")));
  Run({"config", "--add", "bootseal.image", "app.signed.bin"});
  const Outcome missing = Run({"push", "-q", "origin", "v1.2.3"});
  EXPECT_THAT(missing.err, HasSubstr("FILE_NOT_FOUND"));
  Take("1.2.13");
  const Outcome other = Run({"push", "-q", "origin", "v1.2.3"});
  EXPECT_THAT(other.err,
              HasSubstr("pre-push: app.signed.bin is not of version 1.2.3"));
  EXPECT_EQ(Run({"ls-remote", "--tags", "origin", "v*"}).out, "");
  const Outcome good = Run({"push", "-q", "origin", "v1.2.13"});
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_EQ(Run({"push", "-q", "origin", ":v1.2.13"}).exit_code, 0);
}

TEST_F(GitImages, LetATagGoThatLeavesOutTheNoughtsOfTheirVersion) {
  Run({"config", "--add", "bootseal.profile", "app.profile"});
  Run({"config", "--add", "bootseal.image", "app.signed.bin"});
  Write("README", "a\n");
  ASSERT_EQ(Commit().exit_code, 0);
  Take("1.5");
  for (const char* tag : {"v1.5", "v1.5.0", "v1", "v1.5.1", "v15", "v1.50"}) {
    Run({"tag", tag});
  }
  for (const char* tag : {"v1", "v1.5.1", "v15", "v1.50"}) {
    EXPECT_THAT(Run({"push", "-q", "origin", tag}).err,
                HasSubstr("app.signed.bin is not of version "));
  }
  const Outcome good = Run({"push", "-q", "origin", "v1.5", "v1.5.0"});
  EXPECT_EQ(good.exit_code, 0) << good.err;
}

// pre-commit runs what this file names, from a clone.
TEST(PreCommitHooks, AreThereAndCanBeRun) {
  std::ifstream in(BOOTSEAL_SOURCE_DIR "/.pre-commit-hooks.yaml");
  static const std::regex entry("  entry: (.*)");
  std::smatch match;
  int entries = 0;
  for (std::string line; std::getline(in, line);) {
    if (!std::regex_match(line, match, entry)) continue;
    ++entries;
    const Outcome run =
        tests::Run({absl::StrCat(BOOTSEAL_SOURCE_DIR, "/", match[1].str())});
    EXPECT_EQ(run.exit_code, 0) << line << run.err;
  }
  EXPECT_EQ(entries, 3);
}

}  // namespace
}  // namespace bootseal::tests
