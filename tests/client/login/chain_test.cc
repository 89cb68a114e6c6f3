#include "client/login/chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "client/login/report.h"
#include "tests/support/pki.h"
#include "tests/support/status_matchers.h"

namespace bootseal::login {
namespace {

using tests::CertificateAuthority;
using tests::CertificateRequest;
using tests::MessageHas;
using tests::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

absl::Status Check(const std::string& certificates, const std::string& ca) {
  return CheckChain(certificates, ca, "ca.pem", absl::Now());
}

TEST(Chain, LeadsToTheCaThatIssuedTheCertificate) {
  const CertificateAuthority ca("ca");
  EXPECT_OK(Check(ca.Issue({}).certificate_pem, ca.certificate_pem()));
}

TEST(Chain, LeadsThroughWhatComesWithTheCertificate) {
  const CertificateAuthority root("root");
  const CertificateAuthority below = root.IssueAuthority("below");
  const std::string ours = below.Issue({}).certificate_pem;
  EXPECT_OK(Check(ours + below.certificate_pem(), root.certificate_pem()));
  EXPECT_THAT(Check(ours, root.certificate_pem()),
              StatusIs(kInvalid, "CERTIFICATE_CHAIN"));
}

TEST(Chain, MayEndAtACaThatIsNoRoot) {
  const CertificateAuthority root("root");
  const CertificateAuthority below = root.IssueAuthority("below");
  EXPECT_OK(Check(below.Issue({}).certificate_pem, below.certificate_pem()));
}

TEST(Chain, FindsItsCaAmongSeveral) {
  const CertificateAuthority ca("ca");
  const CertificateAuthority other("other");
  EXPECT_OK(Check(ca.Issue({}).certificate_pem,
                  other.certificate_pem() + ca.certificate_pem()));
}

TEST(Chain, DoesNotLeadToAnotherCaOfTheSameName) {
  const CertificateAuthority ca("ca");
  const CertificateAuthority namesake("ca");
  const absl::Status status =
      Check(ca.Issue({}).certificate_pem, namesake.certificate_pem());
  EXPECT_THAT(status, StatusIs(kInvalid, "CERTIFICATE_CHAIN"));
  EXPECT_THAT(status, MessageHas("ca.pem"));
  EXPECT_THAT(status, MessageHas("--client-ca"));
}

TEST(Chain, OfAServersCertificateIsNotAClients) {
  const CertificateAuthority ca("ca");
  CertificateRequest server;
  server.addresses = {"127.0.0.1"};
  const absl::Status status =
      Check(ca.Issue(server).certificate_pem, ca.certificate_pem());
  EXPECT_THAT(status, StatusIs(kInvalid, "CERTIFICATE_CHAIN"));
  EXPECT_THAT(status, MessageHas("purpose"));
}

TEST(Chain, IsJudgedAtTheGivenTime) {
  const CertificateAuthority ca("ca");
  EXPECT_THAT(CheckChain(ca.Issue({}).certificate_pem, ca.certificate_pem(),
                         "ca.pem", absl::Now() + absl::Hours(48)),
              StatusIs(kInvalid, "CERTIFICATE_CHAIN"));
}

TEST(Chain, NeedsCertificatesAtBothEnds) {
  const CertificateAuthority ca("ca");
  EXPECT_THAT(Check("", ca.certificate_pem()),
              StatusIs(kInvalid, "CERTIFICATE_INVALID"));
  EXPECT_THAT(Check(ca.Issue({}).certificate_pem, "no PEM"),
              StatusIs(kInvalid, "CA_INVALID"));
}

// Longer than each authority of these tests.
CertificateRequest ForYears() {
  CertificateRequest request;
  request.common_name = "ci";
  request.not_after = absl::Now() + absl::Hours(800 * 24);
  return request;
}

TEST(Ending, IsThatOfTheIssuerWhichEndsBeforeTheCertificate) {
  const CertificateAuthority ca("ca");
  const auto bearer =
      ReadBearer(ca.Issue(ForYears()).certificate_pem, ca.certificate_pem());
  ASSERT_TRUE(bearer && bearer->ends_first);
  EXPECT_EQ(bearer->ends_first->subject, "CN=ca,O=Example");
  EXPECT_LT(EndingPeriodOf(*bearer).end, absl::Now() + absl::Hours(73));
  EXPECT_GT(bearer->period.end, absl::Now() + absl::Hours(799 * 24));
  EXPECT_EQ(StateAt(*bearer, absl::Now()), State::kValid);
  EXPECT_EQ(StateAt(*bearer, absl::Now() + absl::Hours(71)),
            State::kExpiresSoon);
  EXPECT_EQ(StateAt(*bearer, absl::Now() + absl::Hours(74)), State::kExpired);
}

TEST(Ending, IsThatOfTheFirstOfSeveralIssuers) {
  const CertificateAuthority root("root");
  const CertificateAuthority below = root.IssueAuthority("below");
  const std::string chain =
      below.Issue(ForYears()).certificate_pem + below.certificate_pem();
  const auto bearer = ReadBearer(chain, root.certificate_pem());
  ASSERT_TRUE(bearer && bearer->ends_first);
  EXPECT_EQ(bearer->ends_first->subject, "CN=below,O=Example");
}

TEST(Ending, IsItsOwnWhereTheIssuersLast) {
  const CertificateAuthority ca("ca");
  const auto bearer =
      ReadBearer(ca.Issue({}).certificate_pem, ca.certificate_pem());
  ASSERT_TRUE(bearer);
  EXPECT_FALSE(bearer->ends_first);
}

TEST(Ending, IsNotThatOfACertificateOutsideTheChain) {
  const CertificateAuthority ca("ca");
  const CertificateAuthority brief =
      CertificateAuthority("root").IssueAuthority("brief");
  CertificateRequest request;
  request.not_after = absl::Now() + absl::Hours(60);
  const auto bearer =
      ReadBearer(ca.Issue(request).certificate_pem + brief.certificate_pem(),
                 ca.certificate_pem() + brief.certificate_pem());
  ASSERT_TRUE(bearer);
  EXPECT_FALSE(bearer->ends_first);
}

TEST(Ending, IsItsOwnWithoutAChain) {
  const CertificateAuthority ca("ca");
  const CertificateAuthority other("other");
  const std::string ours = ca.Issue(ForYears()).certificate_pem;
  EXPECT_FALSE(ReadBearer(ours, other.certificate_pem())->ends_first);
  EXPECT_FALSE(ReadBearer(ours, "no PEM")->ends_first);
  EXPECT_FALSE(ReadBearer("no PEM", ca.certificate_pem()));
}

TEST(Ending, OfAnIssuerIsNamedInErrorAndNotice) {
  const CertificateAuthority ca("ca");
  Report report;
  report.bearer =
      ReadBearer(ca.Issue(ForYears()).certificate_pem, ca.certificate_pem());
  const absl::Time end = EndingPeriodOf(*report.bearer).end;
  EXPECT_OK(CheckUsable(report, end));
  const absl::Status status = CheckUsable(report, end + absl::Seconds(1));
  EXPECT_THAT(status, StatusIs(kInvalid, "CERTIFICATE_EXPIRED"));
  EXPECT_THAT(
      status,
      MessageHas("issuer CN=ca,O=Example of the certificate of CN=ci,O="));
  EXPECT_EQ(ExpiryNotice(*report.bearer, absl::Now()), "");
  EXPECT_THAT(ExpiryNotice(*report.bearer, end - absl::Hours(1)),
              testing::HasSubstr("CERTIFICATE_EXPIRES_SOON: issuer CN=ca"));
  EXPECT_THAT(ExpiryNotice(*report.bearer, end + absl::Hours(3)),
              testing::HasSubstr("CERTIFICATE_EXPIRED: issuer CN=ca"));
  EXPECT_THAT(
      FormatJson(report, absl::Now()),
      testing::HasSubstr("\"ends_first\":{\"subject\":\"CN=ca,O=Example\""));
}

}  // namespace
}  // namespace bootseal::login
