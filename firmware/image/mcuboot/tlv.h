// Walks the TLVs of one area without ever leaving it. Facts: mcuboot 1.4.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_TLV_H_
#define BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_TLV_H_

#include <cstdint>

#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/result.h"

namespace bootseal::image::mcuboot {

struct Tlv {
  std::uint16_t type = 0;
  Bytes value;
};

// for (const Tlv& tlv : Tlvs(area)). The area starts with its info header; an
// empty one has no TLVs. The walk ends at the area's end or before the first
// TLV that would overrun it: CheckArea tells whether there is one.
class Tlvs {
 public:
  struct End {};

  class Iterator {
   public:
    explicit constexpr Iterator(Bytes rest) : rest_(rest) { Read(); }
    constexpr const Tlv& operator*() const { return tlv_; }
    constexpr Iterator& operator++() {
      Read();
      return *this;
    }
    friend constexpr bool operator!=(const Iterator& iterator, End) {
      return iterator.there_;
    }

   private:
    constexpr void Read() {
      Reader reader(rest_);
      tlv_.type = reader.U16();
      tlv_.value = reader.Take(reader.U16());
      there_ = reader.ok();
      rest_ = reader.rest();
    }

    Bytes rest_;
    Tlv tlv_;
    bool there_ = false;
  };

  explicit constexpr Tlvs(Bytes area)
      : tlvs_(area.size() < kTlvInfoBytes ? Bytes()
                                          : area.subspan(kTlvInfoBytes)) {}
  constexpr Iterator begin() const { return Iterator(tlvs_); }
  constexpr End end() const { return {}; }

 private:
  Bytes tlvs_;
};

// The area's first TLV of `type`; one of type 0 when there is none.
Tlv FindTlv(Bytes area, std::uint16_t type);

// The info header at the front of an area.
struct AreaInfo {
  std::uint16_t magic = 0;
  std::uint16_t size = 0;  // bytes, these four included
};

// kTruncated.
Result<AreaInfo> ReadAreaInfo(Bytes bytes);

// kOk when `area` is exactly one area with `magic` whose TLVs fill it.
// kTruncated or kTrailingBytes when it is shorter or longer than it says,
// kTlvMagic, kTlvLength when it says less than its info header, kTlvOverrun.
Error CheckArea(Bytes area, std::uint16_t magic);

// The same for a protected area that the header gave its size: kProtectedSize
// when the area says another one.
Error CheckProtectedArea(Bytes area);

}  // namespace bootseal::image::mcuboot

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_TLV_H_
