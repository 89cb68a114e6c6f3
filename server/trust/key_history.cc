#include "server/trust/key_history.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::trust {
namespace {

using State = KeyHistory::State;

std::string PinOf(const v1::PinnedKey& key) {
  return absl::HexStringToBytes(key.public_key_sha256());
}

State StateOf(const KeyHistory& history, const v1::PinnedKey& key) {
  return history.Of(key.name(), PinOf(key));
}

absl::StatusOr<const v1::PinnedKey*> FirmwareKey(const Policy& policy,
                                                 const std::string& name,
                                                 absl::string_view field) {
  const v1::PinnedKey* key = policy.FindKey(name);
  if (key == nullptr) {
    return base::FailField(
        absl::StatusCode::kNotFound, "UNKNOWN_KEY", field,
        absl::StrCat("the policy has no key \"", name, "\""));
  }
  if (key->purpose() == v1::FIRMWARE) return key;
  return base::Precondition(
      "KEY_PURPOSE",
      absl::StrCat("key ", name, " has purpose ",
                   v1::KeyPurpose_Name(key->purpose()),
                   ", expected FIRMWARE: only those need approvals"));
}

absl::Status CheckShape(const v1::KeyChange& asked) {
  if (asked.action() != v1::ACTIVATE && asked.action() != v1::ROTATE &&
      asked.action() != v1::RETIRE) {
    return base::Invalid("KEY_CHANGE_INVALID", "change.action",
                         "no action, expected ACTIVATE, ROTATE or RETIRE");
  }
  const bool rotates = asked.action() == v1::ROTATE;
  if (rotates == !asked.replaces().empty() && asked.replaces() != asked.key()) {
    return absl::OkStatus();
  }
  return base::Invalid(
      "KEY_CHANGE_INVALID", "change.replaces",
      absl::StrCat("\"", asked.replaces(), "\", expected ",
                   rotates ? "the key that retires, another than the new one"
                           : "nothing: only a rotation replaces a key"));
}

absl::Status CheckQuorumSet(const Policy& policy) {
  if (policy.proto().has_key_approvals()) return absl::OkStatus();
  return base::Precondition(
      "KEY_APPROVALS_NOT_SET",
      "the policy has no key_approvals: its pinned keys serve at once; retire "
      "one by taking it out of the policy");
}

absl::Status CheckMayActivate(const KeyHistory& history,
                              const v1::PinnedKey& key) {
  if (StateOf(history, key) != State::kActive) return absl::OkStatus();
  return base::Precondition(
      "KEY_IS_ACTIVE", absl::StrCat("key ", key.name(), " is active already"));
}

absl::Status CheckMayRetire(const KeyHistory& history,
                            const v1::PinnedKey& key) {
  if (StateOf(history, key) == State::kActive) return absl::OkStatus();
  return base::Precondition(
      "KEY_NOT_ACTIVE",
      absl::StrCat("key ", key.name(), " is not active and cannot retire"));
}

}  // namespace

void KeyHistory::Take(std::uint64_t index, const v1::KeyEvent& event) {
  if (event.decision() != v1::ALLOWED) return;
  const v1::KeyChange& change = event.change();
  changed_[change.key()] = index;
  states_[{change.key(), change.public_key_sha256()}] =
      change.action() == v1::RETIRE ? State::kRetired : State::kActive;
  if (change.action() != v1::ROTATE) return;
  changed_[change.replaces()] = index;
  states_[{change.replaces(), change.replaces_sha256()}] = State::kRetired;
}

bool KeyHistory::ChangedAfter(std::uint64_t index,
                              const v1::KeyChange& change) const {
  for (const std::string& key : {change.key(), change.replaces()}) {
    const auto found = changed_.find(key);
    if (found != changed_.end() && found->second > index) return true;
  }
  return false;
}

State KeyHistory::Of(absl::string_view key,
                     absl::string_view public_key_sha256) const {
  const auto found =
      states_.find({std::string(key), std::string(public_key_sha256)});
  return found == states_.end() ? State::kNeverActivated : found->second;
}

absl::Status CheckServes(const Policy& policy, const KeyHistory& history,
                         const v1::PinnedKey& key) {
  if (!policy.proto().has_key_approvals() || key.purpose() != v1::FIRMWARE) {
    return absl::OkStatus();
  }
  switch (StateOf(history, key)) {
    case State::kActive:
      return absl::OkStatus();
    case State::kRetired:
      return base::Precondition(
          "KEY_RETIRED",
          absl::StrCat("key ", key.name(), " was retired and signs no more"));
    case State::kNeverActivated:
      break;
  }
  return base::Precondition(
      "KEY_NOT_APPROVED",
      absl::StrCat("key ", key.name(), " with public key sha256 ",
                   absl::AsciiStrToLower(key.public_key_sha256()),
                   " was never activated; ask with bootseal keys activate ",
                   key.name()));
}

absl::StatusOr<v1::KeyChange> ResolveKeyChange(const Policy& policy,
                                               const KeyHistory& history,
                                               const v1::KeyChange& asked) {
  RETURN_IF_ERROR(CheckShape(asked));
  RETURN_IF_ERROR(CheckQuorumSet(policy));
  ASSIGN_OR_RETURN(const v1::PinnedKey* const key,
                   FirmwareKey(policy, asked.key(), "change.key"));
  RETURN_IF_ERROR(asked.action() == v1::RETIRE
                      ? CheckMayRetire(history, *key)
                      : CheckMayActivate(history, *key));
  v1::KeyChange change;
  change.set_action(asked.action());
  change.set_key(key->name());
  change.set_public_key_sha256(PinOf(*key));
  change.set_transcript_sha256(asked.transcript_sha256());
  if (asked.action() != v1::ROTATE) return change;
  ASSIGN_OR_RETURN(const v1::PinnedKey* const replaced,
                   FirmwareKey(policy, asked.replaces(), "change.replaces"));
  RETURN_IF_ERROR(CheckMayRetire(history, *replaced));
  change.set_replaces(replaced->name());
  change.set_replaces_sha256(PinOf(*replaced));
  return change;
}

}  // namespace bootseal::trust
