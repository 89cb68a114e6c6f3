#include "server/identity/identifier.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::identity {
namespace {

// Certificates remembered; a build farm has fewer.
constexpr std::size_t kRemembered = 1024;

absl::Status Unauthenticated(absl::string_view reason,
                             absl::string_view message) {
  return base::Fail(absl::StatusCode::kUnauthenticated, reason, message);
}

}  // namespace

Identifier::Identifier(std::shared_ptr<const trust::Policy> policy,
                       const base::Clock& clock)
    : policy_(std::move(policy)), clock_(clock) {
  for (const v1::TrustDomain& domain : policy_->proto().trust_domains()) {
    auto parsed = ParseCertificates(domain.ca_pem());
    // The policy was checked: a CA that cannot be read trusts nobody.
    if (!parsed.ok()) continue;
    cas_.emplace(domain.name(), std::move(parsed->front()));
  }
}

absl::StatusOr<v1::Caller> Identifier::Identify(absl::string_view leaf_pem,
                                                absl::string_view chain_pem) {
  if (leaf_pem.empty()) {
    return Unauthenticated("NO_CERTIFICATE",
                           "no client certificate was sent; this server knows "
                           "callers by their TLS client certificate");
  }
  const absl::Time now = clock_.Now();
  if (auto caller = Recall(leaf_pem, now)) return *std::move(caller);
  ASSIGN_OR_RETURN(Known known, Examine(leaf_pem, chain_pem, now));
  v1::Caller caller = known.caller;
  Remember(std::string(leaf_pem), std::move(known));
  return caller;
}

absl::StatusOr<Identifier::Known> Identifier::Examine(
    absl::string_view leaf_pem, absl::string_view chain_pem, absl::Time now) {
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
  known.caller.set_identity(person->name());
  known.caller.set_method("mtls");
  known.caller.set_subject(issued.subject);
  known.caller.set_certificate_sha256(read.sha256);
  for (const std::string& role : policy_->RolesOf(person->name())) {
    known.caller.add_roles(role);
  }
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

std::optional<v1::Caller> Identifier::Recall(absl::string_view key,
                                             absl::Time now) {
  const base::MutexLock lock(mutex_);
  const auto found = index_.find(key);
  if (found == index_.end()) return std::nullopt;
  const Known& known = found->second->second;
  if (now < known.validity.not_before || now > known.validity.not_after) {
    return std::nullopt;
  }
  recent_.splice(recent_.begin(), recent_, found->second);
  return known.caller;
}

void Identifier::Remember(std::string key, Known known) {
  const base::MutexLock lock(mutex_);
  if (const auto found = index_.find(key); found != index_.end()) {
    found->second->second = std::move(known);
    return;
  }
  if (recent_.size() == kRemembered) {
    index_.erase(recent_.back().first);
    recent_.pop_back();
  }
  recent_.emplace_front(key, std::move(known));
  index_.emplace(std::move(key), recent_.begin());
}

}  // namespace bootseal::identity
