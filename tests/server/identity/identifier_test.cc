#include "server/identity/identifier.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "base/clock.h"
#include "tests/support/pki.h"
#include "tests/support/status_matchers.h"

namespace bootseal::identity {
namespace {

using tests::CertificateAuthority;
using tests::CertificateRequest;
using tests::Credential;
using tests::ForSpiffe;
using tests::StatusIs;

constexpr char kCi[] = "spiffe://dev.example/ci";

class AdjustableClock final : public base::Clock {
 public:
  absl::Time Now() const override { return now_; }
  void Set(absl::Time now) { now_ = now; }

 private:
  absl::Time now_ = absl::Now();
};

auto Unauthenticated(const std::string& reason) {
  return StatusIs(absl::StatusCode::kUnauthenticated, reason);
}

// Two trust domains, each with a CA; both CAs bear the same name.
class IdentifierTest : public testing::Test {
 protected:
  IdentifierTest() : dev_("Example CA"), prod_("Example CA") {
    policy_.set_version(1);
    AddDomain("dev.example", dev_);
    AddDomain("prod.example", prod_);
    AddPerson("ci", kCi);
    AddPerson("alice", "dev.example CN=alice,O=Example");
    v1::Role& role = *policy_.add_roles();
    role.set_name("builders");
    role.add_members("ci");
  }

  void AddDomain(const std::string& name, const CertificateAuthority& ca) {
    v1::TrustDomain& domain = *policy_.add_trust_domains();
    domain.set_name(name);
    domain.set_ca_pem(ca.certificate_pem());
  }
  void AddPerson(const std::string& name, const std::string& subject) {
    v1::Person& person = *policy_.add_people();
    person.set_name(name);
    person.add_subjects(subject);
  }
  Identifier& identifier() {
    if (identifier_) return *identifier_;
    std::string text;
    google::protobuf::TextFormat::PrintToString(policy_, &text);
    auto parsed = trust::Policy::Parse(text);
    EXPECT_OK(parsed);
    identifier_ = std::make_unique<Identifier>(*parsed, clock_);
    return *identifier_;
  }
  absl::StatusOr<v1::Caller> Identify(const Credential& credential,
                                      const std::string& chain = "") {
    return Identify(credential.certificate_pem, chain);
  }
  absl::StatusOr<v1::Caller> Identify(const std::string& leaf,
                                      const std::string& chain) {
    Peer peer;
    peer.leaf_pem = leaf;
    peer.chain_pem = chain;
    return identifier().Identify(peer);
  }

