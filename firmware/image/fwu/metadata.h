// PSA firmware update metadata, versions 1 and 2: which bank boots, and what is
// known of each. Little-endian; the CRC covers everything behind itself up to
// the end of the metadata, and nothing after it.
//
//    0  4  crc          32 bytes of a version 2 header go on:
//    4  4  version      16  4  metadata size    32  1  number of banks
//    8  4  active       20  2  offset of the    33  1  reserved
//   12  4  previous            descriptor, 32   34  2  number of images
//                       22  2  reserved         36  2  bytes of one entry
//   then, in version 1, 24  4  bank states      38  2  bytes of one bank, 24
//   entries at once     28  4  reserved         40     entries, vendor data
//
//   entry of an image: type GUID, location GUID, then for each bank its GUID,
//   accepted (4 bytes, bit 0), reserved (4 bytes)
//
// Version 1 says neither how many banks nor how many images there are: the
// reader knows. Source: Arm DEN0118; facts: fwu 1.1 to 1.4.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_FWU_METADATA_H_
#define BOOTSEAL_FIRMWARE_IMAGE_FWU_METADATA_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "firmware/image/bytes.h"
#include "firmware/image/guid.h"
#include "firmware/image/result.h"

namespace bootseal::image::fwu {

inline constexpr std::size_t kMaxBanks = 4;
// Ours; a metadata sector has room for as many.
inline constexpr std::size_t kMaxImages = 8;

// One byte per bank; each step only clears bits. Of version 1, which has none,
// Read computes them: accepted when all images are, valid otherwise.
enum class BankState : std::uint8_t {
  kInvalid = 0xff,   // absent, or half written
  kValid = 0xfe,     // complete; to boot it is a trial
  kAccepted = 0xfc,  // complete, and every image of it accepted
};

struct Bank {
  Guid guid;  // of the image in this bank: on GPT the partition's unique GUID
  bool accepted = false;
  friend constexpr bool operator==(const Bank&, const Bank&) = default;
};

struct Image {
  Guid type;
  Guid location;  // of the device; zeros are common
  std::array<Bank, kMaxBanks> banks{};
  friend constexpr bool operator==(const Image&, const Image&) = default;
};

// How many of each; what a reader of version 1 has to know. Version 2 with
// descriptor offset 0 has states alone: no images, and kMaxBanks unless the
// caller knows better.
struct Geometry {
  std::uint8_t banks = 2;
  std::uint16_t images = 1;
  friend constexpr bool operator==(const Geometry&, const Geometry&) = default;
};

// Values only; vendor data is not kept.
struct Metadata {
  std::uint32_t version = 2;  // 1 or 2; 0 is read, and written, as it came
  std::uint32_t active = 0;
  std::uint32_t previous = 0;
  Geometry geometry;
  std::array<BankState, kMaxBanks> states{
      BankState::kInvalid, BankState::kInvalid, BankState::kInvalid,
      BankState::kInvalid};
  std::array<Image, kMaxImages> images{};

  friend constexpr bool operator==(const Metadata&, const Metadata&) = default;

  std::span<const Image> entries() const {
    return std::span(images).first(geometry.images);
  }
};

// Bytes without vendor data: 16 or 40, and 32 + 24 per bank for each image; 32
// for version 2 without a descriptor.
constexpr std::size_t SizeOf(std::uint32_t version, Geometry geometry) {
  if (version == 2 && geometry.images == 0) return 32;
  return (version == 2 ? 40u : 16u) +
         geometry.images * (32u + 24u * geometry.banks);
}

// What was read, and the vendor data behind it, which points into the caller's
// bytes.
struct Read {
  Metadata metadata;
  Bytes vendor_data;
};

// The metadata at the start of `bytes`; what follows it is not looked at.
// Version 2 says its own counts; `expected` is for versions 0 and 1 and is
// compared with those of version 2.
// In this order: kMetadataVersion, kTruncated, kMetadataCrc, kMetadataGeometry
// (counts, sizes of entries, offset of the descriptor, more than kMaxBanks or
// kMaxImages), kMetadataIndex (active or previous is no bank),
// kMetadataReserved (a reserved field, or a bit of accepted but the first),
// kMetadataState (a byte that is no state, of a bank that exists, or another
// than 0xff of one that does not).
Result<Read> ReadMetadata(Bytes bytes, Geometry expected);

// The same without knowing the counts: version 2 alone, else kMetadataVersion.
Result<Read> ReadMetadata(Bytes bytes);

// Into the front of `buffer`, CRC included. kBufferTooSmall, and the errors of
// ReadMetadata for values that it would not take; vendor data in another
// version than 2 is kMetadataVersion. States of version 1 are not written: they
// are what its accepted fields say. Signing side, and the update client's.
Result<Bytes> WriteMetadata(const Metadata& metadata, Bytes vendor_data,
                            MutableBytes buffer);

}  // namespace bootseal::image::fwu

#endif  // BOOTSEAL_FIRMWARE_IMAGE_FWU_METADATA_H_
