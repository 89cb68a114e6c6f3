// The PKCS#7 signature of a capsule: SignedData version 1, detached, SHA-256,
// the signer's certificate, one signer by issuer and serial, RSA PKCS #1 v1.5
// over signed attributes. These are contentType and messageDigest, in this
// order, and no signingTime: the same content is the same bytes to approve and
// to sign, today and in a retry. U-Boot demands those two and no time (where
// there is one it compares it with the certificate's dates), and so do
// `openssl cms -verify` and Mbed TLS.
// Source: RFC 2315, RFC 5652 section 5; facts: fwu 6.2. Thread-safe.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_SIGNED_DATA_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_SIGNED_DATA_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/host/capsule_certificate.h"

namespace bootseal::image::host {

// What the key signs, by its SHA-256: DER, a SET OF. It ends with
// `content_sha256`, 32 raw bytes.
std::string SignedAttributes(absl::string_view content_sha256);

// `signature` is not judged.
std::string WriteSignedData(const CapsuleCertificate& certificate,
                            absl::string_view content_sha256,
                            absl::string_view signature);

// OK when the DER is such a signature over the content, by OpenSSL's own
// reading of it. Other attributes are allowed, each once, as other tools add a
// time. INVALID_ARGUMENT (SIGNED_DATA_MALFORMED) naming what,
// PERMISSION_DENIED: CONTENT_MISMATCH, CERTIFICATE_MISMATCH, SIGNATURE_INVALID.
absl::Status VerifySignedData(absl::string_view der,
                              absl::string_view content_sha256,
                              const CapsuleCertificate& certificate);

// The signature in it, as the key made it, and what one of ours is over:
// SHA-256 of SignedAttributes of the content that it names. Nothing is
// verified. Errors: SIGNED_DATA_MALFORMED.
struct MadeSignature {
  std::string digest;
  std::string signature;
};
absl::StatusOr<MadeSignature> SignatureIn(absl::string_view der);

// The certificate that it holds, DER. Errors: SIGNED_DATA_MALFORMED.
absl::StatusOr<std::string> CertificateIn(absl::string_view der);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_SIGNED_DATA_H_
