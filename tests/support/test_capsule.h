// A capsule key with its certificate, and what it signs: for tests that play
// the HSM, and for those that compare with other tools.
#ifndef BOOTSEAL_TESTS_SUPPORT_TEST_CAPSULE_H_
#define BOOTSEAL_TESTS_SUPPORT_TEST_CAPSULE_H_

#include <string>

#include "base/openssl.h"
#include "bootseal/v1/policy.pb.h"
#include "firmware/image/host/capsule.h"
#include "firmware/image/host/capsule_certificate.h"

namespace bootseal::tests {

// Self-signed, ten years, CN=`name`.
std::string CertificatePem(EVP_PKEY* key, const std::string& name);
std::string PrivateKeyPem(EVP_PKEY* key);

// A fresh key of one kind: "RSA" of `bits`, or "P-256" with 0 bits.
base::EvpKeyPtr MakeKey(const std::string& kind, unsigned bits);

// RSASSA-PKCS1-v1_5 over a SHA-256 digest.
std::string SignPkcs1(EVP_PKEY* key, const std::string& digest);

struct CapsuleKey {
  base::EvpKeyPtr key;
  std::string pem;  // of the certificate
  image::host::CapsuleCertificate certificate;
};
// Two of RSA-2048 for the whole program.
const CapsuleKey& SharedCapsuleKey();
const CapsuleKey& OtherCapsuleKey();

// Of the shared key: type fip, index 1, at most 64 KiB, version with 3 as the
// lowest.
v1::CapsuleFormat TestCapsuleFormat();
v1::CapsuleFormat TestCapsuleFormat(const std::string& certificate_pem);

// Type fip, index 1, monotonic count 7, version 7 with 3 as the lowest.
image::host::CapsuleHeader TestCapsuleHeader();
// As the server makes it.
std::string MakeCapsule(const image::host::CapsuleHeader& header,
                        const std::string& firmware, const CapsuleKey& key);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_TEST_CAPSULE_H_
