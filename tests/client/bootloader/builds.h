// Builds as TF-M and Zephyr leave them, as far as they speak of the bootloader.
// Names and forms are those of TF-M's mcuboot_default_config.cmake,
// config_base.cmake and mcuboot_config.h.in, and of MCUboot's
// boot/zephyr/Kconfig; the text is ours.
#ifndef BOOTSEAL_TESTS_CLIENT_BOOTLOADER_BUILDS_H_
#define BOOTSEAL_TESTS_CLIENT_BOOTLOADER_BUILDS_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {

using Values = std::map<std::string, std::string>;

inline void WriteAt(const std::string& path, const std::string& content) {
  std::filesystem::create_directories(
      std::filesystem::path(path).parent_path());
  EXPECT_OK(base::WriteFileAtomically(path, content));
}

// Of the NUCLEO-L552ZE-Q's default BL2, two images.
inline Values NucleoVariables() {
  return {{"BL2", "ON"},
          {"BL2_HEADER_SIZE", "0x400"},
          {"BL2_TRAILER_SIZE", "0x2000"},
          {"CONFIG_TFM_BOOT_STORE_ENCODED_MEASUREMENTS", "ON"},
          {"CONFIG_TFM_BOOT_STORE_MEASUREMENTS", "ON"},
          {"DEFAULT_MCUBOOT_SECURITY_COUNTERS", "ON"},
          {"MCUBOOT_ALIGN_VAL", "1"},
          {"MCUBOOT_BUILTIN_KEY", "OFF"},
          {"MCUBOOT_CONFIRM_IMAGE", "OFF"},
          {"MCUBOOT_ENCRYPT_KW", "OFF"},
          {"MCUBOOT_ENCRYPT_RSA", "OFF"},
          {"MCUBOOT_ENC_IMAGES", "OFF"},
          {"MCUBOOT_ENC_KEY_LEN", "128"},
          {"MCUBOOT_HW_KEY", "ON"},
          {"MCUBOOT_HW_ROLLBACK_PROT", "ON"},
          {"MCUBOOT_IMAGE_NUMBER", "2"},
          {"MCUBOOT_NS_IMAGE_MIN_VER", "0.0.0+0"},
          {"MCUBOOT_S_IMAGE_MIN_VER", "0.0.0+0"},
          {"MCUBOOT_SIGNATURE_TYPE", "RSA-3072"},
          {"MCUBOOT_UPGRADE_STRATEGY", "OVERWRITE_ONLY"},
          {"PLATFORM_DEFAULT_NV_COUNTERS", "ON"}};
}

inline std::string CMakeCache(const Values& variables) {
  std::string text =
      "# This is the CMakeCache file.\n# For build in directory: /build\n\n"
      "//Path to key with which to sign secure binary\n"
      "MCUBOOT_KEY_S:FILEPATH=/keys/tfm-s.pem\n"
      "MCUBOOT_UPGRADE_STRATEGY-STRINGS:INTERNAL=OVERWRITE_ONLY;RAM_LOAD\n";
  for (const auto& [name, value] : variables) {
    const bool is_switch = value == "ON" || value == "OFF";
    absl::StrAppend(&text, "//Help of ", name, "\n", name, ":",
                    is_switch ? "BOOL" : "STRING", "=", value, "\n\n");
  }
  return text;
}

// What configure_file makes of mcuboot_config.h.in.
inline std::string ConfigHeader(const Values& switches) {
  std::string text =
      "#ifndef __MCUBOOT_CONFIG_H__\n#define __MCUBOOT_CONFIG_H__\n"
      "#ifdef __cplusplus\nextern \"C\" {\n#endif\n#ifndef __BOOTSIM__\n"
      "#define MCUBOOT_VALIDATE_PRIMARY_SLOT\n";
  for (const auto& [name, value] : switches) {
    absl::StrAppend(&text, value == "OFF" ? "/* #undef " : "#define ", name,
                    value == "OFF"  ? " */"
                    : value == "ON" ? ""
                                    : absl::StrCat(" ", value),
                    "\n");
  }
  return text +
         "#ifdef MCUBOOT_SIGN_EC384\n#define MAX_BOOT_RECORD_SZ  (164u)\n"
         "#else\n#define MAX_BOOT_RECORD_SZ  (132u)\n#endif\n"
         "#endif /* !__BOOTSIM__ */\n#endif /* __MCUBOOT_CONFIG_H__ */\n";
}

