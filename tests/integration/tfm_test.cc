// TF-M's own command lines, with keys in the HSM: CMake, Python and the program
// called by the names that builds know.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/installation.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using Arguments = std::vector<std::string>;

constexpr char kSecure[] = "nucleo-l552ze-q/tfm-s";
constexpr char kNonSecure[] = "nucleo-l552ze-q/tfm-ns";
constexpr char kProgram[] = BOOTSEAL_BIN_DIR "/bootseal";
constexpr char kShim[] =
    BOOTSEAL_SOURCE_DIR "/client/integrations/tfm/wrapper.py";
constexpr char kProject[] =
    BOOTSEAL_SOURCE_DIR "/tests/integration/tfm_project";

// As deploy/policy/quickstart.textproto.in has it.
TestTarget NonSecureTarget() {
  TestTarget target = TfmSecureTarget();
  target.name = kNonSecure;
  target.format =
      "header_size: 0x400 slot_size: 0x9000 align: 8 strategy: OVERWRITE_ONLY "
      "padding: PAD key_format: FULL security_counter: REQUIRED "
      "default_security_counter: 1 security_counter_ceiling: 512 "
      "boot_record: REQUIRED software_type: \"NSPE\" "
      "max_boot_record_size: 132 dependency: REQUIRED "
      "dependencies { image_id: 0 minimum_version: \"0.0.0+0\" } "
      "image_count: 2";
  return target;
}

Arguments operator+(Arguments left, const Arguments& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

// A token and a server for all cases; a payload, and layouts as the
// preprocessor leaves them.
class TfmBuild : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    installation_ = new Installation({TfmSecureTarget(), NonSecureTarget()});
    ASSERT_EQ(installation_->StartServer(), -1) << installation_->ServerLog();
    On().Write("tfm_s.bin", Payload(9001));
    On().Write("signing_layout_s.o",
               "enum image_attributes {\n    RE_SIGN_BIN_SIZE = (0x2D000),\n"
               "};\n");
    On().Write("signing_layout_ns.o",
               "enum image_attributes {\n    RE_SIGN_BIN_SIZE = (0x9000),\n"
               "};\n");
  }
  static void TearDownTestSuite() {
    delete installation_;
    installation_ = nullptr;
  }
  void TearDown() override { std::filesystem::remove(On().File("a.bin")); }

  static const Installation& On() { return *installation_; }

  // What bl2/ext/mcuboot/CMakeLists.txt runs for the secure image.
  static Arguments SecureLine(const std::string& key) {
    return Arguments{"-v", "2.3.0", "--layout", On().File("signing_layout_s.o"),
                     "-k", key} +
           Common("(1,0.0.0+0)") + Files();
  }
  // What cmake/spe-CMakeLists.cmake runs for the non-secure one.
  static Arguments NonSecureLine(const std::string& key) {
    return Arguments{"--version", "0.0.0",
                     "--layout",  On().File("signing_layout_ns.o"),
                     "--key",     key} +
           Common("(0, 0.0.0+0)") + Files();
  }
  static Arguments Common(const std::string& dependencies) {
    return {"--public-key-format",
            "full",
            "--align",
            "1",
            "--pad",
            "--pad-header",
            "-H",
            "0x400",
            "-s",
            "1",
            "-L",
            "128",
            "-d",
            dependencies,
            "--overwrite-only",
            "--measured-boot-record"};
  }
  static Arguments Files() {
    return {On().File("tfm_s.bin"), On().File("a.bin")};
  }

  static Outcome Wrap(const Arguments& line) {
    return On().Client(Arguments{"tfm-wrapper"} + line);
  }

  static void ExpectBootable(const std::string& target,
                             const std::string& path) {
    const Outcome verify = On().Client({"verify", "--target", target, path});
    EXPECT_EQ(verify.exit_code, 0) << verify.err << verify.out;
  }

  static void ExpectRefused(const Outcome& outcome, const std::string& why) {
    EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(why));
    EXPECT_FALSE(On().Exists("a.bin"));
  }

  // As client/integrations/tfm/README.md makes them.
  static std::string KeyFile(const std::string& target,
                             const std::string& name) {
    const Outcome key =
        On().Client({"keys", "show", target, "--format", "pem"}, "auditor");
    EXPECT_EQ(key.exit_code, 0) << key.err;
    return On().Write(name, absl::StrCat("bootseal:", target, "\n", key.out));
  }

  static Environment WithPath(const std::string& folder) {
    Environment environment = On().ClientEnvironment("ci");
    const char* path = std::getenv("PATH");
    environment["PATH"] =
        absl::StrCat(folder, ":", path == nullptr ? "" : path);
    return environment;
  }

 private:
  inline static Installation* installation_ = nullptr;
};

