// TF-M's variables. Source: bl2/ext/mcuboot/mcuboot_default_config.cmake,
// include/mcuboot_config/mcuboot_config.h.in and CMakeLists.txt beside them.
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status.h"
#include "client/bootloader/settings.h"
#include "client/cli/arguments.h"
#include "client/cli/text.h"
#include "client/tfm/layout.h"
#include "firmware/image/host/convert.h"

namespace bootseal::bootloader {
namespace {

struct Word {
  absl::string_view theirs;
  absl::string_view ours;
};
constexpr std::array<Word, 4> kSignatures{{{"RSA-2048", "RSA2048"},
                                           {"RSA-3072", "RSA3072"},
                                           {"EC-P256", "P256"},
                                           {"EC-P384", "P384"}}};
constexpr std::array<Word, 5> kStrategies{
    {{"OVERWRITE_ONLY", "OVERWRITE_ONLY"},
     {"SWAP_USING_SCRATCH", "SWAP_SCRATCH"},
     {"SWAP_USING_MOVE", "SWAP_MOVE"},
     {"DIRECT_XIP", "DIRECT_XIP"},
     {"RAM_LOAD", "RAM_LOAD"}}};

// What another spelling means is for whoever reads the table.
template <std::size_t kSize>
std::string Translated(const std::array<Word, kSize>& words,
                       const std::string& text) {
  for (const Word& word : words) {
    if (word.theirs == text) return std::string(word.ours);
  }
  return text;
}

std::string Hex(const std::string& text) {
  const auto number = cli::ParseNumber(text);
  return number ? cli::HexNumber(*number) : text;
}

std::string Number(const std::string& text) {
  const auto number = cli::ParseNumber(text);
  return number ? absl::StrCat(*number) : text;
}

std::string YesNo(bool yes) { return yes ? "yes" : "no"; }

class Reader {
 public:
  Reader(const Facts& facts, std::string image)
      : facts_(facts), image_(std::move(image)) {}

  Settings Read() && {
    ReadMeasuredBoot();
    ReadKey();
    ReadCounter();
    ReadImages();
    ReadSlot();
    ReadEncryption();
    ReadRecord();
    return std::move(settings_);
  }

 private:
  const Fact* Find(const std::string& name) const {
    const auto found = facts_.find(name);
    return found == facts_.end() ? nullptr : &found->second;
  }
  std::optional<bool> Flag(const std::string& name) const {
    const Fact* const fact = Find(name);
    if (fact == nullptr) return std::nullopt;
    return IsOn(fact->value);
  }
  bool IsUp(const std::string& name) const {
    return Flag(name).value_or(false);
  }

  void Say(Setting setting, const std::string& name, std::string value) {
    const Fact* const fact = Find(name);
    if (fact == nullptr) return;
    settings_[setting] = {std::move(value),
                          absl::StrCat(name, "=", fact->value), fact->place};
  }
  void SayFlag(Setting setting, const std::string& name) {
    if (const auto flag = Flag(name)) Say(setting, name, YesNo(*flag));
  }
  template <typename Convert>
  void SayValue(Setting setting, const std::string& name, Convert convert) {
    if (const Fact* const fact = Find(name)) {
      Say(setting, name, convert(fact->value));
    }
  }

  void ReadMeasuredBoot();
  void ReadKey();
  void ReadCounter();
  void ReadImages();
  void ReadSlot();
  void ReadEncryption();
  void ReadRecord();

