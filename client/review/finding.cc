#include "client/review/finding.h"

#include <utility>

#include "base/status.h"

namespace bootseal::review {
namespace {

constexpr std::array<ClassRow, kFindingClasses> kRows{{
    {"tree", "entries are missing, or are not what was hashed and signed"},
    {"consistency", "this is not the log that was seen before"},
    {"rolled-back", "the log is older than what was seen of it"},
    {"entry", "an entry is not in the form of a log entry"},
    {"policy", "a policy, or what was decided under it, is not in order"},
    {"signature", "a signature is not that of the key that the policy pins"},
    {"approval", "an approval does not count, or there are too few"},
    {"key", "a key served, or was changed, without approval"},
    {"rollback", "a lower security counter or version was released unasked"},
    {"time", "the server's clock went back, or is ahead of ours"},
    {"search", "the server's search does not show what the log holds"},
}};

constexpr std::array<FindingClass, kFindingClasses> kAll{
    FindingClass::kTree,       FindingClass::kConsistency,
    FindingClass::kRolledBack, FindingClass::kEntry,
    FindingClass::kPolicy,     FindingClass::kSignature,
    FindingClass::kApproval,   FindingClass::kKey,
    FindingClass::kRollback,   FindingClass::kTime,
    FindingClass::kSearch,
};

std::size_t NumberOf(FindingClass kind) {
  return static_cast<std::size_t>(kind);
}

}  // namespace

const ClassRow& RowOf(FindingClass kind) { return kRows[NumberOf(kind)]; }

const std::array<FindingClass, kFindingClasses>& AllClasses() { return kAll; }

std::uint32_t BitOf(FindingClass kind) {
  return std::uint32_t{1} << NumberOf(kind);
}

void Findings::Add(Finding finding) {
  OfClass& of = classes_[NumberOf(finding.kind)];
  if (finding.weight == Weight::kFinding) {
    if (++of.findings <= kHeld) of.first_findings.push_back(std::move(finding));
    return;
  }
  of.last_warnings.push_back(std::move(finding));
  if (++of.warnings > kHeld) of.last_warnings.pop_front();
}

void Findings::Add(FindingClass kind, absl::string_view reason,
                   absl::string_view message) {
  Add({kind, Weight::kFinding, std::nullopt, std::string{reason},
       std::string{message}});
}

void Findings::Warn(FindingClass kind, std::uint64_t index,
                    absl::string_view reason, absl::string_view message) {
  Add({kind, Weight::kWarning, index, std::string{reason},
       std::string{message}});
}

void Findings::Add(FindingClass kind, std::uint64_t index,
                   const absl::Status& status) {
  if (status.ok()) return;
  Add({kind, Weight::kFinding, index, base::ReasonOf(status),
       std::string{status.message()}});
}

const Findings::OfClass& Findings::of(FindingClass kind) const {
  return classes_[NumberOf(kind)];
}

std::uint64_t Findings::count(FindingClass kind) const {
  return of(kind).findings;
}

std::uint64_t Findings::warnings(FindingClass kind) const {
  return of(kind).warnings;
}

std::uint32_t Findings::mask() const {
  std::uint32_t mask = 0;
  for (const FindingClass kind : kAll) {
    if (count(kind) != 0) mask |= BitOf(kind);
  }
  return mask;
}

std::vector<Finding> Findings::held() const {
  std::vector<Finding> all;
  for (const OfClass& each : classes_) {
    all.insert(all.end(), each.first_findings.begin(),
               each.first_findings.end());
    all.insert(all.end(), each.last_warnings.begin(), each.last_warnings.end());
  }
  return all;
}

}  // namespace bootseal::review
