// Images whose payload only a device can read: what is said of the rest.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "firmware/image/host/convert.h"
#include "firmware/image/host/diagnosis.h"
#include "firmware/image/host/explain.h"
#include "firmware/image/host/mcuboot_prediction.h"
#include "tests/firmware/image/host/finding.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Error;
using image::host::AsBytes;
using image::host::Explain;
using image::host::Explanation;
using image::host::Finding;
using image::host::NameOf;
using image::host::Outcome;
using namespace image::mcuboot;
using testing::HasSubstr;
using testing::Not;

class EncryptedImage : public testing::Test {
 protected:
  EncryptedImage() : target_(SharedKey(Algorithm::kP256)) {
    target_.rules.encryption = Presence::kRequired;
    target_.rules.encryption_tlv = tlv::kEncryptionP256;
    target_.rules.encryption_tlv_required = true;
    Encrypt();
  }

  // Signed in plaintext; the payload is then another.
  void Encrypt() {
    parts_ = MakeParts(target_, TestPayload(304), {});
    parts_.header.flags = flags::kEncryptedAes128;
    SignAgain(target_, parts_);
    parts_.unprotected.push_back({tlv::kEncryptionP256, std::string(113, 'k')});
    for (char& byte : parts_.payload) byte = static_cast<char>(byte ^ 0x5a);
  }

  Explanation Explained() {
    image_ = Join(parts_);
    return Explain(target_.rules, AsBytes(image_));
  }

  TestTarget target_;
  ImageParts parts_;
  std::string image_;
};

TEST_F(EncryptedImage, IsForTheDeviceAloneToJudge) {
  const Explanation explanation = Explained();
  EXPECT_EQ(NameOf(explanation), "PAYLOAD_ENCRYPTED");
  EXPECT_FALSE(explanation.bootable());
  for (const Finding& finding : explanation.findings) {
    EXPECT_NE(finding.outcome, Outcome::kFail) << NameOf(finding.code);
  }
  const Finding& digest = FindingOf(explanation, Error::kDigestMismatch);
  EXPECT_EQ(digest.outcome, Outcome::kNothingToJudge);
  EXPECT_THAT(digest.detail, HasSubstr("digest and signature cover the "
                                       "plaintext"));
  EXPECT_THAT(digest.detail, HasSubstr("only the device's key can tell"));
  const Finding& signature = FindingOf(explanation, Error::kSignatureMismatch);
  EXPECT_EQ(signature.outcome, Outcome::kNothingToJudge);
  EXPECT_THAT(signature.detail, HasSubstr("only the device's key can tell"));
  EXPECT_EQ(FindingOf(explanation, Error::kKeyUnknown).outcome, Outcome::kPass);
}

TEST_F(EncryptedImage, HasNoVectorsToLookAt) {
  target_.rules.slot_address = 0x08000060;
  EXPECT_EQ(FindingOf(Explained(), Error::kVectorTable).outcome,
            Outcome::kNothingToJudge);
  const auto found = image::host::Diagnose(
      image::host::Gather(target_.rules, AsBytes(image_), {}));
  EXPECT_TRUE(found.empty()) << found.front().code;
}

TEST_F(EncryptedImage, IsJudgedWholeWhenItsPayloadIsClear) {
  Encrypt();
  for (char& byte : parts_.payload) byte = static_cast<char>(byte ^ 0x5a);
  const Explanation explanation = Explained();
  EXPECT_EQ(NameOf(explanation), "OK");
  EXPECT_TRUE(explanation.bootable());
  EXPECT_EQ(FindingOf(explanation, Error::kDigestMismatch).outcome,
            Outcome::kPass);
}

// No plaintext has both the digest and the signature then.
TEST_F(EncryptedImage, FailsWhereTheSignatureIsNotOverTheStatedDigest) {
  parts_.unprotected[0].value[3] ^= 1;
  const Explanation explanation = Explained();
  EXPECT_EQ(NameOf(explanation), "SIGNATURE_MISMATCH");
  EXPECT_EQ(FindingOf(explanation, Error::kDigestMismatch).outcome,
            Outcome::kNothingToJudge);
}

TEST_F(EncryptedImage, FailsWithAnotherKey) {
  parts_.unprotected[1].value[3] ^= 1;
  EXPECT_EQ(NameOf(Explained()), "KEY_UNKNOWN");
}

TEST_F(EncryptedImage, FailsWithAContentKeyOfAnotherLength) {
  parts_.unprotected[3].value.resize(129, 'k');
  const Explanation explanation = Explained();
  EXPECT_EQ(NameOf(explanation), "TLV_LENGTH");
  const Finding& length = FindingOf(explanation, Error::kTlvLength);
  EXPECT_THAT(length.detail, HasSubstr("ENC_EC256 TLV (0x32) of 129 bytes in "
                                       "the unprotected area at 0x"));
  EXPECT_THAT(length.detail, HasSubstr("expected 113"));
  EXPECT_THAT(length.fix, HasSubstr("-E DEVICE.pem --encrypt-keylen 128"));
  EXPECT_EQ(FindingOf(explanation, Error::kDigestMismatch).outcome,
            Outcome::kNothingToJudge);
}

TEST_F(EncryptedImage, FailsForATargetThatDecryptsNothingWithoutBlamingDamage) {
  target_.rules.encryption = Presence::kForbidden;
  const Explanation explanation = Explained();
  EXPECT_EQ(NameOf(explanation), "ENCRYPTED");
  for (const Finding& finding : explanation.findings) {
    EXPECT_THAT(finding.fix, Not(HasSubstr("damaged"))) << finding.rule;
  }
}

// Nothing says that it is: this is damage.
TEST_F(EncryptedImage, FailsItsDigestWithoutAContentKey) {
  target_.rules.encryption_tlv_required = false;
  parts_.unprotected.pop_back();
  EXPECT_EQ(NameOf(Explained()), "DIGEST_MISMATCH");
}

TEST_F(EncryptedImage, IsUndecidedForMcubootToo) {
  const Explanation explanation = Explained();
  EXPECT_THAT(
      image::host::CompareWithVerdict(
          explanation,
          image::host::PredictMcuboot(target_.rules, AsBytes(image_))),
      HasSubstr("needs the device's key in boot_enc_load (KEY_UNWRAP): the "
                "payload is encrypted: digest and signature are of the plain "
                "one; Bootseal's verifier would take what can be judged"));
}

}  // namespace
}  // namespace bootseal::tests
