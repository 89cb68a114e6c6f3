// The packages as dpkg reads them, and as they run where they are unpacked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/packaging/packages.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
namespace fs = std::filesystem;

class Package : public testing::TestWithParam<const char*> {
 protected:
  std::string Name() const { return GetParam(); }
};

TEST_P(Package, HasTheVersionOfTheProjectAndTheFieldsOfItsKind) {
  EXPECT_EQ(Field(Name(), "Package"), Name());
  EXPECT_EQ(Field(Name(), "Version"), BOOTSEAL_VERSION);
  EXPECT_EQ(Field(Name(), "Priority"), "optional");
  EXPECT_EQ(Field(Name(), "Architecture") == "all", Name() == "bootseal-dev");
  const std::string description = Field(Name(), "Description");
  EXPECT_LT(description.find('\n'), 80U) << description;
}

TEST_P(Package, GivesFilesToRootAndWritableToNobodyElse) {
  for (const auto& [path, mode] : Contents(Name())) {
    const bool hook = absl::StrContains(path, "/bootseal/git/") &&
                      !absl::EndsWith(path, ".md");
    const bool program = hook || absl::StrContains(path, "/bin/") ||
                         absl::EndsWith(path, ".py") ||
                         absl::EndsWith(path, ".sh") ||
                         absl::EndsWith(path, "/create-pki");
    const char* const file = program ? "-rwxr-xr-x" : "-rw-r--r--";
    const char* const expected = mode.front() == 'd' ? "drwxr-xr-x" : file;
    EXPECT_EQ(mode, absl::StrCat(expected, " root/root")) << path;
  }
}

TEST_P(Package, SaysNothingOfTheMachineThatBuiltIt) {
  const Unpacked package(Name());
  for (const auto& entry :
       fs::recursive_directory_iterator(package.folder.path())) {
    if (!entry.is_regular_file()) continue;
    std::string content = ReadFile(entry.path());
    if (entry.path().extension() == ".gz") {
      content = tests::Run({"gzip", "-dc", entry.path()}).out;
    }
    EXPECT_FALSE(absl::StrContains(content, BOOTSEAL_SOURCE_DIR))
        << entry.path();
  }
}

TEST_P(Package, HasProgramsThatAreStrippedAndSearchNoFolderOfTheirOwn) {
  const Unpacked package(Name());
  const std::string programs = package.folder.File("usr/bin");
  ASSERT_EQ(fs::exists(programs), Name() != "bootseal-dev");
  if (!fs::exists(programs)) return;
  for (const auto& entry : fs::directory_iterator(programs)) {
    const std::string dynamic = tests::Run({"readelf", "-d", entry.path()}).out;
    EXPECT_THAT(dynamic, HasSubstr("NEEDED"));
    EXPECT_THAT(dynamic, Not(HasSubstr("RPATH")));
    EXPECT_THAT(dynamic, Not(HasSubstr("RUNPATH")));
    EXPECT_THAT(dynamic, HasSubstr("BIND_NOW"));
    EXPECT_THAT(tests::Run({"readelf", "-S", entry.path()}).out,
                Not(HasSubstr(".symtab")));
  }
}

TEST_P(Package, HasAPageAndCompletionsForEachProgram) {
  const auto contents = Contents(Name());
  for (const auto& [path, mode] : contents) {
    if (!absl::StartsWith(path, "/usr/bin/")) continue;
    const std::string program = path.substr(path.rfind('/') + 1);
    const bool page = contents.contains(absl::StrCat("/usr/share/man/man1/",
                                                     program, ".1.gz")) ||
                      contents.contains(absl::StrCat("/usr/share/man/man8/",
                                                     program, ".8.gz"));
    EXPECT_TRUE(page) << program;
    for (const std::string& file :
         {absl::StrCat("bash-completion/completions/", program),
          absl::StrCat("zsh/vendor-completions/_", program),
          absl::StrCat("fish/vendor_completions.d/", program, ".fish")}) {
      EXPECT_TRUE(contents.contains("/usr/share/" + file)) << file;
    }
  }
}

TEST_P(Package, HasScriptsThatStopAtTheFirstError) {
  const Unpacked package(Name());
  for (const char* script : {"preinst", "postinst", "prerm", "postrm"}) {
    const std::string path =
        package.folder.File(absl::StrCat("DEBIAN/", script));
    if (!fs::exists(path)) continue;
    EXPECT_THAT(ReadFile(path), StartsWith("#!/bin/sh\nset -e\n")) << script;
    EXPECT_EQ(tests::Run({"sh", "-n", path}).exit_code, 0) << script;
    EXPECT_EQ(fs::status(path).permissions(), fs::perms(0755)) << script;
  }
}

