// The certificates of a package: what TF-A's cert_create makes of PEM files,
// made of public keys and digests, for keys that sign elsewhere.
//
//   PlanCertificates(request)            what each key has to sign
//   SealCertificate(planned, signature)  the certificate, once it has
//
// The same request gives the same bytes: serial numbers are derived from all
// that a certificate says, so that a retry and an approval speak of one digest.
// Source: TF-A tools/cert_create; facts: fwu 4. Thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_PACKAGE_CERTIFICATES_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_PACKAGE_CERTIFICATES_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "firmware/image/certificate/chain.h"

namespace bootseal::image::host {

// SubjectPublicKeyInfo, DER, one curve for all. One key may stand in several
// places; none is left out, and none is made up.
struct CertificateKeys {
  std::string root;
  std::string trusted_world;
  std::string non_trusted_world;
  std::string tos_fw;
  std::string nt_fw;
};

struct CertificateRequest {
  CertificateKeys keys;
  // An STM32MP keeps both in one register: they must be equal (facts: fwu 2.4).
  std::uint32_t trusted_counter = 0;
  std::uint32_t non_trusted_counter = 0;
  // To the second.
  absl::Time not_before;
  absl::Time not_after;
  // By ImageRole: SHA-256; empty: the image is not in the package.
  std::array<std::string, certificate::kImageRoles> digests;
};

struct PlannedCertificate {
  certificate::Role role = certificate::Role::kConfig;
  std::string to_be_signed;
  std::string digest;  // SHA-256 of it: what is signed
  std::string signer;  // SubjectPublicKeyInfo of the key that has to
};

// All six, by Role. INVALID_ARGUMENT: KEY_MISSING, CERTIFICATE_KEY,
// CURVES_DIFFER, COUNTERS_DIFFER, COUNTER_RANGE, VALIDITY, DIGEST, and
// IMAGE_MISSING for tos-fw and nt-fw, which every package has.
absl::StatusOr<std::vector<PlannedCertificate>> PlanCertificates(
    const CertificateRequest& request);

// `signature`: DER, as OpenSSL and our HSM layer give it; or 64 bytes r || s,
// as PKCS#11 does. It is verified. INVALID_ARGUMENT SIGNATURE.
absl::StatusOr<std::string> SealCertificate(const PlannedCertificate& planned,
                                            absl::string_view signature);

// A device counts up one by one, and never down: `next` may be at most `step`
// above the last that was released. INVALID_ARGUMENT: COUNTER_LOW,
// COUNTER_LEAP.
absl::Status CheckCounterStep(std::uint32_t last, std::uint32_t next,
                              std::uint32_t step);

// DER of r || s; INVALID_ARGUMENT SIGNATURE for another size, or a zero.
absl::StatusOr<std::string> EcdsaSignatureDer(absl::string_view raw);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_PACKAGE_CERTIFICATES_H_
