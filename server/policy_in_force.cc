#include "server/policy_in_force.h"

#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "server/key_specs.h"
#include "server/trust/package_profile.h"
#include "server/trust/target_format.h"

namespace bootseal::server {
namespace {

struct AlgorithmName {
  v1::Algorithm wire;
  hsm::Algorithm token;
};
constexpr AlgorithmName kAlgorithms[] = {
    {v1::RSA2048, hsm::Algorithm::kRsa2048},
    {v1::RSA3072, hsm::Algorithm::kRsa3072},
    {v1::P256, hsm::Algorithm::kP256},
    {v1::P384, hsm::Algorithm::kP384},
    {v1::ED25519, hsm::Algorithm::kEd25519},
    {v1::BRAINPOOL_P256T1, hsm::Algorithm::kBrainpoolP256t1},
};

absl::StatusOr<hsm::Algorithm> TokenAlgorithm(v1::Algorithm algorithm) {
  for (const AlgorithmName& each : kAlgorithms) {
    if (each.wire == algorithm) return each.token;
  }
  return base::Invalid("KEY_TYPE", "keys.algorithm", "no such algorithm");
}

absl::StatusOr<hsm::Purpose> TokenPurpose(v1::KeyPurpose purpose) {
  if (purpose == v1::FIRMWARE) return hsm::Purpose::kFirmware;
  if (purpose == v1::CHECKPOINT) return hsm::Purpose::kCheckpoint;
  if (purpose == v1::CANARY) return hsm::Purpose::kCanary;
  return base::Invalid("KEY_PURPOSE", "keys.purpose", "no such purpose");
}

absl::StatusOr<std::vector<hsm::KeySpec>> FirmwareKeys(
    const v1::Policy& policy) {
  ASSIGN_OR_RETURN(std::vector<hsm::KeySpec> specs, SpecsOf(policy));
  std::erase_if(specs, [](const hsm::KeySpec& spec) {
    return spec.purpose != hsm::Purpose::kFirmware;
  });
  return specs;
}

bool HoldsPinned(const hsm::ServingKey& key) {
  const image::Digest found = image::HashOf(
      image::HashAlgorithm::kSha256, image::host::AsBytes(key.info.public_key));
  return image::host::ToString(found.bytes()) == key.spec.public_key_sha256;
}

// They sign nothing here: whether they may does not matter, nor does one that
// the token lacks; who provisions devices is told of that
// (trust::CheckHasEveryKey).
void AddOverlapKeys(const hsm::Signer& signer, v1::Profile& profile) {
  for (const std::string& name : profile.target().overlap_keys()) {
    if (!trust::PublicKeyOf(profile, name).empty()) continue;
    for (const hsm::ServingKey& key : signer.keys()) {
      if (key.spec.name != name || !HoldsPinned(key)) continue;
      v1::ProfileKey& further = *profile.add_keys();
      further.set_name(name);
      further.set_public_key(key.info.public_key);
    }
  }
}

}  // namespace

absl::StatusOr<hsm::KeySpec> SpecOf(const v1::PinnedKey& key) {
  hsm::KeySpec spec;
  spec.name = key.name();
  spec.uri = key.uri();
  ASSIGN_OR_RETURN(spec.algorithm, TokenAlgorithm(key.algorithm()));
  ASSIGN_OR_RETURN(spec.purpose, TokenPurpose(key.purpose()));
  spec.public_key_sha256 = absl::HexStringToBytes(key.public_key_sha256());
  spec.accept_imported = key.accept_imported();
  return spec;
}

PolicyInForce::PolicyInForce(std::shared_ptr<const trust::Policy> policy,
                             std::unique_ptr<hsm::Signer> signer,
                             KeyStates& key_states, const base::Clock& clock)
    : policy_(std::move(policy)),
      judge_(*policy_),
      signer_(std::move(signer)),
      key_states_(key_states),
      identifier_(std::make_unique<identity::Identifier>(policy_, clock)) {
  for (const v1::Target& target : policy_->proto().targets()) {
    profiles_.emplace(target.name(), MakeProfile(target));
  }
}

absl::StatusOr<std::shared_ptr<const PolicyInForce>> PolicyInForce::Make(
    std::shared_ptr<const trust::Policy> policy,
    std::shared_ptr<hsm::Token> token, KeyStates& key_states,
    const base::Clock& clock) {
  ASSIGN_OR_RETURN(const auto specs, FirmwareKeys(policy->proto()));
  ASSIGN_OR_RETURN(auto signer, hsm::Signer::Open(std::move(token), specs));
  return std::shared_ptr<const PolicyInForce>(new PolicyInForce(
      std::move(policy), std::move(signer), key_states, clock));
}

const hsm::ServingKey* PolicyInForce::FindKey(absl::string_view name) const {
  for (const hsm::ServingKey& key : signer_->keys()) {
    if (key.spec.name == name) return &key;
  }
  return nullptr;
}

absl::StatusOr<std::string> PolicyInForce::PublicKeyOf(
    const v1::Target& target, const std::string& name) const {
  const hsm::ServingKey* key = FindKey(name);
  if (key == nullptr) {
    return base::Precondition(
        "KEY_MISSING",
        absl::StrCat("target ", target.name(), " has no key ", name));
  }
  RETURN_IF_ERROR(base::Annotate(key->status, absl::StrCat("key ", name)));
  // The verifier believes the policy, never the token: what the token says is
  // taken only because it has the hash that the policy pins.
  if (!HoldsPinned(*key)) {
    return base::Precondition(
        "KEY_NOT_PINNED",
        absl::StrCat("key ", name, " in the token is not the one that ",
                     "the policy pins"));
  }
  return key->info.public_key;
}

absl::StatusOr<trust::TargetProfile> PolicyInForce::MakeProfile(
    const v1::Target& target) const {
  const v1::PinnedKey* pinned = policy_->FindKey(target.key());
  if (pinned == nullptr) {
    return base::Precondition(
        "KEY_MISSING", absl::StrCat("target ", target.name(), " has no key"));
  }
  v1::Profile profile;
  *profile.mutable_target() = target;
  profile.set_algorithm(pinned->algorithm());
  for (const std::string& name : trust::KeysOf(target)) {
    ASSIGN_OR_RETURN(std::string key, PublicKeyOf(target, name));
    if (name == target.key()) {
      profile.set_public_key(std::move(key));
      continue;
    }
    v1::ProfileKey& further = *profile.add_keys();
    further.set_name(name);
    further.set_public_key(std::move(key));
  }
  AddOverlapKeys(*signer_, profile);
  return trust::TargetProfile::Make(profile);
}

absl::StatusOr<trust::TargetProfile> PolicyInForce::ProfileOf(
    absl::string_view target) const {
  const auto found = profiles_.find(target);
  if (found == profiles_.end()) {
    return base::NotFound("UNKNOWN_TARGET",
                          absl::StrCat("the policy has no target ", target));
  }
  if (!found->second.ok()) return found->second;
  // What the token has does not change while a policy is in force; what people
  // approve does.
  for (const std::string& name :
       trust::KeysOf(found->second->proto().target())) {
    RETURN_IF_ERROR(key_states_.CheckServes(*policy_, *policy_->FindKey(name)));
  }
  return found->second;
}

absl::Status PolicyInForce::CheckServes(const v1::PinnedKey& key) const {
  const hsm::ServingKey* const found = FindKey(key.name());
  if (found == nullptr) {
    return base::Precondition("KEY_NOT_USED",
                              "this server does not use the key");
  }
  RETURN_IF_ERROR(found->status);
  return key_states_.CheckServes(*policy_, key);
}

absl::Status PolicyInForce::CheckServes(const v1::PinnedKey& key,
                                        const audit::Standing& standing) const {
  return key_states_.CheckServes(*policy_, key, standing);
}

}  // namespace bootseal::server
