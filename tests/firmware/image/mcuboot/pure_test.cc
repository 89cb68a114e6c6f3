// Signatures over the image itself (MCUBOOT_SIGN_PURE).
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "firmware/image/host/convert.h"
#include "firmware/image/host/explain.h"
#include "firmware/image/mcuboot/verifier.h"
#include "tests/support/test_image.h"

namespace bootseal::image::mcuboot {
namespace {

using host::AsBytes;
using tests::ImageParts;
using tests::RawTlv;

const tests::SigningKey& Key() { return tests::SharedKey(Algorithm::kEd25519); }

class Pure : public testing::Test {
 protected:
  Pure() { target_.rules.pure = true; }

  ImageParts Parts() const {
    ProtectedTlvs tlvs;
    tlvs.has_security_counter = true;
    return tests::MakeParts(target_, tests::TestPayload(3001), tlvs);
  }

  Error VerdictOf(const ImageParts& parts) const {
    return Verify(target_.rules, AsBytes(tests::Join(parts))).error();
  }

  tests::TestTarget target_{Key(), HashAlgorithm::kSha512};
};

TEST_F(Pure, TakesASignatureOverTheImageItself) {
  EXPECT_EQ(VerdictOf(Parts()), Error::kOk);
}

TEST_F(Pure, TakesItInChunksWhenTheRangeIsGivenAtTheEnd) {
  const ImageParts parts = Parts();
  const std::string range = tests::SignedPart(parts);
  const std::string image = tests::Join(parts);
  for (const bool whole : {true, false}) {
    Verifier verifier(target_.rules);
    ASSERT_EQ(verifier.Header(AsBytes(range.substr(0, 0x20))), Error::kOk);
    const std::string payload = range.substr(0x20, 3001);
    ASSERT_EQ(verifier.Payload(AsBytes(payload.substr(0, 7))), Error::kOk);
    ASSERT_EQ(verifier.Payload(AsBytes(payload.substr(7))), Error::kOk);
    const std::string area = range.substr(0x20 + 3001);
    ASSERT_EQ(verifier.Protected(AsBytes(area)), Error::kOk);
    const std::string tail = image.substr(range.size());
    EXPECT_EQ(verifier.Finish(AsBytes(tail), whole ? AsBytes(range) : Bytes())
                  .error(),
              whole ? Error::kOk : Error::kSignatureMismatch);
  }
}

TEST_F(Pure, RefusesASignatureOverTheDigest) {
  ImageParts parts = Parts();
  parts.unprotected.back().value =
      Key().Sign(AsBytes(parts.unprotected.front().value));
  EXPECT_EQ(VerdictOf(parts), Error::kSignatureMismatch);
}

TEST_F(Pure, RefusesAnImageThatDoesNotSayThatItsSignatureIsPure) {
  ImageParts parts = Parts();
  parts.unprotected.erase(parts.unprotected.begin() + 1);
  EXPECT_EQ(VerdictOf(parts), Error::kSignaturePure);
}

TEST_F(Pure, RefusesEveryOtherValueOfTheMark) {
  for (const auto& [value, expected] :
       {std::pair{std::string(1, '\0'), Error::kSignaturePure},
        {std::string("\x02"), Error::kSignaturePure},
        {std::string("\xff"), Error::kSignaturePure},
        {std::string(), Error::kTlvLength},
        {std::string("\x01\x01"), Error::kTlvLength}}) {
    ImageParts parts = Parts();
    parts.unprotected[1].value = value;
    EXPECT_EQ(VerdictOf(parts), expected);
  }
}

TEST_F(Pure, RefusesTheMarkTwice) {
  ImageParts parts = Parts();
  parts.unprotected.push_back({tlv::kSignaturePure, "\x01"});
  EXPECT_EQ(VerdictOf(parts), Error::kTlvDuplicate);
}

TEST_F(Pure, RefusesTheMarkInTheProtectedArea) {
  ImageParts parts = Parts();
  parts.protected_area =
      tests::Area(kProtectedMagic, {{tlv::kSignaturePure, "\x01"}});
  tests::SignAgain(target_, parts);
  EXPECT_EQ(VerdictOf(parts), Error::kTlvNotAllowed);
}

// MCUboot does not look at it in such a build.
TEST_F(Pure, RefusesAWrongDigestAllTheSame) {
  ImageParts parts = Parts();
  parts.unprotected.front().value[5] ^= 1;
  EXPECT_EQ(VerdictOf(parts), Error::kDigestMismatch);
}

TEST_F(Pure, RefusesASingleFlippedBitAnywhere) {
  const std::string image = tests::Join(Parts());
  const std::size_t signed_size = tests::SignedPart(Parts()).size();
  for (std::size_t at = 0; at < signed_size; at += 13) {
    std::string spoilt = image;
    spoilt[at] ^= 4;
    EXPECT_NE(Verify(target_.rules, AsBytes(spoilt)).error(), Error::kOk) << at;
  }
}

TEST_F(Pure, IsRefusedWhereTheSignatureIsOverTheDigest) {
  const std::string image = tests::Join(Parts());
  Rules rules = target_.rules;
  rules.pure = false;
  EXPECT_EQ(Verify(rules, AsBytes(image)).error(), Error::kTlvNotAllowed);
}

TEST_F(Pure, WithoutTheMarkIsAnotherSignatureWhereTheDigestIsSigned) {
  ImageParts parts = Parts();
  parts.unprotected.erase(parts.unprotected.begin() + 1);
  Rules rules = target_.rules;
  rules.pure = false;
  EXPECT_EQ(Verify(rules, AsBytes(tests::Join(parts))).error(),
            Error::kSignatureMismatch);
}

TEST_F(Pure, IsNoRuleForAnotherAlgorithmOrHash) {
  const std::string image = tests::Join(Parts());
  for (const Algorithm algorithm : {Algorithm::kP256, Algorithm::kP384,
                                    Algorithm::kRsa2048, Algorithm::kRsa3072}) {
    tests::TestTarget target(tests::SharedKey(algorithm));
    target.rules.pure = true;
    EXPECT_EQ(Verify(target.rules, AsBytes(image)).error(), Error::kRules);
  }
  tests::TestTarget sha256(Key(), HashAlgorithm::kSha256);
  sha256.rules.pure = true;
  EXPECT_EQ(Verify(sha256.rules, AsBytes(image)).error(), Error::kRules);
}

TEST_F(Pure, IsExplainedLikeTheVerdict) {
  ImageParts parts = Parts();
  EXPECT_EQ(host::Explain(target_.rules, AsBytes(tests::Join(parts))).verdict,
            Error::kOk);
  for (const host::Finding& each :
       host::Explain(target_.rules, AsBytes(tests::Join(parts))).findings) {
    EXPECT_NE(each.outcome, host::Outcome::kFail) << each.rule;
  }
  parts.unprotected[1].value[0] = 0;
  bool named = false;
  for (const host::Finding& each :
       host::Explain(target_.rules, AsBytes(tests::Join(parts))).findings) {
    if (each.code != Error::kSignaturePure) continue;
    named = each.outcome == host::Outcome::kFail &&
            each.demanded_by.find("SIGN_PURE") != std::string::npos &&
            each.fix.find("--pure") != std::string::npos;
  }
  EXPECT_TRUE(named);
}

}  // namespace
}  // namespace bootseal::image::mcuboot
