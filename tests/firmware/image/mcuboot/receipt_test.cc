// What is not in the audit log does not boot, where the rules say so.
#include <gtest/gtest.h>

#include <string>

#include "firmware/image/algorithm.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/verifier.h"
#include "tests/support/receipt_cases.h"
#include "tests/support/receipt_log.h"
#include "tests/support/test_image.h"

namespace bootseal::image::mcuboot {
namespace {

using host::AsBytes;
using tests::ImageParts;

class ReceiptCase {
 public:
  explicit ReceiptCase(const tests::SigningKey& key, HashAlgorithm hash)
      : target_(key, hash) {
    receipt_ = log_.rules();
    target_.rules.receipt = &receipt_;
  }
  explicit ReceiptCase(Algorithm algorithm)
      : ReceiptCase(tests::SharedKey(algorithm), TraitsOf(algorithm)->hash) {}

  ImageParts Image(std::size_t size = 3001) const {
    return tests::MakeParts(target_, tests::TestPayload(size), {});
  }
  Error VerdictOf(const ImageParts& parts) const {
    return Verify(target_.rules, AsBytes(tests::Join(parts))).error();
  }
  Error VerdictWith(const tests::ReceiptLog& log) const {
    ImageParts image = Image();
    tests::Embed(image, log.For(image).bytes());
    return VerdictOf(image);
  }

  tests::ReceiptLog& log() { return log_; }
  tests::TestTarget& target() { return target_; }
  ReceiptRules& rules() { return receipt_; }

 private:
  tests::TestTarget target_;
  tests::ReceiptLog log_;
  ReceiptRules receipt_;
};

class Receipt : public testing::TestWithParam<Algorithm> {};

TEST_P(Receipt, LetsAnImageBootThatIsInTheLog) {
  ReceiptCase device(GetParam());
  EXPECT_EQ(device.VerdictWith(device.log()), Error::kOk);
}

TEST_P(Receipt, RefusesEveryBadOneByItsOwnReason) {
  ReceiptCase device(GetParam());
  for (const tests::ReceiptCase& bad : tests::BadReceipts()) {
    ImageParts image = device.Image();
    bad.spoil(image, device.log(), device.Image(3002));
    EXPECT_EQ(device.VerdictOf(image), bad.expected)
        << bad.name << ": " << Text(device.VerdictOf(image));
  }
}

INSTANTIATE_TEST_SUITE_P(Algorithms, Receipt,
                         testing::Values(Algorithm::kRsa2048,
                                         Algorithm::kRsa3072, Algorithm::kP256,
                                         Algorithm::kP384, Algorithm::kEd25519),
                         [](const auto& each) {
                           return std::string(TraitsOf(each.param)->name);
                         });

TEST(ReceiptRules, TakeTheSecondKeyAndRefuseAThird) {
  ReceiptCase device(Algorithm::kP256);
  const tests::ReceiptLog next(device.log().origin());
  const tests::ReceiptLog third(device.log().origin());
  EXPECT_EQ(device.VerdictWith(next), Error::kReceiptKey);
  device.rules().log_keys[1] = AsBytes(next.key().public_key());
  EXPECT_EQ(device.VerdictWith(device.log()), Error::kOk);
  EXPECT_EQ(device.VerdictWith(next), Error::kOk);
  EXPECT_EQ(device.VerdictWith(third), Error::kReceiptKey);
}

TEST(ReceiptRules, RefuseACheckpointOfAnotherOriginByThePinnedKey) {
  ReceiptCase device(Algorithm::kP256);
  const std::string other = "test.example/other";
  device.rules().origin = AsBytes(other);
  EXPECT_EQ(device.VerdictWith(device.log()), Error::kReceiptKey);
}

TEST(ReceiptRules, RefuseEverythingWithoutAKeyOrWithOneThatIsNone) {
  ReceiptCase device(Algorithm::kP256);
  device.rules().log_keys = {};
  EXPECT_EQ(device.VerdictWith(device.log()), Error::kReceiptKey);
  const std::string p256 = tests::SharedKey(Algorithm::kP256).public_key();
  device.rules().log_keys[0] = AsBytes(p256);
  EXPECT_EQ(device.VerdictWith(device.log()), Error::kReceiptKey);
}

TEST(ReceiptRules, RefuseAnOriginThatIsTooLongForADevice) {
  ReceiptCase device(Algorithm::kP256);
  const std::string origin(129, 'o');
  device.rules().origin = AsBytes(origin);
  EXPECT_EQ(device.VerdictWith(device.log()), Error::kReceiptKey);
}

TEST(ReceiptRules, ThatAreOptionalTakeNoneAndNoBadOne) {
  ReceiptCase device(Algorithm::kP256);
  device.rules().presence = Presence::kOptional;
  EXPECT_EQ(device.VerdictOf(device.Image()), Error::kOk);
  ImageParts image = device.Image();
  tests::Embed(image, device.log().For(device.Image(3002)).bytes());
  EXPECT_EQ(device.VerdictOf(image), Error::kReceiptOfAnother);
}

TEST(ReceiptRules, ThatAreNoneLeaveTheTlvToOthers) {
  ReceiptCase device(Algorithm::kP256);
  device.target().rules.receipt = nullptr;
  ImageParts image = device.Image();
  tests::Embed(image, "whatever");
  EXPECT_EQ(device.VerdictOf(image), Error::kOk);
}

TEST(ReceiptRules, HoldForPureSignaturesByTheSha512OfTheImage) {
  ReceiptCase device(tests::SharedKey(Algorithm::kEd25519),
                     HashAlgorithm::kSha512);
  device.target().rules.pure = true;
  EXPECT_EQ(device.VerdictWith(device.log()), Error::kOk);
}

TEST(ReceiptRules, ComeAfterTheImagesOwnSignature) {
  ReceiptCase device(Algorithm::kP256);
  ImageParts image = device.Image();
  tests::Embed(image, device.log().For(image).bytes());
  image.payload[2000] ^= 1;
  EXPECT_EQ(device.VerdictOf(image), Error::kDigestMismatch);
}

TEST(ReceiptRules, CannotBeMetWhereTheDeviceHasAnAllowList) {
  ReceiptCase device(Algorithm::kP256);
  device.target().rules.allow_list = true;
  EXPECT_EQ(device.VerdictWith(device.log()), Error::kTlvNotAllowed);
  EXPECT_EQ(device.VerdictOf(device.Image()), Error::kReceiptMissing);
}

}  // namespace
}  // namespace bootseal::image::mcuboot
