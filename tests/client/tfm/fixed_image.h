// An image as text to compare, without what is random in it.
#ifndef BOOTSEAL_TESTS_CLIENT_TFM_FIXED_IMAGE_H_
#define BOOTSEAL_TESTS_CLIENT_TFM_FIXED_IMAGE_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::tests {

// Header, payload, protected area, every TLV (of a signature its type alone)
// and what a trailer says.
inline std::string FixedImage(const std::string& bytes, bool encrypts) {
  namespace mcuboot = image::mcuboot;
  const mcuboot::Reading reading = mcuboot::ReadImage(
      image::host::AsBytes(bytes), image::HashAlgorithm::kSha256);
  if (reading.error != image::Error::kOk) return "unreadable";
  std::string text = image::host::ToString(reading.header);
  if (!encrypts) text += image::host::ToString(reading.payload);
  text += image::host::ToString(reading.facts.protected_area);
  for (const mcuboot::Tlv& tlv :
       mcuboot::Tlvs(reading.facts.unprotected_area)) {
    const bool random =
        mcuboot::IsSignature(tlv.type) || (tlv.type >= 0x30 && tlv.type < 0x40);
    absl::StrAppend(&text, " ", tlv.type, ":",
                    random ? "" : image::host::ToString(tlv.value));
  }
  // How much fill there is depends on the signature's length.
  const std::string rest = image::host::ToString(reading.rest);
  if (rest.empty()) return text;
  const std::size_t said = rest.find_first_not_of(rest.front());
  return said == std::string::npos ? text : text + rest.substr(said);
}

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_TFM_FIXED_IMAGE_H_
