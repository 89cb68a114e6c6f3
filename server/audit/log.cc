#include "server/audit/log.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <future>
#include <iterator>
#include <thread>
#include <utility>

#include "base/log.h"
#include "base/mutex.h"
#include "base/status.h"
#include "hsm/signer.h"
#include "server/audit/appender.h"
#include "server/audit/checkpoint.h"
#include "server/audit/last_releases.h"
#include "server/audit/load.h"
#include "server/audit/log_checks.h"
#include "server/audit/log_failure.h"
#include "server/audit/policy_order.h"
#include "server/audit/proof.h"
#include "server/audit/tree.h"

namespace bootseal::audit {
namespace {

// Bounds a transaction; what waits beyond is the next batch.
constexpr std::size_t kMaxBatch = 1024;

// A batch costs a sync to disk and a checkpoint's signature, whatever its size:
// under load the next one waits this long to become as large as the last.
// Whoever signs one image at a time never waits.
constexpr std::chrono::milliseconds kGathering{10};

// How old a shared log's checkpoint may be when nobody asks for it.
constexpr std::chrono::milliseconds kFollowing{100};

}  // namespace

class Log::State {
 public:
  State(std::unique_ptr<Store> store,
        std::unique_ptr<hsm::CheckpointSigner> signer, std::string origin,
        Tree tree)
      : store_(std::move(store)),
        checkpoint_(*store_, figures_, std::move(signer), std::move(origin)),
        releases_(*store_),
        appender_(*store_, releases_, checkpoint_, figures_, std::move(tree)) {}

  ~State() {
    {
      const base::MutexLock lock(mutex_);
      ending_ = true;
    }
    wake_.notify_all();
    end_.notify_all();
    checkpoint_.End();
    store_->Hurry();
    if (writer_.joinable()) writer_.join();
    if (follower_.joinable()) follower_.join();
  }

  absl::Status Start() {
    RETURN_IF_ERROR(checkpoint_.Publish(appender_.head()));
    writer_ = std::thread([this] { Work(); });
    if (store_->shared()) follower_ = std::thread([this] { Follow(); });
    return absl::OkStatus();
  }

  void Append(Record record, Done done) {
    absl::Status stopped;
    {
      const base::MutexLock lock(mutex_);
      stopped = stopped_.ok() ? outage_.status() : stopped_;
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

  // As far as the store knows.
  absl::Status Refresh() {
    if (!store_->shared()) return absl::OkStatus();
    RETURN_IF_ERROR(stopped());
    const absl::Status status = checkpoint_.Refresh();
    if (!status.ok() && !Passes(*store_, status)) Stop(status, {});
    return status;
  }

  SignedHead Newest() const { return checkpoint_.Get(); }

  // With `size` entries, when there are as many by now.
  absl::StatusOr<SignedHead> NewestWith(std::uint64_t size) {
    if (checkpoint_.Get().head.size < size) RETURN_IF_ERROR(Refresh());
    return checkpoint_.Get();
  }

  std::uint64_t WaitBeyond(std::uint64_t size, absl::Time deadline) {
    return checkpoint_.WaitBeyond(size, deadline);
  }

  bool healthy() const {
    const base::MutexLock lock(mutex_);
    return stopped_.ok() && outage_.status().ok();
  }

  void Cosign(std::uint64_t size, const std::vector<std::string>& lines) {
    checkpoint_.Cosign(size, lines);
  }

  void Stop(const absl::Status& why) { Stop(why, {}); }
  void Hurry() { store_->Hurry(); }

  const LogFigures& figures() const { return figures_; }
  Store& store() { return *store_; }
  LastReleases& releases() { return releases_; }
  const std::string& origin() const { return checkpoint_.origin(); }
  const std::string& verifier_key() const { return checkpoint_.verifier_key(); }

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
        Fail(answers.status(), std::move(batch));
        continue;
      }
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
    std::vector<Record> records;
    for (Waiting& each : waiting) records.push_back(std::move(each.record));
    ASSIGN_OR_RETURN(const std::vector<Place> places,
                     appender_.Append(std::move(records)));
    RETURN_IF_ERROR(checkpoint_.Publish(appender_.head()));
    const SignedHead head = Newest();
    Answers answers;
    for (const Place& place : places) {
      if (place.status.ok()) {
        answers.push_back(MakeReceipt(place, head, appender_.nodes()));
      } else {
        answers.emplace_back(place.status);
      }
    }
    return answers;
  }

  // Shows what other servers appended, and notices when the store is lost or
  // back.
  void Follow() {
    while (true) {
      {
        std::unique_lock<base::Mutex> lock(mutex_);
        if (end_.wait_for(lock, kFollowing, [this] { return ending_; })) return;
      }
      absl::Status now = Refresh();
      if (!stopped().ok()) return;
      // Reading may go on while nothing can be written.
      if (now.ok() && !outage_.status().ok()) now = store_->CheckWrites();
      now.ok() ? outage_.End() : BeginOutage(now, {});
    }
  }

  absl::Status stopped() const {
    const base::MutexLock lock(mutex_);
    return stopped_;
  }

  void Fail(const absl::Status& why, std::vector<Waiting> batch) {
    if (!Passes(*store_, why)) return Stop(why, std::move(batch));
    BeginOutage(why, std::move(batch));
  }

