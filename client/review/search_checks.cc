#include "client/review/search_checks.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/trust/entry.h"
#include "server/trust/policy.h"

namespace bootseal::review {
namespace {

constexpr std::uint32_t kPageEntries = 1000;
constexpr std::uint64_t kTimeGroups = 2000;

using Request = v1::ListEntriesRequest;

std::string NameOf(v1::Decision decision) {
  return absl::AsciiStrToLower(v1::Decision_Name(decision));
}

const google::protobuf::FieldDescriptor& FieldOf(int number) {
  return *Request::descriptor()->FindFieldByNumber(number);
}

void Report(std::uint64_t index, const std::string& message,
            Findings& findings) {
  findings.Add({FindingClass::kSearch, Weight::kFinding, index,
                "SEARCH_MISMATCH", message});
}

void ReportLeftOut(const std::string& listing, std::uint64_t index,
                   Findings& findings) {
  Report(index,
         absl::StrCat("listing by ", listing, " leaves out entry ", index),
         findings);
}

}  // namespace

SearchChecks::SearchChecks(List list, std::uint64_t size)
    : list_(std::move(list)), size_(size), group_(size / kTimeGroups + 1) {
  for (const v1::Decision each : {v1::ALLOWED, v1::REFUSED, v1::PENDING}) {
    Watch(Request::kDecisionFieldNumber, NameOf(each), 0);
  }
  for (const std::string& kind : trust::EntryKinds()) {
    Watch(Request::kKindFieldNumber, kind, 0);
  }
}

void SearchChecks::Watch(int field, const std::string& term,
                         std::uint64_t start) {
  const auto& descriptor = FieldOf(field);
  Listing listing{absl::StrCat(descriptor.name(), " \"", term, "\""), {}, {}};
  listing.request.set_start(start);
  listing.request.set_limit(kPageEntries);
  listing.request.GetReflection()->SetString(&listing.request, &descriptor,
                                             term);
  listings_.try_emplace({field, term}, std::move(listing));
}

// Earlier entries may name a target that the policy did not have yet, or
// anything else that somebody asked for; there may be any number of those.
void SearchChecks::WatchPolicy(const v1::PolicyEvent& event,
                               std::uint64_t start) {
  const auto policy = trust::Policy::ParseLogged(event.text());
  if (!policy.ok()) return;  // PolicyHistory tells
  for (const v1::Target& target : (*policy)->proto().targets()) {
    Watch(Request::kTargetFieldNumber, target.name(), start);
  }
  for (const v1::Person& person : (*policy)->proto().people()) {
    Watch(Request::kIdentityFieldNumber, person.name(), start);
  }
  for (const v1::PinnedKey& key : (*policy)->proto().keys()) {
    Watch(Request::kKeyFieldNumber, key.name(), start);
  }
}

absl::Status SearchChecks::Read(Listing& listing) const {
  while (listing.ahead.empty() && !listing.ended) {
    ASSIGN_OR_RETURN(const v1::ListEntriesReply page, list_(listing.request));
    std::uint64_t least = listing.request.start();
    for (const v1::LogEntry& entry : page.entries()) {
      if (entry.index() < least) {
        return base::Precondition(
            "REPLY_MALFORMED",
            absl::StrCat("listing by ", listing.name, " shows entry ",
                         entry.index(), " out of order"));
      }
      listing.ahead.push_back(entry.index());
      least = entry.index() + 1;
    }
    listing.ended = page.entries().empty() || page.next() < least;
    listing.request.set_start(page.next());
  }
  return absl::OkStatus();
}

absl::Status SearchChecks::PassOver(Listing& listing, std::uint64_t index,
                                    Findings& findings) const {
  while (true) {
    RETURN_IF_ERROR(Read(listing));
    if (listing.ahead.empty() || listing.ahead.front() >= index) {
      return absl::OkStatus();
    }
    const std::uint64_t shown = listing.ahead.front();
    Report(shown,
           absl::StrCat("listing by ", listing.name, " shows entry ", shown,
                        ", which says something else"),
           findings);
    listing.ahead.pop_front();
  }
}

absl::Status SearchChecks::Expect(int field, const std::string& term,
                                  std::uint64_t index, Findings& findings) {
  const auto found = listings_.find({field, term});
  if (found == listings_.end()) return absl::OkStatus();
  Listing& listing = found->second;
  RETURN_IF_ERROR(PassOver(listing, index, findings));
  if (!listing.ahead.empty() && listing.ahead.front() == index) {
    listing.ahead.pop_front();
    return absl::OkStatus();
  }
  ReportLeftOut(listing.name, index, findings);
  return absl::OkStatus();
}

absl::Status SearchChecks::Take(const Position& at, Findings& findings) {
  const trust::SearchTerms terms = trust::TermsOf(at.entry);
  const std::pair<int, std::string> expected[] = {
      {Request::kDecisionFieldNumber, NameOf(terms.decision)},
      {Request::kKindFieldNumber, trust::NameOfKind(terms.kind)},
      {Request::kTargetFieldNumber, terms.target},
      {Request::kIdentityFieldNumber, terms.identity},
      {Request::kKeyFieldNumber, terms.key},
  };
  for (const auto& [field, term] : expected) {
    RETURN_IF_ERROR(Expect(field, term, at.index, findings));
  }
  if (at.entry.has_policy()) WatchPolicy(at.entry.policy(), at.index + 1);
  times_.emplace(at.index, terms.time_unix_ms);
  return times_.size() < group_ ? absl::OkStatus() : CheckTimes(findings);
}

// Between the earliest and the latest of the group, all of it must be shown.
absl::Status SearchChecks::CheckTimes(Findings& findings) {
  if (times_.empty()) return absl::OkStatus();
  std::int64_t earliest = times_.begin()->second;
  std::int64_t latest = earliest;
  for (const auto& [index, time] : times_) {
    earliest = std::min(earliest, time);
    latest = std::max(latest, time);
  }
  Listing listing{"time", {}, {}};
  listing.request.set_start(times_.begin()->first);
  listing.request.set_limit(static_cast<std::uint32_t>(
      std::min<std::uint64_t>(times_.size(), kPageEntries)));
  listing.request.set_from_unix_ms(earliest);
  listing.request.set_until_unix_ms(latest + 1);
  for (const auto& [index, time] : times_) {
    RETURN_IF_ERROR(Read(listing));
    if (!listing.ahead.empty() && listing.ahead.front() == index) {
      listing.ahead.pop_front();
      continue;
    }
    ReportLeftOut(listing.name, index, findings);
  }
  times_.clear();
  return absl::OkStatus();
}

absl::Status SearchChecks::Finish(Findings& findings) {
  for (auto& [term, listing] : listings_) {
    RETURN_IF_ERROR(PassOver(listing, size_, findings));
  }
  return CheckTimes(findings);
}

}  // namespace bootseal::review
