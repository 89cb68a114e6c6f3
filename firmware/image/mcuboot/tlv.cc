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
  if (area.size() < kTlvInfoBytes) return Error::kTruncated;
  const std::byte* const at = area.data();
  const std::size_t said = Little16(at + 2);
  if (Little16(at) != magic) return Error::kTlvMagic;
  if (said < kTlvInfoBytes) return Error::kTlvLength;
  if (said > area.size()) return Error::kTruncated;
  if (said < area.size()) return Error::kTrailingBytes;
  // Known: the area is as long as it says. Left: do its TLVs fill it?
  std::size_t used = kTlvInfoBytes;
  while (used + kTlvHeaderBytes <= said) {
    used += kTlvHeaderBytes + Little16(at + used + 2);
  }
  return used == said ? Error::kOk : Error::kTlvOverrun;
}

Error CheckProtectedArea(Bytes area) {
  const bool disagrees = area.size() >= kTlvInfoBytes &&
                         Little16(area.data()) == kProtectedMagic &&
                         Little16(area.data() + 2) != area.size();
  if (disagrees) return Error::kProtectedSize;
  return CheckArea(area, kProtectedMagic);
}

}  // namespace bootseal::image::mcuboot
