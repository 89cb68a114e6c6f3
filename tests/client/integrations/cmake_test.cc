// client/integrations/cmake as projects use it: its sample, built, signed by a
// real server and booted; and what it does when the server says no.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "tests/integration/installation.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr char kModule[] = BOOTSEAL_SOURCE_DIR "/client/integrations/cmake";

// CMake breaks lines where it likes.
std::string OneLine(std::string text) {
  absl::RemoveExtraAsciiWhitespace(&text);
  return text;
}

class Cmake : public testing::Test {
 protected:
  Cmake() : on_({BoardTarget("p256")}) {
    EXPECT_EQ(on_.StartServer(), -1) << on_.ServerLog();
    fs::create_directory(Folder());
  }

  Installation& On() { return on_; }

  // The sample, in a folder with a space in its name.
  Outcome Configure(const std::vector<std::string>& options) {
    std::vector<std::string> command{"cmake",
                                     "-S",
                                     absl::StrCat(kModule, "/sample"),
                                     "-B",
                                     Folder(),
                                     "-DBOOTSEAL_PROGRAM=" BOOTSEAL_BIN_DIR
                                     "/bootseal",
                                     "-DSAMPLE_TARGET=p256"};
    command.insert(command.end(), options.begin(), options.end());
    // No server is asked: there is none that this could reach.
    return tests::Run(command, {{"BOOTSEAL_SERVER", "127.0.0.1:1"}});
  }

  Outcome Build(const std::vector<std::string>& options = {}) {
    std::vector<std::string> command{"cmake", "--build", Folder()};
    command.insert(command.end(), options.begin(), options.end());
    return tests::Run(command, on_.ClientEnvironment("ci"));
  }

  std::string Folder() const { return on_.File("a build"); }
  std::string File(const std::string& name) const {
    return absl::StrCat(Folder(), "/", name);
  }
  std::string Read(const std::string& name) const {
    return on_.Read(absl::StrCat("a build/", name));
  }
  bool Exists(const std::string& name) const { return fs::exists(File(name)); }

  std::string VersionOf(const std::string& image) const {
    const Outcome verify =
        on_.Client({"verify", "--target", "p256", File(image)});
    EXPECT_EQ(verify.exit_code, 0) << verify.err;
    const std::size_t at = verify.out.find("version ") + 8;
    return verify.out.substr(at, verify.out.find(',', at) - at);
  }

  Outcome Boot(const std::string& image) const {
    const std::string rules = on_.File("rules.cc");
    EXPECT_EQ(on_.Client({"targets", "export", "p256", "--format", "c++", "-o",
                          rules})
                  .exit_code,
              0);
    EXPECT_EQ(tests::Run({BOOTSEAL_SOURCE_DIR "/firmware/provision", "--board",
                          "mps2-an521", "--algorithm", "p256", "--build",
                          BOOTSEAL_BUILD_DIR, "--rules", rules, "-o",
                          on_.File("boot.elf")})
                  .exit_code,
              0);
    return tests::Run({BOOTSEAL_SOURCE_DIR "/deploy/boot", "mps2-an521",
                       on_.File("boot.elf"), File(image)});
  }

 private:
  Installation on_;
};

TEST_F(Cmake, SignsWhatItBuildsAndTheDeviceStartsIt) {
  const std::string profile = On().File("p256.profile");
  ASSERT_EQ(On().Client({"targets", "export", "p256", "-o", profile}).exit_code,
            0);
  ASSERT_EQ(Configure({"-G", "Ninja",
                       absl::StrCat("-DSAMPLE_OPTIONS=RECEIPT;the receipt;"
                                    "SECURITY_COUNTER;7;OBJCOPY_OPTIONS;"
                                    "--gap-fill;0xff;VERIFY;",
                                    profile)})
                .exit_code,
            0);
  const Outcome build = Build();
  ASSERT_EQ(build.exit_code, 0) << build.out << build.err;
  EXPECT_THAT(build.out, HasSubstr("bootable for target p256"));
  const Outcome verify =
      On().Client({"verify", "--profile", profile, "--receipt",
                   File("the receipt"), File("sample.signed.bin")});
  EXPECT_EQ(verify.exit_code, 0) << verify.err;
  EXPECT_THAT(verify.out, HasSubstr("security counter 7"));
  const Outcome boot = Boot("sample.signed.bin");
  EXPECT_EQ(boot.exit_code, 0) << boot.out << boot.err;
  EXPECT_THAT(boot.out, HasSubstr("payload: sample, version 1.0.0, line 1"));
}

