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
    // At the first TLV.
    explicit Iterator(Bytes area);
    const Tlv& operator*() const { return tlv_; }
    Iterator& operator++();
    friend bool operator!=(const Iterator& iterator, End) {
      return iterator.there_;
    }

   private:
    Bytes rest_;
    Tlv tlv_;
    bool there_ = false;
  };

  explicit Tlvs(Bytes area) : area_(area) {}
  Iterator begin() const { return Iterator(area_); }
  End end() const { return {}; }

 private:
  Bytes area_;
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
