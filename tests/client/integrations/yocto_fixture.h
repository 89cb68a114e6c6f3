// client/integrations/yocto: the shell functions of its class as BitBake runs
// them, with OpenSTLinux's words, folders and names, and a server.
#ifndef BOOTSEAL_TESTS_CLIENT_INTEGRATIONS_YOCTO_FIXTURE_H_
#define BOOTSEAL_TESTS_CLIENT_INTEGRATIONS_YOCTO_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/client/integrations/bitbake_class.h"
#include "tests/integration/installation.h"

namespace bootseal::tests {

inline constexpr char kClasses[] = BOOTSEAL_SOURCE_DIR
    "/client/integrations/yocto/meta-bootseal/classes/";
inline constexpr char kSignClass[] = BOOTSEAL_SOURCE_DIR
    "/client/integrations/yocto/meta-bootseal/classes/"
    "bootseal-sign.bbclass";
inline constexpr char kImages[] =
    "images { name: \"fw-config\" presence: REQUIRED } "
    "images { name: \"hw-config\" presence: REQUIRED } "
    "images { name: \"tos-fw\" presence: REQUIRED } "
    "images { name: \"tos-fw-extra1\" presence: OPTIONAL } "
    "images { name: \"tos-fw-extra2\" presence: OPTIONAL } "
    "images { name: \"tos-fw-config\" presence: OPTIONAL } "
    "images { name: \"nt-fw\" presence: REQUIRED } ";

// As the recipe fip-stm32mp calls its wrapper.
inline constexpr char kCreateFip[] =
    "FIP_DEPLOYDIR_ROOT=\"${RECIPE_SYSROOT}\" bootseal_create_fip "
    "--sign --signature-key in-the-hsm --signature-key-pass "
    "--search-secondary-config default "
    "--search-configuration optee-sdcard "
    "--search-devicetree stm32mp157f-dk2 --search-soc-name stm32mp15 "
    "--output ${DEPLOYDIR}/fip";
inline constexpr char kFip[] =
    "deploy/fip/fip-stm32mp157f-dk2-optee-sdcard_Signed.bin";

// As the recipe tf-a-stm32mp calls its signing tool.
inline constexpr char kSignFsbl[] =
    "bootseal_sign_fsbl "
    "-bin \"${B}/tf-a-stm32mp157f-dk2-sdcard.stm32\" "
    "-o \"${B}/tf-a-stm32mp157f-dk2-sdcard_Signed.stm32\" "
    "--password --public-key --private-key in-the-hsm --type fsbl --silent";
inline constexpr char kTfa[] = "build/tf-a-stm32mp157f-dk2-sdcard.stm32";
inline constexpr char kFsbl[] =
    "build/tf-a-stm32mp157f-dk2-sdcard_Signed.stm32";

// The same of another SoC, whose header is twice as long.
inline constexpr char kSignMp13[] =
    "bootseal_sign_fsbl -bin \"${B}/tf-a-stm32mp135f-dk-sdcard.stm32\" "
    "-o \"${B}/tf-a-stm32mp135f-dk-sdcard_Signed.stm32\" --type fsbl";
inline constexpr char kTfaMp13[] = "build/tf-a-stm32mp135f-dk-sdcard.stm32";
inline constexpr char kFsblMp13[] =
    "build/tf-a-stm32mp135f-dk-sdcard_Signed.stm32";

class Yocto : public testing::Test {
 protected:
  Yocto() : on_({BoardTarget("p256")}), class_(kSignClass) {
    on_.Write(
        "policy.textproto",
        absl::StrCat(
            on_.Read("policy.textproto"), "targets { name: \"mp157/fip\" ",
            "key: \"p256\" requesters: \"ci\" lower_version: PASS fip { ",
            "chip: STM32MP15 max_size: 0x400000 ",
            "valid_from: \"2026-01-01T00:00:00Z\" ",
            "default_security_counter: 1 ", kImages, "} }\n",
            "targets { name: \"mp157/fsbl\" key: \"p256\" ",
            "requesters: \"ci\" lower_version: PASS stm32_header { ",
            "chip: STM32MP15 entry_point: 0x2ffc2500 ",
            "load_address: 0x2ffc2400 max_size: 0x3db00 ",
            "default_security_counter: 1 } }\n",
            "targets { name: \"mp135/fsbl\" key: \"p256\" ",
            "requesters: \"ci\" lower_version: PASS stm32_header { ",
            "chip: STM32MP13 entry_point: 0x2ffe0000 ",
            "load_address: 0x2ffdfe00 max_size: 0x20000 ",
            "default_security_counter: 1 ", KeyTable(), " } }\n"));
    EXPECT_EQ(on_.StartServer(), -1) << on_.ServerLog();
    MakeSysroot();
    MakeBuild();
    MakeDatastore();
  }

