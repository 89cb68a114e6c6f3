// Issuers of tokens, the workloads that their claims make, and accounts.
#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "server/trust/names.h"
#include "server/trust/policy_checks.h"

namespace bootseal::trust {
namespace {

constexpr std::size_t kMaxUrlBytes = 512;
constexpr std::size_t kMaxPatternBytes = 1024;
constexpr std::uint32_t kMinAgeSeconds = 60;
constexpr std::uint32_t kMaxAgeSeconds = 24 * 60 * 60;

// Judged for every token of an issuer, and never the sign of a job.
constexpr absl::string_view kIssuersOwnClaims[] = {"iss", "aud", "exp",
                                                   "nbf", "iat", "jti"};

bool IsPlain(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c < '\x7f'; });
}

void CheckUrl(const v1::Issuer& issuer, const Field& field) {
  const std::string& url = issuer.url();
  if (url.empty()) return field.Report("required");
  if (absl::StartsWith(url, "https://") && url.size() > 8 &&
      url.size() <= kMaxUrlBytes && IsPlain(url) &&
      url.find_first_of("?#") == std::string::npos) {
    return;
  }
  field.Report(absl::StrCat("\"", url, "\" is no issuer, expected ",
                            "https://... without query and fragment, exactly ",
                            "as the token's \"iss\" has it"));
}

void CheckAlgorithms(const v1::Issuer& issuer, const Field& here) {
  if (issuer.algorithms_size() == 0) {
    here.At("algorithms").Report("required: RS256, ES256 or both");
  }
  std::map<int, int> seen;
  for (int i = 0; i < issuer.algorithms_size(); ++i) {
    const v1::TokenAlgorithm algorithm = issuer.algorithms(i);
    const Field field = here.At("algorithms", i);
    if (algorithm == v1::TOKEN_ALGORITHM_UNSPECIFIED) {
      field.Report("expected RS256 or ES256");
    } else if (++seen[algorithm] > 1) {
      field.Report(
          absl::StrCat(v1::TokenAlgorithm_Name(algorithm), " is given twice"));
    }
  }
}

void CheckClaimName(const std::string& name, const Field& field) {
  if (name.empty()) return field.Report("required");
  if (name.size() > kMaxNameBytes || !IsPlain(name)) {
    field.Report(absl::StrCat("expected at most ", kMaxNameBytes,
                              " printable characters without spaces"));
  }
}

void CheckIssuer(const v1::Issuer& issuer, const Field& here) {
  CheckUrl(issuer, here.At("url"));
  const std::string& audience = issuer.audience();
  if (audience.empty()) {
    here.At("audience").Report("required: one that names this service alone");
  } else if (audience.size() > kMaxUrlBytes || !IsPlain(audience)) {
    here.At("audience")
        .Report(absl::StrCat("expected at most ", kMaxUrlBytes,
                             " printable characters without spaces"));
  }
  if (issuer.jwks_path().empty()) here.At("jwks_path").Report("required");
  CheckSha256Hex(issuer.jwks_sha256(), here.At("jwks_sha256"));
  CheckAlgorithms(issuer, here);
  const std::uint32_t age = issuer.max_age_seconds();
  if (age != 0 && (age < kMinAgeSeconds || age > kMaxAgeSeconds)) {
    here.At("max_age_seconds")
        .Report(absl::StrCat(age, ", expected ", kMinAgeSeconds, " to ",
                             kMaxAgeSeconds));
  }
  if (!issuer.behind_claim().empty()) {
    CheckClaimName(issuer.behind_claim(), here.At("behind_claim"));
  }
}

void CheckPattern(absl::string_view name, const std::string& pattern,
                  const Field& here) {
  const Field field = here.At(name);
  if (pattern.empty()) return field.Report("required");
  if (pattern.size() > kMaxPatternBytes) {
    field.Report(absl::StrCat(pattern.size(), " bytes, expected at most ",
                              kMaxPatternBytes));
  }
  if (name == "glob" && absl::StrContains(pattern, "***")) {
    field.Report("has ***, expected * (no \"/\") or ** (any characters)");
  }
}

void CheckRule(const v1::ClaimRule& rule, const Field& here) {
  CheckClaimName(rule.claim(), here.At("claim"));
  if (std::count(std::begin(kIssuersOwnClaims), std::end(kIssuersOwnClaims),
                 rule.claim()) > 0) {
    here.At("claim").Report(absl::StrCat("\"", rule.claim(),
                                         "\" says nothing of the job, and the ",
                                         "issuer's fields judge it"));
  }
  switch (rule.match_case()) {
    case v1::ClaimRule::kEquals:
      return CheckPattern("equals", rule.equals(), here);
    case v1::ClaimRule::kPrefix:
      return CheckPattern("prefix", rule.prefix(), here);
    case v1::ClaimRule::kGlob:
      return CheckPattern("glob", rule.glob(), here);
    case v1::ClaimRule::MATCH_NOT_SET:
      return here.Report("expected one of equals, prefix and glob");
  }
}

