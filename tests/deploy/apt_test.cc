// The scripts that call apt: firmware/crypto/fetch leaves the machine's apt as
// it was, deploy/packages asks it for what is missing and for nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;

namespace fs = std::filesystem;

constexpr const char* kFetch = BOOTSEAL_SOURCE_DIR "/firmware/crypto/fetch";
constexpr const char* kPackages = BOOTSEAL_SOURCE_DIR "/deploy/packages";

// Names, sizes, modes and times of all that the machine's apt keeps, with what
// is in its settings and lists.
std::string MachinesApt() {
  const Outcome state =
      Run({"sh", "-c",
           "find /etc/apt /var/lib/apt /var/cache/apt"
           " -printf '%p %s %m %T@\\n' 2>/dev/null | sort\n"
           "find /etc/apt /var/lib/apt/lists -type f -readable"
           " -exec sha256sum {} + | sort"});
  EXPECT_THAT(state.out, HasSubstr("/etc/apt"));
  return state.out;
}

void Write(const std::string& path, const std::string& content) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

// A machine that knows Debian's archive and reaches nothing: its own settings
// and lists, and a proxy where nobody listens.
class CryptoFetch : public testing::Test {
 protected:
  CryptoFetch() {
    const std::string architecture =
        tests::Run({"dpkg", "--print-architecture"}).out;
    const std::string lists =
        folder_.File("machine/lists/mirror.example_debian_dists_bookworm_");
    Write(absl::StrCat(lists, "Release"),
          absl::StrCat("Origin: Debian\nCodename: bookworm\nComponents: main\n"
                       "Architectures: ",
                       architecture));
    Write(absl::StrCat(lists, "main_binary-",
                       architecture.substr(0, architecture.find('\n')),
                       "_Packages"),
          "");
    WriteSources(
        "deb [trusted=yes] http://mirror.example/debian bookworm main");
    Write(folder_.File("machine/apt.conf"),
          absl::StrCat("Acquire::http::Proxy \"http://127.0.0.1:1\";\n"
                       "Acquire::Retries \"0\";\n"
                       "Dir::State::lists \"",
                       folder_.File("machine/lists"),
                       "\";\n"
                       "Dir::Etc::sourcelist \"",
                       folder_.File("machine/sources.list"),
                       "\";\n"
                       "Dir::Etc::sourceparts \"/dev/null\";\n"));
  }

  void WriteSources(const std::string& line) {
    Write(folder_.File("machine/sources.list"), line + "\n");
  }

  Outcome Fetch() const {
    return tests::Run({kFetch, folder_.File("crypto")},
                      {{"APT_CONFIG", folder_.File("machine/apt.conf")}});
  }

  TemporaryFolder folder_;
};

TEST_F(CryptoFetch, LeavesTheMachinesAptAsItWas) {
  const std::string before = MachinesApt();
  const Outcome fetch = Fetch();
  EXPECT_EQ(fetch.exit_code, 1);
  EXPECT_THAT(fetch.err, HasSubstr("fetch: cannot read the trixie index"));
  EXPECT_EQ(MachinesApt(), before);
  EXPECT_FALSE(fs::exists(folder_.File("crypto/versions")));
}

// What apt makes of the settings that it was given; with them it would write
// nowhere else when it reaches the archive.
TEST_F(CryptoFetch, GivesAptFoldersOfItsOwnForAllThatItWrites) {
  ASSERT_EQ(Fetch().exit_code, 1);
  const std::string mine = folder_.File("crypto/apt");
  for (const char* name :
       {"Dir::State/d", "Dir::State::lists/d", "Dir::State::status/f",
        "Dir::State::extended_states/f", "Dir::Cache/d",
        "Dir::Cache::archives/d", "Dir::Cache::pkgcache/f",
        "Dir::Cache::srcpkgcache/f", "Dir::Etc::sourcelist/f"}) {
    const Outcome setting = tests::Run({"apt-config", "shell", "place", name},
                                       {{"APT_CONFIG", mine + "/apt.conf"}});
    EXPECT_TRUE(absl::StartsWith(setting.out, absl::StrCat("place='", mine)))
        << name << " is " << setting.out;
  }
}

TEST_F(CryptoFetch, NamesWhatTheMachineDoesNotKnow) {
  WriteSources("");
  const Outcome fetch = Fetch();
  EXPECT_EQ(fetch.exit_code, 1);
  EXPECT_EQ(fetch.err,
            "fetch: the machine's apt knows no Debian main archive\n");
}

TEST_F(CryptoFetch, AsksNobodyWhenTheSourcesAreThere) {
  Write(folder_.File("crypto/versions"), "mbedtls_1\nlibsodium_1\n");
  fs::create_directory(folder_.File("crypto/mbedtls"));
  fs::create_directory(folder_.File("crypto/libsodium"));
  WriteSources("");
  const Outcome fetch = Fetch();
  EXPECT_EQ(fetch.exit_code, 0);
  EXPECT_EQ(fetch.out + fetch.err, "");
  EXPECT_FALSE(fs::exists(folder_.File("crypto/apt")));
}

// deploy/packages on a machine whose dpkg, apt and user are ours to choose.
class DeployPackages : public testing::Test {
 protected:
  Outcome Install(const std::string& missing, const std::string& user) {
    Program("dpkg-query", absl::StrCat("case ' ", missing,
                                       " ' in *\" $4 \"*) exit 1 ;; esac\n"
                                       "printf installed"));
    Program("id", absl::StrCat("echo ", user));
    Program("apt-get", absl::StrCat("echo \"$*\" >>'", log_, "'"));
    return tests::Run({"bash", "-c", "PATH=\"$1:$PATH\" exec \"$2\"", "-",
                       folder_.path(), kPackages});
  }

  std::string Asked() const {
    std::ifstream in(log_);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  void Program(const std::string& name, const std::string& lines) {
    Write(folder_.File(name), absl::StrCat("#!/bin/sh\n", lines, "\n"));
    fs::permissions(folder_.File(name), fs::perms::owner_all);
  }

  TemporaryFolder folder_;
  std::string log_ = folder_.File("asked");
};

TEST_F(DeployPackages, AsksForNothingWhenAllIsInstalled) {
  const Outcome install = Install("", "1000");
  EXPECT_EQ(install.exit_code, 0) << install.err;
  EXPECT_EQ(install.out + install.err, "");
  EXPECT_EQ(Asked(), "");
}

TEST_F(DeployPackages, NamesWhatIsMissingToWhoMayNotInstall) {
  const Outcome install = Install("cmake softhsm2", "1000");
  EXPECT_EQ(install.exit_code, 1);
  EXPECT_EQ(install.err,
            "packages: missing cmake softhsm2; run this as root, or install "
            "them\n");
  EXPECT_EQ(Asked(), "");
}

TEST_F(DeployPackages, InstallsWhatIsMissingAndNothingElse) {
  const Outcome install = Install("cmake softhsm2", "0");
  EXPECT_EQ(install.exit_code, 0) << install.err;
  EXPECT_EQ(Asked(),
            "-qq update\n"
            "-qq install -y --no-install-recommends cmake softhsm2\n");
}

}  // namespace
}  // namespace bootseal::tests
