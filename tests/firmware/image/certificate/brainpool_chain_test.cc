// Packages whose chain of trust is of brainpoolP256t1.
#include <gtest/gtest.h>

#include <string>

#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/curve_words.h"
#include "tests/firmware/image/certificate/package_case.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::host::AsBytes;
using image::host::CertificateRequest;
using image::host::PlanCertificates;
using image::host::PlannedCertificate;
using image::host::SealCertificate;
using image::host::ToString;
using namespace image::certificate;

const SigningKey& Root() { return SharedKey(Algorithm::kBrainpoolP256t1); }
const SigningKey& Leaf() {
  static const auto* key = new SigningKey(Algorithm::kBrainpoolP256t1);
  return *key;
}

CertificateRequest Request() {
  CertificateRequest request = SmallRequest();
  const std::string& root = Root().public_key();
  request.keys = {root, root, root, root, Leaf().public_key()};
  return request;
}

const SigningKey& SignerOf(const PlannedCertificate& planned) {
  return planned.signer == Leaf().public_key() ? Leaf() : Root();
}

Certificates Sealed() {
  Certificates certificates;
  const auto plan = PlanCertificates(Request()).value();
  for (const auto& planned : plan) {
    certificates[IndexOf(planned.role)] =
        SealCertificate(planned,
                        SignerOf(planned).Sign(AsBytes(planned.digest)))
            .value();
  }
  return certificates;
}

std::string RootHash(KeyHashForm form) {
  return ToString(
      KeyHashOf(form, *ReadPublicKey(AsBytes(Root().public_key()))).bytes());
}

// `root_hash` outlives what comes back.
Rules RulesFor(const std::string& root_hash) {
  Rules rules = SmallRules();
  rules.root_key_hash = AsBytes(root_hash);
  rules.curve = Curve::kBrainpoolP256t1;
  return rules;
}

std::string VerdictOf(const Certificates& certificates) {
  const std::string hash = RootHash(KeyHashForm::kPoint);
  return Verdict(RulesFor(hash), FipOf(certificates, SmallImages()));
}

TEST(BrainpoolChain, IsVerifiedOnAHost) {
  EXPECT_EQ(VerdictOf(Sealed()), "OK");
}

// As an STM32MP13 hashes it: 02 00 00 00 and the point.
TEST(BrainpoolChain, HasItsNumberInTheHashOfItsRootKey) {
  const std::string point = Root().public_key().substr(28);
  ASSERT_EQ(point.size(), 64u);
  const std::string hash = Sha256(std::string("\2\0\0\0", 4) + point);
  EXPECT_EQ(RootHash(KeyHashForm::kNumberedPoint), hash);
  EXPECT_EQ(RootHash(KeyHashForm::kPoint), Sha256(point));
  Rules rules = RulesFor(hash);
  const std::string fip = FipOf(Sealed(), SmallImages());
  EXPECT_EQ(Verdict(rules, fip), "ROOT_KEY_UNKNOWN stm32mp-cfg-cert");
  rules.key_hash_form = KeyHashForm::kNumberedPoint;
  EXPECT_EQ(Verdict(rules, fip), "OK");
}

TEST(BrainpoolChain, IsRefusedWhereTheTargetHasAnotherCurve) {
  const std::string hash = RootHash(KeyHashForm::kPoint);
  Rules rules = RulesFor(hash);
  rules.curve = Curve::kP256;
  EXPECT_EQ(Verdict(rules, FipOf(Sealed(), SmallImages())),
            "CERTIFICATE_KEY stm32mp-cfg-cert");
}

