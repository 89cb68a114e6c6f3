#include "client/review/rollback_checks.h"

#include <tuple>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"

namespace bootseal::review {
namespace {

bool IsLower(const std::string& version, const std::string& than) {
  const auto one = image::host::ParseVersion(version);
  const auto other = image::host::ParseVersion(than);
  if (!one.ok() || !other.ok()) return false;
  return std::tie(one->major, one->minor, one->revision, one->build) <
         std::tie(other->major, other->minor, other->revision, other->build);
}

}  // namespace

absl::Status RollbackChecks::Take(const Position& at, Findings& findings) {
  const v1::SigningEvent& event = at.entry.signing();
  // A verdict releases nothing.
  if (event.decision() != v1::ALLOWED || event.has_verdict()) {
    return absl::OkStatus();
  }
  const auto last = last_.find(event.target());
  if (last != last_.end() && at.policy != nullptr) {
    findings.Add(FindingClass::kRollback, at.index,
                 CheckCounter(at, last->second));
    findings.Add(FindingClass::kRollback, at.index,
                 CheckVersion(at, last->second));
  }
  last_[event.target()] = {at.index, event.security_counter(), event.version()};
  return absl::OkStatus();
}

absl::Status RollbackChecks::CheckCounter(const Position& at,
                                          const Release& last) const {
  const std::uint32_t counter = at.entry.signing().security_counter();
  if (counter >= last.security_counter) return absl::OkStatus();
  const v1::Target* const target =
      at.policy->FindTarget(at.entry.signing().target());
  const bool counts = target == nullptr ||
                      target->mcuboot().security_counter() != v1::FORBIDDEN;
  if (!counts) return absl::OkStatus();
  if (approvals_.allows_lower_security_counter()) return absl::OkStatus();
  return base::Precondition(
      "SECURITY_COUNTER_LOWER",
      absl::StrCat("released with security counter ", counter, ", entry ",
                   last.index, " with ", last.security_counter,
                   "; no approval says that it may go down"));
}

absl::Status RollbackChecks::CheckVersion(const Position& at,
                                          const Release& last) const {
  const v1::SigningEvent& event = at.entry.signing();
  if (!IsLower(event.version(), last.version)) return absl::OkStatus();
  const v1::Target* const target = at.policy->FindTarget(event.target());
  const v1::LowerVersion rule =
      target == nullptr ? v1::REFUSE : target->lower_version();
  if (rule == v1::PASS) return absl::OkStatus();
  if (rule == v1::ASK && approvals_.allows_lower_version()) {
    return absl::OkStatus();
  }
  return base::Precondition(
      "VERSION_LOWER",
      absl::StrCat("released version ", event.version(), ", entry ", last.index,
                   " has ", last.version, "; ",
                   rule == v1::ASK ? "no approval says that it may go down"
                                   : "the target refuses lower ones"));
}

}  // namespace bootseal::review
