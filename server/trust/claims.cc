#include "server/trust/claims.h"

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"

namespace bootseal::trust {
namespace {

constexpr std::size_t kMaxQuotedBytes = 128;

// A job that such an event started, or one that follows such a job, runs what
// somebody proposed who need not be one of ours.
struct ProposedEvent {
  absl::string_view claim;
  absl::string_view prefix;
};
constexpr ProposedEvent kProposedEvents[] = {
    {"event_name", "pull_request"},
    {"event_name", "workflow_run"},
    {"event_name", "issue"},
    {"pipeline_source", "merge_request_event"},
    {"pipeline_source", "external_pull_request_event"},
    {"pipeline_source", "parent_pipeline"},
    {"pipeline_source", "pipeline"},
};

// reached[i]: the pattern so far can end after i characters of the value. Takes
// pattern times value steps, whatever the two are.
bool MatchesGlob(absl::string_view pattern, absl::string_view value) {
  std::vector<bool> reached(value.size() + 1);
  reached[0] = true;
  for (std::size_t p = 0; p < pattern.size(); ++p) {
    const bool star = pattern[p] == '*';
    const bool deep = star && p + 1 < pattern.size() && pattern[p + 1] == '*';
    if (deep) ++p;
    std::vector<bool> next(value.size() + 1);
    next[0] = star && reached[0];
    for (std::size_t i = 0; i < value.size(); ++i) {
      next[i + 1] =
          star ? reached[i + 1] || (next[i] && (deep || value[i] != '/'))
               : reached[i] && value[i] == pattern[p];
    }
    reached = std::move(next);
  }
  return reached[value.size()];
}

const std::string* Find(const Claims& claims, absl::string_view name) {
  const auto found = claims.find(std::string(name));
  return found == claims.end() ? nullptr : &found->second;
}

bool Names(const v1::Workload& workload, absl::string_view claim) {
  for (const v1::ClaimRule& rule : workload.claims()) {
    if (rule.claim() == claim) return true;
  }
  return false;
}

// What came of holding claims against one workload.
struct Comparison {
  int matched = 0;
  std::string why_not;  // empty: all of it
  std::string claim;    // the one that failed first
};

std::string WhyNot(const std::string& claim, const std::string* value) {
  if (value == nullptr) {
    return absl::StrCat("the token has no claim ", claim, " of one value");
  }
  return absl::StrCat("the token's claim ", claim, " is ", Quoted(*value));
}

Comparison Compare(const v1::Workload& workload, const Claims& claims) {
  Comparison comparison;
  const auto fail = [&comparison](absl::string_view claim, std::string why) {
    if (!comparison.why_not.empty()) return;
    comparison.claim = std::string(claim);
    comparison.why_not = std::move(why);
  };
  for (const v1::ClaimRule& rule : workload.claims()) {
    const std::string* value = Find(claims, rule.claim());
    if (value != nullptr && Matches(rule, *value)) {
      ++comparison.matched;
    } else {
      fail(rule.claim(), WhyNot(rule.claim(), value));
    }
  }
  for (const ProposedEvent& event : kProposedEvents) {
    const std::string* value = Find(claims, event.claim);
    if (value == nullptr || !absl::StartsWith(*value, event.prefix)) continue;
    if (Names(workload, event.claim)) continue;
    fail(event.claim,
         absl::StrCat(WhyNot(std::string(event.claim), value),
                      ": it may run what a stranger proposed, and only a "
                      "workload with a rule for ",
                      event.claim, " takes that"));
  }
  return comparison;
}

absl::Status NobodyMatches(absl::string_view issuer,
                           const std::optional<Comparison>& nearest,
                           const std::string& person) {
  if (!nearest) {
    return base::Refused(
        "UNKNOWN_IDENTITY",
        absl::StrCat("the policy names nobody with a workload at issuer ",
                     issuer, "; add one to people.workloads"));
  }
  return base::FailField(
      absl::StatusCode::kPermissionDenied, "CLAIM_MISMATCH", nearest->claim,
      absl::StrCat(nearest->why_not, ", which is not what the policy expects ",
                   "of ", person, ", the nearest of its workloads at issuer ",
                   issuer));
}

}  // namespace

std::string Quoted(absl::string_view text) {
  std::size_t end = text.size();
  if (end > kMaxQuotedBytes) {
    end = kMaxQuotedBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) {
      --end;
    }
  }
  return absl::StrCat("\"", absl::Utf8SafeCEscape(text.substr(0, end)),
                      end < text.size() ? "..." : "", "\"");
}

bool Matches(const v1::ClaimRule& rule, absl::string_view value) {
  switch (rule.match_case()) {
    case v1::ClaimRule::kEquals:
      return value == rule.equals();
    case v1::ClaimRule::kPrefix:
      return absl::StartsWith(value, rule.prefix());
    case v1::ClaimRule::kGlob:
      return MatchesGlob(rule.glob(), value);
    case v1::ClaimRule::MATCH_NOT_SET:
      break;
  }
  return false;
}

absl::StatusOr<const v1::Person*> FindPersonByClaims(const Policy& policy,
                                                     absl::string_view issuer,
                                                     const Claims& claims) {
  std::vector<const v1::Person*> found;
  std::optional<Comparison> nearest;
  std::string nearest_person;
  for (const v1::Person& person : policy.proto().people()) {
    bool matches = false;
    for (const v1::Workload& workload : person.workloads()) {
      if (workload.issuer() != issuer) continue;
      Comparison comparison = Compare(workload, claims);
      matches = matches || comparison.why_not.empty();
      if (nearest && comparison.matched <= nearest->matched) continue;
      nearest = std::move(comparison);
      nearest_person = person.name();
    }
    if (matches) found.push_back(&person);
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) return NobodyMatches(issuer, nearest, nearest_person);
  return base::Refused(
      "IDENTITY_AMBIGUOUS",
      absl::StrCat("the token matches workloads of ",
                   absl::StrJoin(found, " and ",
                                 [](std::string* out, const v1::Person* each) {
                                   out->append(each->name());
                                 }),
                   ", expected those of one person; make the policy's claim "
                   "rules exclude each other"));
}

const v1::Person* FindPersonBehind(const Policy& policy,
                                   const v1::Issuer& issuer,
                                   const Claims& claims) {
  if (issuer.behind_claim().empty()) return nullptr;
  const std::string* value = Find(claims, issuer.behind_claim());
  if (value == nullptr || value->empty()) return nullptr;
  return policy.FindPersonByAccount(absl::StrCat(issuer.name(), " ", *value));
}

}  // namespace bootseal::trust
