#include "firmware/image/host/finding_offset.h"

#include "firmware/image/mcuboot/facts.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::image::host {
namespace {

using Offset = std::optional<std::uint64_t>;
using mcuboot::Reading;
using mcuboot::Tlv;

// Fields of the header.
struct Field {
  Error code;
  std::uint64_t offset;
};
constexpr Field kFields[] = {
    {Error::kHeaderMagic, 0x00},    {Error::kLoadAddress, 0x04},
    {Error::kHeaderSize, 0x08},     {Error::kProtectedSize, 0x0a},
    {Error::kFlags, 0x10},          {Error::kNonBootable, 0x10},
    {Error::kEncrypted, 0x10},      {Error::kCompressed, 0x10},
    {Error::kHeaderReserved, 0x1c},
};

struct Family {
  Error code;
  bool (*holds)(std::uint16_t type);
};
constexpr Family kFamilies[] = {
    {Error::kDigestMissing, mcuboot::IsDigest},
    {Error::kDigestType, mcuboot::IsDigest},
    {Error::kDigestMismatch, mcuboot::IsDigest},
    {Error::kKeyMissing, mcuboot::IsKey},
    {Error::kKeyFormat, mcuboot::IsKey},
    {Error::kKeyUnknown, mcuboot::IsKey},
    {Error::kSignatureMissing, mcuboot::IsSignature},
    {Error::kSignatureType, mcuboot::IsSignature},
    {Error::kTlvOrder, mcuboot::IsSignature},
    {Error::kSignatureLength, mcuboot::IsSignature},
    {Error::kDer, mcuboot::IsSignature},
    {Error::kSignatureMismatch, mcuboot::IsSignature},
};

std::uint64_t Distance(Bytes part, Bytes image) {
  return static_cast<std::uint64_t>(part.data() - image.data());
}

template <typename Holds>
Offset FindIn(Bytes area, Bytes image, Holds holds) {
  for (const Tlv& tlv : mcuboot::Tlvs(area)) {
    if (holds(tlv.type)) {
      return Distance(tlv.value, image) - mcuboot::kTlvHeaderBytes;
    }
  }
  return std::nullopt;
}

// Where the areas should start.
std::uint64_t AreasStart(const Reading& reading) {
  return std::uint64_t{reading.facts.header.header_size} +
         reading.facts.header.image_size;
}

}  // namespace

Offset OffsetOf(Error code, std::uint16_t about, const Reading& reading,
                Bytes image) {
  for (const Field& field : kFields) {
    if (field.code == code) return field.offset;
  }
  if (code == Error::kTruncated) return image.size();
  if (code == Error::kTlvMagic || code == Error::kTlvOverrun) {
    return AreasStart(reading);
  }
  if (code == Error::kTlvLength && reading.error == code) {
    return AreasStart(reading) + reading.facts.header.protected_size;
  }
  if (reading.error != Error::kOk) return std::nullopt;
  if (code == Error::kVectorTable) return Distance(reading.payload, image);
  if (code == Error::kImageTooLarge) {
    return mcuboot::SignedSize(reading.facts.header) +
           reading.facts.unprotected_area.size();
  }
  for (const Family& family : kFamilies) {
    if (family.code == code) {
      return FindIn(reading.facts.unprotected_area, image, family.holds);
    }
  }
  if (about == 0) return std::nullopt;
  return FindIn(reading.facts.protected_area, image,
                [about](std::uint16_t type) { return type == about; });
}

}  // namespace bootseal::image::host
