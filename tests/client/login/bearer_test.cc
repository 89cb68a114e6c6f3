#include "client/login/bearer.h"

#include <gtest/gtest.h>

#include "client/login/report.h"
#include "tests/support/pki.h"
#include "tests/support/status_matchers.h"

namespace bootseal::login {
namespace {

using testing::HasSubstr;
using tests::CertificateAuthority;
using tests::CertificateRequest;

std::optional<Bearer> BearerOf(const CertificateRequest& request) {
  const CertificateAuthority ca("ca");
  return ReadBearer(ca.Issue(request).certificate_pem);
}

TEST(Bearer, IsKnownByItsOnlyUri) {
  const auto bearer = BearerOf(tests::ForSpiffe("spiffe://example/ci"));
  ASSERT_TRUE(bearer);
  EXPECT_EQ(NameOf(*bearer), "spiffe://example/ci");
  EXPECT_EQ(bearer->subject, "CN=test,O=Example");
  EXPECT_EQ(bearer->issuer, "CN=ca,O=Example");
  EXPECT_EQ(bearer->fingerprint.size(), 64U);
}

TEST(Bearer, OfNoneOrSeveralUrisIsKnownByItsSubject) {
  EXPECT_EQ(NameOf(*BearerOf({})), "CN=test,O=Example");
  CertificateRequest two;
  two.uris = {"spiffe://example/a", "spiffe://example/b"};
  EXPECT_EQ(NameOf(*BearerOf(two)), "CN=test,O=Example");
}

TEST(Bearer, IsNobodyWithoutACertificate) {
  EXPECT_FALSE(ReadBearer(""));
  EXPECT_FALSE(ReadBearer("-----BEGIN CERTIFICATE-----\nAAAA\n"));
}

TEST(Bearer, IsTheSamePersonWithANewCertificateOfTheSameIssuerAlone) {
  const CertificateAuthority ca("ca");
  const CertificateAuthority other("other");
  const auto request = tests::ForSpiffe("spiffe://example/ci");
  const Bearer bearer = *ReadBearer(ca.Issue(request).certificate_pem);
  EXPECT_TRUE(
      SamePerson(bearer, *ReadBearer(ca.Issue(request).certificate_pem)));
  EXPECT_FALSE(
      SamePerson(bearer, *ReadBearer(other.Issue(request).certificate_pem)));
  EXPECT_FALSE(SamePerson(bearer, *ReadBearer(ca.Issue({}).certificate_pem)));
}

TEST(Bearer, GetsANoticeOnlyWhileItsCertificateExpiresSoon) {
  Bearer bearer = *BearerOf(tests::ForSpiffe("spiffe://example/ci"));
  const absl::Time end = bearer.period.end;
  bearer.period.begin = end - absl::Hours(90 * 24);
  EXPECT_EQ(ExpiryNotice(bearer, end - absl::Hours(8 * 24)), "");
  EXPECT_THAT(ExpiryNotice(bearer, end - absl::Hours(6 * 24)),
              HasSubstr("spiffe://example/ci expires on"));
  EXPECT_EQ(ExpiryNotice(bearer, end + absl::Hours(1)), "");
}

TEST(Bearer, IsUsableWithinThePeriodAlone) {
  Report report;
  report.bearer = BearerOf({});
  const Period& period = report.bearer->period;
  EXPECT_OK(CheckUsable(report, period.end));
  EXPECT_THAT(CheckUsable(report, period.end + absl::Seconds(1)),
              tests::StatusIs(absl::StatusCode::kInvalidArgument,
                              "CERTIFICATE_EXPIRED"));
  EXPECT_THAT(CheckUsable(report, period.begin - absl::Seconds(1)),
              tests::StatusIs(absl::StatusCode::kInvalidArgument,
                              "CERTIFICATE_NOT_YET_VALID"));
}

}  // namespace
}  // namespace bootseal::login
