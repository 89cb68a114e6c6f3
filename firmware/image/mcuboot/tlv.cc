#include "firmware/image/mcuboot/tlv.h"

namespace bootseal::image::mcuboot {

Tlvs::Iterator::Iterator(Bytes area) {
  Reader info(area);
  info.Take(kTlvInfoBytes);
  rest_ = info.rest();
  ++*this;
}

Tlvs::Iterator& Tlvs::Iterator::operator++() {
  Reader reader(rest_);
  tlv_.type = reader.U16();
  tlv_.value = reader.Take(reader.U16());
  there_ = reader.ok();
  rest_ = reader.rest();
  return *this;
}

Tlv FindTlv(Bytes area, std::uint16_t type) {
  for (const Tlv& tlv : Tlvs(area)) {
    if (tlv.type == type) return tlv;
  }
  return {};
}

Result<AreaInfo> ReadAreaInfo(Bytes bytes) {
  Reader reader(bytes);
  AreaInfo info;
  info.magic = reader.U16();
  info.size = reader.U16();
  if (!reader.ok()) return Error::kTruncated;
  return info;
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
