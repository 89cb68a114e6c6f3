// What client/integrations/yocto makes, and what it goes by.
#include "tests/client/integrations/yocto_fixture.h"

#include <regex>

#include "absl/strings/match.h"

namespace bootseal::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST_F(Yocto, MakesThePackageThatOpenstlinuxDeploys) {
  const Outcome task = Task(kCreateFip);
  ASSERT_EQ(task.exit_code, 0) << task.out << task.err;
  const Outcome verify = Verify("mp157/fip", kFip);
  EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err << task.out;
  EXPECT_THAT(verify.out,
              AllOf(HasSubstr("NV counter 1"), HasSubstr("in the log")));
  // What the recipe itself would have put together.
  ASSERT_EQ(tests::Run({"fiptool", "unpack", "--out", on_.File("."), "--force",
                        on_.File(kFip)})
                .exit_code,
            0);
  EXPECT_EQ(on_.Read("nt-fw.bin"),
            "u-boot/u-boot-nodtb-stm32mp15-default.bin\n");
  EXPECT_EQ(on_.Read("tos-fw-extra1.bin"),
            "optee/tee-pager_v2-stm32mp157f-dk2.bin\n");
  EXPECT_FALSE(on_.Exists("tos-fw-extra2.bin"));
}

TEST_F(Yocto, TakesTheMostExactNameOfAComponent) {
  Component("u-boot/u-boot-nodtb-stm32mp157f-dk2-optee-sdcard.bin");
  Component("u-boot/u-boot-nodtb-stm32mp15.bin");
  ASSERT_EQ(Task(kCreateFip).exit_code, 0);
  ASSERT_EQ(tests::Run({"fiptool", "unpack", "--out", on_.File("."), "--force",
                        on_.File(kFip)})
                .exit_code,
            0);
  EXPECT_EQ(on_.Read("nt-fw.bin"),
            "u-boot/u-boot-nodtb-stm32mp157f-dk2-optee-sdcard.bin\n");
}

TEST_F(Yocto, MakesAPackageOfTfasOwnMonitorToo) {
  Component("arm-trusted-firmware/bl32/tf-a-bl32-stm32mp15.bin");
  Component(
      "arm-trusted-firmware/bl32/"
      "stm32mp157f-dk2-bl32-optee-sdcard.dtb");
  const Outcome task = Task(absl::StrCat(kCreateFip, " --use-bl32"));
  ASSERT_EQ(task.exit_code, 0) << task.out << task.err;
  EXPECT_EQ(Verify("mp157/fip", kFip).exit_code, 0);
}

TEST_F(Yocto, SignsTheFirstStageBehindTheHeaderOfItsBuild) {
  values_["BOOTSEAL_SECURITY_COUNTER"] = "2";
  const Outcome task = Task(kSignFsbl);
  ASSERT_EQ(task.exit_code, 0) << task.out << task.err;
  const Outcome verify = Verify("mp157/fsbl", kFsbl);
  EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err << task.out;
  EXPECT_TRUE(absl::EndsWith(on_.Read(kFsbl), on_.Read("bl2.bin")));
  EXPECT_FALSE(on_.Exists(absl::StrCat(kFsbl, ".payload")));
  const Outcome rom = on_.Client({"stm32", "show", on_.File(kFsbl)});
  EXPECT_THAT(rom.out, HasSubstr("2")) << rom.err;
}

TEST_F(Yocto, SignsTheFirstStageBehindTheLongerHeaderOfAnStm32mp13) {
  MakeHeader("stm32mp13", "0x2ffdfe00", "0x2ffe0000", kTfaMp13);
  const Outcome task = Task(kSignMp13);
  ASSERT_EQ(task.exit_code, 0) << task.out << task.err;
  const Outcome verify = Verify("mp135/fsbl", kFsblMp13);
  EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err << task.out;
  EXPECT_EQ(on_.Read(kFsblMp13).substr(512), on_.Read("bl2.bin"));
}

