// Keys of approvers, and whether enough of them are there.
#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "server/trust/approver_key.h"
#include "server/trust/behind.h"
#include "server/trust/names.h"
#include "server/trust/policy_checks.h"
#include "server/trust/verdict_rules.h"

namespace bootseal::trust {
namespace {

constexpr std::uint32_t kMaxApprovalSeconds = 90 * 24 * 60 * 60;

// By SHA-256 of their encodings, raw: to whom a key belongs.
using KeyOwners = std::map<std::string, std::string>;

KeyOwners PinnedKeys(const v1::Policy& policy) {
  KeyOwners owners;
  for (const v1::PinnedKey& key : policy.keys()) {
    owners.emplace(absl::AsciiStrToLower(key.public_key_sha256()), key.name());
  }
  return owners;
}

// A key belongs to one person, and no key that signs for the server approves
// what it signs.
void CheckOwner(const ApproverKey& key, const std::string& person,
                const KeyOwners& pinned, const Field& field,
                KeyOwners& owners) {
  const auto [owner, is_new] = owners.emplace(key.spki_sha256(), person);
  if (!is_new) {
    field.Report(absl::StrCat("is the key of ", owner->second,
                              " already, in this form or another: one key "
                              "belongs to one person, once"));
  }
  for (const std::string& hash : {key.device_sha256(), key.spki_sha256()}) {
    const auto found = pinned.find(absl::BytesToHexString(hash));
    if (found == pinned.end()) continue;
    return field.Report(absl::StrCat("is the public key of \"", found->second,
                                     "\", a key of keys: what signs for the "
                                     "server approves nothing"));
  }
}

void CheckApproverKeys(const v1::Policy& policy, const Field& here) {
  const KeyOwners pinned = PinnedKeys(policy);
  KeyOwners owners;
  for (int i = 0; i < policy.people_size(); ++i) {
    const v1::Person& person = policy.people(i);
    for (int j = 0; j < person.approver_keys_size(); ++j) {
      const Field field =
          here.At("people", i).At("approver_keys", j).At("public_key");
      const auto key = ApproverKey::Parse(person.approver_keys(j).public_key());
      if (!key.ok()) {
        field.Report(key.status().message());
        continue;
      }
      CheckOwner(*key, person.name(), pinned, field, owners);
    }
  }
}

template <typename Wanted>
Names MembersOf(const v1::Policy& policy, Wanted wanted) {
  Names members;
  for (const v1::Role& role : policy.roles()) {
    if (!wanted(role)) continue;
    members.insert(role.members().begin(), role.members().end());
  }
  return members;
}

Names MembersOf(const v1::Policy& policy, const Roles& roles) {
  return MembersOf(policy, [&roles](const v1::Role& role) {
    return std::find(roles.begin(), roles.end(), role.name()) != roles.end();
  });
}

Names KeyManagers(const v1::Policy& policy) {
  return MembersOf(policy, [](const v1::Role& role) {
    return std::find(role.permissions().begin(), role.permissions().end(),
                     v1::MANAGE_KEYS) != role.permissions().end();
  });
}

bool HasLiveKey(const v1::Policy& policy, const std::string& name) {
  for (const v1::Person& person : policy.people()) {
    if (person.name() != name) continue;
    return std::any_of(person.approver_keys().begin(),
                       person.approver_keys().end(),
                       [](const auto& key) { return !key.retired(); });
  }
  return false;
}

// Whoever is missing or twice there is reported as that; counting them on top
// would say it again.
bool PeopleAreGood(const v1::Policy& policy) {
  Problems problems;
  CheckPeople(policy, Field(problems));
  return problems.empty();
}

// What a target and key_approvals say in the same words.
struct Quorum {
  std::uint32_t approvals;  // 0: none is needed, ever
  const Roles& approvers;
  std::uint32_t seconds;
  Names requesters;  // people who may ask
};

void CheckSeconds(std::uint32_t seconds, const Field& field) {
  if (seconds <= kMaxApprovalSeconds) return;
  field.Report(absl::StrCat(seconds, ", expected at most ", kMaxApprovalSeconds,
                            " (90 days)"));
}

void CheckRoles(const Quorum& quorum, const Names& roles, const Field& field) {
  Names seen;
  for (int i = 0; i < quorum.approvers.size(); ++i) {
    const Field at = field.At("approvers", i);
    CheckKnown("role", quorum.approvers[i], roles, at);
    if (seen.insert(quorum.approvers[i]).second) continue;
    at.Report(absl::StrCat("\"", quorum.approvers[i], "\" is given twice"));
  }
}

std::string WhoIsNotCounted(const std::string& asks, const Names& excluded) {
  if (excluded == Names{asks}) {
    return absl::StrCat("; whoever asks is not counted, and ", asks, " may");
  }
  return absl::StrCat("; whoever asks or stands behind it is not counted, and ",
                      asks, " may, which is or has behind it ",
                      absl::StrJoin(excluded, ", "));
}

// Of the people who are able, those who do not count when `requester` asks: it
// and whoever stands behind it.
Names Excluded(const v1::Policy& policy, const std::string& requester,
               const Names& able) {
  const auto find = [&policy](const std::string& name) -> const v1::Person* {
    for (const v1::Person& person : policy.people()) {
      if (person.name() == name) return &person;
    }
    return nullptr;
  };
  Names excluded;
  for (const std::string& name : WithThoseBehind({requester}, find)) {
    if (able.contains(name)) excluded.insert(name);
  }
  return excluded;
}

// For whoever asks: the requester's own approval does not count, nor does that
// of those behind it.
void CheckEnough(const v1::Policy& policy, const Quorum& quorum,
                 const Field& field) {
  Names able;
  for (const std::string& name : MembersOf(policy, quorum.approvers)) {
    if (HasLiveKey(policy, name)) able.insert(name);
  }
  std::string asks;
  Names excluded;
  for (const std::string& requester : quorum.requesters) {
    Names those = Excluded(policy, requester, able);
    if (those.size() <= excluded.size()) continue;
    asks = requester;
    excluded = std::move(those);
  }
  if (able.size() >= quorum.approvals + excluded.size()) return;
  field.At("approvals")
      .Report(absl::StrCat(
          quorum.approvals, ", and only ", able.size(),
          " of the approvers' people ", able.size() == 1 ? "has" : "have",
          " a key that is not retired",
          able.empty() ? ""
                       : absl::StrCat(" (", absl::StrJoin(able, ", "), ")"),
          excluded.empty() ? std::string() : WhoIsNotCounted(asks, excluded)));
}

void CheckQuorum(const Quorum& quorum, const Names& roles, const Field& field) {
  CheckSeconds(quorum.seconds, field.At("approval_seconds"));
  CheckRoles(quorum, roles, field);
  if (quorum.approvals == 0 || !quorum.approvers.empty()) return;
  field.At("approvers").Report("required: at least one role");
}

Quorum QuorumOf(const v1::Policy& policy, const v1::Target& target) {
  // A version that may go down once somebody says so needs somebody.
  const std::uint32_t least = target.lower_version() == v1::ASK ? 1 : 0;
  return {std::max(target.approvals(), least), target.approvers(),
          target.approval_seconds(),
          MembersOf(policy, AllRequestersOf(target))};
}

Quorum QuorumOf(const v1::Policy& policy, const v1::KeyApprovals& wanted) {
  return {wanted.approvals(), wanted.approvers(), wanted.approval_seconds(),
          KeyManagers(policy)};
}

void CheckKeyApprovals(const v1::Policy& policy, const Names& roles,
                       const Field& here) {
  if (!policy.has_key_approvals()) return;
  const Field field = here.At("key_approvals");
  if (policy.key_approvals().approvals() == 0) {
    field.At("approvals").Report("required: 1 or more");
  }
  CheckQuorum(QuorumOf(policy, policy.key_approvals()), roles, field);
}

Names RolesIn(const v1::Policy& policy) {
  Names roles;
  for (const v1::Role& role : policy.roles()) roles.insert(role.name());
  return roles;
}

// Who is counted is known: what is wrong with that has been reported, and
// counting on top would say it again.
bool Counts(const Quorum& quorum, const Names& roles) {
  Problems problems;
  CheckRoles(quorum, roles, Field(problems));
  return problems.empty() && quorum.approvals > 0 && !quorum.approvers.empty();
}

}  // namespace

void CheckApprovals(const v1::Policy& policy, const Field& here) {
  CheckApproverKeys(policy, here);
  const Names roles = RolesIn(policy);
  for (int i = 0; i < policy.targets_size(); ++i) {
    CheckQuorum(QuorumOf(policy, policy.targets(i)), roles,
                here.At("targets", i));
  }
  CheckKeyApprovals(policy, roles, here);
  for (int i = 0; i < policy.revoked_approvals_size(); ++i) {
    CheckSha256Hex(policy.revoked_approvals(i),
                   here.At("revoked_approvals", i));
  }
}

void CheckEnoughApprovers(const v1::Policy& policy, const Field& here) {
  if (!PeopleAreGood(policy)) return;
  const Names roles = RolesIn(policy);
  const auto check = [&](const Quorum& quorum, const Field& field) {
    if (Counts(quorum, roles)) CheckEnough(policy, quorum, field);
  };
  for (int i = 0; i < policy.targets_size(); ++i) {
    check(QuorumOf(policy, policy.targets(i)), here.At("targets", i));
  }
  if (!policy.has_key_approvals()) return;
  check(QuorumOf(policy, policy.key_approvals()), here.At("key_approvals"));
}

}  // namespace bootseal::trust
