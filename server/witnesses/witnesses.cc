#include "server/witnesses/witnesses.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "server/witnesses/remote_witness.h"

namespace bootseal::witnesses {
namespace {

using image::host::CosignedCheckpoint;

constexpr std::chrono::seconds kRound{1};
constexpr absl::Duration kFirstPause = absl::Seconds(2);
constexpr absl::Duration kLongestPause = absl::Minutes(1);
// A conflict tells the size to start from; a second one is another log's doing.
constexpr int kTries = 3;

std::string Base64(const audit::TreeHash& hash) {
  return absl::Base64Escape(image::host::ToString(hash));
}

absl::Status Behind(const RemoteWitness& witness, std::uint64_t seen,
                    std::uint64_t size) {
  return base::Precondition(
      "LOG_BEHIND_WITNESS",
      absl::StrCat("the log has ", size, " entries, witness ", witness.name(),
                   " (", witness.url(), ") has seen ", seen,
                   ": an older copy was restored, or entries were removed; "
                   "find the newer log"));
}

absl::Status Forked(const RemoteWitness& witness,
                    const CosignedCheckpoint& seen,
                    const audit::TreeHash& ours) {
  return base::Precondition(
      "LOG_FORKED",
      absl::StrCat("the first ", seen.size, " entries of the log have root ",
                   Base64(ours), ", witness ", witness.name(), " (",
                   witness.url(), ") has seen ", Base64(seen.root),
                   ": this is another history under the same name"));
}

// A reason to stop; anything else may pass.
bool IsBreak(const absl::Status& status) {
  const std::string reason = base::ReasonOf(status);
  return reason == "LOG_BEHIND_WITNESS" || reason == "LOG_FORKED";
}

}  // namespace

class Witnesses::State {
 public:
  explicit State(audit::Log& log) : log_(log) {}

  ~State() {
    {
      const base::MutexLock lock(mutex_);
      ending_ = true;
    }
    wake_.notify_all();
    if (worker_.joinable()) worker_.join();
  }

  std::vector<Seen> Cosigned() const {
    const base::MutexLock lock(mutex_);
    return cosigned_;
  }

  absl::Status Start(const v1::AuditLog& config) {
    for (const v1::Witness& each : config.witnesses()) {
      ASSIGN_OR_RETURN(RemoteWitness remote,
                       RemoteWitness::Make(each, ending_));
      witnesses_.emplace_back(std::move(remote));
    }
    for (Watched& witness : witnesses_) {
      const absl::Status status = HoldAgainst(witness);
      if (status.ok()) continue;
      if (!absl::IsUnavailable(status)) return status;
      Postpone(witness, status);
    }
    Report();
    if (!witnesses_.empty()) worker_ = std::thread([this] { Work(); });
    return absl::OkStatus();
  }

 private:
  struct Watched {
    explicit Watched(RemoteWitness made) : remote(std::move(made)) {}

    RemoteWitness remote;
    bool held = false;             // the log was held against it
    std::uint64_t known_size = 0;  // that it cosigned last
    std::string line;  // over the tree of known_size; empty: not ours to show
    absl::Time next = absl::InfinitePast();
    absl::Duration pause = kFirstPause;
    std::string last_problem;
  };

  // The log has what the witness saw.
  absl::Status HoldAgainst(Watched& witness) {
    ASSIGN_OR_RETURN(const auto seen, witness.remote.Latest(log_.origin()));
    if (seen) RETURN_IF_ERROR(Contains(witness.remote, *seen));
    witness.held = true;
    witness.known_size = seen ? seen->size : 0;
    witness.line = seen ? seen->line : "";
    base::Log(base::Severity::kInfo, "witness",
              {{"name", witness.remote.name()},
               {"seen", absl::StrCat(witness.known_size)}});
    return absl::OkStatus();
  }

  // Others may share the store: what counts is what is in it.
  absl::Status Contains(const RemoteWitness& witness,
                        const CosignedCheckpoint& seen) {
    ASSIGN_OR_RETURN(const audit::Head stored, log_.StoredHead());
    if (seen.size > stored.size) {
      return Behind(witness, seen.size, stored.size);
    }
    ASSIGN_OR_RETURN(const audit::TreeHash ours, log_.RootOf(seen.size));
    return ours == seen.root ? absl::OkStatus() : Forked(witness, seen, ours);
  }

  void Work() {
    std::unique_lock<base::Mutex> lock(mutex_);
    while (!ending_) {
      lock.unlock();
      Round();
      lock.lock();
      wake_.wait_for(lock, kRound, [this] { return ending_.load(); });
    }
  }

