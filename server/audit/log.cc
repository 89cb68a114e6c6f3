#include "server/audit/log.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <future>
#include <iterator>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/status.h"
#include "hsm/signer.h"
#include "server/audit/batch.h"
#include "server/audit/checkpoint.h"
#include "server/audit/last_releases.h"
#include "server/audit/load.h"
#include "server/audit/proof.h"
#include "server/audit/tree.h"
#include "server/trust/entry.h"

namespace bootseal::audit {
namespace {

// Bounds a transaction; what waits beyond is the next batch.
constexpr std::size_t kMaxBatch = 1024;

// A batch costs a sync to disk and a checkpoint's signature, whatever its size:
// under load the next one waits this long to become as large as the last.
// Whoever signs one image at a time never waits.
constexpr std::chrono::milliseconds kGathering{10};

absl::Status Stopped(const absl::Status& why) {
  return base::Unavailable(
      "LOG_STOPPED",
      absl::StrCat("the audit log has stopped, nothing is released: ",
                   why.message()));
}

absl::Status BeyondTree(std::uint64_t asked, std::uint64_t size) {
  return base::Invalid(
      "BEYOND_TREE", "size",
      absl::StrCat(asked, " is beyond the tree of ", size, " entries"));
}

// C2SP signed-note: a key's name has neither spaces nor plus signs.
absl::Status CheckOrigin(const std::string& origin) {
  const bool plain = std::all_of(origin.begin(), origin.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '+';
  });
  if (plain && !origin.empty()) return absl::OkStatus();
  return base::Invalid(
      "ORIGIN_INVALID", "origin",
      absl::StrCat("\"", origin, "\" cannot name a log, expected printable ",
                   "ASCII without spaces and plus signs"));
}

// The largest entry that a C2SP entry bundle holds.
absl::Status CheckEntry(const std::string& entry) {
  if (!entry.empty() && entry.size() <= trust::kMaxEntryBytes) {
    return absl::OkStatus();
  }
  return base::Fail(
      absl::StatusCode::kInvalidArgument, "ENTRY_TOO_LARGE",
      absl::StrCat("log entry has ", entry.size(), " bytes, expected 1 to ",
                   trust::kMaxEntryBytes));
}

}  // namespace

class Log::State {
 public:
  State(std::unique_ptr<Store> store,
        std::unique_ptr<hsm::CheckpointSigner> signer, std::string origin,
        Tree tree)
      : origin_(std::move(origin)),
        store_(std::move(store)),
        signer_(std::move(signer)),
        verifier_key_(VerifierKey(origin_, signer_->public_key())),
        releases_(*store_),
        tree_(std::move(tree)),
        fresh_(*store_) {}

  ~State() {
    {
      const base::MutexLock lock(mutex_);
      ending_ = true;
    }
    wake_.notify_all();
    if (writer_.joinable()) writer_.join();
  }

  absl::Status Start() {
    RETURN_IF_ERROR(Publish({tree_.size(), tree_.root()}));
    writer_ = std::thread([this] { Work(); });
    return absl::OkStatus();
  }

  void Append(Record record, Done done) {
    absl::Status stopped;
    {
      const base::MutexLock lock(mutex_);
      stopped = stopped_;
      if (stopped.ok()) {
        queue_.push_back({std::move(record), std::move(done)});
        if (queue_.size() == 1 || queue_.size() == last_batch_) {
          wake_.notify_one();
        }
        return;
      }
    }
    done(stopped);
  }

  absl::StatusOr<Receipt> MakeReceipt(const Place& place,
                                      const SignedHead& head,
                                      const NodeCache& nodes) {
    ASSIGN_OR_RETURN(const std::vector<TreeHash> path,
                     Carry(PlanInclusion(place.index, head.head.size), nodes));
    Receipt receipt;
    receipt.text_ = ReceiptText(place.entry, place.index, path, head.note);
    receipt.entry_ = place.entry;
    receipt.index_ = place.index;
    receipt.replayed_ = place.replayed;
    return receipt;
  }

  SignedHead Newest() const {
    const base::MutexLock lock(mutex_);
    return newest_;
  }

  void Cosign(std::uint64_t size, const std::vector<std::string>& lines) {
    const base::MutexLock lock(mutex_);
    if (newest_.head.size != size) return;
    newest_.note = absl::StrCat(own_note_, absl::StrJoin(lines, ""));
  }

  std::uint64_t WaitBeyond(std::uint64_t size, absl::Time deadline) {
    std::unique_lock<base::Mutex> lock(mutex_);
    const auto until = absl::ToChronoTime(deadline);
    grown_.wait_until(lock, until,
                      [&] { return newest_.head.size > size || ending_; });
    return newest_.head.size;
  }

  bool healthy() const {
    const base::MutexLock lock(mutex_);
    return stopped_.ok();
  }

  void Stop(const absl::Status& why) {
    std::vector<Waiting> none;
    Stop(why, none);
  }

