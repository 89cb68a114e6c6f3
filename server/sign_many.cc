#include "server/sign_many.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/mutex.h"
#include "base/status.h"
#include "server/call.h"
#include "server/rpc_status.h"
#include "server/signing_flow.h"
#include "server/upload.h"

namespace bootseal::server {
namespace {

// One request on its way through the pipeline.
struct Job {
  std::string request_id;
  RequestLine line{"SignMany"};
  std::unique_ptr<SigningFlow> flow;
  std::optional<ConcurrencyLimit::Place> place;
  // What there is to answer: a refusal or a repeated release, or the log's word
  // on the record.
  absl::StatusOr<v1::SignReply> reply = absl::UnknownError("not signed yet");
  std::optional<absl::StatusOr<audit::Receipt>> receipt;
};

class Session {
 public:
  Session(const Environment& environment, grpc::ServerContext& context,
          SignManyStream& stream)
      : environment_(environment),
        peer_(PeerOf(context, environment.clients.peers)),
        trace_(TraceOf(context)),
        stream_(stream),
        guard_(environment.uploads, environment.upload_limit, context) {}

  absl::Status Run() {
    // Now, since metadata that goes with a buffered answer is buffered too, and
    // the write waits until something else sends it.
    stream_.SendInitialMetadata();
    std::vector<std::thread> workers;
    for (std::uint32_t i = 0; i < kSignManyWorkers; ++i) {
      workers.emplace_back([this] { Work(); });
    }
    AnswerAll();
    for (std::thread& worker : workers) worker.join();
    const base::MutexLock lock(read_mutex_);
    return cut_short_ ? Draining() : guard_.Check();
  }

 private:
  void Work() {
    v1::SignManyRequest request;
    while (Read(request)) {
      auto job = std::make_shared<Job>();
      job->request_id = request.header().request_id();
      auto made = Sign(request, *job);
      if (!made.ok()) {
        job->reply = made.status();
        Ready(std::move(job));
      } else if (auto* reply = std::get_if<v1::SignReply>(&*made)) {
        job->reply = std::move(*reply);
        Ready(std::move(job));
      } else {
        environment_.log.Append(
            std::get<audit::Record>(*std::move(made)),
            [this, job](absl::StatusOr<audit::Receipt> receipt) {
              job->receipt = std::move(receipt);
              Ready(job);
            });
      }
    }
  }

  // False at the end of the stream. A client that does not read its answers is
  // not read from either.
  bool Read(v1::SignManyRequest& request) {
    const base::MutexLock turn(read_mutex_);
    {
      const base::MutexLock lock(mutex_);
      while (jobs_ >= kSignManyRequests) room_.wait(mutex_);
      ++jobs_;
    }
    if (!ended_ && environment_.draining) ended_ = cut_short_ = true;
    if (!ended_ && stream_.Read(&request)) {
      guard_.Extend(environment_.upload_limit);
      return true;
    }
    ended_ = true;
    const base::MutexLock lock(mutex_);
    --jobs_;
    ++workers_done_;
    ready_changed_.notify_one();
    room_.notify_all();
    return false;
  }

  absl::StatusOr<SigningFlow::Signed> Sign(const v1::SignManyRequest& request,
                                           Job& job) {
    job.line.SetTrace(trace_);
    job.line.SetRequest(request.header().target(), job.request_id);
    // Each request has the policy, and the deny list, of its own moment.
    const auto policy = environment_.policies.Current();
    ASSIGN_OR_RETURN(const v1::Caller caller,
                     Identify(peer_, *policy, environment_.refusals));
    job.line.SetCaller(caller.identity());
    if (request.payload().size() > kMaxChunkBytes) {
      return base::Invalid(
          "CHUNK_TOO_LARGE", "payload",
          absl::StrCat("payload has ", request.payload().size(),
                       " bytes, SignMany takes at most ", kMaxChunkBytes,
                       "; use Sign"));
    }
    job.flow = std::make_unique<SigningFlow>(
        SigningFlow::Services{
            environment_.log, environment_.refusals, environment_.clock,
            environment_.memory, environment_.pending, environment_.denials,
            environment_.decisions, environment_.max_payload_bytes,
            environment_.max_pending_per_identity},
        policy, caller, request.header());
    RETURN_IF_ERROR(job.flow->Admit());
    RETURN_IF_ERROR(TakePlace(caller.identity(), job));
    RETURN_IF_ERROR(job.flow->Payload(request.payload()));
    return job.flow->Sign();
  }