  CertificateAuthority dev_;
  CertificateAuthority prod_;
  AdjustableClock clock_;
  v1::Policy policy_;
  std::unique_ptr<Identifier> identifier_;
};

TEST_F(IdentifierTest, KnowsACallerByItsSpiffeId) {
  const auto caller = Identify(dev_.Issue(ForSpiffe(kCi)));
  ASSERT_OK(caller);
  EXPECT_EQ(caller->identity(), "ci");
  EXPECT_EQ(caller->method(), "mtls");
  EXPECT_EQ(caller->subject(), kCi);
  EXPECT_EQ(caller->certificate_sha256().size(), 32U);
  ASSERT_EQ(caller->roles_size(), 1);
  EXPECT_EQ(caller->roles(0), "builders");
}

TEST_F(IdentifierTest, KnowsACallerByItsNameUnderItsDomainsCa) {
  CertificateRequest request;
  request.common_name = "alice";
  const auto caller = Identify(dev_.Issue(request));
  ASSERT_OK(caller);
  EXPECT_EQ(caller->identity(), "alice");
  EXPECT_EQ(caller->subject(), "dev.example CN=alice,O=Example");
}

TEST_F(IdentifierTest, DoesNotTakeANameFromAnotherDomainsCa) {
  CertificateRequest request;
  request.common_name = "alice";
  EXPECT_THAT(
      Identify(prod_.Issue(request)),
      StatusIs(absl::StatusCode::kPermissionDenied, "UNKNOWN_IDENTITY"));
}

TEST_F(IdentifierTest, RefusesTheRightNameFromAnotherDomainsCa) {
  EXPECT_THAT(Identify(prod_.Issue(ForSpiffe(kCi))),
              Unauthenticated("WRONG_CA"));
}

TEST_F(IdentifierTest, RefusesTheRightNameFromAStrangersCaOfTheSameName) {
  const CertificateAuthority stranger("Example CA");
  EXPECT_THAT(Identify(stranger.Issue(ForSpiffe(kCi))),
              Unauthenticated("WRONG_CA"));
}

TEST_F(IdentifierTest, FollowsTheChainThatTheCallerSends) {
  const CertificateAuthority below = dev_.IssueAuthority("Issuing CA");
  const Credential ci = below.Issue(ForSpiffe(kCi));
  EXPECT_THAT(Identify(ci), Unauthenticated("WRONG_CA"));
  EXPECT_OK(Identify(ci, ci.certificate_pem + below.certificate_pem()));
}

TEST_F(IdentifierTest, RefusesAnExpiredCertificate) {
  const Credential ci = dev_.Issue(tests::Expired(ForSpiffe(kCi)));
  EXPECT_THAT(Identify(ci), Unauthenticated("CERTIFICATE_EXPIRED"));
}

TEST_F(IdentifierTest, NoticesWhenAKnownCertificateExpires) {
  const Credential ci = dev_.Issue(ForSpiffe(kCi));
  ASSERT_OK(Identify(ci));
  clock_.Set(absl::Now() + absl::Hours(25));
  EXPECT_THAT(Identify(ci), Unauthenticated("CERTIFICATE_EXPIRED"));
}

TEST_F(IdentifierTest, RefusesACertificateOfTheFuture) {
  CertificateRequest request = ForSpiffe(kCi);
  request.not_before = absl::Now() + absl::Hours(1);
  EXPECT_THAT(Identify(dev_.Issue(request)),
              Unauthenticated("CERTIFICATE_NOT_YET_VALID"));
}

TEST_F(IdentifierTest, RefusesACertificateOnTheDenyList) {
  const Credential ci = dev_.Issue(ForSpiffe(kCi));
  const auto caller = Identify(ci);
  ASSERT_OK(caller);
  policy_.add_denied_certificates(
      absl::BytesToHexString(caller->certificate_sha256()));
  identifier_.reset();
  EXPECT_THAT(Identify(ci), Unauthenticated("CERTIFICATE_DENIED"));
}

TEST_F(IdentifierTest, RefusesTwoUriNames) {
  CertificateRequest request;
  request.uris = {kCi, "spiffe://dev.example/other"};
  EXPECT_THAT(Identify(dev_.Issue(request)),
              Unauthenticated("SUBJECT_AMBIGUOUS"));
}

TEST_F(IdentifierTest, RefusesAUriThatIsNoSpiffeId) {
  EXPECT_THAT(Identify(dev_.Issue(ForSpiffe("https://dev.example/ci"))),
              Unauthenticated("SUBJECT_MALFORMED"));
}

TEST_F(IdentifierTest, RefusesAnUnknownTrustDomain) {
  EXPECT_THAT(Identify(dev_.Issue(ForSpiffe("spiffe://other.example/ci"))),
              Unauthenticated("UNKNOWN_TRUST_DOMAIN"));
}

TEST_F(IdentifierTest, RefusesAServersCertificate) {
  CertificateRequest request = ForSpiffe(kCi);
  request.addresses = {"127.0.0.1"};
  EXPECT_THAT(Identify(dev_.Issue(request)), Unauthenticated("WRONG_CA"));
}

TEST_F(IdentifierTest, RefusesNoCertificate) {
  EXPECT_THAT(Identify("", ""), Unauthenticated("NO_CREDENTIALS"));
}

TEST_F(IdentifierTest, RefusesWhatIsNoCertificate) {
  EXPECT_THAT(Identify("not PEM", ""),
              Unauthenticated("CERTIFICATE_MALFORMED"));
}

TEST_F(IdentifierTest, RefusesAGoodCertificateOfNobody) {
  EXPECT_THAT(
      Identify(dev_.Issue(ForSpiffe("spiffe://dev.example/stranger"))),
      StatusIs(absl::StatusCode::kPermissionDenied, "UNKNOWN_IDENTITY"));
}

TEST_F(IdentifierTest, ForgetsTheOldestOfVeryManyAndStillKnowsIt) {
  const Credential first = dev_.Issue(ForSpiffe(kCi));
  ASSERT_OK(Identify(first));
  for (int i = 0; i < 1100; ++i)
    ASSERT_OK(Identify(dev_.Issue(ForSpiffe(kCi))));
  EXPECT_OK(Identify(first));
}

}  // namespace
}  // namespace bootseal::identity
