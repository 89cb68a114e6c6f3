// Which key a SubjectPublicKeyInfo holds, in words for whoever gave one that an
// STM32MP's boot ROM does not take. Source: RFC 5639; facts: fwu 4.3, 5.2, 5.4.
// Thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_CURVE_WORDS_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_CURVE_WORDS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace bootseal::image::host {

// "a key on prime256v1" (as OpenSSL calls it), "a key of type RSA", "no
// SubjectPublicKeyInfo (7 bytes)"; of the curves that are mistaken for others,
// with the reason: "a key on brainpoolP256r1, the regular curve: STM32MP takes
// the twisted one, brainpoolP256t1".
std::string CurveWords(absl::string_view spki);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_CURVE_WORDS_H_
