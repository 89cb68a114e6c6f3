#include "firmware/image/host/explain_package.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"
#include "tests/firmware/image/certificate/package_case.h"

namespace bootseal::tests {
namespace {

using image::Error;
using image::host::ExplainPackage;
using image::host::NameOf;
using image::host::PackageFinding;
using image::host::PackageReport;
using namespace image::certificate;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Failed(const PackageReport& report) {
  std::vector<std::string> failed;
  for (const PackageFinding& finding : report.findings) {
    if (finding.holds) continue;
    EXPECT_FALSE(finding.words.empty());
    EXPECT_FALSE(finding.fix.empty());
    failed.push_back(
        absl::StrCat(NameOf(finding.rule), " ", NameOf(finding.place)));
  }
  return failed;
}

TEST(ExplainPackage, OfAGoodOneHoldsInEveryRule) {
  const auto certificates = SignedAll(SmallRequest());
  const auto report =
      ExplainPackage(SmallRules(), FipOf(certificates, SmallImages()));
  EXPECT_EQ(report.verdict, Error::kOk);
  EXPECT_THAT(Failed(report), IsEmpty());
  EXPECT_EQ(report.findings.size(), 1 + kRoles * 8 + 1 + kImageRoles * 3);
}

TEST(ExplainPackage, NamesEveryRuleThatFailsAndTheVerdictIsTheFirst) {
  auto certificates = SignedAll(SmallRequest());
  auto images = SmallImages();
  images[IndexOf(ImageRole::kNtFw)] = "another";
  images[IndexOf(ImageRole::kTosFwExtra2)] = "more";
  Rules rules = SmallRules();
  rules.trusted_counter = rules.non_trusted_counter = 6;
  const auto report = ExplainPackage(rules, FipOf(certificates, images));
  EXPECT_EQ(report.verdict, Error::kCounterLow);
  EXPECT_STREQ(NameOf(report.place), "stm32mp-cfg-cert");
  EXPECT_THAT(
      Failed(report),
      ElementsAre(
          "COUNTER_LOW stm32mp-cfg-cert", "COUNTER_LOW trusted-key-cert",
          "COUNTER_LOW tos-fw-key-cert", "COUNTER_LOW tos-fw-cert",
          "COUNTER_LOW nt-fw-key-cert", "COUNTER_LOW nt-fw-cert",
          "PACKAGE_IMAGE_UNEXPECTED tos-fw-extra2",
          "PACKAGE_IMAGE_DIGEST tos-fw-extra2", "PACKAGE_IMAGE_DIGEST nt-fw"));
  for (const PackageFinding& finding : report.findings) {
    if (finding.holds) continue;
    if (finding.rule == Error::kCounterLow) {
      EXPECT_EQ(finding.words, "counter 5; expected 6 or more");
    }
    if (finding.rule == Error::kPackageImageDigest) {
      EXPECT_THAT(finding.words, HasSubstr("its certificate says "));
    }
  }
}

TEST(ExplainPackage, OfAnotherRootSaysBothHashes) {
  const std::string other(32, '\x5a');
  Rules rules = SmallRules();
  rules.root_key_hash = image::host::AsBytes(other);
  const auto report =
      ExplainPackage(rules, FipOf(SignedAll(SmallRequest()), SmallImages()));
  EXPECT_EQ(report.verdict, Error::kRootKeyUnknown);
  EXPECT_THAT(Failed(report), ElementsAre("ROOT_KEY_UNKNOWN stm32mp-cfg-cert",
                                          "ROOT_KEY_UNKNOWN trusted-key-cert"));
  for (const PackageFinding& finding : report.findings) {
    if (finding.holds) continue;
    EXPECT_THAT(finding.words, HasSubstr("5a5a5a5a"));
  }
}

TEST(ExplainPackage, OfAPackageWithoutOneCertificateFailsWithItsChildren) {
  auto certificates = SignedAll(SmallRequest());
  certificates[IndexOf(Role::kTosFwKey)].clear();
  const auto report =
      ExplainPackage(SmallRules(), FipOf(certificates, SmallImages()));
  EXPECT_THAT(Failed(report), ElementsAre("CERTIFICATE_MISSING tos-fw-key-cert",
                                          "CERTIFICATE_SIGNATURE tos-fw-cert"));
}

TEST(ExplainPackage, OfWhatCannotBeReadIsThatAlone) {
  EXPECT_THAT(Failed(ExplainPackage(SmallRules(), "")),
              ElementsAre("TRUNCATED package"));
  auto certificates = SignedAll(SmallRequest());
  certificates[IndexOf(Role::kNtFw)] = "certificate";
  EXPECT_THAT(
      Failed(ExplainPackage(SmallRules(), FipOf(certificates, SmallImages()))),
      ElementsAre("DER nt-fw-cert"));
}

}  // namespace
}  // namespace bootseal::tests
