#include "client/bootloader/compare.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include <functional>
#include <utility>

#include "base/status.h"
#include "tests/client/bootloader/builds.h"
#include "tests/client/bootloader/findings.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using bootloader::Finding;
using bootloader::Settings;
using bootloader::Verdict;
using testing::HasSubstr;
using testing::StartsWith;

// What deploy/policy has for the board.
v1::Profile NucleoProfile() {
  v1::Profile profile;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(target {
           name: "nucleo-l552ze-q/tfm-s"
           key: "tfm-s"
           mcuboot {
             header_size: 0x400 slot_size: 0x2d000 align: 8
             strategy: OVERWRITE_ONLY padding: PAD key_format: FULL
             security_counter: REQUIRED default_security_counter: 1
             security_counter_ceiling: 512
             boot_record: REQUIRED software_type: "SPE"
             max_boot_record_size: 132 dependency: REQUIRED
             dependencies { image_id: 1 minimum_version: "0.0.0+0" }
             image_count: 2
           }
         }
         algorithm: RSA3072)",
      &profile));
  return profile;
}

Settings TfmSettingsOf(const TfmBuild& build, const std::string& image = "s") {
  const TemporaryFolder folder;
  build.Write(folder.path());
  const auto settings = bootloader::TfmSettings(folder.path(), image);
  EXPECT_OK(settings);
  return settings.value_or(Settings());
}

TEST(Compare, TheQuickstartsTargetAgreesWithTfmsDefaults) {
  const auto findings =
      bootloader::Compare(TfmSettingsOf(TfmBuild()), NucleoProfile());
  EXPECT_THAT(Differing(findings), testing::IsEmpty());
  EXPECT_EQ(findings.front().setting, "measured boot");
  EXPECT_EQ(findings.front().verdict, Verdict::kAgree);
  EXPECT_THAT(findings.front().build.place, HasSubstr("mcuboot_config.h:"));
  EXPECT_EQ(Named(findings, "slot size").verdict, Verdict::kAgree);
  EXPECT_EQ(Named(findings, "sectors").verdict, Verdict::kNotTold);
}

struct TfmCase {
  std::string name;  // of the one setting that then differs
  std::function<void(TfmBuild&)> change;
  std::string fix;
};

class TfmDiffers : public testing::TestWithParam<TfmCase> {};

TEST_P(TfmDiffers, InThatSettingAloneAndIsMendedByItsLine) {
  TfmBuild build;
  GetParam().change(build);
  const Settings settings = TfmSettingsOf(build);
  v1::Profile profile = NucleoProfile();
  const auto findings = bootloader::Compare(settings, profile);
  EXPECT_THAT(Differing(findings), testing::ElementsAre(GetParam().name));
  const Finding finding = Named(findings, GetParam().name);
  EXPECT_EQ(finding.fix, GetParam().fix);
  EXPECT_NE(finding.effect, "");
  EXPECT_NE(finding.build.place, "");
  if (finding.fix.empty() || GetParam().name == "signature") return;
  v1::McubootFormat line;
  ASSERT_TRUE(
      google::protobuf::TextFormat::ParseFromString(finding.fix, &line));
  v1::McubootFormat& format = *profile.mutable_target()->mutable_mcuboot();
  if (line.dependencies_size() > 0) format.clear_dependencies();
  // A line of the schema's default leaves no trace to merge.
  if (GetParam().name == "images") format.clear_image_count();
  format.MergeFrom(line);
  EXPECT_THAT(Differing(bootloader::Compare(settings, profile)),
              testing::IsEmpty());
}

void Set(TfmBuild& build, const std::string& name, const std::string& value) {
  build.variables[name] = value;
  if (build.header.count(name) != 0) build.header[name] = value;
}

