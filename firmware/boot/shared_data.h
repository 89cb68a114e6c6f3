// The area in which a bootloader hands data on to what it starts, in MCUboot's
// layout, which TF-M reads.
//
//   0   u16 magic 0x2016
//   2   u16 size, header and entries
//   4   entries: u16 type, u16 length, value
//
// Little-endian, without padding. A type is who reads it (4 bits) and what it
// is (12 bits). Source: MCUboot boot/bootutil/include/bootutil/boot_status.h,
// TF-M bl2/src/shared_data.c; facts: mcuboot 3.6. Not thread-safe.
#ifndef BOOTSEAL_FIRMWARE_BOOT_SHARED_DATA_H_
#define BOOTSEAL_FIRMWARE_BOOT_SHARED_DATA_H_

#include <cstdint>

#include "firmware/image/bytes.h"
#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/mcuboot/rules.h"
#include "firmware/image/result.h"
#include "firmware/image/verified.h"

namespace bootseal::boot {

namespace shared_data {

inline constexpr std::uint16_t kMagic = 0x2016;
inline constexpr std::size_t kHeaderBytes = 4;

// Of the attestation service: a boot record. Six bits of the image's number.
constexpr std::uint16_t BootRecord(std::uint8_t image) {
  return static_cast<std::uint16_t>(0x1000 | image << 6 | 0x3f);
}
// Of TF-M's firmware update service: the image's version, 8 bytes as in its
// header.
constexpr std::uint16_t Version(std::uint8_t image) {
  return static_cast<std::uint16_t>(0x2000 | image << 6);
}
// What MCUboot says of itself, under the same reader's number: whoever reads
// one does not read the other.
inline constexpr std::uint16_t kMode = 0x2000;           // u8
inline constexpr std::uint16_t kSignatureType = 0x2001;  // u8
inline constexpr std::uint16_t kRecovery = 0x2002;       // u8
inline constexpr std::uint16_t kRunningSlot = 0x2003;    // u8
inline constexpr std::uint16_t kMaxImageSize = 0x2005;   // u32, of image 0
constexpr std::uint16_t SecurityCounter(std::uint8_t image) {  // u32
  return static_cast<std::uint16_t>(0x2010 + image);
}

}  // namespace shared_data

class SharedData {
 public:
  // Fills the area with zeros and begins it.
  explicit SharedData(image::MutableBytes area);

  // kBufferTooSmall when it does not fit; the area is as before.
  image::Error Add(std::uint16_t type, image::Bytes value);
  image::Error AddByte(std::uint16_t type, std::uint8_t value);
  image::Error AddWord(std::uint16_t type, std::uint32_t value);

  // The image's own record, with its digest as the measurement.
  // kBootRecordMissing, kDigestMissing; kBootRecordFormat when the record is
  // shorter than the digest. `verified` has to say where the image lies; kFault
  // when it is not there any more.
  image::Error AddBootRecord(const image::Verified& verified,
                             image::HashAlgorithm hash, std::uint8_t image);
  image::Error AddVersion(const image::Verified& verified, std::uint8_t image);

 private:
  image::MutableBytes area_;
  std::size_t size_ = 0;
};

}  // namespace bootseal::boot

#endif  // BOOTSEAL_FIRMWARE_BOOT_SHARED_DATA_H_