class Generators : public Cmake,
                   public testing::WithParamInterface<const char*> {};

// ECDSA: each signature is another.
TEST_P(Generators, SignAgainWhenTheVersionChangesAndNotOtherwise) {
  ASSERT_EQ(Configure({"-G", GetParam()}).exit_code, 0);
  ASSERT_EQ(Build().exit_code, 0);
  const std::string first = Read("sample.signed.bin");
  ASSERT_EQ(Build().exit_code, 0);
  EXPECT_EQ(Read("sample.signed.bin"), first);
  ASSERT_EQ(Configure({"-DSAMPLE_VERSION=1.0.1"}).exit_code, 0);
  ASSERT_EQ(Build().exit_code, 0);
  EXPECT_EQ(VersionOf("sample.signed.bin"), "1.0.1");
}

TEST_P(Generators, TakeTheVersionFromAFileAndWriteHex) {
  const std::string version = On().Write("a build/VERSION", "2.0.0\n");
  ASSERT_EQ(Configure({"-G", GetParam(),
                       absl::StrCat("-DSAMPLE_VERSION=file:", version),
                       "-DSAMPLE_OPTIONS=FORMAT;hex"})
                .exit_code,
            0);
  ASSERT_EQ(Build().exit_code, 0);
  EXPECT_EQ(VersionOf("sample.signed.hex"), "2.0.0");
  // Where the slot is: the header lies in front of what was linked.
  EXPECT_TRUE(absl::StartsWith(Read("sample.signed.hex"), ":020000041010DA"))
      << Read("sample.signed.hex").substr(0, 60);
  const std::string first = Read("sample.signed.hex");
  ASSERT_EQ(Build().exit_code, 0);
  EXPECT_EQ(Read("sample.signed.hex"), first);
  On().Write("a build/VERSION", "2.0.1\n");
  ASSERT_EQ(Build().exit_code, 0);
  EXPECT_EQ(VersionOf("sample.signed.hex"), "2.0.1");
}

TEST_P(Generators, LeaveNoImageWhenTheServerRefusesAndRecover) {
  ASSERT_EQ(Configure({"-G", GetParam(), "-DSAMPLE_OPTIONS=RECEIPT;receipt"})
                .exit_code,
            0);
  ASSERT_EQ(Build().exit_code, 0);
  ASSERT_TRUE(Exists("sample.signed.bin"));
  ASSERT_EQ(Configure({"-DSAMPLE_TARGET=production"}).exit_code, 0);
  const Outcome refused = Build();
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_THAT(OneLine(refused.out + refused.err),
              AllOf(HasSubstr("bootseal: UNKNOWN_TARGET"),
                    HasSubstr("exit status 1 (refused)")));
  EXPECT_FALSE(Exists("sample.signed.bin"));
  EXPECT_FALSE(Exists("receipt"));
  EXPECT_NE(Build().exit_code, 0);
  ASSERT_EQ(Configure({"-DSAMPLE_TARGET=p256"}).exit_code, 0);
  EXPECT_EQ(Build().exit_code, 0);
  EXPECT_TRUE(Exists("sample.signed.bin"));
}

INSTANTIATE_TEST_SUITE_P(All, Generators,
                         testing::Values("Ninja", "Unix Makefiles"),
                         [](const auto& each) {
                           return each.index == 0 ? "Ninja" : "Makefiles";
                         });