std::string Swapped(Arguments& line, const std::string& option,
                    const std::string& value) {
  const auto at = std::find(line.begin(), line.end(), option);
  if (at == line.end()) return option;
  *(at + 1) = value;
  return {};
}

TEST_F(TfmBuild, TheSecureImageIsSignedOnTheServer) {
  const Outcome sign = Wrap(SecureLine(absl::StrCat("bootseal:", kSecure)));
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  EXPECT_EQ(On().Read("a.bin").size(), 0x2d000U);
  ExpectBootable(kSecure, On().File("a.bin"));
}

TEST_F(TfmBuild, TheNonSecureImageIsSignedOnTheServer) {
  const Outcome sign =
      Wrap(NonSecureLine(absl::StrCat("bootseal:", kNonSecure)));
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  EXPECT_EQ(On().Read("a.bin").size(), 0x9000U);
  ExpectBootable(kNonSecure, On().File("a.bin"));
}

// README.md's row: what the line leaves out is the target's.
TEST_F(TfmBuild, KeyVersionLayoutAndHeaderAreEnough) {
  const Outcome sign =
      Wrap(Arguments{"-k", absl::StrCat("bootseal:", kSecure), "-l",
                     On().File("signing_layout_s.o"), "-v", "1.2.3", "-H",
                     "0x400", "--align", "8", "--pad-header"} +
           Files());
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  ExpectBootable(kSecure, On().File("a.bin"));
}

struct Contradiction {
  const char* option;
  const char* value;
  const char* why;
};

TEST_F(TfmBuild, WhatContradictsTheTargetIsRefusedByName) {
  const std::vector<Contradiction> cases{
      {"-d", "(1,1.0.0+0)",
       "has --dependencies (1,0.0.0), the command line says (1,1.0.0)"},
      {"-s", "513",
       "takes --security-counter up to 512, the command line says 513"},
      {"-s", "auto", "takes --security-counter up to 512"},
      {"-H", "0x200", "has --header-size 0x400, the command line says 0x200"},
      {"--public-key-format", "hash",
       "has --public-key-format full, the command line says hash"},
      {"--align", "16", "has --max-align 8, the command line says 16"},
      {"--layout", "signing_layout_ns.o",
       "requires --boot-record SPE, the command line says NSPE"},
  };
  for (const Contradiction& each : cases) {
    Arguments line = SecureLine(absl::StrCat("bootseal:", kSecure));
    const bool is_file = std::string(each.option) == "--layout";
    ASSERT_EQ(Swapped(line, each.option,
                      is_file ? On().File(each.value) : each.value),
              "");
    ExpectRefused(Wrap(line), each.why);
  }
}

TEST_F(TfmBuild, TheSlotOfAnotherLayoutIsRefusedWithItsFile) {
  const std::string layout =
      On().Write("other_s.o", "RE_SIGN_BIN_SIZE = (0x38000),\n");
  Arguments line = SecureLine(absl::StrCat("bootseal:", kSecure));
  ASSERT_EQ(Swapped(line, "--layout", layout), "");
  const Outcome sign = Wrap(line);
  ExpectRefused(sign, "has --slot-size 0x2d000, the command line says 0x38000");
  EXPECT_THAT(sign.err, HasSubstr(layout));
}

TEST_F(TfmBuild, KeyNumbersAreNotTheServers) {
  ExpectRefused(Wrap(Arguments{"--psa-key-ids", "2147451243"} +
                     SecureLine(absl::StrCat("bootseal:", kSecure))),
                "KEY_ID_ON_SERVER");
}

TEST_F(TfmBuild, EncryptionIsNotOverlooked) {
  ASSERT_EQ(On().Client({"imgtool", "keygen", "-t", "rsa-2048", "-k",
                         On().File("device.pem")})
                .exit_code,
            0);
  const Outcome sign =
      Wrap(Arguments{absl::StrCat("-E", On().File("device.pem"))} +
           SecureLine(absl::StrCat("bootseal:", kSecure)));
  EXPECT_NE(sign.exit_code, 0);
  EXPECT_FALSE(On().Exists("a.bin"));
}

TEST_F(TfmBuild, AKeyFileOfAnotherTargetsKeyIsRefused) {
  const std::string other = KeyFile(kNonSecure, "other.pem");
  std::string text = On().Read("other.pem");
  text.replace(0, text.find('\n'), absl::StrCat("bootseal:", kSecure));
  On().Write("other.pem", text);
  ExpectRefused(Wrap(SecureLine(other)), "the key file holds the one of hash");
}

