// Certificates of Arm's Trusted Board Boot, in the one form in which TF-A's
// cert_create writes them for ECDSA with SHA-256: X.509 version 3, issuer and
// subject one and the same common name, subject and authority key id, empty
// basic constraints, then critical extensions that name hashes, keys and
// counters. Whoever signed one, and whether its names and dates mean anything,
// is not said here.
//
// They come from whoever wrote the flash: no recursion, no heap, every length
// checked against what is there. Spans point into the caller's bytes.
// Source: RFC 5280, X.690; Arm DEN0006; TF-A tools/cert_create; facts: fwu 4.1,
// 4.2. Freestanding; thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_CERTIFICATE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_CERTIFICATE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "firmware/image/bytes.h"
#include "firmware/image/certificate/public_key.h"
#include "firmware/image/result.h"

namespace bootseal::image::certificate {

inline constexpr std::size_t kMaxExtensions = 8;
inline constexpr std::size_t kMaxSerialBytes = 20;  // RFC 5280, 4.1.2.2
inline constexpr std::size_t kKeyIdBytes = 20;      // SHA-1
inline constexpr std::size_t kDigestBytes = 32;     // SHA-256
// Of a certificate with all that fits.
inline constexpr std::size_t kMaxCertificateBytes = 1536;
inline constexpr std::uint32_t kMaxCounter = 0x7fffffff;

// In UTC.
struct Time {
  std::uint16_t year = 0;  // 1950 to 9999
  std::uint8_t month = 0;
  std::uint8_t day = 0;
  std::uint8_t hour = 0;
  std::uint8_t minute = 0;
  std::uint8_t second = 0;
  friend constexpr auto operator<=>(const Time&, const Time&) = default;
};

// The last number of an extension's name, 1.3.6.1.4.1.4128.2100.N.
namespace extension {
inline constexpr std::uint16_t kTrustedCounter = 1;
inline constexpr std::uint16_t kNonTrustedCounter = 2;
inline constexpr std::uint16_t kHwConfigHash = 203;
inline constexpr std::uint16_t kFwConfigHash = 204;
inline constexpr std::uint16_t kTrustedWorldKey = 302;
inline constexpr std::uint16_t kNonTrustedWorldKey = 303;
inline constexpr std::uint16_t kTosFwContentKey = 901;
inline constexpr std::uint16_t kTosFwHash = 1001;
inline constexpr std::uint16_t kTosFwExtra1Hash = 1002;
inline constexpr std::uint16_t kTosFwExtra2Hash = 1003;
inline constexpr std::uint16_t kTosFwConfigHash = 1004;
inline constexpr std::uint16_t kNtFwContentKey = 1101;
inline constexpr std::uint16_t kNtFwHash = 1201;
inline constexpr std::uint16_t kNtFwConfigHash = 1202;
}  // namespace extension

enum class ExtensionKind : std::uint8_t { kUnknown, kCounter, kHash, kKey };
ExtensionKind KindOf(std::uint16_t extension);

// Only what its kind has is set.
struct Extension {
  std::uint16_t id = 0;
  std::uint32_t counter = 0;  // at most kMaxCounter
  Bytes hash;  // SHA-256; zeros for an optional image that is not there
  PublicKey key;
};

struct Certificate {
  Bytes to_be_signed;  // with tag and length: what is hashed and signed
  Bytes serial;        // magnitude, not zero, without leading zeros
  Bytes common_name;   // 1 to 64 printable characters of ASCII
  Time not_before;
  Time not_after;
  PublicKey key;
  Bytes key_id;  // SHA-1 of the key's bits, by whoever wrote it
  std::size_t count = 0;
  std::array<Extension, kMaxExtensions> storage{};
  Bytes signature;  // DER SEQUENCE of r and s

  constexpr std::span<const Extension> extensions() const {
    return std::span(storage).first(count);
  }
};

// nullptr when there is none.
const Extension* FindExtension(const Certificate& certificate,
                               std::uint16_t id);

// A whole certificate and nothing behind it. kDer (lengths, padding, bytes that
// are left), kCertificateForm (version, serial, names, dates, the extensions of
// X.509), kCertificateAlgorithm (another than ecdsa-with-SHA256, or two that
// differ), kCertificateKey (no point of a curve of ours), kCertificateExtension
// (unknown, not critical, given twice, too many, none, another content than its
// kind has).
Result<Certificate> ReadCertificate(Bytes der);

// What a signer hashes: everything but to_be_signed and signature. Into the end
// of `buffer`. kBufferTooSmall, kCertificateForm, kCertificateExtension.
// Signing side: not linked into a device.
Result<Bytes> WriteToBeSigned(const Certificate& certificate,
                              MutableBytes buffer);

// The same with its signature, as ReadCertificate reads it: Write(Read(x)) is
// x. Its errors, and kBufferTooSmall. Signing side.
Result<Bytes> WriteCertificate(Bytes to_be_signed, Bytes signature,
                               MutableBytes buffer);

}  // namespace bootseal::image::certificate

#endif  // BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_CERTIFICATE_H_
