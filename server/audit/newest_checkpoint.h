// The checkpoint that a log shows: signed over a stored head only, and each
// one continues the one before, whoever appended what is between them.
#ifndef BOOTSEAL_SERVER_AUDIT_NEWEST_CHECKPOINT_H_
#define BOOTSEAL_SERVER_AUDIT_NEWEST_CHECKPOINT_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "server/audit/log_figures.h"
#include "server/audit/store.h"

namespace bootseal::hsm {
class CheckpointSigner;
}  // namespace bootseal::hsm

namespace bootseal::audit {

// A head and its checkpoint (C2SP signed note).
struct SignedHead {
  Head head;
  std::string note;
};

// Thread-safe.
class NewestCheckpoint {
 public:
  // `store` and `figures` must outlive it.
  NewestCheckpoint(Store& store, LogFigures& figures,
                   std::unique_ptr<hsm::CheckpointSigner> signer,
                   std::string origin);
  ~NewestCheckpoint();

  // Signs over a head that is stored and was proven to continue the one before;
  // a smaller one than is shown already changes nothing. Not before the store
  // has made it durable. The signer's errors and the store's.
  absl::Status Publish(const Head& head);
  // Publishes what other servers have stored until now. The store's errors and
  // the signer's, and of CheckContinues (load.h).
  absl::Status Refresh();

  SignedHead Get() const;
  // Lines of others, in place of those before, unless it has grown beyond
  // `size` meanwhile.
  void Cosign(std::uint64_t size, const std::vector<std::string>& lines);
  // Waits until it is larger than `size`, `deadline` passes or End is called;
  // the size.
  std::uint64_t WaitBeyond(std::uint64_t size, absl::Time deadline);
  void End();

  const std::string& origin() const { return origin_; }
  const std::string& verifier_key() const { return verifier_key_; }

 private:
  absl::Status Look();

  Store& store_;
  LogFigures& figures_;
  const std::unique_ptr<hsm::CheckpointSigner> signer_;
  const std::string origin_;
  const std::string verifier_key_;

  // One look at the store at a time: what was seen before it cannot be newer.
  base::Mutex refreshing_;
  std::chrono::steady_clock::time_point looked_at_ ABSL_GUARDED_BY(refreshing_);
  absl::Status last_look_ ABSL_GUARDED_BY(refreshing_);
  mutable base::Mutex mutex_;
  base::Condition grown_;
  SignedHead newest_ ABSL_GUARDED_BY(mutex_);
  // Of newest_, with the log's own signature alone.
  std::string own_note_ ABSL_GUARDED_BY(mutex_);
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_NEWEST_CHECKPOINT_H_
