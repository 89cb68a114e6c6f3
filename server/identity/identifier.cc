#include "server/identity/identifier.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/trust/behind.h"

namespace bootseal::identity {
namespace {

// Certificates remembered; a build farm has fewer.
constexpr std::size_t kRemembered = 1024;

absl::Status Unauthenticated(absl::string_view reason,
                             absl::string_view message) {
  return base::Fail(absl::StatusCode::kUnauthenticated, reason, message);
}

// RFC 6750, section 2.1; the scheme's case does not matter (RFC 9110, 11.1).
absl::StatusOr<absl::string_view> BearerToken(const Peer& peer) {
  constexpr absl::string_view kScheme = "Bearer ";
  if (peer.authorizations.size() != 1) {
    return Unauthenticated(
        "AUTHORIZATION_MALFORMED",
        absl::StrCat("the call has ", peer.authorizations.size(),
                     " \"authorization\" in its metadata, expected one"));
  }
  const absl::string_view text = peer.authorizations.front().Reveal();
  if (absl::StartsWithIgnoreCase(text, kScheme)) {
    return text.substr(kScheme.size());
  }
  return Unauthenticated("AUTHORIZATION_MALFORMED",
                         "\"authorization\" in the call's metadata is not "
                         "\"Bearer\" and a token");
}

}  // namespace

Identifier::Identifier(std::shared_ptr<const trust::Policy> policy,
                       const base::Clock& clock)
    : policy_(std::move(policy)),
      clock_(clock),
      certificates_(kRemembered),
      tokens_(policy_) {
  for (const v1::TrustDomain& domain : policy_->proto().trust_domains()) {
    auto parsed = ParseCertificates(domain.ca_pem());
    // The policy was checked: a CA that cannot be read trusts nobody.
    if (!parsed.ok()) continue;
    cas_.emplace(domain.name(), std::move(parsed->front()));
  }
}

absl::StatusOr<v1::Caller> Identifier::Identify(const Peer& peer) {
  const absl::Time now = clock_.Now();
  if (peer.authorizations.empty()) return IdentifyCertificate(peer, now);
  ASSIGN_OR_RETURN(const absl::string_view token, BearerToken(peer));
  ASSIGN_OR_RETURN(v1::Caller caller, tokens_.Identify(token, now));
  if (peer.leaf_pem.empty()) return caller;
  ASSIGN_OR_RETURN(const v1::Caller holder, IdentifyCertificate(peer, now));
  if (holder.identity() != caller.identity()) {
    return Unauthenticated(
        "IDENTITIES_DIFFER",
        absl::StrCat("the certificate is ", holder.identity(),
                     "'s and the token ", caller.identity(),
                     "'s, expected both of one person, or one of them"));
  }
  caller.set_certificate_sha256(holder.certificate_sha256());
  return caller;
}

absl::StatusOr<v1::Caller> Identifier::IdentifyCertificate(const Peer& peer,
                                                           absl::Time now) {
  if (peer.leaf_pem.empty()) {
    return Unauthenticated("NO_CREDENTIALS",
                           "the call came without a TLS client certificate "
                           "and without a token (metadata \"authorization: "
                           "Bearer ...\"); this server knows callers by "
                           "either");
  }
  if (auto caller = certificates_.Recall(peer.leaf_pem, now)) {
    return *std::move(caller);
  }
  ASSIGN_OR_RETURN(Known known, Examine(peer.leaf_pem, peer.chain_pem, now));
  v1::Caller caller = known.caller;
  certificates_.Remember(peer.leaf_pem, std::move(known));
  return caller;
}

absl::StatusOr<Known> Identifier::Examine(absl::string_view leaf_pem,
                                          absl::string_view chain_pem,
                                          absl::Time now) {
  ASSIGN_OR_RETURN(const auto leaf, ParseCertificates(leaf_pem));
  std::vector<base::X509Ptr> intermediates;
  if (!chain_pem.empty()) {
    ASSIGN_OR_RETURN(intermediates, ParseCertificates(chain_pem));
  }
  ASSIGN_OR_RETURN(const Certificate read, ReadCertificate(*leaf.front()));
  ASSIGN_OR_RETURN(const Issued issued,
                   CheckIssuer(*leaf.front(), read, intermediates, now));
  if (policy_->IsDenied(read.sha256)) {
    return Unauthenticated("CERTIFICATE_DENIED",
                           absl::StrCat("certificate of ", issued.subject,
                                        " is on the policy's deny list"));
  }
  const v1::Person* person = policy_->FindPersonBySubject(issued.subject);
  if (person == nullptr) {
    return base::Refused(
        "UNKNOWN_IDENTITY",
        absl::StrCat("the policy names nobody with the subject ",
                     issued.subject, "; add it to people.subjects"));
  }
  Known known;
  known.validity = issued.validity;
  trust::SetPerson(*policy_, *person, known.caller);
  known.caller.set_method("mtls");
  known.caller.set_subject(issued.subject);
  known.caller.set_certificate_sha256(read.sha256);
  return known;
}

absl::StatusOr<Identifier::Issued> Identifier::CheckIssuer(
    X509& leaf, const Certificate& read,
    const std::vector<base::X509Ptr>& intermediates, absl::Time now) const {
  if (!read.trust_domain.empty()) {
    const auto ca = cas_.find(read.trust_domain);
    if (ca == cas_.end()) {
      return Unauthenticated(
          "UNKNOWN_TRUST_DOMAIN",
          absl::StrCat("the policy has no trust domain ", read.trust_domain,
                       ", to which ", read.subject, " belongs"));
    }
    ASSIGN_OR_RETURN(const Validity validity,
                     VerifyIssuer(leaf, intermediates, *ca->second, now));
    return Issued{read.subject, validity};
  }
  // A DN belongs to the domain whose CA issued it.
  absl::Status last = Unauthenticated("WRONG_CA", "the policy has no CA");
  for (const v1::TrustDomain& domain : policy_->proto().trust_domains()) {
    const auto ca = cas_.find(domain.name());
    if (ca == cas_.end()) continue;
    const auto validity = VerifyIssuer(leaf, intermediates, *ca->second, now);
    if (validity.ok()) {
      return Issued{absl::StrCat(domain.name(), " ", read.subject), *validity};
    }
    last = validity.status();
  }
  return last;
}

}  // namespace bootseal::identity
