#include "firmware/image/mcuboot/tlv.h"

namespace bootseal::image::mcuboot {

Tlvs::Iterator::Iterator(Bytes area) {
  if (area.size() >= kTlvInfoBytes) rest_ = area.subspan(kTlvInfoBytes);
  ++*this;
}

Tlvs::Iterator& Tlvs::Iterator::operator++() {
  there_ = false;
  if (rest_.size() < kTlvHeaderBytes) return *this;
  const std::size_t size = Little16(rest_.data() + 2);
  if (size > rest_.size() - kTlvHeaderBytes) return *this;
  there_ = true;
  tlv_.type = Little16(rest_.data());
  tlv_.value = rest_.subspan(kTlvHeaderBytes, size);
  rest_ = rest_.subspan(kTlvHeaderBytes + size);
  return *this;
}

Tlv FindTlv(Bytes area, std::uint16_t type) {
  for (const Tlv& tlv : Tlvs(area)) {
    if (tlv.type == type) return tlv;
  }
  return {};
}

Result<AreaInfo> ReadAreaInfo(Bytes bytes) {
  if (bytes.size() < kTlvInfoBytes) return Error::kTruncated;
  return AreaInfo{Little16(bytes.data()), Little16(bytes.data() + 2)};
}

Error CheckArea(Bytes area, std::uint16_t magic) {
  const Result<AreaInfo> info = ReadAreaInfo(area);
  if (!info.ok()) return info.error();
  if (info->magic != magic) return Error::kTlvMagic;
  if (info->size < kTlvInfoBytes) return Error::kTlvLength;
  if (info->size > area.size()) return Error::kTruncated;
  if (info->size < area.size()) return Error::kTrailingBytes;
  // Known: the area is as long as it says. Left: do its TLVs fill it?
  std::size_t used = kTlvInfoBytes;
  for (const Tlv& tlv : Tlvs(area)) used += kTlvHeaderBytes + tlv.value.size();
  return used == area.size() ? Error::kOk : Error::kTlvOverrun;
}

Error CheckProtectedArea(Bytes area) {
  const Result<AreaInfo> info = ReadAreaInfo(area);
  if (!info.ok()) return info.error();
  const bool disagrees =
      info->magic == kProtectedMagic && info->size != area.size();
  if (disagrees) return Error::kProtectedSize;
  return CheckArea(area, kProtectedMagic);
}

}  // namespace bootseal::image::mcuboot
