#include "client/review/review.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/trust/entry.h"

namespace bootseal::review {
namespace {

// How many refused calls an entry speaks of.
std::uint64_t RefusalsIn(const v1::Entry& entry) {
  if (entry.has_refusals()) return entry.refusals().count();
  if (entry.has_access()) return 1;
  return entry.signing().decision() == v1::REFUSED ||
                 entry.key().decision() == v1::REFUSED
             ? 1
             : 0;
}

}  // namespace

// In the order in which the checks need each other.
Review::Review(Known known, const std::optional<Server>& server)
    : known_(std::move(known)),
      tree_(known_.head, known_.seen, known_.entries, findings_),
      signatures_(known_.keys),
      approvals_(known_.origin),
      rollbacks_(approvals_),
      times_(known_.now),
      checks_{&signatures_, &approvals_, &rollbacks_,
              &keys_,       &times_,     &policy_changes_} {
  if (!server) return;
  search_ = std::make_unique<SearchChecks>(server->list, known_.head.size);
  proofs_ =
      std::make_unique<ProofChecks>(server->prove, known_.head, server->proofs);
  checks_.push_back(search_.get());
  checks_.push_back(proofs_.get());
}

absl::Status Review::Run(const Pages& pages,
                         const std::function<void(std::uint64_t)>& progress) {
  std::uint64_t next = 0;
  while (next < known_.head.size) {
    ASSIGN_OR_RETURN(const std::vector<v1::LogEntry> page, pages(next));
    if (page.empty()) break;  // TreeChecks tells
    for (const v1::LogEntry& entry : page) {
      if (entry.index() >= known_.head.size) break;  // newer
      if (entry.index() < next) {
        return base::Precondition(
            "REPLY_MALFORMED",
            absl::StrCat("entry ", entry.index(), " is shown out of order"));
      }
      RETURN_IF_ERROR(TakeEntry(entry));
      next = entry.index() + 1;
    }
    progress(next);
    if (page.back().index() >= known_.head.size) break;
  }
  tree_.Finish(findings_);
  for (Check* const check : checks_) RETURN_IF_ERROR(check->Finish(findings_));
  return absl::OkStatus();
}

absl::Status Review::TakeEntry(const v1::LogEntry& entry) {
  ++entries_;
  tree_.Take(entry.index(), entry.entry(), findings_);
  const absl::StatusOr<v1::Entry> decoded = trust::DecodeEntry(entry.entry());
  if (!decoded.ok()) {
    findings_.Add(FindingClass::kEntry, entry.index(), decoded.status());
    return absl::OkStatus();
  }
  refusals_ += RefusalsIn(*decoded);
  const trust::Policy* const policy =
      policies_.Take(entry.index(), *decoded, findings_);
  for (Check* const check : checks_) {
    RETURN_IF_ERROR(check->Take(
        {entry.index(), entry.entry(), *decoded, policy}, findings_));
  }
  return absl::OkStatus();
}

}  // namespace bootseal::review