  // Nobody waits for it to end: a call that is tried again does.
  void BeginOutage(const absl::Status& why, std::vector<Waiting> batch) {
    outage_.Begin(why);
    TakeQueue(batch);
    for (const Waiting& waiting : batch) waiting.done(NotNow(why));
  }

  void TakeQueue(std::vector<Waiting>& batch) {
    const base::MutexLock lock(mutex_);
    std::move(queue_.begin(), queue_.end(), std::back_inserter(batch));
    queue_.clear();
  }

  void Stop(const absl::Status& why, std::vector<Waiting> batch) {
    const absl::Status stopped = Stopped(why);
    base::Log(base::Severity::kError, "audit-log-stopped",
              {{"reason", why.message()}});
    {
      const base::MutexLock lock(mutex_);
      stopped_ = stopped;
    }
    TakeQueue(batch);
    for (const Waiting& waiting : batch) waiting.done(stopped);
  }

  const std::unique_ptr<Store> store_;
  LogFigures figures_;
  NewestCheckpoint checkpoint_;
  LastReleases releases_;
  Appender appender_;  // the writer's own

  Outage outage_;
  mutable base::Mutex mutex_;
  base::Condition wake_;  // of the writer alone
  base::Condition end_;
  std::deque<Waiting> queue_ ABSL_GUARDED_BY(mutex_);
  std::size_t last_batch_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status stopped_ ABSL_GUARDED_BY(mutex_);
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread writer_;
  std::thread follower_;
};

Log::Log(std::unique_ptr<State> state) : state_(std::move(state)) {}
Log::~Log() = default;

absl::StatusOr<std::unique_ptr<Log>> Log::Open(
    std::unique_ptr<Store> store, std::unique_ptr<hsm::CheckpointSigner> signer,
    std::string origin) {
  RETURN_IF_ERROR(CheckOrigin(origin));
  ASSIGN_OR_RETURN(Tree tree, LoadInTurn(*store));
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
  if (!found) return std::nullopt;
  // Stored but not yet published: the append that made it answers for it.
  ASSIGN_OR_RETURN(const SignedHead head, state_->NewestWith(found->index + 1));
  if (found->index >= head.head.size) return std::nullopt;
  const Place place{absl::OkStatus(), found->index, found->entry, true};
  ASSIGN_OR_RETURN(
      Receipt receipt,
      state_->MakeReceipt(place, head, NodeCache(state_->store())));
  return receipt;
}

absl::StatusOr<Receipt> Log::Prove(std::uint64_t index) {
  ASSIGN_OR_RETURN(const SignedHead head, state_->NewestWith(index + 1));
  if (index >= head.head.size) return BeyondTree(index, head.head.size);
  ASSIGN_OR_RETURN(std::string entry, state_->store().Get(index));
  const Place place{absl::OkStatus(), index, std::move(entry), true};
  return state_->MakeReceipt(place, head, NodeCache(state_->store()));
}

absl::StatusOr<std::shared_ptr<const v1::SigningEvent>> Log::RememberedRelease(
    const std::string& target) {
  return state_->releases().Find(target, state_->Newest().head.size);
}

absl::StatusOr<std::optional<StoredRecord>> Log::LastRelease(
    const std::string& target) {
  return state_->store().LastRelease(target);
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
  ASSIGN_OR_RETURN(const SignedHead head, state_->NewestWith(size));
  const std::uint64_t newest = head.head.size;
  if (size > newest) return BeyondTree(size, newest);
  if (index >= size) return BeyondTree(index, size);
  return Carry(PlanInclusion(index, size), NodeCache(state_->store()));
}

absl::StatusOr<std::vector<TreeHash>> Log::ConsistencyProof(
    std::uint64_t first, std::uint64_t second) {
  ASSIGN_OR_RETURN(const SignedHead head, state_->NewestWith(second));
  const std::uint64_t newest = head.head.size;
  if (second > newest) return BeyondTree(second, newest);
  if (first > second) return BeyondTree(first, second);
  return Carry(PlanConsistency(first, second), NodeCache(state_->store()));
}

Log::SignedHead Log::Checkpoint() const {
  state_->Refresh().IgnoreError();
  return state_->Newest();
}

void Log::Cosign(std::uint64_t size, const std::vector<std::string>& lines) {
  state_->Cosign(size, lines);
}

absl::StatusOr<Head> Log::StoredHead() { return state_->store().NewestHead(); }

absl::StatusOr<TreeHash> Log::RootOf(std::uint64_t size) {
  ASSIGN_OR_RETURN(const std::vector<TreeHash> hashes,
                   state_->store().Nodes(Frontier(size)));
  return Fold(hashes);
}

std::uint64_t Log::WaitBeyond(std::uint64_t size, absl::Time deadline) {
  return state_->WaitBeyond(size, deadline);
}

absl::StatusOr<std::optional<v1::PolicyEvent>> Log::HighestPolicy() {
  ASSIGN_OR_RETURN(const std::optional<StoredRecord> found,
                   state_->store().HighestPolicy());
  if (!found) return std::nullopt;
  return PolicyOf(*found);
}

absl::Status Log::Refresh() { return state_->Refresh(); }
void Log::Hurry() { state_->Hurry(); }
void Log::Stop(const absl::Status& why) { state_->Stop(why); }
bool Log::healthy() const { return state_->healthy(); }
const LogFigures& Log::figures() const { return state_->figures(); }
const std::string& Log::origin() const { return state_->origin(); }
const std::string& Log::verifier_key() const { return state_->verifier_key(); }

}  // namespace bootseal::audit
