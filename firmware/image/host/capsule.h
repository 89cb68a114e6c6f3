// UEFI capsules for firmware management (FMP), as U-Boot takes and mkeficapsule
// makes them: one firmware, with or without a signature; and the two that say
// of a trial how it went. Numbers are little-endian.
//
//   capsule header   GUID of its kind, header size 28, flags, size of the file
//   FMP header       version 1, no drivers, one item, its offset 16
//   image header     version 3, type GUID, index, size of what follows,
//   hardware
//                    instance, 1 when it is signed
//   authentication   monotonic count, WIN_CERTIFICATE, PKCS#7 (signed_data.h)
//   payload header   "MSS1", 16, version, lowest supported version; optional
//   firmware
//
// What is signed: payload header, firmware, monotonic count. Everything in
// front of them can be altered by anybody. Source: UEFI 2.10, sections 8.5.3
// and 23.3; facts: fwu 6. Thread-safe.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_CAPSULE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_CAPSULE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/guid.h"

namespace bootseal::image::host {

// The operating system has to accept the update: U-Boot's trial.
inline constexpr std::uint16_t kMustBeAccepted = 0x8000;

struct CapsuleVersion {
  std::uint32_t version = 0;
  std::uint32_t lowest_supported = 0;
  friend bool operator==(const CapsuleVersion&,
                         const CapsuleVersion&) = default;
};

struct CapsuleHeader {
  Guid image_type;
  std::uint8_t image_index = 1;
  std::uint64_t hardware_instance = 0;
  std::uint16_t oem_flags = 0;
  // Of a signed one.
  std::optional<std::uint64_t> monotonic_count;
  // Absent: no payload header.
  std::optional<CapsuleVersion> version;
  friend bool operator==(const CapsuleHeader&, const CapsuleHeader&) = default;
};

// Everything in front of the firmware. `signed_data` is empty unless the header
// has a monotonic count. INVALID_ARGUMENT (CAPSULE_TOO_LARGE) from 4 GiB on.
absl::StatusOr<std::string> WriteCapsuleFront(const CapsuleHeader& header,
                                              absl::string_view signed_data,
                                              std::uint64_t firmware_size);
// Signed in front of the firmware: the payload header; empty without a version.
std::string SignedInFront(const CapsuleHeader& header);
// Signed behind the firmware: the monotonic count.
std::string SignedBehind(const CapsuleHeader& header);

struct CapsuleFront {
  CapsuleHeader header;
  std::string signed_data;          // empty: not signed
  std::size_t size = 0;             // bytes in front of the firmware
  std::uint64_t firmware_size = 0;  // above 0
};

// `front` is the file, or its beginning up to the firmware at least. Takes what
// WriteCapsuleFront makes and nothing else. INVALID_ARGUMENT
// (CAPSULE_MALFORMED) naming what, its value, what was expected.
absl::StatusOr<CapsuleFront> ReadCapsuleFront(absl::string_view front,
                                              std::uint64_t file_size);

// Neither is signed: whoever can write the EFI system partition can make one.
// One accept capsule for each image type.
std::string WriteAcceptCapsule(const Guid& image_type);
std::string WriteRevertCapsule();

enum class CapsuleKind { kFirmware, kAccept, kRevert };
// By its GUID; nullopt: no capsule of these.
std::optional<CapsuleKind> FindCapsuleKind(absl::string_view file);
// Of an accept capsule. INVALID_ARGUMENT (CAPSULE_MALFORMED).
absl::StatusOr<Guid> ReadAcceptCapsule(absl::string_view file);
// INVALID_ARGUMENT (CAPSULE_MALFORMED).
absl::Status CheckRevertCapsule(absl::string_view file);

// Whether a firmware begins with what readers take for a payload header: they
// would believe the version in it.
bool HasPayloadHeader(absl::string_view firmware);
inline constexpr std::size_t kPayloadMagicBytes = 4;

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_CAPSULE_H_
