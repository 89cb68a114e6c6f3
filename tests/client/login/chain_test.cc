#include "client/login/chain.h"

#include <gtest/gtest.h>

#include <string>

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

}  // namespace
}  // namespace bootseal::login
