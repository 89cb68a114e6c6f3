// bootseal targets check, as a shell runs it.
#include <gmock/gmock.h>

#include "tests/client/bootloader/builds.h"
#include "tests/client/cli/offline_fixture.h"

namespace bootseal::tests {
namespace {

class TargetsCheck : public OfflineTest {
 protected:
  TargetsCheck() {
    v1::Target target = TfmSecure();
    v1::Dependency& dependency = *target.mutable_mcuboot()->add_dependencies();
    dependency.set_image_id(1);
    dependency.set_minimum_version("0.0.0+0");
    profile_ = WriteProfile(target, v1::RSA3072, "rsa3072");
  }

  std::string Build() const { return folder_.File("build"); }

  Outcome Check(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(),
                     {"targets", "check", "--profile", profile_});
    return Bootseal(arguments);
  }

  std::string profile_;
};

TEST_F(TargetsCheck, EndsWith0WhenTheyAgree) {
  TfmBuild().Write(Build());
  const Outcome outcome = Check({"--tfm-build", Build()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("measured boot"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("DIFFER")));
}

TEST_F(TargetsCheck, EndsWith1AndSaysWhyWhenTheyDiffer) {
  TfmBuild build;
  build.header["MCUBOOT_MEASURED_BOOT"] = "OFF";
  build.variables["MCUBOOT_SIGNATURE_TYPE"] = "RSA-2048";
  build.Write(Build());
  const Outcome outcome = Check({"--tfm-build", Build()});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("MCUBOOT_MEASURED_BOOT=0"));
  EXPECT_THAT(outcome.out, HasSubstr("mcuboot_config.h:"));
  EXPECT_THAT(outcome.out, HasSubstr("target: boot_record: OPTIONAL"));
  EXPECT_THAT(outcome.out, HasSubstr("algorithm is RSA2048"));
}

TEST_F(TargetsCheck, SaysTheSameToMachines) {
  TfmBuild build;
  build.variables["MCUBOOT_HW_KEY"] = "OFF";
  build.Write(Build());
  const Outcome outcome = Check({"--json", "--tfm-build", Build()});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, testing::StartsWith("[{"));
  EXPECT_THAT(outcome.out,
              HasSubstr("\"setting\":\"key format\",\"verdict\":\"DIFFER\","
                        "\"build\":\"HASH\",\"build_says\":"
                        "\"MCUBOOT_HW_KEY=OFF\""));
  EXPECT_THAT(outcome.out, HasSubstr("\"fix\":\"key_format: HASH\""));
}

TEST_F(TargetsCheck, TheImageCanBeNamed) {
  TfmBuild().Write(Build());
  EXPECT_EQ(Check({"--tfm-build", Build(), "--image", "ns"}).exit_code, 1);
  EXPECT_EQ(Check({"--tfm-build", Build(), "--image", "s"}).exit_code, 0);
  EXPECT_EQ(Check({"--tfm-build", Build(), "--image", "x"}).exit_code, 2);
}

TEST_F(TargetsCheck, ReadsTheConfigOfZephyrsMcuboot) {
  const std::string config = WriteFile("config", Kconfig(ZephyrSwitches()));
  const Outcome outcome = Check({"--zephyr-config", config});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out,
              HasSubstr("CONFIG_BOOT_SIGNATURE_TYPE_ECDSA_P256=y"));
}

TEST_F(TargetsCheck, EndsWith5WhenTheBuildCannotBeRead) {
  const std::string application =
      WriteFile("config", "CONFIG_BOOTLOADER_MCUBOOT=y\n");
  TfmBuild build;
  build.secure_size = "(1 / 0)";
  build.Write(Build());
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{"--tfm-build", folder_.File("nothing")}, "BUILD_NOT_FOUND"},
      {{"--zephyr-config", folder_.File("nothing")}, "BUILD_NOT_FOUND"},
      {{"--zephyr-config", application}, "CONFIG_NOT_MCUBOOT"},
      {{"--tfm-build", Build()}, "EXPRESSION_DIVISION"}};
  for (const auto& [arguments, reason] : cases) {
    const Outcome outcome = Check(arguments);
    EXPECT_EQ(outcome.exit_code, 5) << outcome.out;
    EXPECT_THAT(outcome.err, HasSubstr(reason));
    EXPECT_EQ(outcome.out, "");
  }
}

TEST_F(TargetsCheck, EndsWith5WhenTheFilesAreNoneOfTfms) {
  std::filesystem::create_directory(Build());
  const std::vector<std::string> caches{
      "", "CMAKE_BUILD_TYPE:STRING=Release\nBL2:BOOL=ON\n",
      std::string("\x7f\x00\xff:\xfe=\n\x01", 9)};
  for (const std::string& cache : caches) {
    WriteAt(absl::StrCat(Build(), "/CMakeCache.txt"), cache);
    const Outcome outcome = Check({"--tfm-build", Build()});
    EXPECT_EQ(outcome.exit_code, 5) << outcome.out;
    EXPECT_THAT(outcome.err, HasSubstr("BUILD_NOT_TFM"));
    EXPECT_EQ(outcome.out, "");
  }
}

TEST_F(TargetsCheck, EndsWith1WhenWhatTheTargetRequiresIsNotTold) {
  std::filesystem::create_directory(Build());
  WriteAt(absl::StrCat(Build(), "/CMakeCache.txt"),
          "MCUBOOT_HW_KEY:BOOL=ON\nMCUBOOT_HW_ROLLBACK_PROT:BOOL=ON\n");
  const Outcome outcome = Check({"--tfm-build", Build()});
  EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
  EXPECT_THAT(outcome.out,
              HasSubstr("measured boot: not told, and the target requires it"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("rollback protection: not told")));
  const Outcome json = Check({"--json", "--tfm-build", Build()});
  EXPECT_EQ(json.exit_code, 1) << json.err;
  EXPECT_THAT(json.out, HasSubstr("\"setting\":\"measured boot\",\"verdict\":"
                                  "\"NOT TOLD\""));
}

TEST_F(TargetsCheck, WantsOneBuild) {
  TfmBuild().Write(Build());
  EXPECT_EQ(Check({}).exit_code, 2);
  EXPECT_EQ(
      Check({"--tfm-build", Build(), "--zephyr-config", Build()}).exit_code, 2);
  EXPECT_EQ(Bootseal({"targets", "check", "--tfm-build", Build()}).exit_code,
            2);
}

TEST_F(TargetsCheck, SuggestsTheFormatWithoutATarget) {
  TfmBuild().Write(Build());
  const Outcome outcome =
      Bootseal({"targets", "check", "--suggest", "--tfm-build", Build()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("slot_size: 0x2d000"));
  EXPECT_THAT(outcome.out, HasSubstr("security_counter_ceiling: 512"));
}

}  // namespace
}  // namespace bootseal::tests
