// Trust domains, people and roles.
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/openssl.h"
#include "server/trust/names.h"
#include "server/trust/policy_checks.h"

namespace bootseal::trust {
namespace {

constexpr absl::string_view kSpiffe = "spiffe://";
constexpr char kPemBegin[] = "-----BEGIN ";

// SPIFFE-ID 2.1 to 2.3; https://spiffe.io.
constexpr std::size_t kMaxSpiffeBytes = 2048;
constexpr std::size_t kMaxTrustDomainBytes = 255;

bool OnlyHas(absl::string_view text, bool (*accepts)(char)) {
  return !text.empty() && std::all_of(text.begin(), text.end(), accepts);
}

bool IsAlphanumeric(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c));
}

bool IsDomainCharacter(char c) {
  return absl::ascii_islower(static_cast<unsigned char>(c)) ||
         absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '.' ||
         c == '-' || c == '_';
}

bool IsSegmentCharacter(char c) {
  return IsAlphanumeric(c) || c == '.' || c == '-' || c == '_';
}

bool IsSegment(absl::string_view segment) {
  return OnlyHas(segment, IsSegmentCharacter) && segment != "." &&
         segment != "..";
}

bool IsTrustDomain(absl::string_view name) {
  return name.size() <= kMaxTrustDomainBytes &&
         OnlyHas(name, IsDomainCharacter);
}

// "/ci/builder": at least one segment, none empty or relative.
bool IsSpiffePath(absl::string_view path) {
  if (!absl::ConsumePrefix(&path, "/")) return false;
  const std::vector<absl::string_view> segments = absl::StrSplit(path, '/');
  return std::all_of(segments.begin(), segments.end(), IsSegment);
}

// A type and a value in every part: "CN=alice,O=Example".
bool IsDistinguishedName(absl::string_view name) {
  const std::size_t equals = name.find('=');
  if (equals == absl::string_view::npos || equals == 0) return false;
  const absl::string_view type = name.substr(0, equals);
  const bool type_is_plain = std::all_of(type.begin(), type.end(), [](char c) {
    return IsAlphanumeric(c) || c == '.';
  });
  return type_is_plain && equals + 1 < name.size();
}

void CheckSpiffe(const std::string& subject, const Names& domains,
                 const Field& field) {
  const absl::string_view rest =
      absl::string_view(subject).substr(kSpiffe.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const std::string domain(rest.substr(0, slash));
  if (subject.size() > kMaxSpiffeBytes || !IsTrustDomain(domain) ||
      !IsSpiffePath(rest.substr(slash))) {
    return field.Report(absl::StrCat(
        "\"", subject, "\" is no SPIFFE id, expected ",
        "spiffe://<domain>/<path> without empty or relative segments, query ",
        "or port"));
  }
  CheckKnown("trust domain", domain, domains, field);
}

void CheckDistinguishedName(const std::string& subject, const Names& domains,
                            const Field& field) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(subject, absl::MaxSplits(' ', 1));
  if (!IsDistinguishedName(parts.second)) {
    return field.Report(absl::StrCat(
        "\"", subject,
        "\" is no subject, expected spiffe://<domain>/<path> or ",
        "<domain> <DN>, for example \"dev.example CN=alice,O=Example\""));
  }
  CheckKnown("trust domain", parts.first, domains, field);
}

void CheckSubjects(const v1::Policy& policy, const Names& domains,
                   const Field& here) {
  std::map<std::string, std::string> owners;
  for (int i = 0; i < policy.people_size(); ++i) {
    const v1::Person& person = policy.people(i);
    const Field field = here.At("people", i);
    if (person.subjects().empty() && person.workloads().empty() &&
        person.accounts().empty() && person.approver_keys().empty()) {
      field.At("subjects")
          .Report(
              "required: at least one, or a workload, an account or an "
              "approver "
              "key");
    }
    for (int j = 0; j < person.subjects_size(); ++j) {
      const std::string& subject = person.subjects(j);
      const Field at = field.At("subjects", j);
      if (absl::StartsWith(subject, kSpiffe)) {
        CheckSpiffe(subject, domains, at);
      } else {
        CheckDistinguishedName(subject, domains, at);
      }
      const auto [owner, is_new] = owners.emplace(subject, person.name());
      if (!is_new) {
        at.Report(absl::StrCat("\"", subject, "\" belongs to ", owner->second,
                               " already"));
      }
    }
  }
}

// The only certificate of the text; nullptr and a report otherwise.
base::X509Ptr ReadCa(const std::string& pem, const Field& field) {
  const std::size_t first = pem.find(kPemBegin);
  if (first == std::string::npos) {
    field.Report("required: one CA certificate in PEM");
    return nullptr;
  }
  if (pem.find(kPemBegin, first + 1) != std::string::npos) {
    field.Report("has more than one PEM block, expected exactly one CA");
    return nullptr;
  }
  const base::BioPtr bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  base::X509Ptr ca(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  const std::string errors = base::DrainOpenSslErrors();
  if (!ca) {
    field.Report(absl::StrCat("is no certificate: ", errors));
  } else if (X509_check_ca(ca.get()) != 1) {
    field.Report("is no CA certificate: basicConstraints CA is not set");
  }
  return ca;
}

void CheckTrustDomains(const v1::Policy& policy, const Field& here) {
  std::vector<std::pair<std::string, base::X509Ptr>> cas;
  for (int i = 0; i < policy.trust_domains_size(); ++i) {
    const v1::TrustDomain& domain = policy.trust_domains(i);
    const Field field = here.At("trust_domains", i);
    if (!domain.name().empty() && !IsTrustDomain(domain.name())) {
      field.At("name").Report(
          absl::StrCat("\"", domain.name(), "\" is no SPIFFE trust domain, ",
                       "expected lower-case letters, digits and . - _"));
    }
    base::X509Ptr ca = ReadCa(domain.ca_pem(), field.At("ca_pem"));
    if (!ca) continue;
    for (const auto& [name, other] : cas) {
      if (EVP_PKEY_eq(X509_get0_pubkey(ca.get()),
                      X509_get0_pubkey(other.get())) != 1) {
        continue;
      }
      field.At("ca_pem").Report(absl::StrCat(
          "has the key of ", name, "'s CA: each domain needs its own"));
    }
    cas.emplace_back(domain.name(), std::move(ca));
  }
}

void CheckRoles(const v1::Policy& policy, const Names& people,
                const Field& here) {
  for (int i = 0; i < policy.roles_size(); ++i) {
    const v1::Role& role = policy.roles(i);
    const Field field = here.At("roles", i);
    Names seen;
    for (int j = 0; j < role.members_size(); ++j) {
      const Field at = field.At("members", j);
      CheckKnown("person", role.members(j), people, at);
      if (!seen.insert(role.members(j)).second) {
        at.Report(absl::StrCat("\"", role.members(j), "\" is given twice"));
      }
    }
    for (int j = 0; j < role.permissions_size(); ++j) {
      if (role.permissions(j) != v1::PERMISSION_UNSPECIFIED) continue;
      field.At("permissions", j)
          .Report("expected READ_LOG, READ_KEYS or MANAGE_KEYS");
    }
  }
}

}  // namespace

void CheckPeople(const v1::Policy& policy, const Field& here) {
  const Names domains =
      CheckNames(policy.trust_domains(), "trust_domains", here);
  CheckTrustDomains(policy, here);
  const Names people = CheckNames(policy.people(), "people", here);
  CheckSubjects(policy, domains, here);
  CheckNames(policy.roles(), "roles", here);
  CheckRoles(policy, people, here);
}

}  // namespace bootseal::trust