TEST_F(TfmBuild, TheNamesThatBuildsKnowRunTheWrapper) {
  for (const char* name : {"mcuboot_imagesign_wrapper", "wrapper.py"}) {
    const std::string link = On().File(name);
    std::filesystem::create_symlink(kProgram, link);
    const Outcome sign = tests::Run(
        Arguments{link} + SecureLine(absl::StrCat("bootseal:", kSecure)),
        On().ClientEnvironment("ci"));
    ASSERT_EQ(sign.exit_code, 0) << sign.err;
    ExpectBootable(kSecure, On().File("a.bin"));
    std::filesystem::remove(On().File("a.bin"));
    std::filesystem::remove(link);
  }
}

// Zephyr's modules/trusted-firmware-m/CMakeLists.txt.
TEST_F(TfmBuild, PythonRunsTheScriptThatStandsForTheWrapper) {
  const std::string key = KeyFile(kSecure, "tfm-s.pem");
  const Arguments line{"python3",
                       kShim,
                       "--layout",
                       On().File("signing_layout_s.o"),
                       "-k",
                       key,
                       "--public-key-format",
                       "full",
                       "--align",
                       "8",
                       "--max-sectors",
                       "128",
                       "-v",
                       "0.0.0",
                       "--pad",
                       "--pad-header",
                       "-d",
                       "(1,0.0.0+0)",
                       "-s",
                       "1",
                       "--measured-boot-record",
                       "-H",
                       "0x400"};
  Environment environment = On().ClientEnvironment("ci");
  environment["BOOTSEAL_PROGRAM"] = kProgram;
  const Outcome sign = tests::Run(line + Files(), environment);
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  ExpectBootable(kSecure, On().File("a.bin"));
}

TEST_F(TfmBuild, PythonHandsOnTheExitStatus) {
  Environment environment = On().ClientEnvironment("ci");
  environment["BOOTSEAL_PROGRAM"] = kProgram;
  EXPECT_EQ(
      tests::Run({"python3", kShim, "--align", "3"}, environment).exit_code, 2);
}

TEST_F(TfmBuild, PythonSaysThatTheProgramIsMissing) {
  Environment environment = On().ClientEnvironment("ci");
  environment["BOOTSEAL_PROGRAM"] = On().File("nothing");
  const Outcome sign = tests::Run({"python3", kShim}, environment);
  EXPECT_EQ(sign.exit_code, 1);
  EXPECT_THAT(sign.err, HasSubstr("BOOTSEAL_PROGRAM"));
}

TEST_F(TfmBuild, TargetsCheckHoldsTheServersTargetAgainstTheBuild) {
  const std::string build = On().File("bl2");
  std::filesystem::create_directory(build);
  On().Write("bl2/CMakeCache.txt",
             "MCUBOOT_HW_KEY:BOOL=ON\nMCUBOOT_UPGRADE_STRATEGY:STRING="
             "OVERWRITE_ONLY\nMCUBOOT_HW_ROLLBACK_PROT:BOOL=ON\n"
             "CONFIG_TFM_BOOT_STORE_MEASUREMENTS:BOOL=ON\n"
             "CONFIG_TFM_BOOT_STORE_ENCODED_MEASUREMENTS:BOOL=ON\n");
  const Arguments check{"targets", "check",       "--target",
                        kSecure,   "--tfm-build", build};
  EXPECT_EQ(On().Client(check).exit_code, 0);
  On().Write("bl2/CMakeCache.txt", "MCUBOOT_HW_KEY:BOOL=OFF\n");
  const Outcome differs = On().Client(check);
  EXPECT_EQ(differs.exit_code, 1) << differs.err;
  EXPECT_THAT(differs.out, HasSubstr("target: key_format: HASH"));
}

// The whole recipe: a folder in PATH, two key files, TF-M's own CMake
// variables.
TEST_F(TfmBuild, CMakeSignsBothImagesAsTfmsOwnDoes) {
  const std::string programs = On().File("programs");
  std::filesystem::create_directory(programs);
  std::filesystem::create_symlink(
      kProgram, absl::StrCat(programs, "/mcuboot_imagesign_wrapper"));
  const Environment environment = WithPath(programs);
  const std::string build = On().File("build");
  const Outcome configure = tests::Run(
      {"cmake", "-S", kProject, "-B", build,
       absl::StrCat("-DMCUBOOT_KEY_S=", KeyFile(kSecure, "tfm-s.pem")),
       absl::StrCat("-DMCUBOOT_KEY_NS=", KeyFile(kNonSecure, "tfm-ns.pem")),
       absl::StrCat("-DINPUT=", On().File("tfm_s.bin"))},
      environment);
  ASSERT_EQ(configure.exit_code, 0) << configure.err;
  const Outcome make = tests::Run({"cmake", "--build", build}, environment);
  ASSERT_EQ(make.exit_code, 0) << make.out << make.err;
  ExpectBootable(kSecure, build + "/tfm_s_signed.bin");
  ExpectBootable(kNonSecure, build + "/tfm_ns_signed.bin");
}

}  // namespace
}  // namespace bootseal::tests