TEST_F(Yocto, SignsWhatZephyrBuiltIntoWhatIsDeployed) {
  const Outcome task = Task("bootseal_sign_zephyr");
  ASSERT_EQ(task.exit_code, 0) << task.out << task.err;
  EXPECT_EQ(Verify("p256", "deploy/zephyr-blinky.signed.bin").exit_code, 0);
}

TEST_F(Yocto, KnowsServerAndIdentityFromASettingsFileAlone) {
  std::string settings;
  for (const auto& [variable, key] :
       {std::pair("BOOTSEAL_SERVER", "server"), std::pair("BOOTSEAL_CA", "ca"),
        std::pair("BOOTSEAL_CERT", "cert"), std::pair("BOOTSEAL_KEY", "key"),
        std::pair("BOOTSEAL_LOG_KEY", "log-key")}) {
    absl::StrAppend(&settings, key, " = \"", values_[variable], "\"\n");
    values_.erase(variable);
  }
  values_["BOOTSEAL_SETTINGS"] = on_.Write("the settings", settings);
  const Outcome task = Task("bootseal_sign_zephyr");
  EXPECT_EQ(task.exit_code, 0) << task.out << task.err;
}

// What somebody exports around BitBake says nothing to a task.
TEST_F(Yocto, TakesNoTokenAndNoServerOfTheEnvironment) {
  const Outcome task = Task("bootseal_sign_zephyr",
                            {"BOOTSEAL_TOKEN=hunter2", "BOOTSEAL_WAIT=1h",
                             "BOOTSEAL_SERVER=127.0.0.1:1"});
  EXPECT_EQ(task.exit_code, 0) << task.out << task.err;
  EXPECT_THAT(task.out + task.err, Not(HasSubstr("hunter2")));
}

TEST_F(Yocto, HoldsTheTargetAgainstTheProfileOfItsDeviceTree) {
  values_["BOOTSEAL_PROFILE_FIP"] =
      absl::StrCat("stm32mp157*=", Export("mp157/fip"));
  EXPECT_EQ(Task(kCreateFip).exit_code, 0);
  values_["BOOTSEAL_PROFILE_FIP"] = Export("mp157/fsbl");
  const Outcome other = Task(kCreateFip);
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.out, HasSubstr(" is not made"));
  EXPECT_THAT(Files("deploy"), IsEmpty());
}

// What BitBake's own parser of names and shell refuses.
TEST(YoctoClass, IsWrittenInTheShellThatBitbakeReads) {
  const BitbakeClass sign(kSignClass);
  const std::regex behind("\\$[a-z0-9]+\\$\\{[A-Z]");
  EXPECT_GE(sign.functions().size(), 9U);
  for (const auto& [name, body] : sign.functions()) {
    for (const char* suffix : {"_remove", "_append", "_prepend"}) {
      EXPECT_FALSE(absl::EndsWith(name, suffix)) << name;
    }
    EXPECT_THAT(body, Not(HasSubstr("$(("))) << name;
    // ${NAME} of the datastore behind a shell variable would lengthen its name.
    EXPECT_FALSE(std::regex_search(body, behind)) << name;
  }
}

// A path or a time-out must not change what BitBake finds in its cache.
TEST(YoctoClass, KeepsServerAndIdentityOutOfTheTasksSignatures) {
  const BitbakeClass sign(kSignClass);
  const std::string places = sign.defaults().at("BOOTSEAL_PLACES");
  for (const char* name :
       {"BOOTSEAL_SERVER", "BOOTSEAL_CERT", "BOOTSEAL_KEY",
        "BOOTSEAL_TOKEN_FILE", "BOOTSEAL_PROGRAM", "BOOTSEAL_TIMEOUT"}) {
    EXPECT_THAT(places, HasSubstr(name));
  }
  for (const char* name : {"BOOTSEAL_VERSION", "BOOTSEAL_TARGET_FIP",
                           "BOOTSEAL_SECURITY_COUNTER"}) {
    EXPECT_THAT(places, Not(HasSubstr(name)));
  }
}

}  // namespace
}  // namespace bootseal::tests
