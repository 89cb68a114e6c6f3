#include "server/trust/policy_checks.h"

#include <cstdint>
#include <limits>

#include "server/trust/capsule_format.h"
#include "server/trust/first_stage_format.h"
#include "server/trust/format.h"
#include "server/trust/names.h"
#include "server/trust/overlap.h"
#include "server/trust/package_format.h"

namespace bootseal::trust {
namespace {

// What a log of signed 64-bit numbers can compare: a higher one would end the
// guard against older policies.
constexpr std::uint64_t kMaxVersion = std::numeric_limits<std::int64_t>::max();

void CheckVersion(std::uint64_t version, const Field& field) {
  if (version == 0) field.Report("required: 1 or more");
  if (version <= kMaxVersion) return;
  field.Report(absl::StrCat(version, ", expected at most ", kMaxVersion));
}

void CheckDenied(const v1::Policy& policy, const Field& here) {
  for (int i = 0; i < policy.denied_certificates_size(); ++i) {
    CheckSha256Hex(policy.denied_certificates(i),
                   here.At("denied_certificates", i));
  }
}

// Names of firmware keys; the other purposes sign no image.
void CheckTargetKey(const v1::Policy& policy, const std::string& name,
                    const Names& keys, const Field& field) {
  if (name.empty()) return field.Report("required");
  CheckKnown("key", name, keys, field);
  for (const v1::PinnedKey& key : policy.keys()) {
    if (key.name() != name || key.purpose() == v1::FIRMWARE) continue;
    field.Report(absl::StrCat("key \"", key.name(), "\" has purpose ",
                              v1::KeyPurpose_Name(key.purpose()),
                              ", expected FIRMWARE"));
  }
}

template <typename Named>
void CheckRoleNames(const Named& named, const char* list, const Names& roles,
                    const Field& here) {
  Names seen;
  for (int i = 0; i < named.size(); ++i) {
    const Field field = here.At(list, i);
    CheckKnown("role", named[i], roles, field);
    if (seen.insert(named[i]).second) continue;
    field.Report(absl::StrCat("\"", named[i], "\" is given twice"));
  }
}

void CheckRequesters(const v1::Target& target, const Names& roles,
                     const Field& here) {
  if (target.requesters_size() == 0) {
    here.At("requesters").Report("required: at least one role");
  }
  CheckRoleNames(target.requesters(), "requesters", roles, here);
  CheckRoleNames(target.release().verdict_requesters(), "verdict_requesters",
                 roles, here.At("release"));
}

v1::Algorithm AlgorithmOf(const v1::Policy& policy, const std::string& name) {
  for (const v1::PinnedKey& key : policy.keys()) {
    if (key.name() == name) return key.algorithm();
  }
  return v1::ALGORITHM_UNSPECIFIED;
}

// A key has one padding, and a capsule's is another than an image's.
void CheckPadding(const v1::Policy& policy, const v1::Target& target,
                  const Field& field) {
  for (const v1::Target& other : policy.targets()) {
    if (other.key() != target.key() || other.has_capsule()) continue;
    return field.Report(absl::StrCat(
        "key \"", target.key(), "\" is that of target \"", other.name(),
        "\" too, which is no capsule: with PKCS #1 v1.5, U-Boot verifies no "
        "other, a key signs capsules alone; give them one of their own"));
  }
}

void CheckCapsuleKey(const v1::Policy& policy, const v1::Target& target,
                     const Field& here) {
  if (!target.has_capsule()) return;
  CheckPadding(policy, target, here.At("key"));
  for (const v1::PinnedKey& key : policy.keys()) {
    if (key.name() != target.key()) continue;
    CheckCertificateIsOf(target.capsule(), key.public_key_sha256(),
                         here.At("capsule").At("certificate_pem"));
  }
}

// Of a package, the keys beside the root of trust.
void CheckPackageKeys(const v1::Policy& policy, const v1::Target& target,
                      const Names& keys, const Field& here) {
  if (!target.has_fip()) return;
  const v1::Algorithm root = AlgorithmOf(policy, target.key());
  const v1::Algorithm expected = IsOfAChain(root) ? root : v1::P256;
  for (const PackageKey& key : FurtherKeysOf(target.fip())) {
    const Field field = here.At("fip").At(key.field);
    const std::size_t before = field.count();
    CheckTargetKey(policy, key.name, keys, field);
    const v1::Algorithm algorithm = AlgorithmOf(policy, key.name);
    if (field.count() != before || algorithm == expected ||
        algorithm == v1::ALGORITHM_UNSPECIFIED) {
      continue;
    }
    field.Report(absl::StrCat("key \"", key.name, "\" is ",
                              v1::Algorithm_Name(algorithm), ", expected ",
                              v1::Algorithm_Name(expected),
                              ", as all of a package are on one curve"));
  }
}

void CheckFirstStageKey(const v1::Policy& policy, const v1::Target& target,
                        const Field& here) {
  if (!target.has_stm32_header()) return;
  for (const v1::PinnedKey& key : policy.keys()) {
    if (key.name() != target.key()) continue;
    CheckTableIsOf(target.stm32_header(), key.public_key_sha256(),
                   here.At("stm32_header").At("key_index"));
  }
}

template <typename Items>
Names NamesOf(const Items& items) {
  Names names;
  for (const auto& item : items) names.insert(item.name());
  return names;
}

}  // namespace

void CheckTargets(const v1::Policy& policy, const Field& here) {
  CheckNames(policy.targets(), "targets", here);
  const Names keys = NamesOf(policy.keys());
  const Names roles = NamesOf(policy.roles());
  for (int i = 0; i < policy.targets_size(); ++i) {
    const v1::Target& target = policy.targets(i);
    const Field field = here.At("targets", i);
    CheckTargetKey(policy, target.key(), keys, field.At("key"));
    CheckRequesters(target, roles, field);
    CheckFormat(target, AlgorithmOf(policy, target.key()), field);
    CheckCapsuleKey(policy, target, field);
    CheckPackageKeys(policy, target, keys, field);
    CheckFirstStageKey(policy, target, field);
    CheckOverlapKeys(policy, target, field);
  }
}

void CheckLoggedPolicy(const v1::Policy& policy, const Field& here) {
  CheckVersion(policy.version(), here.At("version"));
  CheckPeople(policy, here);
  CheckIssuers(policy, here);
  CheckKeys(policy, here);
  CheckTargets(policy, here);
  CheckApprovals(policy, here);
  CheckNamesBehind(policy, here);
  CheckDenied(policy, here);
}

void CheckPolicy(const v1::Policy& policy, const Field& here) {
  CheckLoggedPolicy(policy, here);
  CheckEnoughApprovers(policy, here);
  CheckBehindTold(policy, here);
}

}  // namespace bootseal::trust
