// A whole log, read once from its first entry, against everything that a
// reviewer knows of it.
#ifndef BOOTSEAL_CLIENT_REVIEW_REVIEW_H_
#define BOOTSEAL_CLIENT_REVIEW_REVIEW_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bootseal/v1/audit.pb.h"
#include "client/review/approval_checks.h"
#include "client/review/key_checks.h"
#include "client/review/policy_changes.h"
#include "client/review/policy_history.h"
#include "client/review/proof_checks.h"
#include "client/review/rollback_checks.h"
#include "client/review/search_checks.h"
#include "client/review/signature_checks.h"
#include "client/review/time_checks.h"
#include "client/review/tree_checks.h"

namespace bootseal::review {

// The entries from `start` on, in ascending order: as many as come at once,
// none at the end.
using Pages =
    std::function<absl::StatusOr<std::vector<v1::LogEntry>>(std::uint64_t)>;

// What a server can be asked beside the entries; not set: offline.
struct Server {
  SearchChecks::List list;
  ProofChecks::Prove prove;
  std::uint64_t proofs = 0;
};

struct Known {
  std::string origin;
  KnownCheckpoint head;  // the log's own
  std::vector<KnownCheckpoint> seen;
  std::vector<KnownEntry> entries;
  PublicKeys keys;
  absl::Time now;
};

// Not thread-safe; runs once.
class Review {
 public:
  Review(Known known, const std::optional<Server>& server);

  // `progress` is told how many entries are done. Fails when entries, search or
  // proofs cannot be had, and with REPLY_MALFORMED for a page out of order.
  absl::Status Run(const Pages& pages,
                   const std::function<void(std::uint64_t)>& progress);

  const Known& known() const { return known_; }
  const Findings& findings() const { return findings_; }
  std::uint64_t entries() const { return entries_; }
  std::uint64_t releases() const { return signatures_.releases(); }
  std::uint64_t over_images() const { return signatures_.over_images(); }
  std::uint64_t approvals() const { return approvals_.counted(); }
  std::uint64_t proofs() const { return proofs_ ? proofs_->proofs() : 0; }
  bool searched() const { return search_ != nullptr; }
  std::size_t policies() const { return policies_.size(); }
  // Calls that the entries say were refused, those summed up too.
  std::uint64_t refusals() const { return refusals_; }

 private:
  absl::Status TakeEntry(const v1::LogEntry& entry);

  const Known known_;
  Findings findings_;
  TreeChecks tree_;
  PolicyHistory policies_;
  SignatureChecks signatures_;
  ApprovalChecks approvals_;
  RollbackChecks rollbacks_;
  KeyChecks keys_;
  TimeChecks times_;
  PolicyChanges policy_changes_;
  std::unique_ptr<SearchChecks> search_;
  std::unique_ptr<ProofChecks> proofs_;
  std::vector<Check*> checks_;
  std::uint64_t entries_ = 0;
  std::uint64_t refusals_ = 0;
};

}  // namespace bootseal::review

#endif  // BOOTSEAL_CLIENT_REVIEW_REVIEW_H_
