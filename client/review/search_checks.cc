#include "client/cli/search_checks.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/trust/entry.h"
#include "server/trust/policy.h"

namespace bootseal::cli {
namespace {

constexpr std::uint32_t kPageEntries = 1000;

std::string NameOf(v1::Decision decision) {
  return absl::AsciiStrToLower(v1::Decision_Name(decision));
}

v1::ListEntriesRequest From(std::uint64_t start) {
  v1::ListEntriesRequest request;
  request.set_start(start);
  request.set_limit(kPageEntries);
  return request;
}

std::string Quoted(const char* kind, const std::string& term) {
  return absl::StrCat(kind, " \"", term, "\"");
}

}  // namespace

SearchChecks::SearchChecks(List list, std::uint64_t size)
    : list_(std::move(list)), size_(size) {
  for (const v1::Decision each : {v1::ALLOWED, v1::REFUSED, v1::PENDING}) {
    const std::string name = NameOf(each);
    Listing listing{Quoted("decision", name), From(0), {}};
    listing.request.set_decision(name);
    decisions_.emplace(name, std::move(listing));
  }
}

// Earlier entries may name a target that the policy did not have yet, or
// anything else that somebody asked for; there may be any number of those.
void SearchChecks::Watch(const v1::PolicyEvent& event, std::uint64_t start) {
  const auto policy = trust::Policy::Parse(event.text());
  if (!policy.ok()) return;  // ReleaseChecks tells
  for (const v1::Target& target : (*policy)->proto().targets()) {
    Listing listing{Quoted("target", target.name()), From(start), {}};
    listing.request.set_target(target.name());
    targets_.emplace(target.name(), std::move(listing));
  }
  for (const v1::Person& person : (*policy)->proto().people()) {
    Listing listing{Quoted("identity", person.name()), From(start), {}};
    listing.request.set_identity(person.name());
    identities_.emplace(person.name(), std::move(listing));
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

absl::Status SearchChecks::PassOver(Listing& listing, std::uint64_t index) {
  while (true) {
    RETURN_IF_ERROR(Read(listing));
    if (listing.ahead.empty() || listing.ahead.front() >= index) {
      return absl::OkStatus();
    }
    mismatches_.push_back(absl::StrCat("listing by ", listing.name,
                                       " shows entry ", listing.ahead.front(),
                                       ", which says something else"));
    listing.ahead.pop_front();
  }
}

absl::Status SearchChecks::Expect(Listings& listings, const std::string& term,
                                  std::uint64_t index) {
  const auto found = listings.find(term);
  if (found == listings.end()) return absl::OkStatus();
  Listing& listing = found->second;
  RETURN_IF_ERROR(PassOver(listing, index));
  if (!listing.ahead.empty() && listing.ahead.front() == index) {
    listing.ahead.pop_front();
    return absl::OkStatus();
  }
  mismatches_.push_back(
      absl::StrCat("listing by ", listing.name, " leaves out entry ", index));
  return absl::OkStatus();
}

absl::Status SearchChecks::Take(std::uint64_t index, const v1::Entry& entry) {
  const trust::SearchTerms terms = trust::TermsOf(entry);
  RETURN_IF_ERROR(Expect(decisions_, NameOf(terms.decision), index));
  RETURN_IF_ERROR(Expect(targets_, terms.target, index));
  RETURN_IF_ERROR(Expect(identities_, terms.identity, index));
  if (entry.has_policy()) Watch(entry.policy(), index + 1);
  return absl::OkStatus();
}

absl::Status SearchChecks::Finish() {
  for (Listings* listings : {&decisions_, &targets_, &identities_}) {
    for (auto& [term, listing] : *listings) {
      RETURN_IF_ERROR(PassOver(listing, size_));
    }
  }
  return absl::OkStatus();
}

}  // namespace bootseal::cli