  // Waits only for what this stream itself has under way.
  absl::Status TakePlace(absl::string_view identity, Job& job) {
    const base::MutexLock lock(mutex_);
    while (true) {
      auto place = environment_.limits.requests.Take(
          identity, LaneOf(job.flow->target()));
      if (place.ok()) {
        job.place.emplace(*std::move(place));
        ++placed_;
        return absl::OkStatus();
      }
      if (placed_ == 0) return place.status();
      room_.wait(mutex_);
    }
  }

  void Ready(std::shared_ptr<Job> job) {
    const base::MutexLock lock(mutex_);
    ready_.push_back(std::move(job));
    if (ready_.size() == 1) ready_changed_.notify_one();
  }

  void AnswerAll() {
    while (true) {
      std::deque<std::shared_ptr<Job>> jobs = TakeReady();
      if (jobs.empty()) return;
      for (std::size_t i = 0; i < jobs.size(); ++i) {
        grpc::WriteOptions options;
        if (i + 1 < jobs.size()) options.set_buffer_hint();
        Answer(*jobs[i], options);
      }
      guard_.Extend(environment_.upload_limit);
      MakeRoom(jobs);
    }
  }

  void MakeRoom(const std::deque<std::shared_ptr<Job>>& answered) {
    const base::MutexLock lock(mutex_);
    jobs_ -= static_cast<std::uint32_t>(answered.size());
    for (const auto& job : answered) {
      if (!job->place) continue;
      job->place.reset();
      --placed_;
    }
    room_.notify_all();
  }

  // All that are ready; none when everything is answered and nothing can come.
  std::deque<std::shared_ptr<Job>> TakeReady() {
    const base::MutexLock lock(mutex_);
    while (ready_.empty() && (workers_done_ < kSignManyWorkers || jobs_ > 0)) {
      ready_changed_.wait(mutex_);
    }
    return std::exchange(ready_, {});
  }

  void Answer(Job& job, const grpc::WriteOptions& options) {
    if (job.receipt) job.reply = job.flow->Release(*job.receipt);
    if (job.reply.ok()) job.line.SetReceipt(job.reply->receipt());
    job.line.Write(job.reply.status());
    v1::SignManyReply reply;
    reply.set_request_id(job.request_id);
    if (job.reply.ok()) {
      *reply.mutable_reply() = *std::move(job.reply);
    } else {
      *reply.mutable_failure() = ToFailure(job.reply.status());
    }
    stream_.Write(reply, options);
  }

  const Environment& environment_;
  const Peer peer_;
  const Trace trace_;
  SignManyStream& stream_;
  UploadWatch::Guard guard_;

  base::Mutex read_mutex_;
  bool ended_ ABSL_GUARDED_BY(read_mutex_) = false;
  // By the server, while the client may have had more.
  bool cut_short_ ABSL_GUARDED_BY(read_mutex_) = false;

  base::Mutex mutex_;
  base::Condition room_;
  base::Condition ready_changed_;
  // Read and not yet answered.
  std::uint32_t jobs_ ABSL_GUARDED_BY(mutex_) = 0;
  // Of these, with a place.
  std::uint32_t placed_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint32_t workers_done_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<std::shared_ptr<Job>> ready_ ABSL_GUARDED_BY(mutex_);
};

// A refusal of the whole stream, in the log as those of single requests are.
void Record(const Environment& environment, const PolicyInForce& policy,
            const v1::Caller& caller, const absl::Status& refusal) {
  v1::Entry entry;
  entry.set_time_unix_ms(absl::ToUnixMillis(environment.clock.Now()));
  *entry.mutable_caller() = caller;
  entry.set_policy_sha256(policy.policy().sha256());
  v1::SigningEvent& signing = *entry.mutable_signing();
  signing.set_decision(v1::REFUSED);
  signing.set_rule("target.requesters");
  signing.set_reason(std::string(refusal.message()));
  environment.refusals.Record(entry);
}

// Before anything is read.
absl::StatusOr<ConcurrencyLimit::Place> AdmitStream(
    const Environment& environment, const grpc::ServerContext& context,
    RequestLine& line) {
  const auto policy = environment.policies.Current();
  ASSIGN_OR_RETURN(const v1::Caller caller,
                   Receive(context, environment, *policy, line));
  const absl::Status allowed = policy->judge().AllowRequests(caller);
  if (!allowed.ok()) {
    Record(environment, *policy, caller, allowed);
    return WithRule(allowed, "target.requesters");
  }
  return environment.limits.many.Take(caller.identity());
}

}  // namespace

absl::Status ServeSignMany(const Environment& environment,
                           grpc::ServerContext& context,
                           SignManyStream& stream) {
  RequestLine line("SignMany");
  line.SetTrace(TraceOf(context));
  const auto place = AdmitStream(environment, context, line);
  if (!place.ok()) {
    line.Write(place.status());
    return place.status();
  }
  return Session(environment, context, stream).Run();
}

}  // namespace bootseal::server
