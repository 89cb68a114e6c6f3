// The chain of trust of an STM32MP, as tables: which certificate stands where,
// who signs it, what it must say, and which image it speaks for.
//
//   root key ─┬─ config ─────────────── fw-config, hw-config
//             └─ trusted key ─┬─ (trusted world key) tos-fw key ── tos-fw ──
//                             │      tos-fw, its two extras, tos-fw-config
//                             └─ (non-trusted world key) nt-fw key ── nt-fw ──
//                                    nt-fw, nt-fw-config
//
// Source: TF-A fdts/stm32mp1-cot-descriptors.dtsi; facts: fwu 4.1.
// Freestanding.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_CHAIN_H_
#define BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_CHAIN_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "firmware/image/certificate/certificate.h"
#include "firmware/image/fip/uuid.h"

namespace bootseal::image::certificate {

// Each after the one that names its key.
enum class Role : std::uint8_t {
  kConfig,
  kTrustedKey,
  kTosFwKey,
  kTosFw,
  kNtFwKey,
  kNtFw,
};
inline constexpr std::size_t kRoles = 6;

enum class ImageRole : std::uint8_t {
  kFwConfig,
  kHwConfig,
  kTosFw,
  kTosFwExtra1,
  kTosFwExtra2,
  kTosFwConfig,
  kNtFw,
  kNtFwConfig,
};
inline constexpr std::size_t kImageRoles = 8;

constexpr std::size_t IndexOf(Role role) {
  return static_cast<std::size_t>(role);
}
constexpr std::size_t IndexOf(ImageRole role) {
  return static_cast<std::size_t>(role);
}

struct RoleTraits {
  const char* name;  // as fiptool's option has it
  const char* common_name;
  fip::Uuid uuid;
  // Whose extension names the key that signs it; the same role and 0: the root
  // key does.
  Role parent;
  std::uint16_t parent_extension;
  std::uint16_t counter;
  // All it says, in this order; zeros at the end.
  std::array<std::uint16_t, 5> extensions;
};

struct ImageTraits {
  const char* name;  // as fiptool's option has it
  fip::Uuid uuid;
  Role certificate;
  std::uint16_t hash;
};

inline constexpr RoleTraits kRoleTraits[kRoles] = {
    {"stm32mp-cfg-cert",
     "STM32MP config FW Certificate",
     fip::uuids::kConfigCertificate,
     Role::kConfig,
     0,
     extension::kTrustedCounter,
     {extension::kTrustedCounter, extension::kHwConfigHash,
      extension::kFwConfigHash}},
    {"trusted-key-cert",
     "Trusted Key Certificate",
     fip::uuids::kTrustedKeyCertificate,
     Role::kTrustedKey,
     0,
     extension::kTrustedCounter,
     {extension::kTrustedCounter, extension::kTrustedWorldKey,
      extension::kNonTrustedWorldKey}},
    {"tos-fw-key-cert",
     "Trusted OS Firmware Key Certificate",
     fip::uuids::kTosFwKeyCertificate,
     Role::kTrustedKey,
     extension::kTrustedWorldKey,
     extension::kTrustedCounter,
     {extension::kTrustedCounter, extension::kTosFwContentKey}},
    {"tos-fw-cert",
     "Trusted OS Firmware Content Certificate",
     fip::uuids::kTosFwCertificate,
     Role::kTosFwKey,
     extension::kTosFwContentKey,
     extension::kTrustedCounter,
     {extension::kTrustedCounter, extension::kTosFwHash,
      extension::kTosFwExtra1Hash, extension::kTosFwExtra2Hash,
      extension::kTosFwConfigHash}},
    {"nt-fw-key-cert",
     "Non-Trusted Firmware Key Certificate",
     fip::uuids::kNtFwKeyCertificate,
     Role::kTrustedKey,
     extension::kNonTrustedWorldKey,
     extension::kNonTrustedCounter,
     {extension::kNonTrustedCounter, extension::kNtFwContentKey}},
    {"nt-fw-cert",
     "Non-Trusted Firmware Content Certificate",
     fip::uuids::kNtFwCertificate,
     Role::kNtFwKey,
     extension::kNtFwContentKey,
     extension::kNonTrustedCounter,
     {extension::kNonTrustedCounter, extension::kNtFwHash,
      extension::kNtFwConfigHash}},
};

inline constexpr ImageTraits kImageTraits[kImageRoles] = {
    {"fw-config", fip::uuids::kFwConfig, Role::kConfig,
     extension::kFwConfigHash},
    {"hw-config", fip::uuids::kHwConfig, Role::kConfig,
     extension::kHwConfigHash},
    {"tos-fw", fip::uuids::kTosFw, Role::kTosFw, extension::kTosFwHash},
    {"tos-fw-extra1", fip::uuids::kTosFwExtra1, Role::kTosFw,
     extension::kTosFwExtra1Hash},
    {"tos-fw-extra2", fip::uuids::kTosFwExtra2, Role::kTosFw,
     extension::kTosFwExtra2Hash},
    {"tos-fw-config", fip::uuids::kTosFwConfig, Role::kTosFw,
     extension::kTosFwConfigHash},
    {"nt-fw", fip::uuids::kNtFw, Role::kNtFw, extension::kNtFwHash},
    {"nt-fw-config", fip::uuids::kNtFwConfig, Role::kNtFw,
     extension::kNtFwConfigHash},
};

constexpr const RoleTraits& TraitsOf(Role role) {
  return kRoleTraits[IndexOf(role)];
}
constexpr const ImageTraits& TraitsOf(ImageRole role) {
  return kImageTraits[IndexOf(role)];
}

}  // namespace bootseal::image::certificate

#endif  // BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_CHAIN_H_