  Store& store() { return *store_; }
  LastReleases& releases() { return releases_; }
  const std::string& origin() const { return origin_; }
  const std::string& verifier_key() const { return verifier_key_; }

 private:
  struct Waiting {
    Record record;
    Done done;
  };
  using Answers = std::vector<absl::StatusOr<Receipt>>;

  void Work() {
    while (true) {
      std::vector<Waiting> batch = Take();
      if (batch.empty()) return;
      const absl::StatusOr<Answers> answers = Commit(batch);
      if (!answers.ok()) {
        Stop(answers.status(), batch);
        continue;
      }
      grown_.notify_all();
      for (std::size_t i = 0; i < batch.size(); ++i) {
        batch[i].done((*answers)[i]);
      }
    }
  }

  // Empty at the end.
  std::vector<Waiting> Take() {
    std::unique_lock<base::Mutex> lock(mutex_);
    wake_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    wake_.wait_for(lock, kGathering,
                   [this] { return ending_ || queue_.size() >= last_batch_; });
    const std::size_t count = std::min(queue_.size(), kMaxBatch);
    last_batch_ = count;
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
    std::vector<Waiting> batch(std::make_move_iterator(queue_.begin()),
                               std::make_move_iterator(end));
    queue_.erase(queue_.begin(), end);
    return batch;
  }

  // Durable first, then signed, then answered.
  absl::StatusOr<Answers> Commit(std::vector<Waiting>& waiting) {
    Batch batch(*store_, releases_, tree_);
    std::vector<Place> places;
    for (Waiting& each : waiting) {
      ASSIGN_OR_RETURN(Place place, batch.Add(std::move(each.record)));
      places.push_back(std::move(place));
    }
    if (!batch.records().empty()) {
      const Head head{batch.tree().size(), batch.tree().root()};
      RETURN_IF_ERROR(store_->Append(batch.records(), batch.nodes(), head));
      releases_.Grow(tree_.size(), head.size, batch.last_releases());
      fresh_.Replace(tree_.Edge(), batch.nodes());
      tree_ = batch.tree();
      RETURN_IF_ERROR(Publish(head));
    }
    const SignedHead head = Newest();
    Answers answers;
    for (const Place& place : places) {
      if (place.status.ok()) {
        answers.push_back(MakeReceipt(place, head, fresh_));
      } else {
        answers.emplace_back(place.status);
      }
    }
    return answers;
  }

  absl::Status Publish(const Head& head) {
    const std::string text = CheckpointText(origin_, head);
    ASSIGN_OR_RETURN(const std::string signature,
                     signer_->SignCheckpoint(text));
    SignedHead signed_head{
        head, SignedNote(text, origin_, signer_->public_key(), signature)};
    const base::MutexLock lock(mutex_);
    own_note_ = signed_head.note;
    newest_ = std::move(signed_head);
    return absl::OkStatus();
  }

  void Stop(const absl::Status& why, std::vector<Waiting>& batch) {
    const absl::Status stopped = Stopped(why);
    base::Log(base::Severity::kError, "audit-log-stopped",
              {{"reason", why.message()}});
    {
      const base::MutexLock lock(mutex_);
      stopped_ = stopped;
      std::move(queue_.begin(), queue_.end(), std::back_inserter(batch));
      queue_.clear();
    }
    for (const Waiting& waiting : batch) waiting.done(stopped);
  }

  const std::string origin_;
  const std::unique_ptr<Store> store_;
  const std::unique_ptr<hsm::CheckpointSigner> signer_;
  const std::string verifier_key_;
  LastReleases releases_;
  // The writer's own.
  Tree tree_;
  NodeCache fresh_;

  mutable base::Mutex mutex_;
  base::Condition wake_;
  base::Condition grown_;
  std::deque<Waiting> queue_ ABSL_GUARDED_BY(mutex_);
  std::size_t last_batch_ ABSL_GUARDED_BY(mutex_) = 0;
  SignedHead newest_ ABSL_GUARDED_BY(mutex_);
  // Of newest_, with the log's own signature alone.
  std::string own_note_ ABSL_GUARDED_BY(mutex_);
  absl::Status stopped_ ABSL_GUARDED_BY(mutex_);
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread writer_;
};

Log::Log(std::unique_ptr<State> state) : state_(std::move(state)) {}
Log::~Log() = default;

absl::StatusOr<std::unique_ptr<Log>> Log::Open(
    std::unique_ptr<Store> store, std::unique_ptr<hsm::CheckpointSigner> signer,
    std::string origin) {
  RETURN_IF_ERROR(CheckOrigin(origin));
  ASSIGN_OR_RETURN(Tree tree, LoadTree(*store));
  auto state = std::make_unique<State>(std::move(store), std::move(signer),
                                       std::move(origin), std::move(tree));
  RETURN_IF_ERROR(state->Start());
  return std::unique_ptr<Log>(new Log(std::move(state)));
}