void CheckWorkload(const v1::Workload& workload, const Names& issuers,
                   const Field& here) {
  if (workload.issuer().empty()) {
    here.At("issuer").Report("required");
  } else {
    CheckKnown("issuer", workload.issuer(), issuers, here.At("issuer"));
  }
  if (workload.claims_size() == 0) {
    here.At("claims").Report(
        "required: without one every job of the issuer would match");
  }
  Names seen;
  for (int i = 0; i < workload.claims_size(); ++i) {
    const Field field = here.At("claims", i);
    const std::string& claim = workload.claims(i).claim();
    CheckRule(workload.claims(i), field);
    if (!claim.empty() && !seen.insert(claim).second) {
      field.At("claim").Report(absl::StrCat("\"", claim, "\" is given twice"));
    }
  }
}

// The same for workloads whose rules are in another order.
std::string FormOf(const v1::Workload& workload) {
  std::vector<std::string> rules;
  for (const v1::ClaimRule& rule : workload.claims()) {
    rules.push_back(rule.SerializeAsString());
  }
  std::sort(rules.begin(), rules.end());
  std::string form = workload.issuer();
  for (const std::string& rule : rules) {
    absl::StrAppend(&form, " ", rule.size(), ":", rule);
  }
  return form;
}

using Owners = std::map<std::string, std::string>;

void CheckWorkloads(const v1::Person& person, const Names& issuers,
                    Owners& owners, const Field& here) {
  for (int i = 0; i < person.workloads_size(); ++i) {
    const Field field = here.At("workloads", i);
    CheckWorkload(person.workloads(i), issuers, field);
    const auto [owner, is_new] =
        owners.emplace(FormOf(person.workloads(i)), person.name());
    if (is_new) continue;
    field.Report(absl::StrCat("has the claims of a workload of ", owner->second,
                              ": a token would match twice"));
  }
}

const v1::Issuer* FindIssuer(const v1::Policy& policy, absl::string_view name) {
  for (const v1::Issuer& issuer : policy.issuers()) {
    if (issuer.name() == name) return &issuer;
  }
  return nullptr;
}

void CheckAccount(const v1::Policy& policy, const std::string& account,
                  const Names& issuers, const Field& field) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(account, absl::MaxSplits(' ', 1));
  if (parts.first.empty() || parts.second.empty() || !IsPlain(parts.second)) {
    return field.Report(absl::StrCat(
        "\"", account, "\" is no account, expected <issuer> <value>, for ",
        "example \"github 1234567\""));
  }
  CheckKnown("issuer", parts.first, issuers, field);
  const v1::Issuer* issuer = FindIssuer(policy, parts.first);
  if (issuer == nullptr || !issuer->behind_claim().empty()) return;
  field.Report(absl::StrCat("issuer \"", parts.first,
                            "\" has no behind_claim that would tell accounts"));
}

}  // namespace

void CheckIssuers(const v1::Policy& policy, const Field& here) {
  const Names issuers = CheckNames(policy.issuers(), "issuers", here);
  Owners urls;
  for (int i = 0; i < policy.issuers_size(); ++i) {
    const v1::Issuer& issuer = policy.issuers(i);
    const Field field = here.At("issuers", i);
    CheckIssuer(issuer, field);
    const auto [owner, is_new] = urls.emplace(issuer.url(), issuer.name());
    if (is_new || issuer.url().empty()) continue;
    field.At("url").Report(absl::StrCat("is that of ", owner->second,
                                        " already: a token names one issuer"));
  }
  Owners workloads;
  Owners accounts;
  for (int i = 0; i < policy.people_size(); ++i) {
    const v1::Person& person = policy.people(i);
    const Field field = here.At("people", i);
    CheckWorkloads(person, issuers, workloads, field);
    for (int j = 0; j < person.accounts_size(); ++j) {
      const Field at = field.At("accounts", j);
      CheckAccount(policy, person.accounts(j), issuers, at);
      const auto [owner, is_new] =
          accounts.emplace(person.accounts(j), person.name());
      if (is_new) continue;
      at.Report(absl::StrCat("\"", person.accounts(j), "\" belongs to ",
                             owner->second, " already"));
    }
  }
}

}  // namespace bootseal::trust
