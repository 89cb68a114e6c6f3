// UUIDs as a FIP holds them: byte for byte as they are printed, other than the
// GUIDs of GPT and metadata. Freestanding.
// Source: TF-A include/tools_share/firmware_image_package.h and
// plat/st/common/include/plat_def_fip_uuid.h; facts: fwu 3.2.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_FIP_UUID_H_
#define BOOTSEAL_FIRMWARE_IMAGE_FIP_UUID_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "firmware/image/bytes.h"

namespace bootseal::image::fip {

struct Uuid {
  static constexpr std::size_t kBytes = 16;

  std::array<std::byte, kBytes> bytes{};

  constexpr bool zero() const { return *this == Uuid(); }
  friend constexpr bool operator==(const Uuid&, const Uuid&) = default;
};

// From the fields as they are printed: MakeUuid(0x05d0e189, 0x53dc, 0x1347,
// 0x8d2b, 0x500a4b7a3e38).
constexpr Uuid MakeUuid(std::uint32_t a, std::uint16_t b, std::uint16_t c,
                        std::uint16_t d, std::uint64_t e) {
  Uuid uuid;
  std::size_t at = 0;
  const auto put = [&](std::uint64_t value, int width) {
    for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
      uuid.bytes[at++] = static_cast<std::byte>(value >> shift & 0xff);
    }
  };
  put(a, 4);
  put(b, 2);
  put(c, 2);
  put(d, 2);
  put(e, 6);
  return uuid;
}

// What an STM32MP1 starts, and what speaks for it.
namespace uuids {
inline constexpr Uuid kTosFw =
    MakeUuid(0x05d0e189, 0x53dc, 0x1347, 0x8d2b, 0x500a4b7a3e38);
inline constexpr Uuid kTosFwExtra1 =
    MakeUuid(0x0b70c29b, 0x2a5a, 0x7840, 0x9f65, 0x0a5682738288);
inline constexpr Uuid kTosFwExtra2 =
    MakeUuid(0x8ea87bb1, 0xcfa2, 0x3f4d, 0x85fd, 0xe7bba50220d9);
inline constexpr Uuid kNtFw =
    MakeUuid(0xd6d0eea7, 0xfcea, 0xd54b, 0x9782, 0x9934f234b6e4);
inline constexpr Uuid kFwConfig =
    MakeUuid(0x5807e16a, 0x8459, 0x47be, 0x8ed5, 0x648e8dddab0e);
inline constexpr Uuid kHwConfig =
    MakeUuid(0x08b8f1d9, 0xc9cf, 0x9349, 0xa962, 0x6fbc6b7265cc);
inline constexpr Uuid kTosFwConfig =
    MakeUuid(0x26257c1a, 0xdbc6, 0x7f47, 0x8d96, 0xc4c4b0248021);
inline constexpr Uuid kNtFwConfig =
    MakeUuid(0x28da9815, 0x93e8, 0x7e44, 0xac66, 0x1aaf801550f9);
inline constexpr Uuid kTrustedKeyCertificate =
    MakeUuid(0x827ee890, 0xf860, 0xe411, 0xa1b4, 0x777a21b4f94c);
inline constexpr Uuid kTosFwKeyCertificate =
    MakeUuid(0x9477d603, 0xfb60, 0xe411, 0x85dd, 0xb7105b8cee04);
inline constexpr Uuid kNtFwKeyCertificate =
    MakeUuid(0x8ad5832a, 0xfb60, 0xe411, 0x8aaf, 0xdf30bbc49859);
inline constexpr Uuid kTosFwCertificate =
    MakeUuid(0xa49f4411, 0x5e63, 0xe411, 0x8728, 0x3f05722af33d);
inline constexpr Uuid kNtFwCertificate =
    MakeUuid(0x8ec4c1f3, 0x5d63, 0xe411, 0xa7a9, 0x87ee40b23fa7);
inline constexpr Uuid kConfigCertificate =
    MakeUuid(0x501d8dd2, 0x8bce, 0x49a5, 0x84eb, 0x559a9f2eaeaf);
}  // namespace uuids

}  // namespace bootseal::image::fip

#endif  // BOOTSEAL_FIRMWARE_IMAGE_FIP_UUID_H_
