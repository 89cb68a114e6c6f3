// The verifier's steps, and the judge's tally.
#include <gtest/gtest.h>

#include <string>

#include "firmware/image/certificate/judge.h"
#include "firmware/image/certificate/verifier.h"
#include "firmware/image/host/convert.h"
#include "tests/firmware/image/certificate/package_case.h"

namespace bootseal::tests {
namespace {

using image::Bytes;
using image::host::AsBytes;
using namespace image::certificate;

const Certificates& SmallCertificates() {
  static const auto* certificates = new Certificates(SignedAll(SmallRequest()));
  return *certificates;
}

TEST(ChainVerifier, TakesDigestsForImagesAndThenHasNoBytesOfThem) {
  const Rules rules = SmallRules();
  Verifier verifier(rules);
  const Certificates& certificates = SmallCertificates();
  for (std::size_t i = 0; i < kRoles; ++i) {
    ASSERT_EQ(
        verifier.AddCertificate(static_cast<Role>(i), AsBytes(certificates[i])),
        image::Error::kOk);
  }
  for (std::size_t i = 0; i < kImageRoles; ++i) {
    if (SmallImages()[i].empty()) continue;
    const auto digest =
        image::HashOf(image::HashAlgorithm::kSha256, AsBytes(SmallImages()[i]));
    ASSERT_EQ(verifier.AddImage(static_cast<ImageRole>(i), digest),
              image::Error::kOk);
  }
  const auto verified = verifier.Finish();
  ASSERT_TRUE(verified.ok());
  EXPECT_TRUE(verified->intact());
  EXPECT_TRUE(verified->image(ImageRole::kNtFw).empty());
}

TEST(ChainVerifier, TakesEachOnceAndFinishesOnce) {
  const Rules rules = SmallRules();
  const Certificates& certificates = SmallCertificates();
  const Bytes der = AsBytes(certificates[IndexOf(Role::kNtFw)]);
  Verifier twice(rules);
  ASSERT_EQ(twice.AddCertificate(Role::kNtFw, der), image::Error::kOk);
  EXPECT_EQ(twice.AddCertificate(Role::kNtFw, der), image::Error::kFault);
  EXPECT_EQ(twice.Finish().error(), image::Error::kFault);

  Verifier images(rules);
  ASSERT_EQ(images.AddImage(ImageRole::kNtFw, der), image::Error::kOk);
  EXPECT_EQ(images.AddImage(ImageRole::kNtFw, der), image::Error::kFault);

  Verifier over(rules);
  EXPECT_EQ(over.Finish().error(), image::Error::kCertificateMissing);
  EXPECT_EQ(over.Finish().error(), image::Error::kCertificateMissing);
  EXPECT_EQ(over.AddImage(ImageRole::kNtFw, der),
            image::Error::kCertificateMissing);
}

int pauses = 0;

TEST(ChainVerifier, PausesWhileItHashesAndComesToTheSameDigest) {
  const Rules rules = SmallRules();
  const std::string image(1000, 'i');
  for (const auto& [bytes, expected] :
       {std::pair{300, 4}, {500, 2}, {1000, 1}, {4096, 1}}) {
    pauses = 0;
    Verifier whole(rules);
    Verifier pausing(rules);
    ASSERT_EQ(whole.AddImage(ImageRole::kNtFw, AsBytes(image)),
              image::Error::kOk);
    ASSERT_EQ(
        pausing.AddImage(ImageRole::kNtFw, AsBytes(image),
                         {static_cast<std::size_t>(bytes), [] { ++pauses; }}),
        image::Error::kOk);
    EXPECT_EQ(pauses, expected) << bytes;
    const std::size_t index = IndexOf(ImageRole::kNtFw);
    EXPECT_EQ(image::host::ToString(whole.facts().images[index].bytes()),
              image::host::ToString(pausing.facts().images[index].bytes()));
  }
}

TEST(ChainVerifier, TakesNoPauseThatNeverComes) {
  const Rules rules = SmallRules();
  const std::string image(1000, 'i');
  Verifier without_bytes(rules);
  EXPECT_EQ(
      without_bytes.AddImage(ImageRole::kNtFw, AsBytes(image), {0, [] {}}),
      image::Error::kFault);
  Verifier without_call(rules);
  EXPECT_EQ(
      without_call.AddImage(ImageRole::kNtFw, AsBytes(image), {300, nullptr}),
      image::Error::kFault);
  EXPECT_EQ(without_call.Finish().error(), image::Error::kFault);
}

TEST(ChainVerifier, TakesNoDigestOfAnotherLength) {
  const Rules rules = SmallRules();
  Verifier verifier(rules);
  const std::string digest(48, 'd');
  EXPECT_EQ(verifier.AddImage(ImageRole::kNtFw, image::Digest(AsBytes(digest))),
            image::Error::kUnsupported);
}

TEST(ChainVerifier, SaysNothingWithoutAVerdict) {
  EXPECT_FALSE(VerifiedPackage().intact());
  EXPECT_FALSE(Verify(SmallRules(), {}).ok());
}

// A check that answers wrongly is seen in the tally, whatever the verdict says.
TEST(ChainJudge, TalliesEveryRuleOfEveryPlace) {
  std::size_t asked = 0;
  for (const Phase& phase : Phases()) asked += phase.count * phase.rules.size();
  EXPECT_EQ(asked, 1 + kRoles * 8 + 1 + kImageRoles * 3);
  const Facts nothing;
  const Judgement judgement = Judge(SmallRules(), nothing);
  EXPECT_EQ(judgement.verdict, image::Error::kCertificateMissing);
  EXPECT_NE(judgement.passed, kAllPassed);
}

}  // namespace
}  // namespace bootseal::tests