  void Round() {
    const audit::Log::SignedHead head = log_.Checkpoint();
    for (Watched& witness : witnesses_) {
      if (ending_ || absl::Now() < witness.next) continue;
      const absl::Status status = Advance(witness, head);
      if (!status.ok()) {
        Postpone(witness, status);
      } else if (!std::exchange(witness.last_problem, "").empty()) {
        base::Log(base::Severity::kInfo, "witness-again",
                  {{"name", witness.remote.name()}});
      }
    }
    Show(head);
    Report();
  }

  // For others to read, while the witnesses are the worker's own.
  void Report() {
    const base::MutexLock lock(mutex_);
    cosigned_.clear();
    for (const Watched& each : witnesses_) {
      cosigned_.push_back({each.remote.name(), each.known_size});
    }
  }

  absl::Status Advance(Watched& witness, const audit::Log::SignedHead& head) {
    if (!witness.held) RETURN_IF_ERROR(HoldAgainst(witness));
    if (witness.known_size == head.head.size && !witness.line.empty()) {
      return absl::OkStatus();
    }
    for (int i = 0; i < kTries; ++i) {
      if (witness.known_size > head.head.size) return Overtaken(witness);
      ASSIGN_OR_RETURN(const auto request, Request(witness, head));
      const auto submission = witness.remote.Submit(request);
      if (!submission.ok()) return Refused(witness, submission.status());
      witness.known_size = submission->known_size;
      witness.line = submission->line;
      witness.pause = kFirstPause;
      if (!witness.line.empty()) return absl::OkStatus();
    }
    return base::Unavailable("WITNESS_BUSY",
                             "others submit to it at the same time");
  }

  // Another server of this log was faster, or this is an older log.
  absl::Status Overtaken(Watched& witness) {
    ASSIGN_OR_RETURN(const audit::Head stored, log_.StoredHead());
    if (witness.known_size <= stored.size) return absl::OkStatus();
    return Behind(witness.remote, witness.known_size, stored.size);
  }

  // A refused proof is a fork when what the witness shows is not ours.
  absl::Status Refused(Watched& witness, const absl::Status& status) {
    if (base::ReasonOf(status) != "WITNESS_REFUSED") return status;
    const absl::Status held = HoldAgainst(witness);
    return IsBreak(held) ? held : status;
  }

  absl::StatusOr<image::host::AddCheckpoint> Request(
      const Watched& witness, const audit::Log::SignedHead& head) {
    image::host::AddCheckpoint request{witness.known_size, {}, head.note};
    if (witness.known_size == 0 || witness.known_size == head.head.size) {
      return request;
    }
    ASSIGN_OR_RETURN(request.proof,
                     log_.ConsistencyProof(witness.known_size, head.head.size));
    return request;
  }

  void Show(const audit::Log::SignedHead& head) {
    std::vector<std::string> lines;
    for (const Watched& witness : witnesses_) {
      const bool fits = witness.known_size == head.head.size;
      if (fits && !witness.line.empty()) lines.push_back(witness.line);
    }
    log_.Cosign(head.head.size, lines);
  }

  // Said once for each reason; a break stops the log.
  void Postpone(Watched& witness, const absl::Status& status) {
    witness.next = absl::Now() + witness.pause;
    witness.pause = std::min(witness.pause * 2, kLongestPause);
    if (IsBreak(status)) log_.Stop(status);
    if (witness.last_problem == base::ReasonOf(status)) return;
    witness.last_problem = base::ReasonOf(status);
    base::Log(base::Severity::kError, "witness-problem",
              {{"name", witness.remote.name()},
               {"reason", base::ReasonOf(status)},
               {"message", status.message()}});
  }

  audit::Log& log_;
  // The worker's own, once it runs.
  std::vector<Watched> witnesses_;
  mutable base::Mutex mutex_;
  base::Condition wake_;
  std::vector<Seen> cosigned_ ABSL_GUARDED_BY(mutex_);
  std::atomic<bool> ending_ = false;
  std::thread worker_;
};

Witnesses::Witnesses(std::unique_ptr<State> state) : state_(std::move(state)) {}
Witnesses::~Witnesses() = default;

std::vector<Witnesses::Seen> Witnesses::Cosigned() const {
  return state_->Cosigned();
}

absl::StatusOr<std::unique_ptr<Witnesses>> Witnesses::Start(
    audit::Log& log, const v1::AuditLog& config) {
  Http::Prepare();
  auto state = std::make_unique<State>(log);
  RETURN_IF_ERROR(state->Start(config));
  return std::unique_ptr<Witnesses>(new Witnesses(std::move(state)));
}

}  // namespace bootseal::witnesses
