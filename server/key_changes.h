// A change of a signing key, from the question to the entry that makes it so:
//
//   asked     judged against policy and log -> v1::KeyChange with its hashes
//   pending   an entry that approvers sign statements about
//   approved  by the policy's key_approvals -> an ALLOWED entry: from then on
//             the key serves, or does not
#ifndef BOOTSEAL_SERVER_KEY_CHANGES_H_
#define BOOTSEAL_SERVER_KEY_CHANGES_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/keys.pb.h"
#include "server/audit/log.h"
#include "server/key_states.h"
#include "server/trust/facts.h"
#include "server/trust/policy.h"

namespace bootseal::server {

// Thread-safe.
class KeyChanges {
 public:
  // All must outlive it.
  KeyChanges(audit::Log& log, KeyStates& states, const base::Clock& clock)
      : log_(log), states_(states), clock_(clock) {}

  // What `caller` asks for: done when it is so already or enough people have
  // approved, otherwise waiting. trust::ResolveKeyChange's errors
  // and, of the ceremony's transcript, trust::CheckTranscript's;
  // PERMISSION_DENIED (REQUEST_DENIED) when an approver said no; the log's.
  absl::StatusOr<v1::ChangeKeyReply> Ask(const trust::Policy& policy,
                                         const v1::Caller& caller,
                                         const v1::ChangeKeyRequest& request);

  // Makes a change that waits as `subject`, if it has its approvals now. OK for
  // a subject that is none, or waits on.
  absl::Status Complete(const trust::Policy& policy,
                        const std::string& subject);

 private:
  struct Order {
    const v1::Caller& caller;
    std::string request_id;
    v1::KeyChange change;
    std::string subject;
    std::string transcript;  // for the entry that asks
  };

  absl::StatusOr<trust::History> HistoryOf(const std::string& subject);
  absl::StatusOr<v1::ChangeKeyReply> DoneBefore(const trust::Policy& policy,
                                                const v1::KeyChange& asked,
                                                const absl::Status& otherwise);
  // `before`: the request with this subject that is over.
  absl::StatusOr<v1::ChangeKeyReply> Await(const trust::Policy& policy,
                                           const Order& order,
                                           std::optional<std::uint64_t> before);
  absl::StatusOr<v1::ChangeKeyReply> Advance(const trust::Policy& policy,
                                             const Order& order,
                                             const trust::History& history);
  // Decides once more inside the transaction that appends: another server may
  // have been faster with this change, or with one of the same key.
  using Recheck = std::function<absl::Status(const trust::History& then,
                                             const trust::KeyHistory& states)>;
  absl::StatusOr<std::uint64_t> Append(const trust::Policy& policy,
                                       const Order& order, v1::KeyEvent event,
                                       Recheck recheck);

  audit::Log& log_;
  KeyStates& states_;
  const base::Clock& clock_;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_KEY_CHANGES_H_
