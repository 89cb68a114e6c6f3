// GUIDs as GPT and FWU metadata hold them.
//
// The first three fields are little-endian, the last eight bytes stand as they
// are printed: 19d5df83-11b0-457b-be2c-7559c13142a5 is
// 83 df d5 19 b0 11 7b 45 be 2c 75 59 c1 31 42 a5. A FIP holds its UUIDs in
// printed order: those are not of this type.
// Source: UEFI 2.10, appendix A; facts: fwu 1.1, 1.5.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_GUID_H_
#define BOOTSEAL_FIRMWARE_IMAGE_GUID_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "firmware/image/bytes.h"

namespace bootseal::image {

struct Guid {
  static constexpr std::size_t kBytes = 16;

  std::array<std::byte, kBytes> bytes{};

  constexpr bool zero() const { return *this == Guid(); }
  friend constexpr bool operator==(const Guid&, const Guid&) = default;
};

// From the fields as they are printed: MakeGuid(0x19d5df83, 0x11b0, 0x457b,
// 0xbe2c, 0x7559c13142a5).
constexpr Guid MakeGuid(std::uint32_t a, std::uint16_t b, std::uint16_t c,
                        std::uint16_t d, std::uint64_t e) {
  Guid guid;
  Writer writer(guid.bytes);
  writer.U32(a);
  writer.U16(b);
  writer.U16(c);
  for (int shift = 8; shift >= 0; shift -= 8) {
    writer.U8(static_cast<std::uint8_t>(d >> shift));
  }
  for (int shift = 40; shift >= 0; shift -= 8) {
    writer.U8(static_cast<std::uint8_t>(e >> shift));
  }
  return guid;
}

// All zeros when the reader runs out; its ok() tells.
constexpr Guid ReadGuid(Reader& reader) {
  Guid guid;
  Copy(reader.Take(Guid::kBytes), guid.bytes);
  return guid;
}

namespace guids {
// A FIP; also the type of the GPT partitions that hold one.
inline constexpr Guid kFip =
    MakeGuid(0x19d5df83, 0x11b0, 0x457b, 0xbe2c, 0x7559c13142a5);
// Fixed in TF-A for raw flash.
inline constexpr Guid kFipA =
    MakeGuid(0x4fd84c93, 0x54ef, 0x463f, 0xa7ef, 0xae25ff887087);
inline constexpr Guid kFipB =
    MakeGuid(0x09c54952, 0xd5bf, 0x45af, 0xacee, 0x335303766fb3);
// GPT type of the metadata partitions (FWU_MDATA).
inline constexpr Guid kMetadata =
    MakeGuid(0x8a7a84a0, 0x8387, 0x40f6, 0xab41, 0xa8b9a5a60d23);
// GPT type of first-stage bootloaders (ST "Binary").
inline constexpr Guid kFsbl =
    MakeGuid(0x8da63339, 0x0007, 0x60c0, 0xc436, 0x083ac8230908);
inline constexpr Guid kBootEnvironment =
    MakeGuid(0x3de21764, 0x95bd, 0x54bd, 0xa5c3, 0x4abe786f38a8);
inline constexpr Guid kLinuxFilesystem =
    MakeGuid(0x0fc63daf, 0x8483, 0x4772, 0x8e79, 0x3d69d8477de4);
}  // namespace guids

}  // namespace bootseal::image

#endif  // BOOTSEAL_FIRMWARE_IMAGE_GUID_H_
