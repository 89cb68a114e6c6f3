#include "server/trust/policy.h"

#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "server/trust/key_set_pin.h"
#include "server/trust/policy_checks.h"
#include "server/trust/text.h"

namespace bootseal::trust {
namespace {

std::string Sha256(absl::string_view text) {
  return image::host::ToString(
      image::HashOf(image::HashAlgorithm::kSha256, image::host::AsBytes(text))
          .bytes());
}

template <typename Item>
absl::flat_hash_map<std::string, int> IndexByName(const Item& items) {
  absl::flat_hash_map<std::string, int> index;
  for (int i = 0; i < items.size(); ++i) index.emplace(items[i].name(), i);
  return index;
}

template <typename Items>
auto Find(const Items& items,
          const absl::flat_hash_map<std::string, int>& index,
          absl::string_view name) -> decltype(&items[0]) {
  const auto found = index.find(name);
  return found == index.end() ? nullptr : &items[found->second];
}

Problems ProblemsOf(absl::string_view textproto,
                    void (*rules)(const v1::Policy&, const Field&),
                    v1::Policy& proto) {
  Problems problems;
  if (textproto.size() > kMaxPolicyBytes) {
    problems.push_back(absl::StrCat(
        "the file has ", textproto.size(), " bytes, expected at most ",
        kMaxPolicyBytes, ": it is logged in one entry"));
    return problems;
  }
  if (!IsText(textproto)) problems.push_back("the file is not UTF-8");
  if (ParseText(textproto, proto, problems) != Syntax::kBroken) {
    rules(proto, Field(problems));
  }
  return problems;
}

absl::Status Report(const Problems& problems) {
  if (problems.empty()) return absl::OkStatus();
  return base::Fail(
      absl::StatusCode::kInvalidArgument, "POLICY_INVALID",
      absl::StrCat("policy has ", problems.size(),
                   problems.size() == 1 ? " problem:\n  " : " problems:\n  ",
                   absl::StrJoin(problems, "\n  ")));
}

// nullopt and a report when the file is not the one that was pinned.
std::optional<KeySet> ReadKeySet(const v1::Issuer& issuer,
                                 const Policy::ReadNamedFile& read,
                                 const Field& here) {
  const auto text = read(issuer.jwks_path());
  if (!text.ok()) {
    here.At("jwks_path").Report(text.status().message());
    return std::nullopt;
  }
  if (!text->has_value()) return std::nullopt;
  if (!IsPinned(issuer, **text)) {
    here.At("jwks_sha256")
        .Report(absl::StrCat(issuer.jwks_path(), " has sha256 ",
                             KeySetPin(**text), ", the policy pins ",
                             issuer.jwks_sha256()));
    return std::nullopt;
  }
  auto keys = KeySet::Parse(**text);
  if (keys.ok()) return *std::move(keys);
  here.At("jwks_path")
      .Report(absl::StrCat(issuer.jwks_path(), ": ", keys.status().message()));
  return std::nullopt;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Policy>> Policy::Parse(
    absl::string_view textproto) {
  return ParseBy(CheckPolicy, textproto);
}

absl::StatusOr<std::shared_ptr<const Policy>> Policy::ParseLogged(
    absl::string_view textproto) {
  return ParseBy(CheckLoggedPolicy, textproto);
}

absl::StatusOr<std::shared_ptr<const Policy>> Policy::ParseBy(
    Rules rules, absl::string_view textproto) {
  const std::shared_ptr<Policy> policy(new Policy());
  RETURN_IF_ERROR(Report(ProblemsOf(textproto, rules, policy->proto_)));
  policy->text_ = std::string(textproto);
  policy->sha256_ = Sha256(textproto);
  policy->Index();
  return std::shared_ptr<const Policy>(policy);
}

absl::StatusOr<std::shared_ptr<const Policy>> Policy::WithIssuerKeys(
    const ReadNamedFile& read) const {
  const std::shared_ptr<Policy> policy(new Policy(*this));
  Problems problems;
  for (int i = 0; i < proto_.issuers_size(); ++i) {
    const v1::Issuer& issuer = proto_.issuers(i);
    auto keys = ReadKeySet(issuer, read, Field(problems).At("issuers", i));
    if (!keys) continue;
    policy->issuer_keys_.insert_or_assign(issuer.name(), *std::move(keys));
  }
  RETURN_IF_ERROR(Report(problems));
  // They refer to people of their own policy.
  policy->IndexApprovers();
  return std::shared_ptr<const Policy>(policy);
}

void Policy::Index() {
  targets_ = IndexByName(proto_.targets());
  keys_ = IndexByName(proto_.keys());
  trust_domains_ = IndexByName(proto_.trust_domains());
  people_ = IndexByName(proto_.people());
  for (int i = 0; i < proto_.people_size(); ++i) {
    for (const std::string& subject : proto_.people(i).subjects()) {
      people_by_subject_.emplace(subject, i);
    }
    for (const std::string& account : proto_.people(i).accounts()) {
      people_by_account_.emplace(account, i);
    }
  }
  for (int i = 0; i < proto_.issuers_size(); ++i) {
    issuers_by_url_.emplace(proto_.issuers(i).url(), i);
  }
  for (const v1::Role& role : proto_.roles()) {
    for (const std::string& member : role.members()) {
      roles_of_[member].push_back(role.name());
    }
  }
  for (const std::string& hex : proto_.denied_certificates()) {
    denied_.insert(absl::HexStringToBytes(hex));
  }
  for (const std::string& hex : proto_.revoked_approvals()) {
    revoked_.insert(absl::HexStringToBytes(hex));
  }
  IndexApprovers();
}

void Policy::IndexApprovers() {
  approvers_.clear();
  for (const v1::Person& person : proto_.people()) {
    for (const v1::ApproverKey& listed : person.approver_keys()) {
      auto key = ApproverKey::Parse(listed.public_key());
      if (!key.ok()) continue;
      approvers_.push_back({&person, listed.retired(), *std::move(key)});
    }
  }
}

const v1::Target* Policy::FindTarget(absl::string_view name) const {
  return Find(proto_.targets(), targets_, name);
}

const v1::PinnedKey* Policy::FindKey(absl::string_view name) const {
  return Find(proto_.keys(), keys_, name);
}

const v1::TrustDomain* Policy::FindTrustDomain(absl::string_view name) const {
  return Find(proto_.trust_domains(), trust_domains_, name);
}

const v1::Person* Policy::FindPerson(absl::string_view name) const {
  return Find(proto_.people(), people_, name);
}

const v1::Person* Policy::FindPersonBySubject(absl::string_view subject) const {
  return Find(proto_.people(), people_by_subject_, subject);
}

const v1::Person* Policy::FindPersonByAccount(absl::string_view account) const {
  return Find(proto_.people(), people_by_account_, account);
}

const v1::Issuer* Policy::FindIssuerByUrl(absl::string_view url) const {
  return Find(proto_.issuers(), issuers_by_url_, url);
}

const KeySet* Policy::KeysOf(absl::string_view issuer) const {
  const auto found = issuer_keys_.find(std::string(issuer));
  return found == issuer_keys_.end() ? nullptr : &found->second;
}

std::vector<std::string> Policy::RolesOf(absl::string_view person) const {
  const auto found = roles_of_.find(person);
  return found == roles_of_.end() ? std::vector<std::string>() : found->second;
}

bool Policy::IsDenied(absl::string_view certificate_sha256) const {
  return denied_.contains(certificate_sha256);
}

bool Policy::IsRevoked(absl::string_view statement_sha256) const {
  return revoked_.contains(statement_sha256);
}

}  // namespace bootseal::trust