absl::StatusOr<Receipt> Log::Append(Record record) {
  // Shared: the log's thread may still hold it when the value is taken.
  const auto answer = std::make_shared<std::promise<absl::StatusOr<Receipt>>>();
  std::future<absl::StatusOr<Receipt>> receipt = answer->get_future();
  Append(std::move(record), [answer](absl::StatusOr<Receipt> made) {
    answer->set_value(std::move(made));
  });
  return receipt.get();
}

void Log::Append(Record record, Done done) {
  if (absl::Status bad = CheckEntry(record.entry); !bad.ok()) {
    return done(std::move(bad));
  }
  state_->Append(std::move(record), std::move(done));
}

absl::StatusOr<std::optional<Receipt>> Log::FindRelease(
    const std::string& identity, const std::string& request_id) {
  ASSIGN_OR_RETURN(const std::optional<StoredRecord> found,
                   state_->store().FindRelease(identity, request_id));
  // Stored but not yet published: the append that made it answers for it.
  const SignedHead head = state_->Newest();
  if (!found || found->index >= head.head.size) return std::nullopt;
  const Place place{absl::OkStatus(), found->index, found->entry, true};
  ASSIGN_OR_RETURN(
      Receipt receipt,
      state_->MakeReceipt(place, head, NodeCache(state_->store())));
  return receipt;
}

absl::StatusOr<Receipt> Log::Prove(std::uint64_t index) {
  const SignedHead head = state_->Newest();
  if (index >= head.head.size) return BeyondTree(index, head.head.size);
  ASSIGN_OR_RETURN(std::string entry, state_->store().Get(index));
  const Place place{absl::OkStatus(), index, std::move(entry), true};
  return state_->MakeReceipt(place, head, NodeCache(state_->store()));
}

absl::StatusOr<std::optional<StoredRecord>> Log::LastRelease(
    const std::string& target) {
  return state_->store().LastRelease(target);
}

absl::StatusOr<std::shared_ptr<const v1::SigningEvent>> Log::RememberedRelease(
    const std::string& target) {
  return state_->releases().Find(target, state_->Newest().head.size);
}

absl::StatusOr<std::vector<StoredRecord>> Log::About(
    const std::string& subject) {
  return state_->store().About(subject);
}

absl::StatusOr<std::optional<StoredRecord>> Log::LastOfKey(
    const std::string& key, int kind, int decision) {
  return state_->store().LastOfKey(key, kind, decision);
}

absl::StatusOr<std::string> Log::Get(std::uint64_t index) {
  return state_->store().Get(index);
}

absl::StatusOr<std::vector<StoredRecord>> Log::List(const Filter& filter) {
  return state_->store().List(filter);
}

absl::StatusOr<std::vector<TreeHash>> Log::InclusionProof(std::uint64_t index,
                                                          std::uint64_t size) {
  const std::uint64_t newest = state_->Newest().head.size;
  if (size > newest) return BeyondTree(size, newest);
  if (index >= size) return BeyondTree(index, size);
  return Carry(PlanInclusion(index, size), NodeCache(state_->store()));
}

absl::StatusOr<std::vector<TreeHash>> Log::ConsistencyProof(
    std::uint64_t first, std::uint64_t second) {
  const std::uint64_t newest = state_->Newest().head.size;
  if (second > newest) return BeyondTree(second, newest);
  if (first > second) return BeyondTree(first, second);
  return Carry(PlanConsistency(first, second), NodeCache(state_->store()));
}

Log::SignedHead Log::Checkpoint() const { return state_->Newest(); }

void Log::Cosign(std::uint64_t size, const std::vector<std::string>& lines) {
  state_->Cosign(size, lines);
}

absl::StatusOr<Head> Log::StoredHead() { return state_->store().NewestHead(); }

absl::StatusOr<TreeHash> Log::RootOf(std::uint64_t size) {
  ASSIGN_OR_RETURN(const std::vector<TreeHash> hashes,
                   state_->store().Nodes(Frontier(size)));
  return Fold(hashes);
}

void Log::Stop(const absl::Status& why) { state_->Stop(why); }

std::uint64_t Log::WaitBeyond(std::uint64_t size, absl::Time deadline) {
  return state_->WaitBeyond(size, deadline);
}

absl::StatusOr<std::optional<v1::PolicyEvent>> Log::HighestPolicy() {
  ASSIGN_OR_RETURN(const std::optional<StoredRecord> found,
                   state_->store().HighestPolicy());
  if (!found) return std::nullopt;
  const absl::StatusOr<v1::Entry> entry = trust::DecodeEntry(found->entry);
  if (entry.ok() && entry->has_policy()) return entry->policy();
  return base::Precondition(
      "LOG_CORRUPT",
      absl::StrCat("entry ", found->index,
                   " is not the policy that it is stored as; restore the log "
                   "from a copy"));
}

bool Log::healthy() const { return state_->healthy(); }
const std::string& Log::origin() const { return state_->origin(); }
const std::string& Log::verifier_key() const { return state_->verifier_key(); }

}  // namespace bootseal::audit
