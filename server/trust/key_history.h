// Which signing keys have been approved, out of the log's key events; pure, for
// the server and for an auditor alike. Without key_approvals in the policy a
// pinned key needs none.
#ifndef BOOTSEAL_SERVER_TRUST_KEY_HISTORY_H_
#define BOOTSEAL_SERVER_TRUST_KEY_HISTORY_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/keys.pb.h"
#include "server/trust/policy.h"

namespace bootseal::trust {

// A key is its name and its public key's hash: what was approved for one public
// key says nothing of another under the same name. Not thread-safe.
class KeyHistory {
 public:
  enum class State { kNeverActivated, kActive, kRetired };

  // Events in the order of the log, each with its index; those that were not
  // allowed change nothing.
  void Take(std::uint64_t index, const v1::KeyEvent& event);

  // `public_key_sha256`: 32 raw bytes.
  State Of(absl::string_view key, absl::string_view public_key_sha256) const;

  // Whether one of the change's keys changed after the entry of this index:
  // what was approved before then was about another state of things.
  bool ChangedAfter(std::uint64_t index, const v1::KeyChange& change) const;

 private:
  absl::flat_hash_map<std::string, std::uint64_t> changed_;  // by key
  absl::flat_hash_map<std::pair<std::string, std::string>, State> states_;
};

// Whether the policy lets a key sign: FAILED_PRECONDITION (KEY_NOT_APPROVED,
// KEY_RETIRED) when it demands approvals and the log has none.
absl::Status CheckServes(const Policy& policy, const KeyHistory& history,
                         const v1::PinnedKey& key);

// The change to be approved: the policy's hashes, the transcript's as asked.
// INVALID_ARGUMENT: KEY_CHANGE_INVALID without an action, or with a key to
// replace where none belongs or is missing. NOT_FOUND (UNKNOWN_KEY).
// FAILED_PRECONDITION: KEY_APPROVALS_NOT_SET, KEY_PURPOSE for a key that signs
// no firmware, KEY_IS_ACTIVE, KEY_NOT_ACTIVE for what is to retire.
absl::StatusOr<v1::KeyChange> ResolveKeyChange(const Policy& policy,
                                               const KeyHistory& history,
                                               const v1::KeyChange& asked);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_KEY_HISTORY_H_