TEST(BrainpoolChain, IsRefusedWithAKeyOfAnotherCurveInIt) {
  const std::string& other = SharedKey(Algorithm::kP256).public_key();
  Certificates certificates = Sealed();
  // Whoever holds the root key names it, and its holder signs.
  std::string& parent = certificates[IndexOf(Role::kNtFwKey)];
  parent = Resigned(parent, Root(), [&](Certificate& certificate) {
    certificate.storage[1].key = *ReadPublicKey(AsBytes(other));
  });
  std::string& child = certificates[IndexOf(Role::kNtFw)];
  child = Resigned(child, SharedKey(Algorithm::kP256),
                   [&](Certificate& certificate) {
                     certificate.key = *ReadPublicKey(AsBytes(other));
                   });
  EXPECT_EQ(VerdictOf(certificates), "CERTIFICATE_KEY nt-fw-cert");
}

TEST(BrainpoolChain, IsRefusedWithASignatureOfAnother) {
  Certificates certificates = Sealed();
  std::string& der = certificates[IndexOf(Role::kTosFw)];
  der = Resigned(der, Leaf(), [](Certificate&) {});
  EXPECT_EQ(VerdictOf(certificates), "CERTIFICATE_SIGNATURE tos-fw-cert");
}

TEST(BrainpoolChain, IsNotSealedWithASignatureOfAnother) {
  const auto planned = PlanCertificates(Request()).value();
  const PlannedCertificate& one = planned[IndexOf(Role::kNtFw)];
  const auto reason = [&](const std::string& signature) {
    return base::ReasonOf(SealCertificate(one, signature).status());
  };
  const std::string good = Leaf().Sign(AsBytes(one.digest));
  EXPECT_EQ(reason(good), "");
  EXPECT_EQ(reason(Root().Sign(AsBytes(one.digest))), "SIGNATURE");
  EXPECT_EQ(reason(SharedKey(Algorithm::kP256).Sign(AsBytes(one.digest))),
            "SIGNATURE");
  EXPECT_EQ(reason(Leaf().Sign(AsBytes(planned[0].digest))), "SIGNATURE");
  EXPECT_EQ(reason(std::string(64, '\0')), "SIGNATURE");
}

TEST(BrainpoolChain, IsNotPlannedOnTwoCurves) {
  CertificateRequest request = Request();
  request.keys.nt_fw = SharedKey(Algorithm::kP256).public_key();
  EXPECT_THAT(PlanCertificates(request),
              StatusIs(absl::StatusCode::kInvalidArgument, "CURVES_DIFFER"));
  request = SmallRequest();
  request.keys.tos_fw = Root().public_key();
  EXPECT_THAT(PlanCertificates(request),
              StatusIs(absl::StatusCode::kInvalidArgument, "CURVES_DIFFER"));
}

TEST(BrainpoolChain, IsNotPlannedOnTheRegularCurveAndSaysWhy) {
  CertificateRequest request = Request();
  request.keys.root = PublicKeyOn("brainpoolP256r1");
  EXPECT_THAT(
      PlanCertificates(request),
      testing::AllOf(
          StatusIs(absl::StatusCode::kInvalidArgument, "CERTIFICATE_KEY"),
          MessageHas("a key on brainpoolP256r1, the regular curve: STM32MP "
                     "takes the twisted one, brainpoolP256t1")));
}

TEST(CurveWords, NameTheKeyThatWasGiven) {
  using image::host::CurveWords;
  EXPECT_EQ(CurveWords(SharedKey(Algorithm::kP384).public_key()),
            "a key on secp384r1");
  EXPECT_EQ(CurveWords(SharedKey(Algorithm::kEd25519).public_key()),
            "a key of type ED25519");
  EXPECT_EQ(CurveWords("key"), "no SubjectPublicKeyInfo (3 bytes)");
  EXPECT_EQ(CurveWords(""), "no SubjectPublicKeyInfo (0 bytes)");
  EXPECT_THAT(CurveWords(PublicKeyOn("brainpoolP384t1")),
              testing::HasSubstr("which is not supported here"));
  EXPECT_THAT(CurveWords(PublicKeyOn("brainpoolP384r1")),
              testing::HasSubstr("the regular curve"));
}

}  // namespace
}  // namespace bootseal::tests