INSTANTIATE_TEST_SUITE_P(
    Compare, TfmDiffers,
    testing::Values(
        TfmCase{"measured boot",
                [](TfmBuild& b) { Set(b, "MCUBOOT_MEASURED_BOOT", "OFF"); },
                "boot_record: OPTIONAL"},
        TfmCase{
            "signature",
            [](TfmBuild& b) { Set(b, "MCUBOOT_SIGNATURE_TYPE", "RSA-2048"); },
            "key: a key whose algorithm is RSA2048"},
        TfmCase{"key format",
                [](TfmBuild& b) { Set(b, "MCUBOOT_HW_KEY", "OFF"); },
                "key_format: HASH"},
        TfmCase{"key format",
                [](TfmBuild& b) {
                  Set(b, "MCUBOOT_HW_KEY", "OFF");
                  Set(b, "MCUBOOT_BUILTIN_KEY", "ON");
                },
                ""},
        TfmCase{"rollback protection",
                [](TfmBuild& b) { Set(b, "MCUBOOT_HW_ROLLBACK_PROT", "OFF"); },
                "security_counter: OPTIONAL"},
        TfmCase{
            "dependencies",
            [](TfmBuild& b) { Set(b, "MCUBOOT_NS_IMAGE_MIN_VER", "1.2.3+4"); },
            "dependencies { image_id: 1 minimum_version: \"1.2.3+4\" }"},
        TfmCase{"images",
                [](TfmBuild& b) { Set(b, "MCUBOOT_IMAGE_NUMBER", "3"); },
                "image_count: 3"},
        TfmCase{"upgrade strategy",
                [](TfmBuild& b) {
                  Set(b, "MCUBOOT_UPGRADE_STRATEGY", "DIRECT_XIP");
                },
                "strategy: DIRECT_XIP"},
        TfmCase{"slot size",
                [](TfmBuild& b) { b.secure_size = "(0x14000 + 0x24000)"; },
                "slot_size: 0x38000"},
        TfmCase{"load address",
                [](TfmBuild& b) {
                  b.addresses = "RE_IMAGE_LOAD_ADDRESS = (0x30000000),\n";
                },
                "load_address: 0x30000000"},
        TfmCase{
            "address in flash",
            [](TfmBuild& b) { b.addresses = "RE_IMAGE_ROM_FIXED = 0x14000\n"; },
            "rom_fixed_address: 0x14000"},
        TfmCase{"trailer cells",
                [](TfmBuild& b) { Set(b, "MCUBOOT_BOOT_MAX_ALIGN", "16"); },
                "max_align: 16"},
        TfmCase{"header size",
                [](TfmBuild& b) { Set(b, "BL2_HEADER_SIZE", "0x200"); },
                "header_size: 0x200"},
        TfmCase{"encryption",
                [](TfmBuild& b) {
                  Set(b, "MCUBOOT_ENC_IMAGES", "ON");
                  Set(b, "MCUBOOT_ENC_KEY_LEN", "256");
                },
                "encryption { presence: OPTIONAL key_bits: 256 key_exchange: "
                "RSA_OAEP }"},
        TfmCase{"encryption",
                [](TfmBuild& b) {
                  Set(b, "MCUBOOT_ENC_IMAGES", "ON");
                  Set(b, "MCUBOOT_ENCRYPT_KW", "ON");
                },
                "encryption { presence: OPTIONAL key_bits: 128 key_exchange: "
                "AES_KW }"}));

TEST(Compare, MeasuredBootIsDerivedWhereNoHeaderWasConfigured) {
  TfmBuild build;
  build.header.clear();
  build.variables["CONFIG_TFM_BOOT_STORE_ENCODED_MEASUREMENTS"] = "OFF";
  const Finding finding =
      bootloader::Compare(TfmSettingsOf(build), NucleoProfile()).front();
  EXPECT_EQ(finding.verdict, Verdict::kDiffer);
  EXPECT_THAT(finding.build.words,
              StartsWith("CONFIG_TFM_BOOT_STORE_ENCODED_MEASUREMENTS=OFF"));
}

// Both make measured boot: one that is off decides, one that is on does not.
TEST(Compare, MeasuredBootIsOffWhenOneOfItsTwoSwitchesIs) {
  const std::string stored = "CONFIG_TFM_BOOT_STORE_MEASUREMENTS";
  const std::string encoded = "CONFIG_TFM_BOOT_STORE_ENCODED_MEASUREMENTS";
  for (const auto& [told, untold] :
       {std::pair(stored, encoded), std::pair(encoded, stored)}) {
    TfmBuild build;
    build.header.clear();
    build.variables.erase(untold);
    build.variables[told] = "OFF";
    const Finding off =
        bootloader::Compare(TfmSettingsOf(build), NucleoProfile()).front();
    EXPECT_EQ(off.verdict, Verdict::kDiffer) << told;
    EXPECT_EQ(off.build.words, told + "=OFF");
    build.variables[told] = "ON";
    const Finding on =
        bootloader::Compare(TfmSettingsOf(build), NucleoProfile()).front();
    EXPECT_EQ(on.verdict, Verdict::kUnproven) << told;
  }
}

TEST(Compare, WhatTheTargetRequiresMustBeTold) {
  TfmBuild build;
  build.header.clear();
  build.variables = {{"MCUBOOT_HW_KEY", "ON"}};
  const Settings settings = TfmSettingsOf(build);
  v1::Profile profile = NucleoProfile();
  for (const char* name : {"measured boot", "rollback protection"}) {
    const Finding finding = Named(bootloader::Compare(settings, profile), name);
    EXPECT_EQ(finding.verdict, Verdict::kUnproven) << name;
    EXPECT_THAT(finding.effect, StartsWith("should it be off: "));
    EXPECT_FALSE(bootloader::IsAcceptable(finding.verdict));
  }
  profile.mutable_target()->mutable_mcuboot()->set_boot_record(v1::OPTIONAL);
  const Finding optional = bootloader::Compare(settings, profile).front();
  EXPECT_EQ(optional.verdict, Verdict::kNotTold);
  EXPECT_TRUE(bootloader::IsAcceptable(optional.verdict));
}