  // Eight times the same key: which one counts is nothing to a build.
  std::string KeyTable() {
    const Outcome key =
        on_.TokenTool({"export-public", "--token", "bootseal", "--pin-file",
                       on_.File("pin"), "--label", "p256", "--format", "pem",
                       "--output", on_.File("p256.pem")});
    EXPECT_EQ(key.exit_code, 0) << key.err;
    const std::string pem =
        absl::StrReplaceAll(on_.Read("p256.pem"), {{"\n", "\\n"}});
    std::string table;
    for (int i = 0; i < 8; ++i) {
      absl::StrAppend(&table, "public_keys: \"", pem, "\" ");
    }
    return table;
  }

  // What OpenSTLinux's recipes leave for the package.
  void MakeSysroot() {
    for (const char* folder :
         {"sysroot", "sysroot/arm-trusted-firmware",
          "sysroot/arm-trusted-firmware/fwconfig",
          "sysroot/arm-trusted-firmware/bl32", "sysroot/optee",
          "sysroot/u-boot", "build", "build/zephyr", "deploy"}) {
      std::filesystem::create_directory(on_.File(folder));
    }
    Component(
        "arm-trusted-firmware/fwconfig/"
        "stm32mp157f-dk2-fw-config-optee-sdcard.dtb");
    Component("optee/tee-header_v2-stm32mp157f-dk2.bin");
    Component("optee/tee-pager_v2-stm32mp157f-dk2.bin");
    on_.Write("sysroot/optee/tee-pageable_v2-stm32mp157f-dk2.bin", "");
    Component("u-boot/u-boot-nodtb-stm32mp15-default.bin");
    Component("u-boot/u-boot-stm32mp157f-dk2.dtb");
  }
  void Component(const std::string& path) {
    on_.Write(absl::StrCat("sysroot/", path), absl::StrCat(path, "\n"));
  }

  // And what is behind the header that TF-A's build writes.
  void MakeBuild() {
    on_.Write("bl2.bin", absl::StrCat("bl2", std::string(30'000, 'b')));
    MakeFirstStage("0x2ffc2500");
    on_.Write("build/zephyr/zephyr.bin", Payload(4096));
  }

  void MakeFirstStage(const std::string& entry) {
    MakeHeader("stm32mp15", "0x2ffc2400", entry, kTfa);
  }
  void MakeHeader(const std::string& chip, const std::string& load,
                  const std::string& entry, const std::string& file) {
    const Outcome header = on_.Client(
        {"stm32", "header", "--chip", chip, "--load", load, "--entry", entry,
         "--image-version", "1", "-o", on_.File(file), on_.File("bl2.bin")});
    EXPECT_EQ(header.exit_code, 0) << header.err;
  }

  void MakeDatastore() {
    const Environment client = on_.ClientEnvironment("ci");
    values_ = {{"PN", "zephyr-blinky"},
               {"MACHINE", "mps2-an521"},
               {"B", on_.File("build")},
               {"DEPLOYDIR", on_.File("deploy")},
               {"RECIPE_SYSROOT", on_.File("sysroot")},
               {"FIP_SIGN_SUFFIX", "_Signed"},
               {"BOOTSEAL_PROGRAM", BOOTSEAL_BIN_DIR "/bootseal"},
               {"BOOTSEAL_VERSION", "5.1.0"},
               {"BOOTSEAL_TARGET_FIP", "stm32mp13*=mp135/fip *=mp157/fip"},
               {"BOOTSEAL_TARGET_FSBL",
                "*stm32mp157*=mp157/fsbl *stm32mp135*=mp135/fsbl"},
               {"BOOTSEAL_TARGET_ZEPHYR", "p256"}};
    for (const char* name : {"BOOTSEAL_SERVER", "BOOTSEAL_CA", "BOOTSEAL_CERT",
                             "BOOTSEAL_KEY", "BOOTSEAL_LOG_KEY"}) {
      values_[name] = client.at(name);
    }
  }

  // In an environment as bare as BitBake's.
  Outcome Task(const std::string& command,
               const std::vector<std::string>& environment = {}) {
    const std::string script =
        on_.Write("run.do_task", class_.RunScript(values_, command));
    std::vector<std::string> arguments{"env", "-i", "PATH=/usr/bin:/bin",
                                       absl::StrCat("HOME=", on_.File(""))};
    arguments.insert(arguments.end(), environment.begin(), environment.end());
    arguments.insert(arguments.end(), {"/bin/sh", script});
    return tests::Run(arguments);
  }

  std::string Export(const std::string& target) {
    const std::string profile =
        on_.File(absl::StrReplaceAll(target, {{"/", "-"}}) + ".profile");
    const Outcome outcome =
        on_.Client({"targets", "export", target, "-o", profile});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return profile;
  }

  Outcome Verify(const std::string& target, const std::string& file) {
    return on_.Client({"verify", "--profile", Export(target), "--receipt",
                       on_.File(file + ".receipt"), on_.File(file)});
  }

  // Names below a folder.
  std::vector<std::string> Files(const std::string& folder) const {
    std::vector<std::string> names;
    for (const auto& each :
         std::filesystem::recursive_directory_iterator(on_.File(folder))) {
      if (each.is_regular_file()) names.push_back(each.path().filename());
    }
    return names;
  }

  Installation on_;
  BitbakeClass class_;
  Datastore values_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_INTEGRATIONS_YOCTO_FIXTURE_H_
