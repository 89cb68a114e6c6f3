#include "server/audit/newest_checkpoint.h"

#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "hsm/signer.h"
#include "server/audit/checkpoint.h"
#include "server/audit/load.h"

namespace bootseal::audit {

NewestCheckpoint::NewestCheckpoint(
    Store& store, LogFigures& figures,
    std::unique_ptr<hsm::CheckpointSigner> signer, std::string origin)
    : store_(store),
      figures_(figures),
      signer_(std::move(signer)),
      origin_(std::move(origin)),
      verifier_key_(VerifierKey(origin_, signer_->public_key())) {}

NewestCheckpoint::~NewestCheckpoint() = default;

absl::Status NewestCheckpoint::Publish(const Head& head) {
  {
    const base::MutexLock lock(mutex_);
    const bool shown = !newest_.note.empty();
    if (shown && newest_.head.size >= head.size) return absl::OkStatus();
  }
  RETURN_IF_ERROR(store_.MakeDurable(head));
  const std::string text = CheckpointText(origin_, head);
  ASSIGN_OR_RETURN(const std::string signature, signer_->SignCheckpoint(text));
  SignedHead signed_head{
      head, SignedNote(text, origin_, signer_->public_key(), signature)};
  {
    const base::MutexLock lock(mutex_);
    if (newest_.note.empty() || newest_.head.size < head.size) {
      figures_.checkpoint_unix_ms = absl::ToUnixMillis(absl::Now());
      figures_.checkpoint_size = head.size;
      own_note_ = signed_head.note;
      newest_ = std::move(signed_head);
    }
  }
  grown_.notify_all();
  return absl::OkStatus();
}

absl::Status NewestCheckpoint::Refresh() {
  const auto asked = std::chrono::steady_clock::now();
  const base::MutexLock lock(refreshing_);
  // One look answers everybody who asked before it: a store that does not
  // answer is not waited for by one after the other.
  if (looked_at_ > asked) return last_look_;
  looked_at_ = std::chrono::steady_clock::now();
  last_look_ = Look();
  return last_look_;
}

absl::Status NewestCheckpoint::Look() {
  // Before the store is asked: what is shown by then is in its answer.
  const Head shown = Get().head;
  ASSIGN_OR_RETURN(const Head head, store_.NewestHead());
  RETURN_IF_ERROR(CheckContinues(store_, shown, head));
  return Publish(head);
}

SignedHead NewestCheckpoint::Get() const {
  const base::MutexLock lock(mutex_);
  return newest_;
}

void NewestCheckpoint::Cosign(std::uint64_t size,
                              const std::vector<std::string>& lines) {
  const base::MutexLock lock(mutex_);
  if (newest_.head.size != size) return;
  newest_.note = absl::StrCat(own_note_, absl::StrJoin(lines, ""));
}

std::uint64_t NewestCheckpoint::WaitBeyond(std::uint64_t size,
                                           absl::Time deadline) {
  std::unique_lock<base::Mutex> lock(mutex_);
  grown_.wait_until(lock, absl::ToChronoTime(deadline),
                    [&] { return newest_.head.size > size || ending_; });
  return newest_.head.size;
}

void NewestCheckpoint::End() {
  {
    const base::MutexLock lock(mutex_);
    ending_ = true;
  }
  grown_.notify_all();
}

}  // namespace bootseal::audit
