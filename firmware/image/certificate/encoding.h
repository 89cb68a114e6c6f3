// What reader and writer of certificates share: tags, and the bytes that are
// the same in each. Freestanding.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_ENCODING_H_
#define BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_ENCODING_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "firmware/image/bytes.h"
#include "firmware/image/certificate/certificate.h"

namespace bootseal::image::certificate {

namespace tag {
inline constexpr std::uint8_t kInteger = 0x02;
inline constexpr std::uint8_t kBitString = 0x03;
inline constexpr std::uint8_t kOctetString = 0x04;
inline constexpr std::uint8_t kObjectId = 0x06;
inline constexpr std::uint8_t kUtf8String = 0x0c;
inline constexpr std::uint8_t kUtcTime = 0x17;
inline constexpr std::uint8_t kGeneralizedTime = 0x18;
inline constexpr std::uint8_t kSequence = 0x30;
inline constexpr std::uint8_t kSet = 0x31;
inline constexpr std::uint8_t kExtensions = 0xa3;
}  // namespace tag

template <typename... Values>
constexpr auto MakeBytes(Values... values) {
  return std::array<std::byte, sizeof...(values)>{
      static_cast<std::byte>(values)...};
}

// [0] { INTEGER 2 }
inline constexpr auto kVersion3 = MakeBytes(0xa0, 0x03, 0x02, 0x01, 0x02);
// Content of an AlgorithmIdentifier: ecdsa-with-SHA256 without parameters.
inline constexpr auto kEcdsaWithSha256 =
    MakeBytes(0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02);
// OBJECT IDENTIFIER id-at-commonName
inline constexpr auto kCommonName = MakeBytes(0x06, 0x03, 0x55, 0x04, 0x03);
// SEQUENCE { id-ce-subjectKeyIdentifier, OCTET STRING { OCTET STRING } }, up to
// the key id.
inline constexpr auto kSubjectKeyId =
    MakeBytes(0x30, 0x1d, 0x06, 0x03, 0x55, 0x1d, 0x0e, 0x04, 0x16, 0x04, 0x14);
// SEQUENCE { id-ce-authorityKeyIdentifier, OCTET STRING { SEQUENCE { [0] } } }
inline constexpr auto kAuthorityKeyId =
    MakeBytes(0x30, 0x1f, 0x06, 0x03, 0x55, 0x1d, 0x23, 0x04, 0x18, 0x30, 0x16,
              0x80, 0x14);
// SEQUENCE { id-ce-basicConstraints, OCTET STRING { SEQUENCE {} } }
inline constexpr auto kBasicConstraints =
    MakeBytes(0x30, 0x09, 0x06, 0x03, 0x55, 0x1d, 0x13, 0x04, 0x02, 0x30, 0x00);
// 1.3.6.1.4.1.4128.2100, the number of the extension follows.
inline constexpr auto kExtensionArc =
    MakeBytes(0x2b, 0x06, 0x01, 0x04, 0x01, 0xa0, 0x20, 0x90, 0x34);
// BOOLEAN TRUE
inline constexpr auto kCritical = MakeBytes(0x01, 0x01, 0xff);
// DigestInfo of SHA-256, up to the digest.
inline constexpr auto kSha256Info =
    MakeBytes(0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
              0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20);

// A day that exists, in a year that X.509 can say.
bool IsPossible(const Time& time);

// RFC 5280 4.1.2.5: dates from 2050 on have four digits of the year.
inline constexpr std::uint16_t kFirstGeneralizedYear = 2050;

bool IsPossibleName(Bytes common_name);

}  // namespace bootseal::image::certificate

#endif  // BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_ENCODING_H_
