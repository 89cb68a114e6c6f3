// Numbers of a capsule that its reader and its writers share. Source:
// UEFI 2.10, sections 8.5.3, 23.3, 32.2; facts: fwu 6.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_CAPSULE_LAYOUT_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_CAPSULE_LAYOUT_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "firmware/image/guid.h"

namespace bootseal::image::host::capsule {

inline constexpr Guid kFirmware =
    MakeGuid(0x6dcbd5ed, 0xe82d, 0x4c44, 0xbda1, 0x7194199ad92a);
inline constexpr Guid kAccept =
    MakeGuid(0x0c996046, 0xbcc0, 0x4d04, 0x85ec, 0xe1fcedf1c6f8);
inline constexpr Guid kRevert =
    MakeGuid(0xacd58b4b, 0xc0e8, 0x475f, 0x99b5, 0x6b3f7e07aaf0);
inline constexpr Guid kPkcs7 =
    MakeGuid(0x4aafd29d, 0x68df, 0x49ee, 0x8aa9, 0x347d375665a7);

inline constexpr std::uint32_t kHeaderBytes = 28;
inline constexpr std::uint32_t kPersistAcrossReset = 0x00010000;
inline constexpr std::uint32_t kFmpVersion = 1;
inline constexpr std::uint64_t kItemOffset = 16;
inline constexpr std::uint32_t kImageVersion = 3;
inline constexpr std::size_t kFmpAndImageBytes = 64;
inline constexpr std::uint64_t kAuthenticated = 1;
inline constexpr std::size_t kCountBytes = 8;
inline constexpr std::uint32_t kCertificateBytes = 24;  // without its data
inline constexpr std::uint16_t kCertificateRevision = 0x0200;
inline constexpr std::uint16_t kCertificateType = 0x0ef1;
inline constexpr absl::string_view kPayloadMagic = "MSS1";
inline constexpr std::uint32_t kPayloadHeaderBytes = 16;

}  // namespace bootseal::image::host::capsule

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_CAPSULE_LAYOUT_H_
