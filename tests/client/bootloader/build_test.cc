#include "client/bootloader/build.h"

#include <gmock/gmock.h>

#include "base/status.h"
#include "tests/client/bootloader/builds.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using bootloader::Facts;
using testing::EndsWith;
using testing::HasSubstr;

std::string ValueOf(const Facts& facts, const std::string& name) {
  const auto found = facts.find(name);
  return found == facts.end() ? "nothing" : found->second.value;
}

TEST(Build, ACacheIsReadWithItsLines) {
  const Facts facts = bootloader::ReadCMakeCache(
      "# comment A:BOOL=1\n//Help B:BOOL=1\nA:BOOL=ON\r\n"
      "\"C D\":STRING=x=y:z\n\nA:BOOL=OFF\nE\nF:STRING=\n",
      "cache");
  EXPECT_EQ(ValueOf(facts, "A"), "OFF");
  EXPECT_EQ(facts.at("A").place, "cache:6");
  EXPECT_EQ(ValueOf(facts, "C D"), "x=y:z");
  EXPECT_EQ(ValueOf(facts, "F"), "");
  EXPECT_EQ(ValueOf(facts, "B"), "nothing");
  EXPECT_EQ(facts.size(), 3U);
}

TEST(Build, AHeaderSaysWhatIsDefinedAndWhatIsNot) {
  const Facts facts = bootloader::ReadHeader(
      ConfigHeader({{"A", "ON"}, {"B", "OFF"}, {"C", "16"}}), "header");
  EXPECT_EQ(ValueOf(facts, "A"), "1");
  EXPECT_EQ(ValueOf(facts, "B"), "0");
  EXPECT_EQ(ValueOf(facts, "C"), "16");
  EXPECT_EQ(facts.at("A").place, "header:8");
}

TEST(Build, WhatAHeaderSaysOnConditionIsNotTaken) {
  const Facts facts = bootloader::ReadHeader(
      ConfigHeader({}) +
          "#if X\n#ifndef Y\n#define A 1\n#endif\n#endif\n"
          "#endif\n#endif\n#define B 2\n",
      "header");
  EXPECT_EQ(ValueOf(facts, "MAX_BOOT_RECORD_SZ"), "nothing");
  EXPECT_EQ(ValueOf(facts, "A"), "nothing");
  EXPECT_EQ(ValueOf(facts, "B"), "2");
}

TEST(Build, AConfigSaysWhatIsSetAndWhatIsNot) {
  const Facts facts = bootloader::ReadKconfig(
      "CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=\"a b\"\n# CONFIG_D\n"
      "# CONFIG_E=y\nOTHER=1\nCONFIG_F\n",
      "config");
  EXPECT_EQ(ValueOf(facts, "CONFIG_A"), "y");
  EXPECT_EQ(ValueOf(facts, "CONFIG_B"), "n");
  EXPECT_EQ(facts.at("CONFIG_B").place, "config:2");
  EXPECT_EQ(ValueOf(facts, "CONFIG_C"), "a b");
  EXPECT_EQ(facts.size(), 3U);
}

TEST(Build, SwitchesAreOnAsTheirBuildSystemsHaveThem) {
  for (const char* on : {"ON", "on", "TRUE", "Yes", "y", "1", "2"}) {
    EXPECT_TRUE(bootloader::IsOn(on)) << on;
  }
  for (const char* off : {"OFF", "FALSE", "n", "0", "", "IGNORE", "NOTFOUND"}) {
    EXPECT_FALSE(bootloader::IsOn(off)) << off;
  }
}

TEST(Build, WhatWasCompiledCountsBeforeTheCache) {
  const TemporaryFolder folder;
  TfmBuild build;
  build.header["MCUBOOT_HW_ROLLBACK_PROT"] = "OFF";
  build.Write(folder.path());
  const auto facts = bootloader::LoadTfmBuild(folder.path());
  ASSERT_OK(facts);
  EXPECT_EQ(ValueOf(*facts, "MCUBOOT_HW_ROLLBACK_PROT"), "0");
  EXPECT_THAT(facts->at("MCUBOOT_HW_ROLLBACK_PROT").place,
              HasSubstr("mcuboot_config.h:"));
  EXPECT_THAT(facts->at("MCUBOOT_HW_KEY").place, HasSubstr("CMakeCache.txt:"));
}

TEST(Build, AFolderWithoutABuildIsNone) {
  const TemporaryFolder folder;
  for (const std::string& path : {folder.path(), folder.File("nothing")}) {
    EXPECT_EQ(base::ReasonOf(bootloader::LoadTfmBuild(path).status()),
              "BUILD_NOT_FOUND");
    EXPECT_EQ(base::ReasonOf(bootloader::LoadZephyrBuild({path}).status()),
              "BUILD_NOT_FOUND");
  }
}

TEST(Build, ATfmWithoutBl2HasNoBootloader) {
  const TemporaryFolder folder;
  TfmBuild build;
  build.variables["BL2"] = "OFF";
  build.Write(folder.path());
  EXPECT_EQ(base::ReasonOf(bootloader::LoadTfmBuild(folder.path()).status()),
            "BL2_MISSING");
}

TEST(Build, TheConfigOfAnApplicationIsNotMcuboots) {
  const TemporaryFolder folder;
  WriteAt(folder.File("zephyr/.config"),
          "CONFIG_BOOTLOADER_MCUBOOT=y\nCONFIG_ROM_START_OFFSET=0x200\n");
  EXPECT_EQ(
      base::ReasonOf(bootloader::LoadZephyrBuild({folder.path()}).status()),
      "CONFIG_NOT_MCUBOOT");
}

TEST(Build, SysbuildHasBootloaderAndApplication) {
  const TemporaryFolder folder;
  WriteAt(folder.File("app/zephyr/.config"),
          "CONFIG_BOOTLOADER_MCUBOOT=y\nCONFIG_ROM_START_OFFSET=0x200\n"
          "CONFIG_MEASURED_BOOT=y\n");
  WriteAt(folder.File("mcuboot/zephyr/.config"), Kconfig(ZephyrSwitches()));
  const auto facts = bootloader::LoadZephyrBuild({folder.path()});
  ASSERT_OK(facts);
  EXPECT_EQ(ValueOf(*facts, "CONFIG_MEASURED_BOOT"), "n");
  EXPECT_EQ(ValueOf(*facts, "APPLICATION_ROM_START_OFFSET"), "0x200");
  EXPECT_THAT(facts->at("APPLICATION_ROM_START_OFFSET").place,
              EndsWith("app/zephyr/.config:2"));
}

TEST(Build, LayoutsAreFoundWhereTfmLeavesAndInstallsThem) {
  const TemporaryFolder folder;
  EXPECT_EQ(bootloader::FindLayout(folder.path(), "s"), "");
  WriteAt(folder.File("api_ns/image_signing/layout_files/signing_layout_s.o"),
          "");
  EXPECT_THAT(bootloader::FindLayout(folder.path(), "s"),
              EndsWith("layout_files/signing_layout_s.o"));
  TfmBuild().Write(folder.path());
  EXPECT_THAT(bootloader::FindLayout(folder.path(), "s_ns"),
              EndsWith("signing_layout_s.dir/signing_layout_s_ns.o"));
}

}  // namespace
}  // namespace bootseal::tests