struct TfmBuild {
  Values variables = NucleoVariables();
  Values header{{"MCUBOOT_MEASURED_BOOT", "ON"},
                {"MCUBOOT_HW_ROLLBACK_PROT", "ON"},
                {"MCUBOOT_BOOTSTRAP", "OFF"},
                {"MCUBOOT_BOOT_MAX_ALIGN", "8"}};
  std::string secure_size = "((0x2D000))";
  std::string addresses;  // further lines of the secure layout

  void Write(const std::string& folder) const {
    const std::string bl2 = folder + "/bl2/ext/mcuboot/";
    WriteAt(folder + "/CMakeCache.txt", CMakeCache(variables));
    WriteAt(bl2 + "mcuboot_config/mcuboot_config.h", ConfigHeader(header));
    for (const char* name : {"s", "ns", "s_ns"}) {
      const bool is_ns = std::string(name) == "ns";
      WriteAt(
          absl::StrCat(bl2, "CMakeFiles/signing_layout_", is_ns ? "ns" : "s",
                       ".dir/signing_layout_", name, ".o"),
          absl::StrCat("enum image_attributes {\n    RE_SIGN_BIN_SIZE = ",
                       is_ns ? "((0x9000))" : secure_size, ",\n",
                       is_ns ? "" : addresses, "};\n"));
    }
  }
};

// Of MCUboot for a board of Nordic's, as `west build` leaves it: "n" is a line
// "is not set", "" leaves the line out.
inline Values ZephyrSwitches() {
  return {{"CONFIG_MCUBOOT", "y"},
          {"CONFIG_BOOT_SIGNATURE_TYPE_NONE", "n"},
          {"CONFIG_BOOT_SIGNATURE_TYPE_RSA", "n"},
          {"CONFIG_BOOT_SIGNATURE_TYPE_ECDSA_P256", "y"},
          {"CONFIG_BOOT_SIGNATURE_TYPE_ED25519", "n"},
          {"CONFIG_BOOT_SIGNATURE_KEY_FILE", "\"root-ec-p256.pem\""},
          {"CONFIG_BOOT_IMG_HASH_ALG_SHA256", "y"},
          {"CONFIG_BOOT_HW_KEY", "n"},
          {"CONFIG_SINGLE_APPLICATION_SLOT", "n"},
          {"CONFIG_BOOT_SWAP_USING_SCRATCH", "n"},
          {"CONFIG_BOOT_SWAP_USING_MOVE", "y"},
          {"CONFIG_BOOT_UPGRADE_ONLY", "n"},
          {"CONFIG_BOOT_ENCRYPT_IMAGE", "n"},
          {"CONFIG_BOOT_MAX_IMG_SECTORS_AUTO", "n"},
          {"CONFIG_BOOT_MAX_IMG_SECTORS", "256"},
          {"CONFIG_MEASURED_BOOT", "n"},
          {"CONFIG_UPDATEABLE_IMAGE_NUMBER", "1"},
          {"CONFIG_MCUBOOT_HW_DOWNGRADE_PREVENTION", "n"},
          {"CONFIG_MCUBOOT_USE_TLV_ALLOW_LIST", "y"},
          {"CONFIG_ROM_START_OFFSET", "0x0"}};
}

inline std::string Kconfig(const Values& switches) {
  std::string text = "#\n# Automatically generated\n#\n";
  for (const auto& [name, value] : switches) {
    if (value.empty()) continue;
    absl::StrAppend(&text, value == "n" ? "# " : "", name,
                    value == "n" ? " is not set" : absl::StrCat("=", value),
                    "\n");
  }
  return text;
}

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_BOOTLOADER_BUILDS_H_
