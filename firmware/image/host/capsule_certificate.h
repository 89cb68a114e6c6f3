// The X.509 certificate of a capsule key, as a device holds it.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_CAPSULE_CERTIFICATE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_CAPSULE_CERTIFICATE_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/openssl.h"
#include "firmware/image/bytes.h"

namespace bootseal::image::host {

// Immutable; thread-safe; cheap to copy.
class CapsuleCertificate {
 public:
  // One certificate in PEM, and nothing but white space behind it, of an RSA
  // key of 2048 bits or more with exponent 65537. INVALID_ARGUMENT
  // (CERTIFICATE_INVALID), (CERTIFICATE_KEY) for another key: U-Boot verifies
  // RSA alone.
  static absl::StatusOr<CapsuleCertificate> Parse(absl::string_view pem);

  const std::string& der() const { return der_; }
  // PKCS#1 RSAPublicKey, DER.
  const std::string& public_key() const { return public_key_; }
  // IssuerAndSerialNumber (RFC 5652 10.2.4), DER.
  const std::string& issuer_and_serial() const { return issuer_and_serial_; }
  // "CN=stm32mp157 capsules", RFC 2253.
  const std::string& subject() const { return subject_; }
  int bits() const { return bits_; }
  const X509* x509() const { return x509_.get(); }

 private:
  CapsuleCertificate() = default;

  std::shared_ptr<const X509> x509_;
  std::string der_;
  std::string public_key_;
  std::string issuer_and_serial_;
  std::string subject_;
  int bits_ = 0;
};

// OK when `signature` is RSASSA-PKCS1-v1_5 with SHA-256 over `digest`, 32
// bytes, by the key in PKCS#1 DER. PERMISSION_DENIED (SIGNATURE_INVALID).
absl::Status VerifyPkcs1(absl::string_view public_key, absl::string_view digest,
                         absl::string_view signature);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_CAPSULE_CERTIFICATE_H_