TEST(Compare, AFolderThatTellsNothingOfMcubootIsNoTfm) {
  const TemporaryFolder folder;
  WriteAt(folder.File("CMakeCache.txt"), "CMAKE_BUILD_TYPE:STRING=Debug\n");
  EXPECT_EQ(
      base::ReasonOf(bootloader::TfmSettings(folder.path(), "s").status()),
      "BUILD_NOT_TFM");
}

TEST(Compare, ATargetWithoutRecordDoesNotBootOnMeasuredBoot) {
  v1::Profile profile = NucleoProfile();
  profile.mutable_target()->mutable_mcuboot()->set_boot_record(v1::OPTIONAL);
  const Finding finding =
      bootloader::Compare(TfmSettingsOf(TfmBuild()), profile).front();
  EXPECT_EQ(finding.verdict, Verdict::kDiffer);
  EXPECT_THAT(finding.effect, HasSubstr("nothing boots"));
  EXPECT_EQ(finding.fix, "boot_record: REQUIRED");
}

TEST(Compare, ACounterThatTheStoreCannotHoldBricksTheBoard) {
  v1::Profile profile = NucleoProfile();
  v1::McubootFormat& format = *profile.mutable_target()->mutable_mcuboot();
  const Settings settings = TfmSettingsOf(TfmBuild());
  for (const std::uint32_t ceiling : {0U, 513U}) {
    format.set_security_counter_ceiling(ceiling);
    EXPECT_THAT(Differing(bootloader::Compare(settings, profile)),
                testing::ElementsAre("counter ceiling"));
  }
  format.set_security_counter_ceiling(100);  // stricter than the store
  EXPECT_THAT(Differing(bootloader::Compare(settings, profile)),
              testing::IsEmpty());
}

TEST(Compare, APlatformsOwnCountersHaveAnUnknownEnd) {
  TfmBuild build;
  build.variables["PLATFORM_DEFAULT_NV_COUNTERS"] = "OFF";
  v1::Profile profile = NucleoProfile();
  profile.mutable_target()->mutable_mcuboot()->set_security_counter_ceiling(0);
  EXPECT_EQ(Named(bootloader::Compare(TfmSettingsOf(build), profile),
                  "counter ceiling")
                .verdict,
            Verdict::kNotTold);
}

TEST(Compare, TheWriteSizeMattersToSwapsAlone) {
  TfmBuild build;
  EXPECT_EQ(Named(bootloader::Compare(TfmSettingsOf(build), NucleoProfile()),
                  "write size")
                .verdict,
            Verdict::kAgree);
  build.variables["MCUBOOT_UPGRADE_STRATEGY"] = "SWAP_USING_SCRATCH";
  EXPECT_THAT(
      Differing(bootloader::Compare(TfmSettingsOf(build), NucleoProfile())),
      testing::ElementsAre("upgrade strategy", "write size"));
}

TEST(Compare, TheNonSecureImageHasItsOwnSlotAndDependency) {
  const auto findings =
      bootloader::Compare(TfmSettingsOf(TfmBuild(), "ns"), NucleoProfile());
  EXPECT_THAT(
      Differing(findings),
      testing::ElementsAre("software type", "dependencies", "slot size"));
  EXPECT_EQ(Named(findings, "slot size").build.value, "0x9000");
}

TEST(Compare, OneImageForBothHasTheCombinedLayout) {
  TfmBuild build;
  build.variables["MCUBOOT_IMAGE_NUMBER"] = "1";
  build.secure_size = "(0x36000)";
  const Settings settings = TfmSettingsOf(build);
  EXPECT_THAT(settings.at(bootloader::Setting::kSlotSize).place,
              HasSubstr("signing_layout_s_ns.o:2"));
  EXPECT_EQ(settings.count(bootloader::Setting::kDependencies), 0U);
}

TEST(Compare, AnUnreadableLayoutIsAnError) {
  TfmBuild build;
  build.secure_size = "FLASH_AREA_0_SIZE";
  const TemporaryFolder folder;
  build.Write(folder.path());
  EXPECT_THAT(bootloader::TfmSettings(folder.path(), "s").status().message(),
              HasSubstr("FLASH_AREA_0_SIZE"));
}

TEST(Compare, ASuggestedFormatAgreesWithItsBuild) {
  TfmBuild swapping;
  swapping.variables["MCUBOOT_UPGRADE_STRATEGY"] = "SWAP_USING_MOVE";
  swapping.variables["MCUBOOT_ALIGN_VAL"] = "8";
  swapping.addresses = "RE_IMAGE_LOAD_ADDRESS = 0x30000400,\n";
  for (const TfmBuild& build : {TfmBuild(), swapping}) {
    const Settings settings = TfmSettingsOf(build);
    v1::Profile profile;
    profile.set_algorithm(v1::RSA3072);
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
        bootloader::Suggest(settings), profile.mutable_target()))
        << bootloader::Suggest(settings);
    EXPECT_THAT(Differing(bootloader::Compare(settings, profile)),
                testing::IsEmpty());
  }
}

}  // namespace
}  // namespace bootseal::tests
