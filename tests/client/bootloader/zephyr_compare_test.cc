// A target against the bootloader of a Zephyr build.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include "client/bootloader/compare.h"
#include "tests/client/bootloader/builds.h"
#include "tests/client/bootloader/findings.h"

namespace bootseal::tests {
namespace {

using bootloader::Finding;
using bootloader::Settings;
using bootloader::Verdict;

v1::Profile NordicProfile() {
  v1::Profile profile;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(target {
           name: "board" key: "app"
           mcuboot {
             header_size: 0x200 slot_size: 0x76000 align: 4
             sector_size: 0x1000 max_sectors: 256 strategy: SWAP_MOVE
             allow_list: true
           }
         }
         algorithm: P256)",
      &profile));
  return profile;
}

Settings ZephyrSettingsOf(const Values& switches) {
  const auto settings = bootloader::ZephyrSettings(
      bootloader::ReadKconfig(Kconfig(switches), ".config"));
  EXPECT_OK(settings);
  return settings.value_or(Settings());
}

TEST(Compare, AZephyrBootloaderAgreesWithItsTarget) {
  const auto findings =
      bootloader::Compare(ZephyrSettingsOf(ZephyrSwitches()), NordicProfile());
  EXPECT_THAT(Differing(findings), testing::IsEmpty());
  EXPECT_EQ(findings.front().verdict, Verdict::kAgree);
  EXPECT_EQ(findings.front().build.place, ".config:20");
}

struct ZephyrCase {
  Values switches;
  std::vector<std::string> names;
};

TEST(Compare, EachSwitchOfZephyrsIsHeldAgainstTheTarget) {
  const std::string p256 = "CONFIG_BOOT_SIGNATURE_TYPE_ECDSA_P256";
  const std::vector<ZephyrCase> cases{
      {{{"CONFIG_MEASURED_BOOT", "y"},
        {"CONFIG_MEASURED_BOOT_MAX_CBOR_SIZE", "64"}},
       {"measured boot", "boot record size"}},
      {{{p256, "n"},
        {"CONFIG_BOOT_SIGNATURE_TYPE_RSA", "y"},
        {"CONFIG_BOOT_SIGNATURE_TYPE_RSA_LEN", "3072"}},
       {"signature"}},
      {{{p256, "n"}, {"CONFIG_BOOT_SIGNATURE_TYPE_ED25519", "y"}},
       {"signature"}},
      {{{p256, "n"}, {"CONFIG_BOOT_SIGNATURE_TYPE_NONE", "y"}}, {"signature"}},
      {{{"CONFIG_BOOT_HW_KEY", "y"}}, {"key format"}},
      {{{"CONFIG_BOOT_BUILTIN_KEY", "y"}}, {"key format"}},
      {{{"CONFIG_MCUBOOT_HW_DOWNGRADE_PREVENTION", "y"}},
       {"rollback protection"}},
      {{{"CONFIG_UPDATEABLE_IMAGE_NUMBER", "2"}}, {"images"}},
      {{{"CONFIG_BOOT_SWAP_USING_MOVE", "n"},
        {"CONFIG_BOOT_SWAP_USING_SCRATCH", "y"}},
       {"upgrade strategy"}},
      {{{"CONFIG_BOOT_SWAP_USING_MOVE", "n"}, {"CONFIG_BOOT_DIRECT_XIP", "y"}},
       {"upgrade strategy"}},
      {{{"CONFIG_BOOT_SWAP_USING_MOVE", "n"},
        {"CONFIG_BOOT_SWAP_USING_OFFSET", "y"}},
       {"upgrade strategy"}},
      {{{"CONFIG_MCUBOOT_BOOT_MAX_ALIGN", "32"}}, {"trailer cells"}},
      {{{"CONFIG_BOOT_MAX_IMG_SECTORS", "128"}}, {"sectors"}},
      {{{"CONFIG_BOOT_ENCRYPT_IMAGE", "y"}, {"CONFIG_BOOT_ENCRYPT_EC256", "y"}},
       {"encryption"}},
      {{{"CONFIG_MCUBOOT_USE_TLV_ALLOW_LIST", "n"}}, {"TLV allow list"}},
      {{{"CONFIG_BOOT_IMG_HASH_ALG_SHA256", "n"},
        {"CONFIG_BOOT_IMG_HASH_ALG_SHA512", "y"}},
       {"hash"}},
      {{{"CONFIG_BOOT_SIGNATURE_TYPE_PURE", "y"}},
       {"signature over the image"}},
      {{{"CONFIG_MCUBOOT_UUID_VID", "y"}, {"CONFIG_MCUBOOT_UUID_CID", "y"}},
       {"vendor identity", "class identity"}},
      {{{"CONFIG_BOOT_DECOMPRESSION", "y"}}, {"decompression"}},
  };
  for (const ZephyrCase& each : cases) {
    Values switches = ZephyrSwitches();
    for (const auto& [name, value] : each.switches) switches[name] = value;
    const auto findings =
        bootloader::Compare(ZephyrSettingsOf(switches), NordicProfile());
    EXPECT_EQ(Differing(findings), each.names) << each.switches.begin()->first;
  }
}

TEST(Compare, SectorsCountedByTheBuildAreNotTold) {
  Values switches = ZephyrSwitches();
  switches["CONFIG_BOOT_MAX_IMG_SECTORS_AUTO"] = "y";
  switches["CONFIG_BOOT_MAX_IMG_SECTORS"] = "";
  EXPECT_EQ(
      Named(bootloader::Compare(ZephyrSettingsOf(switches), NordicProfile()),
            "sectors")
          .verdict,
      Verdict::kNotTold);
}

TEST(Compare, TheHeaderIsTheApplicationsOffset) {
  Values switches = ZephyrSwitches();
  switches["APPLICATION_ROM_START_OFFSET"] = "";
  bootloader::Facts facts =
      bootloader::ReadKconfig(Kconfig(ZephyrSwitches()), ".config");
  facts["APPLICATION_ROM_START_OFFSET"] = {"0x400", "app/.config:2"};
  const auto settings = bootloader::ZephyrSettings(facts);
  ASSERT_OK(settings);
  const Finding finding =
      Named(bootloader::Compare(*settings, NordicProfile()), "header size");
  EXPECT_EQ(finding.verdict, Verdict::kDiffer);
  EXPECT_EQ(finding.fix, "header_size: 0x400");
}

}  // namespace
}  // namespace bootseal::tests
