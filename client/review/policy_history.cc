#include "client/review/policy_history.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/review/sha256.h"
#include "server/trust/entry.h"

namespace bootseal::review {
namespace {

absl::Status CheckNamesItself(const v1::Entry& entry) {
  if (entry.policy_sha256() == entry.policy().sha256()) return absl::OkStatus();
  return base::Precondition(
      "POLICY_MISMATCH",
      absl::StrCat("brings a policy into force and names ",
                   absl::BytesToHexString(entry.policy_sha256()), " as it"));
}

}  // namespace

const trust::Policy* PolicyHistory::Take(std::uint64_t index,
                                         const v1::Entry& entry,
                                         Findings& findings) {
  if (entry.has_policy()) {
    findings.Add(FindingClass::kPolicy, index, TakePolicy(entry.policy()));
    findings.Add(FindingClass::kPolicy, index, CheckVersion(entry.policy()));
    findings.Add(FindingClass::kPolicy, index, CheckNamesItself(entry));
  }
  // The server's start comes before any policy.
  if (entry.policy_sha256().empty() && entry.has_start()) return nullptr;
  const auto found = policies_.find(entry.policy_sha256());
  if (found != policies_.end()) {
    findings.Add(FindingClass::kPolicy, index, CheckInForce(entry));
    return found->second.get();
  }
  findings.Add(FindingClass::kPolicy, index,
               base::Precondition(
                   "POLICY_UNKNOWN",
                   absl::StrCat("decided under policy ",
                                absl::BytesToHexString(entry.policy_sha256()),
                                ", which the log does not hold before it")));
  return nullptr;
}

// Of what lets something happen: a refusal may be of a policy that ended while
// the request was under way.
absl::Status PolicyHistory::CheckInForce(const v1::Entry& entry) const {
  const trust::SearchTerms terms = trust::TermsOf(entry);
  const bool lets = terms.decision == v1::ALLOWED ||
                    terms.decision == v1::PENDING || entry.has_approval();
  if (!lets || entry.policy_sha256() == highest_sha256_) {
    return absl::OkStatus();
  }
  return base::Precondition(
      "POLICY_SUPERSEDED",
      absl::StrCat("decided under policy ",
                   absl::BytesToHexString(entry.policy_sha256()),
                   ", after version ", highest_, " came into force"));
}

absl::Status PolicyHistory::TakePolicy(const v1::PolicyEvent& event) {
  if (Sha256(event.text()) != event.sha256()) {
    return base::Precondition("POLICY_MISMATCH",
                              "a policy's text has not the SHA-256 it names");
  }
  const auto [place, is_new] = policies_.try_emplace(event.sha256());
  if (is_new) {
    ASSIGN_OR_RETURN(place->second, trust::Policy::ParseLogged(event.text()));
  }
  if (place->second == nullptr ||
      place->second->proto().version() == event.version()) {
    return absl::OkStatus();
  }
  return base::Precondition("POLICY_MISMATCH",
                            absl::StrCat("logged as version ", event.version(),
                                         ", the text says version ",
                                         place->second->proto().version()));
}

absl::Status PolicyHistory::CheckVersion(const v1::PolicyEvent& event) {
  if (event.version() < highest_) {
    return base::Precondition(
        "POLICY_VERSION_LOWER",
        absl::StrCat("policy version ", event.version(),
                     " came into force after version ", highest_));
  }
  const bool reused =
      event.version() == highest_ && event.sha256() != highest_sha256_;
  highest_ = event.version();
  highest_sha256_ = event.sha256();
  if (!reused) return absl::OkStatus();
  return base::Precondition(
      "POLICY_VERSION_REUSED",
      absl::StrCat("policy version ", event.version(),
                   " came into force with another text before"));
}

}  // namespace bootseal::review