TEST_F(Cmake, FailsWithoutAServerAndTriesAgainAtTheNextBuild) {
  ASSERT_EQ(Configure({"-G", "Ninja", "-DSAMPLE_OPTIONS=TIMEOUT;1"}).exit_code,
            0);
  On().server().Signal(SIGTERM);
  ASSERT_EQ(On().server().Wait(std::chrono::seconds(20)), 0);
  const Outcome down = Build();
  EXPECT_NE(down.exit_code, 0);
  EXPECT_THAT(OneLine(down.out + down.err),
              AllOf(HasSubstr("bootseal: SERVER_UNREACHABLE"),
                    HasSubstr("exit status 4 (server not reached)")));
  EXPECT_FALSE(Exists("sample.signed.bin"));
  ASSERT_EQ(On().StartServer(), -1) << On().ServerLog();
  const Outcome up = Build();
  EXPECT_EQ(up.exit_code, 0) << up.out;
  EXPECT_EQ(VersionOf("sample.signed.bin"), "1.0.0");
}

TEST_F(Cmake, SignsEachConfigurationIntoAFolderOfItsOwn) {
  ASSERT_EQ(Configure({"-G", "Ninja Multi-Config"}).exit_code, 0);
  ASSERT_EQ(Build({"--config", "Debug"}).exit_code, 0);
  EXPECT_EQ(VersionOf("Debug/sample.signed.bin"), "1.0.0");
  EXPECT_FALSE(Exists("Release/sample.signed.bin"));
  ASSERT_EQ(Build({"--config", "Release"}).exit_code, 0);
  EXPECT_EQ(VersionOf("Release/sample.signed.bin"), "1.0.0");
}

TEST_F(Cmake, WritesNoImageThatItsProfileDoesNotKnow) {
  const std::string profile = On().File("p256.profile");
  ASSERT_EQ(On().Client({"targets", "export", "p256", "-o", profile}).exit_code,
            0);
  std::string text = On().Read("p256.profile");
  const std::string size = "slot_size: 524288";
  ASSERT_NE(text.find(size), std::string::npos) << text;
  On().Write("p256.profile",
             text.replace(text.find(size), size.size(), "slot_size: 0x600"));
  ASSERT_EQ(Configure({"-G", "Ninja",
                       absl::StrCat("-DSAMPLE_OPTIONS=VERIFY;", profile)})
                .exit_code,
            0);
  const Outcome build = Build();
  EXPECT_NE(build.exit_code, 0) << build.out;
  EXPECT_FALSE(Exists("sample.signed.bin"));
}

// What only the build knows, or a property that is set after the call.
TEST(SignImage, DoesNotRemoveTheExecutable) {
  const TemporaryFolder folder;
  const std::string linked = folder.File("app");
  ASSERT_OK(base::WriteFileAtomically(linked, "linked"));
  fs::create_symlink(linked, folder.File("link"));
  for (const std::string& output : {linked, folder.File("link")}) {
    const Outcome sign =
        tests::Run({"cmake", "-DSIGN_PROGRAM=false", "-DSIGN_OBJCOPY=false",
                    "-DSIGN_TARGET=a", "-DSIGN_VERSION=1",
                    absl::StrCat("-DSIGN_EXECUTABLE=", linked),
                    absl::StrCat("-DSIGN_PAYLOAD=", folder.File("payload")),
                    absl::StrCat("-DSIGN_OUTPUT=", output), "-P",
                    absl::StrCat(kModule, "/SignImage.cmake")});
    EXPECT_NE(sign.exit_code, 0);
    EXPECT_THAT(OneLine(sign.err), HasSubstr("is the executable itself"));
    EXPECT_TRUE(fs::exists(linked));
  }
}

struct Call {
  const char* name;
  const char* arguments;
  const char* error;
};

class Calls : public testing::TestWithParam<Call> {};

// A project of no language, for speed: it never gets as far as a compiler.
TEST_P(Calls, AreRefusedByName) {
  TemporaryFolder folder;
  const Environment environment{{"CALL", GetParam().arguments}};
  const Outcome configure = tests::Run(
      {"cmake", "-G", "Ninja", "-S",
       BOOTSEAL_SOURCE_DIR "/tests/client/integrations/call_project", "-B",
       folder.File("build"), absl::StrCat("-DCMAKE_MODULE_PATH=", kModule),
       "-DBOOTSEAL_PROGRAM=" BOOTSEAL_BIN_DIR "/bootseal"},
      environment);
  EXPECT_NE(configure.exit_code, 0);
  EXPECT_THAT(OneLine(configure.err), HasSubstr(GetParam().error));
}

