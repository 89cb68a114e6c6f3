// What keys are asked to sign, and what is made of their signatures.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "base/openssl.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "tests/firmware/image/certificate/package_case.h"

namespace bootseal::tests {
namespace {

using image::host::AsBytes;
using image::host::CertificateRequest;
using image::host::PlanCertificates;
using image::host::PlannedCertificate;
using image::host::SealCertificate;
using image::host::ToString;
using namespace image::certificate;

std::string PlanError(const std::function<void(CertificateRequest&)>& change) {
  CertificateRequest request = SmallRequest();
  change(request);
  return base::ReasonOf(PlanCertificates(request).status());
}

TEST(CertificatePlan, OfTheSameRequestIsTheSame) {
  const auto once = PlanCertificates(SmallRequest()).value();
  const auto again = PlanCertificates(SmallRequest()).value();
  for (std::size_t i = 0; i < kRoles; ++i) {
    EXPECT_EQ(once[i].to_be_signed, again[i].to_be_signed);
    EXPECT_EQ(once[i].digest, Sha256(once[i].to_be_signed));
  }
}

std::string SerialOf(const PlannedCertificate& planned) {
  const std::string der = Signed(planned);
  return ToString(ReadCertificate(AsBytes(der))->serial);
}

TEST(CertificatePlan, HasAnotherSerialForEverythingThatItSays) {
  const std::function<void(CertificateRequest&)> changes[] = {
      [](CertificateRequest&) {},
      [](CertificateRequest& r) { r.not_before += absl::Seconds(1); },
      [](CertificateRequest& r) { r.not_after += absl::Seconds(1); },
      [](CertificateRequest& r) {
        r.trusted_counter = r.non_trusted_counter = 6;
      },
      [](CertificateRequest& r) {
        r.digests[IndexOf(ImageRole::kNtFw)][0] ^= 1;
      },
      [](CertificateRequest& r) { r.keys.nt_fw = r.keys.tos_fw; }};
  std::vector<std::string> serials;
  for (const auto& change : changes) {
    CertificateRequest request = SmallRequest();
    change(request);
    const auto planned = PlanCertificates(request).value();
    const std::string serial = SerialOf(planned[IndexOf(Role::kNtFw)]);
    EXPECT_EQ(serial.size(), 8u);
    EXPECT_EQ(serial[0] & 0xc0, 0x40);
    for (const std::string& other : serials) EXPECT_NE(serial, other);
    serials.push_back(serial);
  }
}

TEST(CertificatePlan, RefusesWhatKillsBoards) {
  EXPECT_EQ(PlanError([](CertificateRequest& r) { r.trusted_counter = 6; }),
            "COUNTERS_DIFFER");
  EXPECT_EQ(PlanError([](CertificateRequest& r) {
              r.trusted_counter = r.non_trusted_counter = 0x80000000;
            }),
            "COUNTER_RANGE");
  for (const auto key : {&image::host::CertificateKeys::root,
                         &image::host::CertificateKeys::trusted_world,
                         &image::host::CertificateKeys::non_trusted_world,
                         &image::host::CertificateKeys::tos_fw,
                         &image::host::CertificateKeys::nt_fw}) {
    EXPECT_EQ(PlanError([&](CertificateRequest& r) { (r.keys.*key).clear(); }),
              "KEY_MISSING");
    EXPECT_EQ(PlanError([&](CertificateRequest& r) { (r.keys.*key)[3] ^= 1; }),
              "CERTIFICATE_KEY");
  }
  EXPECT_EQ(image::host::CheckCounterStep(5, 4, 10).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(base::ReasonOf(image::host::CheckCounterStep(5, 4, 10)),
            "COUNTER_LOW");
  EXPECT_EQ(base::ReasonOf(image::host::CheckCounterStep(5, 16, 10)),
            "COUNTER_LEAP");
  EXPECT_EQ(base::ReasonOf(image::host::CheckCounterStep(0, 0xffffffff, 10)),
            "COUNTER_LEAP");
  EXPECT_TRUE(image::host::CheckCounterStep(5, 5, 0).ok());
  EXPECT_TRUE(image::host::CheckCounterStep(5, 15, 10).ok());
}

TEST(CertificatePlan, RefusesWhatNoPackageIs) {
  for (const ImageRole role : {ImageRole::kTosFw, ImageRole::kNtFw}) {
    EXPECT_EQ(PlanError([&](CertificateRequest& r) {
                r.digests[IndexOf(role)].clear();
              }),
              "IMAGE_MISSING");
  }
  for (const std::string& digest :
       {std::string(31, 'd'), std::string(33, 'd'), std::string(64, 'd'),
        std::string(32, '\0')}) {
    EXPECT_EQ(PlanError([&](CertificateRequest& r) {
                r.digests[IndexOf(ImageRole::kFwConfig)] = digest;
              }),
              "DIGEST");
  }
  EXPECT_EQ(PlanError([](CertificateRequest& r) {
              r.not_after = r.not_before - absl::Seconds(1);
            }),
            "VALIDITY");
  EXPECT_EQ(PlanError([](CertificateRequest& r) {
              r.not_after = absl::InfiniteFuture();
            }),
            "VALIDITY");
  EXPECT_EQ(PlanError([](CertificateRequest& r) {
              r.not_before = absl::UnixEpoch() - absl::Hours(24 * 365 * 30);
            }),
            "VALIDITY");
  const std::string twisted =
      absl::HexStringToBytes(
          "305a301406072a8648ce3d020106092b240303020801010803420004") +
      std::string(64, 'p');
  EXPECT_EQ(PlanError([&](CertificateRequest& r) { r.keys.nt_fw = twisted; }),
            "CURVES_DIFFER");
  EXPECT_EQ(PlanError([&](CertificateRequest& r) {
              r.keys = {twisted, twisted, twisted, twisted, twisted};
            }),
            "");
}

std::string SealError(const PlannedCertificate& planned,
                      const std::string& signature) {
  return base::ReasonOf(SealCertificate(planned, signature).status());
}

TEST(CertificateSeal, TakesTheSignatureOfItsKeyAlone) {
  const auto planned = PlanCertificates(SmallRequest()).value();
  const PlannedCertificate& one = planned[IndexOf(Role::kNtFw)];
  const SigningKey& key = SharedChainKeys().nt_fw;
  EXPECT_EQ(SealError(one, key.Sign(AsBytes(one.digest))), "");
  EXPECT_EQ(SealError(one, SharedChainKeys().root.Sign(AsBytes(one.digest))),
            "SIGNATURE");
  EXPECT_EQ(SealError(one, key.Sign(AsBytes(planned[0].digest))), "SIGNATURE");
  EXPECT_EQ(SealError(one, ""), "SIGNATURE");
  EXPECT_EQ(SealError(one, std::string(64, '\0')), "SIGNATURE");
  EXPECT_EQ(SealError(one, std::string(63, 'r')), "SIGNATURE");
  EXPECT_EQ(SealError(one, key.Sign(AsBytes(one.digest)) + '\0'), "SIGNATURE");
}

TEST(CertificateSeal, TakesASignatureAsAnHsmGivesIt) {
  const PlannedCertificate one = PlanCertificates(SmallRequest()).value()[0];
  // Until one half has a leading zero, and one a highest bit.
  for (int round = 0; round < 20; ++round) {
    const std::string der = SharedChainKeys().root.Sign(AsBytes(one.digest));
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const base::EcdsaSignaturePtr signature(
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    std::string raw(64, '\0');
    auto* out = reinterpret_cast<unsigned char*>(raw.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out + 32, 32);
    EXPECT_EQ(*image::host::EcdsaSignatureDer(raw), der);
    EXPECT_EQ(*SealCertificate(one, raw), *SealCertificate(one, der));
  }
  const std::string small =
      std::string(31, '\0') + '\x01' + std::string(31, '\0') + '\x80';
  EXPECT_EQ(absl::BytesToHexString(*image::host::EcdsaSignatureDer(small)),
            "300702010102020080");
}

}  // namespace
}  // namespace bootseal::tests
