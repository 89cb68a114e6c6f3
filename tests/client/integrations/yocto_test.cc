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

// Of version 6: another name for each storage's device tree, which may begin
// with a dash, and a list of configurations.
TEST_F(Yocto, FindsComponentsByTheWordsOfALaterOpenstlinux) {
  Component(
      "arm-trusted-firmware/fwconfig/"
      "stm32mp157f-dk2-sd-fw-config-optee-sdcard.dtb");
  Component("u-boot/u-boot-stm32mp157f-dk2-sd.dtb");
  Component("optee/tee-pager_v2-stm32mp157f-dk2-opteemin.bin");
  const Outcome task =
      Task(absl::StrCat(kCreateFip, " --search-devicetree-suffix -sd ",
                        "--search-secondary-config default:opteemin"));
  ASSERT_EQ(task.exit_code, 0) << task.out << task.err;
  ASSERT_EQ(tests::Run({"fiptool", "unpack", "--out", on_.File("."), "--force",
                        on_.File(kFip)})
                .exit_code,
            0);
  EXPECT_THAT(on_.Read("fw-config.bin"), HasSubstr("dk2-sd-fw-config"));
  EXPECT_EQ(on_.Read("hw-config.bin"),
            "u-boot/u-boot-stm32mp157f-dk2-sd.dtb\n");
  EXPECT_EQ(on_.Read("tos-fw-extra1.bin"),
            "optee/tee-pager_v2-stm32mp157f-dk2-opteemin.bin\n");
  EXPECT_EQ(on_.Read("nt-fw.bin"),
            "u-boot/u-boot-nodtb-stm32mp15-default.bin\n");
}

TEST_F(Yocto, DeploysTheReceiptOfEachFirstStageThatTheRecipeDeploys) {
  std::filesystem::create_directory(on_.File("build/optee-emmc"));
  for (const char* receipt : {"a_Signed.stm32", "b_Signed.stm32"}) {
    on_.Write(absl::StrCat("build/optee-emmc/", receipt, ".receipt"), receipt);
  }
  on_.Write("deploy/a_Signed.stm32", "an image");
  const Outcome task = Task("bootseal_deploy_receipts");
  ASSERT_EQ(task.exit_code, 0) << task.out << task.err;
  EXPECT_EQ(on_.Read("deploy/a_Signed.stm32.receipt"), "a_Signed.stm32");
  EXPECT_FALSE(on_.Exists("deploy/b_Signed.stm32.receipt"));
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

int CertCreate(const std::string& key) {
  return tests::Run({"cert_create", "-n", "--tfw-nvctr", "0", "--ntfw-nvctr",
                     "0", "--rot-key", key, "--tb-fw", kSignClass,
                     "--tb-fw-cert", "/dev/null", "--trusted-key-cert",
                     "/dev/null"})
      .exit_code;
}

// For a file that does not exist `cert_create -n` makes up a key.
TEST(YoctoClass, NamesNoKeyFileThatAnythingCouldSignWith) {
  ASSERT_EQ(CertCreate("/in-the-hsm"), 0);
  for (const char* file :
       {"bootseal-keyless.bbclass", "bootseal-sign-stm32mp.bbclass"}) {
    const BitbakeClass keyless(absl::StrCat(kClasses, file));
    for (const char* name :
         {"SIGN_KEY", "SIGN_KEY_stm32mp13", "SIGN_KEY_stm32mp15",
          "SIGN_KEY_stm32mp21", "SIGN_KEY_stm32mp23", "SIGN_KEY_stm32mp25"}) {
      const auto key = keyless.defaults().find(name);
      ASSERT_NE(key, keyless.defaults().end()) << file << name;
      EXPECT_NE(CertCreate(key->second), 0) << file << name;
    }
    EXPECT_EQ(keyless.defaults().at("SIGN_TOOL"), "false");
  }
}

// The recipe's own `?=` comes first: one more would be none.
TEST(YoctoClass, TurnsTheDebuggersWrapperOffWhateverTheRecipeSays) {
  const BitbakeClass stm32mp(
      absl::StrCat(kClasses, "bootseal-sign-stm32mp.bbclass"));
  EXPECT_EQ(stm32mp.assignments().at("TF_A_ENABLE_DEBUG_WRAPPER"), "=");
  EXPECT_EQ(stm32mp.defaults().at("BOOTSEAL_DEBUG_WRAPPER"), "0");
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
