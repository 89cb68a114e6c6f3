// MCUboot's Kconfig. Source: boot/zephyr/Kconfig and
// boot/zephyr/include/mcuboot_config/mcuboot_config.h at 2d4bacc3c15e.
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/bootloader/settings.h"
#include "client/cli/arguments.h"
#include "client/cli/text.h"

namespace bootseal::bootloader {
namespace {

// A choice of Kconfig: the switch that is on names the value.
struct Choice {
  const char* name;
  const char* value;
};
constexpr std::array<Choice, 2> kSignatures{
    {{"CONFIG_BOOT_SIGNATURE_TYPE_ECDSA_P256", "P256"},
     {"CONFIG_BOOT_SIGNATURE_TYPE_ED25519", "ED25519"}}};
constexpr std::array<Choice, 9> kStrategies{
    {{"CONFIG_SINGLE_APPLICATION_SLOT", "SINGLE_SLOT"},
     {"CONFIG_SINGLE_APPLICATION_SLOT_RAM_LOAD", "RAM_LOAD"},
     {"CONFIG_BOOT_SWAP_USING_SCRATCH", "SWAP_SCRATCH"},
     {"CONFIG_BOOT_SWAP_USING_MOVE", "SWAP_MOVE"},
     {"CONFIG_BOOT_SWAP_USING_OFFSET", "SWAP_OFFSET"},
     {"CONFIG_BOOT_UPGRADE_ONLY", "OVERWRITE_ONLY"},
     {"CONFIG_BOOT_DIRECT_XIP", "DIRECT_XIP"},
     {"CONFIG_BOOT_RAM_LOAD", "RAM_LOAD"},
     {"CONFIG_BOOT_FIRMWARE_LOADER", "SINGLE_SLOT"}}};
constexpr std::array<Choice, 3> kHashes{
    {{"CONFIG_BOOT_IMG_HASH_ALG_SHA256", "SHA-256"},
     {"CONFIG_BOOT_IMG_HASH_ALG_SHA384", "SHA-384"},
     {"CONFIG_BOOT_IMG_HASH_ALG_SHA512", "SHA-512"}}};
constexpr std::array<Choice, 4> kExchanges{
    {{"CONFIG_BOOT_ENCRYPT_RSA", "RSA_OAEP"},
     {"CONFIG_BOOT_ENCRYPT_EC256", "ECIES_P256"},
     {"CONFIG_BOOT_HMAC_SHA512", "ECIES_X25519_SHA512"},
     {"CONFIG_BOOT_ENCRYPT_X25519", "ECIES_X25519"}}};

struct Flag {
  Setting setting;
  const char* name;
};
constexpr std::array<Flag, 7> kFlags{
    {{Setting::kMeasuredBoot, "CONFIG_MEASURED_BOOT"},
     {Setting::kRollback, "CONFIG_MCUBOOT_HW_DOWNGRADE_PREVENTION"},
     {Setting::kAllowList, "CONFIG_MCUBOOT_USE_TLV_ALLOW_LIST"},
     {Setting::kPure, "CONFIG_BOOT_SIGNATURE_TYPE_PURE"},
     {Setting::kVendorId, "CONFIG_MCUBOOT_UUID_VID"},
     {Setting::kClassId, "CONFIG_MCUBOOT_UUID_CID"},
     {Setting::kDecompression, "CONFIG_BOOT_DECOMPRESSION"}}};

class Reader {
 public:
  explicit Reader(const Facts& facts) : facts_(facts) {}

  Settings Read() && {
    // Kconfig leaves out what does not apply: it is off.
    for (const Flag& flag : kFlags) {
      Say(flag.setting, flag.name, IsUp(flag.name) ? "yes" : "no");
    }
    ReadKey();
    SayChoice(Setting::kStrategy, kStrategies);
    SayChoice(Setting::kHash, kHashes);
    ReadEncryption();
    ReadNumbers();
    return std::move(settings_);
  }