INSTANTIATE_TEST_SUITE_P(
    All, Calls,
    testing::Values(
        Call{"UnknownArgument", "app TARGET a VERSION 1 KEY k",
             "unknown argument: KEY;k"},
        Call{"NoTarget", "app VERSION 1", "missing argument: TARGET"},
        Call{"NoVersion", "app TARGET a", "missing argument: VERSION"},
        Call{"NoValue", "app TARGET VERSION 1", "no value for: TARGET"},
        Call{"VersionOfAnotherForm", "app TARGET a VERSION v1.2",
             "VERSION is \"v1.2\", expected "
             "MAJOR[.MINOR[.REVISION[+BUILD]]] or file:PATH"},
        Call{"UnknownExecutable", "nothing TARGET a VERSION 1",
             "there is no target nothing"},
        Call{"NoExecutable", "library TARGET a VERSION 1",
             "library is INTERFACE_LIBRARY"},
        Call{"AnotherFormat",
             "app TARGET a VERSION 1 FORMAT elf OBJCOPY objcopy",
             "FORMAT is \"elf\", expected bin or hex"},
        Call{"AnotherName",
             "app TARGET a VERSION 1 FORMAT hex OUTPUT a.bin OBJCOPY objcopy",
             "is not named as FORMAT hex"},
        Call{"NoObjcopy", "app TARGET a VERSION 1", "CMAKE_OBJCOPY is not set"},
        Call{"NoSuchObjcopy", "app TARGET a VERSION 1 OBJCOPY no-objcopy",
             "there is no program no-objcopy"},
        Call{"NoSuchObjcopyInAFolder",
             "app TARGET a VERSION 1 OBJCOPY /nothing/objcopy",
             "there is no program /nothing/objcopy"},
        Call{"TimeoutThatIsNoNumber",
             "app TARGET a VERSION 1 OBJCOPY objcopy TIMEOUT soon",
             "TIMEOUT is \"soon\", expected a number of seconds"},
        Call{"TimeoutBelowZero",
             "app TARGET a VERSION 1 OBJCOPY objcopy TIMEOUT -1",
             "TIMEOUT is \"-1\""},
        Call{"SemicolonInOutput",
             "app TARGET a VERSION 1 OBJCOPY objcopy OUTPUT [[a;b.bin]]",
             "OUTPUT is \"a;b.bin\", expected a name without semicolon"},
        Call{"SemicolonInReceipt",
             "app TARGET a VERSION 1 OBJCOPY objcopy RECEIPT [[a;b]]",
             "RECEIPT is \"a;b\""},
        Call{"OutputThatIsTheExecutable",
             "app TARGET a VERSION 1 OBJCOPY objcopy OUTPUT app",
             "would replace app itself"},
        Call{
            "OutputThatIsTheRenamedExecutable",
            "app TARGET a VERSION 1 OBJCOPY objcopy)\n"
            "set_target_properties(app PROPERTIES OUTPUT_NAME b SUFFIX .elf)\n"
            "bootseal_sign_image(app TARGET a VERSION 1 OBJCOPY objcopy OUTPUT "
            "./out/../b.elf",
            "would replace app itself"},
        Call{"ReceiptThatIsTheExecutable",
             "app TARGET a VERSION 1 OBJCOPY objcopy RECEIPT app",
             "would replace app itself"},
        Call{"ReceiptThatIsTheImage",
             "app TARGET a VERSION 1 OBJCOPY objcopy OUTPUT b RECEIPT b",
             "OUTPUT and RECEIPT are both"},
        Call{"TheSameImageTwice",
             "app TARGET a VERSION 1 OBJCOPY objcopy)\n"
             "bootseal_sign_image(app TARGET b VERSION 1 OBJCOPY objcopy",
             "app.signed.bin twice"}),
    [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace bootseal::tests
