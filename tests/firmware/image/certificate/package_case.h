// A package with keys of its own, and what may be wrong with one.
#ifndef BOOTSEAL_TESTS_FIRMWARE_IMAGE_CERTIFICATE_PACKAGE_CASE_H_
#define BOOTSEAL_TESTS_FIRMWARE_IMAGE_CERTIFICATE_PACKAGE_CASE_H_

#include <array>
#include <functional>
#include <map>
#include <string>

#include "firmware/image/certificate/verifier.h"
#include "firmware/image/host/fip_package.h"
#include "firmware/image/host/package_certificates.h"
#include "tests/support/signing_key.h"

namespace bootseal::tests {

// Keys made once for the program.
struct ChainKeys {
  SigningKey root{image::Algorithm::kP256};
  SigningKey trusted_world{image::Algorithm::kP256};
  SigningKey non_trusted_world{image::Algorithm::kP256};
  SigningKey tos_fw{image::Algorithm::kP256};
  SigningKey nt_fw{image::Algorithm::kP256};

  // The one whose public half is `der`.
  const SigningKey& Of(const std::string& der) const;
};
const ChainKeys& SharedChainKeys();

std::string Sha256(const std::string& content);

// A file of tests/vectors/package.
std::string PackageVector(const std::string& name);

// The bytes that are written of it, or the error's name.
std::string WrittenCertificate(
    const image::certificate::Certificate& certificate);

// Counter 5; fw-config, hw-config, tos-fw, tos-fw-extra1 and nt-fw.
image::host::CertificateRequest SmallRequest();
const std::array<std::string, image::certificate::kImageRoles>& SmallImages();

// Signs what was planned with the keys that it names.
std::string Signed(const image::host::PlannedCertificate& planned);

using Certificates = std::array<std::string, image::certificate::kRoles>;
Certificates SignedAll(const image::host::CertificateRequest& request);

// Certificates and images in a FIP; empty ones are left out.
std::string FipOf(
    const Certificates& certificates,
    const std::array<std::string, image::certificate::kImageRoles>& images);

// The certificate `change` makes of `der`, signed with `key`.
std::string Resigned(
    const std::string& der, const SigningKey& key,
    const std::function<void(image::certificate::Certificate&)>& change);

// SHA-256 over the root key's point lives as long as the program.
image::certificate::Rules SmallRules();

// "OK", or the error's name and what it is about: "COUNTER_LOW nt-fw-cert".
std::string Verdict(const image::certificate::Rules& rules,
                    const std::string& fip);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_IMAGE_CERTIFICATE_PACKAGE_CASE_H_