  const Facts& facts_;
  std::string image_;
  Settings settings_;
};

// Derived, and in no cache: the header has it, or what it is derived from.
void Reader::ReadMeasuredBoot() {
  SayFlag(Setting::kMeasuredBoot, "MCUBOOT_MEASURED_BOOT");
  const std::string stored = "CONFIG_TFM_BOOT_STORE_MEASUREMENTS";
  const std::string encoded = "CONFIG_TFM_BOOT_STORE_ENCODED_MEASUREMENTS";
  if (settings_.count(Setting::kMeasuredBoot) != 0) return;
  for (const std::string& name : {stored, encoded}) {
    if (!Flag(name).value_or(true)) {
      return Say(Setting::kMeasuredBoot, name, YesNo(false));
    }
  }
  if (IsUp(stored) && IsUp(encoded)) {
    Say(Setting::kMeasuredBoot, encoded, YesNo(true));
  }
}

void Reader::ReadKey() {
  SayValue(
      Setting::kSignature, "MCUBOOT_SIGNATURE_TYPE",
      [](const std::string& text) { return Translated(kSignatures, text); });
  SayValue(Setting::kHash, "MCUBOOT_SIGNATURE_TYPE",
           [](const std::string& text) -> std::string {
             return text == "EC-P384" ? "SHA-384" : "SHA-256";
           });
  if (IsUp("MCUBOOT_BUILTIN_KEY")) {
    Say(Setting::kKeyFormat, "MCUBOOT_BUILTIN_KEY", "ID");
  } else {
    SayValue(Setting::kKeyFormat, "MCUBOOT_HW_KEY",
             [](const std::string& text) -> std::string {
               return IsOn(text) ? "FULL" : "HASH";
             });
  }
}

// The flash-OTP template's counter has 64 bytes, one bit each. Facts: mcuboot
// 4.3.
void Reader::ReadCounter() {
  SayFlag(Setting::kRollback, "MCUBOOT_HW_ROLLBACK_PROT");
  const bool is_unary = IsUp("MCUBOOT_HW_ROLLBACK_PROT") &&
                        IsUp("PLATFORM_DEFAULT_NV_COUNTERS") &&
                        IsUp("DEFAULT_MCUBOOT_SECURITY_COUNTERS");
  if (is_unary) {
    Say(Setting::kCounterCeiling, "PLATFORM_DEFAULT_NV_COUNTERS", "512");
  }
}

std::string DependencyText(int image, const std::string& version) {
  const auto minimum = image::host::ParseVersion(version);
  if (!minimum.ok()) return version;
  return absl::StrCat("(", image, ",", image::host::FormatVersion(*minimum),
                      ")");
}

void Reader::ReadImages() {
  SayValue(Setting::kImageCount, "MCUBOOT_IMAGE_NUMBER", Number);
  const bool is_secure = image_ == "s";
  if (image_ == "s_ns" || IsCombined(facts_)) return;
  SayValue(Setting::kDependencies,
           is_secure ? "MCUBOOT_NS_IMAGE_MIN_VER" : "MCUBOOT_S_IMAGE_MIN_VER",
           [&](const std::string& text) {
             return DependencyText(is_secure ? 1 : 0, text);
           });
}

void Reader::ReadSlot() {
  SayValue(
      Setting::kStrategy, "MCUBOOT_UPGRADE_STRATEGY",
      [](const std::string& text) { return Translated(kStrategies, text); });
  SayValue(Setting::kAlign, "MCUBOOT_ALIGN_VAL", Number);
  SayValue(Setting::kMaxAlign, "MCUBOOT_ALIGN_VAL",
           [](const std::string& text) -> std::string {
             const auto align = cli::ParseNumber(text).value_or(0);
             return absl::StrCat(align > 8 ? align : 8);
           });
  SayValue(Setting::kMaxAlign, "MCUBOOT_BOOT_MAX_ALIGN", Number);
  SayValue(Setting::kHeaderSize, "BL2_HEADER_SIZE", Hex);
  SayValue(Setting::kMaxSectors, "MCUBOOT_MAX_IMG_SECTORS", Number);
  SayValue(Setting::kPadding, "MCUBOOT_CONFIRM_IMAGE",
           [](const std::string& text) -> std::string {
             return IsOn(text) ? "CONFIRM" : "PAD";
           });
}

void Reader::ReadEncryption() {
  if (!IsUp("MCUBOOT_ENC_IMAGES")) {
    SayFlag(Setting::kEncryption, "MCUBOOT_ENC_IMAGES");
    return;
  }
  const Fact* const bits = Find("MCUBOOT_ENC_KEY_LEN");
  const std::string exchange =
      IsUp("MCUBOOT_ENCRYPT_KW") ? "AES_KW" : "RSA_OAEP";
  Say(Setting::kEncryption, "MCUBOOT_ENC_IMAGES",
      absl::StrCat(exchange, " ", bits == nullptr ? "128" : bits->value));
}

void Reader::ReadRecord() {
  const auto measured = settings_.find(Setting::kMeasuredBoot);
  if (measured == settings_.end() || measured->second.value == "no") return;
  const std::string layout = absl::StrCat("signing_layout_", image_, ".o");
  settings_[Setting::kSoftwareType] = {tfm::SoftwareTypeOf(layout), layout,
                                       measured->second.place};
  SayValue(Setting::kBootRecordSize, "MCUBOOT_SIGNATURE_TYPE",
           [](const std::string& text) -> std::string {
             return text == "EC-P384" ? "164" : "132";
           });
}

absl::Status NotTfm(const std::string& folder) {
  return base::Precondition(
      "BUILD_NOT_TFM",
      absl::StrCat(folder,
                   " tells none of TF-M's settings of MCUboot, such as "
                   "MCUBOOT_UPGRADE_STRATEGY and MCUBOOT_SIGNATURE_TYPE, "
                   "expected the build folder of TF-M itself"));
}

absl::Status AddLayout(const std::string& path, Settings& settings) {
  if (path.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const tfm::Layout layout, tfm::LoadLayout(path));
  const auto say = [&](Setting setting, absl::string_view name,
                       const std::optional<tfm::LayoutValue>& value) {
    if (!value) {
      settings[setting] = {"0x0", absl::StrCat("no ", name), path};
      return;
    }
    const std::string number = cli::HexNumber(value->value);
    settings[setting] = {number, absl::StrCat(name, "=", number),
                         absl::StrCat(path, ":", value->line)};
  };
  if (layout.slot_size) {
    say(Setting::kSlotSize, "RE_SIGN_BIN_SIZE", layout.slot_size);
  }
  say(Setting::kLoadAddress, "RE_IMAGE_LOAD_ADDRESS", layout.load_address);
  say(Setting::kRomFixed, "RE_IMAGE_ROM_FIXED", layout.rom_fixed);
  return absl::OkStatus();
}

}  // namespace

bool IsCombined(const Facts& facts) {
  const auto count = facts.find("MCUBOOT_IMAGE_NUMBER");
  return count != facts.end() && count->second.value == "1";
}

absl::StatusOr<Settings> TfmSettings(const std::string& folder,
                                     const std::string& image) {
  ASSIGN_OR_RETURN(const Facts facts, LoadTfmBuild(folder));
  const std::string which = IsCombined(facts) ? "s_ns" : image;
  Settings settings = Reader(facts, which).Read();
  if (settings.empty()) return NotTfm(folder);
  // TF-M leaves USE_TLV_ALLOW_LIST undefined in every build.
  settings[Setting::kAllowList] = {"no", "MCUBOOT_USE_TLV_ALLOW_LIST unset",
                                   "TF-M"};
  RETURN_IF_ERROR(AddLayout(FindLayout(folder, which), settings));
  return settings;
}

}  // namespace bootseal::bootloader
