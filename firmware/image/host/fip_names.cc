#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/fip_package.h"
#include "firmware/image/host/uuid.h"

namespace bootseal::image::host {
namespace {

using fip::MakeUuid;

constexpr FipName kNames[] = {
    {"scp-fwu-cfg", "SCP Firmware Updater Configuration FWU SCP_BL2U",
     MakeUuid(0x65922703, 0x2f74, 0xe644, 0x8dff, 0x579ac1ff0610)},
    {"ap-fwu-cfg", "AP Firmware Updater Configuration BL2U",
     MakeUuid(0x60b3eb37, 0xc1e5, 0xea41, 0x9df3, 0x19eda11f6801)},
    {"fwu", "Firmware Updater NS_BL2U",
     MakeUuid(0x4f511d11, 0x2be5, 0x4e49, 0xb4c5, 0x83c2f715840a)},
    {"fwu-cert", "Non-Trusted Firmware Updater certificate",
     MakeUuid(0x71408ab2, 0x18d6, 0x874c, 0x8b2e, 0xc6dccd50f096)},
    {"tb-fw", "Trusted Boot Firmware BL2",
     MakeUuid(0x5ff9ec0b, 0x4d22, 0x3e4d, 0xa544, 0xc39d81c73f0a)},
    {"scp-fw", "SCP Firmware SCP_BL2",
     MakeUuid(0x9766fd3d, 0x89be, 0xe849, 0xae5d, 0x78a140608213)},
    {"soc-fw", "EL3 Runtime Firmware BL31",
     MakeUuid(0x47d4086d, 0x4cfe, 0x9846, 0x9b95, 0x2950cbbd5a00)},
    {"tos-fw", "Secure Payload BL32 (Trusted OS)",
     MakeUuid(0x05d0e189, 0x53dc, 0x1347, 0x8d2b, 0x500a4b7a3e38)},
    {"tos-fw-extra1", "Secure Payload BL32 Extra1 (Trusted OS Extra1)",
     MakeUuid(0x0b70c29b, 0x2a5a, 0x7840, 0x9f65, 0x0a5682738288)},
    {"tos-fw-extra2", "Secure Payload BL32 Extra2 (Trusted OS Extra2)",
     MakeUuid(0x8ea87bb1, 0xcfa2, 0x3f4d, 0x85fd, 0xe7bba50220d9)},
    {"nt-fw", "Non-Trusted Firmware BL33",
     MakeUuid(0xd6d0eea7, 0xfcea, 0xd54b, 0x9782, 0x9934f234b6e4)},
    {"rmm-fw", "Realm Monitor Management Firmware",
     MakeUuid(0x6c0762a6, 0x12f2, 0x4b56, 0x92cb, 0xba8f633606d9)},
    {"fw-config", "FW_CONFIG",
     MakeUuid(0x5807e16a, 0x8459, 0x47be, 0x8ed5, 0x648e8dddab0e)},
    {"hw-config", "HW_CONFIG",
     MakeUuid(0x08b8f1d9, 0xc9cf, 0x9349, 0xa962, 0x6fbc6b7265cc)},
    {"tb-fw-config", "TB_FW_CONFIG",
     MakeUuid(0x6c0458ff, 0xaf6b, 0x7d4f, 0x82ed, 0xaa27bc69bfd2)},
    {"soc-fw-config", "SOC_FW_CONFIG",
     MakeUuid(0x9979814b, 0x0376, 0xfb46, 0x8c8e, 0x8d267f7859e0)},
    {"tos-fw-config", "TOS_FW_CONFIG",
     MakeUuid(0x26257c1a, 0xdbc6, 0x7f47, 0x8d96, 0xc4c4b0248021)},
    {"nt-fw-config", "NT_FW_CONFIG",
     MakeUuid(0x28da9815, 0x93e8, 0x7e44, 0xac66, 0x1aaf801550f9)},
    {"rot-cert", "Root Of Trust key certificate",
     MakeUuid(0x862d1d72, 0xf860, 0xe411, 0x920b, 0x8be762160f24)},
    {"trusted-key-cert", "Trusted key certificate",
     MakeUuid(0x827ee890, 0xf860, 0xe411, 0xa1b4, 0x777a21b4f94c)},
    {"scp-fw-key-cert", "SCP Firmware key certificate",
     MakeUuid(0x024221a1, 0xf860, 0xe411, 0x8d9b, 0xf33c0e15a014)},
    {"soc-fw-key-cert", "SoC Firmware key certificate",
     MakeUuid(0x8ab8becc, 0xf960, 0xe411, 0x9ad0, 0xeb4822d8dcf8)},
    {"tos-fw-key-cert", "Trusted OS Firmware key certificate",
     MakeUuid(0x9477d603, 0xfb60, 0xe411, 0x85dd, 0xb7105b8cee04)},
    {"nt-fw-key-cert", "Non-Trusted Firmware key certificate",
     MakeUuid(0x8ad5832a, 0xfb60, 0xe411, 0x8aaf, 0xdf30bbc49859)},
    {"tb-fw-cert", "Trusted Boot Firmware BL2 certificate",
     MakeUuid(0xd6e269ea, 0x5d63, 0xe411, 0x8d8c, 0x9fbabe9956a5)},
    {"scp-fw-cert", "SCP Firmware content certificate",
     MakeUuid(0x44be6f04, 0x5e63, 0xe411, 0xb28b, 0x73d8eaae9656)},
    {"soc-fw-cert", "SoC Firmware content certificate",
     MakeUuid(0xe2b20c20, 0x5e63, 0xe411, 0x9ce8, 0xabccf92bb666)},
    {"tos-fw-cert", "Trusted OS Firmware content certificate",
     MakeUuid(0xa49f4411, 0x5e63, 0xe411, 0x8728, 0x3f05722af33d)},
    {"nt-fw-cert", "Non-Trusted Firmware content certificate",
     MakeUuid(0x8ec4c1f3, 0x5d63, 0xe411, 0xa7a9, 0x87ee40b23fa7)},
    {"sip-sp-cert", "SiP owned Secure Partition content certificate",
     MakeUuid(0x776dfd44, 0x8697, 0x4c3b, 0x91eb, 0xc13e025a2a6f)},
    {"plat-sp-cert", "Platform owned Secure Partition content certificate",
     MakeUuid(0xddcbbf4a, 0xcad6, 0x11ea, 0x87d0, 0x0242ac130003)},
    {"cca-cert", "CCA Content Certificate",
     MakeUuid(0x36d83d85, 0x761d, 0x4daf, 0x96f1, 0xcd99d6569b00)},
    {"core-swd-cert", "Core Secure World Key Certificate",
     MakeUuid(0x52222d31, 0x820f, 0x494d, 0x8bbc, 0xea6825d3c35a)},
    {"plat-key-cert", "Platform Key Certificate",
     MakeUuid(0xd43cd902, 0x5b9f, 0x412e, 0x8ac6, 0x92b6d18be60d)},
    {"ddr-fw", "DDR_FW",
     MakeUuid(0xb11249be, 0x92dd, 0x4b10, 0x867c, 0x2c6a4b47a7fb)},
    {"stm32mp-cfg-cert", "STM32MP CONFIG CERT",
     MakeUuid(0x501d8dd2, 0x8bce, 0x49a5, 0x84eb, 0x559a9f2eaeaf)},
};

}  // namespace

std::span<const FipName> FipNames() { return kNames; }

std::span<const FipName> GeneralFipNames() {
  constexpr std::size_t kOfStm32Mp = 2;
  return FipNames().first(FipNames().size() - kOfStm32Mp);
}

const FipName* FindFipName(const fip::Uuid& uuid) {
  for (const FipName& name : kNames) {
    if (name.uuid == uuid) return &name;
  }
  return nullptr;
}

const FipName* FindFipName(absl::string_view option) {
  for (const FipName& name : kNames) {
    if (name.option == option) return &name;
  }
  return nullptr;
}

std::optional<fip::Uuid> ParseFipUuid(absl::string_view text) {
  constexpr std::size_t kTextBytes = 36;
  if (text.size() != kTextBytes) return std::nullopt;
  const std::optional<std::string> bytes = ParseUuid(text);
  if (!bytes.has_value()) return std::nullopt;
  fip::Uuid uuid;
  Copy(AsBytes(*bytes), uuid.bytes);
  if (uuid.zero()) return std::nullopt;
  return uuid;
}

std::string FormatFipUuid(const fip::Uuid& uuid) {
  return absl::AsciiStrToUpper(FormatUuid(ToString(uuid.bytes)));
}

std::string FipFileName(const fip::Uuid& uuid) {
  for (const FipName& name : GeneralFipNames()) {
    if (name.uuid == uuid) return absl::StrCat(name.option, ".bin");
  }
  return absl::StrCat(FormatFipUuid(uuid), ".bin");
}

}  // namespace bootseal::image::host