 private:
  const Fact* Find(const std::string& name) const {
    const auto found = facts_.find(name);
    return found == facts_.end() ? nullptr : &found->second;
  }
  bool IsUp(const std::string& name) const {
    const Fact* const fact = Find(name);
    return fact != nullptr && IsOn(fact->value);
  }

  void Say(Setting setting, const std::string& name, std::string value) {
    const Fact* const fact = Find(name);
    settings_[setting] = {std::move(value),
                          fact == nullptr
                              ? absl::StrCat(name, " not there")
                              : absl::StrCat(name, "=", fact->value),
                          fact == nullptr ? "MCUboot's .config" : fact->place};
  }
  template <std::size_t kSize>
  void SayChoice(Setting setting, const std::array<Choice, kSize>& choices) {
    for (const Choice& choice : choices) {
      if (!IsUp(choice.name)) continue;
      Say(setting, choice.name, choice.value);
      return;
    }
  }
  void SayNumber(Setting setting, const std::string& name, bool is_hex) {
    const Fact* const fact = Find(name);
    if (fact == nullptr) return;
    const auto number = cli::ParseNumber(fact->value);
    if (!number) return;
    Say(setting, name,
        is_hex ? cli::HexNumber(*number) : absl::StrCat(*number));
  }

  void ReadKey();
  void ReadEncryption();
  void ReadNumbers();

  const Facts& facts_;
  Settings settings_;
};

void Reader::ReadKey() {
  SayChoice(Setting::kSignature, kSignatures);
  if (IsUp("CONFIG_BOOT_SIGNATURE_TYPE_NONE")) {
    Say(Setting::kSignature, "CONFIG_BOOT_SIGNATURE_TYPE_NONE", "none");
  }
  if (IsUp("CONFIG_BOOT_SIGNATURE_TYPE_RSA")) {
    const std::string length = "CONFIG_BOOT_SIGNATURE_TYPE_RSA_LEN";
    const Fact* const bits = Find(length);
    Say(Setting::kSignature, length,
        absl::StrCat("RSA", bits == nullptr ? "2048" : bits->value));
  }
  if (IsUp("CONFIG_BOOT_BUILTIN_KEY")) {
    Say(Setting::kKeyFormat, "CONFIG_BOOT_BUILTIN_KEY", "ID");
    return;
  }
  Say(Setting::kKeyFormat, "CONFIG_BOOT_HW_KEY",
      IsUp("CONFIG_BOOT_HW_KEY") ? "FULL" : "HASH");
}

void Reader::ReadEncryption() {
  const std::string bits =
      IsUp("CONFIG_BOOT_ENCRYPT_ALG_AES_256") ? " 256" : " 128";
  for (const Choice& choice : kExchanges) {
    if (!IsUp(choice.name)) continue;
    Say(Setting::kEncryption, choice.name, choice.value + bits);
    return;
  }
  Say(Setting::kEncryption, "CONFIG_BOOT_ENCRYPT_IMAGE", "no");
}

void Reader::ReadNumbers() {
  SayNumber(Setting::kImageCount, "CONFIG_UPDATEABLE_IMAGE_NUMBER", false);
  SayNumber(Setting::kMaxAlign, "CONFIG_MCUBOOT_BOOT_MAX_ALIGN", false);
  SayNumber(Setting::kHeaderSize, "APPLICATION_ROM_START_OFFSET", true);
  if (!IsUp("CONFIG_BOOT_MAX_IMG_SECTORS_AUTO")) {
    SayNumber(Setting::kMaxSectors, "CONFIG_BOOT_MAX_IMG_SECTORS", false);
  }
  if (IsUp("CONFIG_MEASURED_BOOT")) {
    SayNumber(Setting::kBootRecordSize, "CONFIG_MEASURED_BOOT_MAX_CBOR_SIZE",
              false);
  }
}

}  // namespace

absl::StatusOr<Settings> ZephyrSettings(const Facts& facts) {
  return Reader(facts).Read();
}

}  // namespace bootseal::bootloader