TEST_P(Package, HasChangelogAndCopyrightWhereDebianLooks) {
  const auto contents = Contents(Name());
  const std::string folder = absl::StrCat("/usr/share/doc/", Name());
  EXPECT_EQ(contents.count(folder + "/copyright"), 1U);
  EXPECT_EQ(contents.count(folder + "/changelog.gz"), 1U);
}

INSTANTIATE_TEST_SUITE_P(All, Package, testing::ValuesIn(kNames),
                         [](const auto& which) {
                           std::string name = which.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

TEST(Packages, HaveNoFileInCommon) {
  std::set<std::string> all;
  for (const char* name : kNames) {
    for (const auto& [path, mode] : Contents(name)) {
      if (mode.front() == 'd') continue;
      EXPECT_TRUE(all.insert(path).second) << path;
    }
  }
  EXPECT_GT(all.size(), 100U);
  // Debian's own package has these.
  EXPECT_EQ(all.count("/usr/bin/imgtool"), 0U);
}

TEST(Packages, HoldWhatTheyAreFor) {
  const struct {
    const char* package;
    const char* path;
  } expected[] = {
      {"bootseal", "/usr/bin/bootseal"},
      {"bootseal", "/usr/share/man/man1/bootseal-audit-list.1.gz"},
      {"bootseal", "/usr/share/bash-completion/completions/bootseal"},
      {"bootseal", "/usr/share/zsh/vendor-completions/_bootseal"},
      {"bootseal", "/usr/share/fish/vendor_completions.d/bootseal.fish"},
      {"bootseal-server", "/usr/bin/bootseald"},
      {"bootseal-server", "/usr/bin/bootseal-token"},
      {"bootseal-server", "/lib/systemd/system/bootseald.service"},
      {"bootseal-server", "/etc/bootseal/server.textproto"},
      {"bootseal-server", "/etc/bootseal/softhsm2.conf"},
      {"bootseal-server", "/var/lib/bootseal"},
      {"bootseal-server", "/var/lib/bootseal-token"},
      {"bootseal-server", "/usr/share/man/man8/bootseald.8.gz"},
      {"bootseal-fwu", "/usr/bin/bootseal-fwu"},
      {"bootseal-fwu", "/lib/systemd/system/bootseal-fwu-check.service"},
      {"bootseal-fwu", "/lib/systemd/system/bootseal-fwu-accept.service"},
      {"bootseal-fwu", "/usr/share/man/man8/bootseal-fwu-install.8.gz"},
      {"bootseal-dev", "/usr/share/cmake/Bootseal/BootsealConfig.cmake"},
      {"bootseal-dev", "/usr/share/bootseal/zephyr/imgtool.py"},
      {"bootseal-dev", "/usr/share/bootseal/tfm/wrapper.py"},
  };
  for (const auto& each : expected) {
    EXPECT_EQ(Contents(each.package).count(each.path), 1U) << each.path;
  }
  // Its presence would make the units act on a device that nobody described.
  EXPECT_EQ(Contents("bootseal-fwu").count("/etc/bootseal-fwu.conf"), 0U);
}

TEST(Packages, DependOnTheLibrariesAndRecommendTheRest) {
  EXPECT_THAT(Field("bootseal", "Depends"), HasSubstr("libgrpc++1.51"));
  EXPECT_THAT(Field("bootseal-server", "Depends"), StartsWith("adduser, "));
  EXPECT_THAT(Field("bootseal-server", "Depends"), HasSubstr("libgrpc++1.51"));
  EXPECT_THAT(Field("bootseal-server", "Depends"), Not(HasSubstr("softhsm")));
  EXPECT_EQ(Field("bootseal-server", "Recommends"), "softhsm2");
  // A device has neither gRPC nor Protobuf.
  EXPECT_THAT(Field("bootseal-fwu", "Depends"), HasSubstr("libarchive13"));
  EXPECT_THAT(Field("bootseal-fwu", "Depends"), Not(HasSubstr("grpc")));
  EXPECT_THAT(Field("bootseal-fwu", "Depends"), Not(HasSubstr("protobuf")));
  EXPECT_EQ(Field("bootseal-dev", "Depends"),
            "bootseal (>= " BOOTSEAL_VERSION "), python3:any");
}

TEST(Packages, LeaveTheConfigurationToItsEditor) {
  const Unpacked package("bootseal-server");
  std::vector<std::string> conffiles =
      absl::StrSplit(ReadFile(package.folder.File("DEBIAN/conffiles")), '\n',
                     absl::SkipEmpty());
  EXPECT_THAT(conffiles, ElementsAre("/etc/bootseal/server.textproto",
                                     "/etc/bootseal/softhsm2.conf"));
  for (const auto& [path, mode] : Contents("bootseal-server")) {
    if (!absl::StartsWith(path, "/etc/") || mode.front() == 'd') continue;
    EXPECT_THAT(conffiles, testing::Contains(path));
  }
}

TEST(Packages, RunWhereTheyAreUnpacked) {
  const Unpacked client("bootseal");
  const Outcome version =
      tests::Run({client.folder.File("usr/bin/bootseal"), "version"});
  EXPECT_EQ(version.exit_code, 0) << version.err;
  EXPECT_THAT(version.out, HasSubstr(BOOTSEAL_VERSION));
  const Unpacked server("bootseal-server");
  EXPECT_EQ(
      tests::Run({server.folder.File("usr/bin/bootseald"), "--help"}).exit_code,
      0);
  EXPECT_EQ(tests::Run({server.folder.File("usr/bin/bootseal-token"), "--help"})
                .exit_code,
            0);
}

// The client and the integrations, together in one folder.
TEST(Packages, AreFoundByCmakeWhereTheyAreUnpacked) {
  const TemporaryFolder root;
  for (const char* name : {"bootseal", "bootseal-dev"}) {
    ASSERT_EQ(
        tests::Run({"dpkg-deb", "-x", Archive(name), root.path()}).exit_code,
        0);
  }
  std::ofstream(root.File("CMakeLists.txt"))
      << "cmake_minimum_required(VERSION 3.20)\nproject(user NONE)\n"
         "find_package(Bootseal REQUIRED)\n"
         "message(STATUS \"program ${BOOTSEAL_PROGRAM}\")\n"
         "if(NOT COMMAND bootseal_sign_image)\n"
         "  message(FATAL_ERROR \"no function\")\nendif()\n";
  const Outcome cmake =
      tests::Run({"cmake", "-S", root.path(), "-B", root.File("build"),
                  absl::StrCat("-DCMAKE_PREFIX_PATH=", root.File("usr"))},
                 {{"PATH", "/usr/bin:/bin"}});
  EXPECT_EQ(cmake.exit_code, 0) << cmake.err;
  EXPECT_THAT(cmake.out, HasSubstr(absl::StrCat("program ", root.File("usr"),
                                                "/bin/bootseal\n")));
}

TEST(Packages, AreTheSameBytesWhenMadeAgain) {
  const TemporaryFolder again;
  const Outcome made =
      tests::Run({"cpack", "--config", BOOTSEAL_BUILD_DIR "/CPackConfig.cmake",
                  "-B", again.path()},
                 {}, std::chrono::seconds(280));
  ASSERT_EQ(made.exit_code, 0) << made.err;
  for (const char* name : kNames) {
    EXPECT_TRUE(ReadFile(Archive(name)) ==
                ReadFile(Archive(again.path(), name)))
        << name;
  }
}

// `cmake --install` alone, which leaves /etc to its administrator.
TEST(Packages, InstallOutsideOfDebianWithoutTouchingTheSystem) {
  const TemporaryFolder prefix;
  const Outcome install = tests::Run({"cmake", "--install", BOOTSEAL_BUILD_DIR,
                                      "--prefix", prefix.File("opt")});
  ASSERT_EQ(install.exit_code, 0) << install.err;
  EXPECT_EQ(tests::Run({prefix.File("opt/bin/bootseal"), "version"}).exit_code,
            0);
  EXPECT_TRUE(fs::exists(prefix.File("opt/share/man/man1/bootseal.1.gz")));
  for (const absl::string_view line :
       absl::StrSplit(install.out, '\n', absl::SkipEmpty())) {
    if (!absl::StrContains(line, "Installing: ")) continue;
    EXPECT_THAT(std::string(line), HasSubstr(prefix.path()));
  }
}

}  // namespace
}  // namespace bootseal::tests
