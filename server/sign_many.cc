#include "server/sign_many.h"

#include <deque>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/mutex.h"
#include "base/status.h"
#include "server/call.h"
#include "server/rpc_status.h"
#include "server/signing_flow.h"
#include "server/signing_service.h"

namespace bootseal::server {
namespace {

// Answers on their way out. Whoever finds nobody writing writes for all, so
// that the answers of one commit of the log leave together. Thread-safe.
class Outbox {
 public:
  explicit Outbox(SignManyStream& stream) : stream_(stream) {}

  void Send(v1::SignManyReply reply) {
    const base::MutexLock lock(mutex_);
    while (waiting_.size() >= kMaxWaiting) room_.wait(mutex_);
    waiting_.push_back(std::move(reply));
    if (writing_) return;
    writing_ = true;
    while (!waiting_.empty()) WriteFirst();
    writing_ = false;
  }

 private:
  static constexpr std::size_t kMaxWaiting = 2 * kSignManyWorkers;

  // Others may add answers meanwhile.
  void WriteFirst() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const v1::SignManyReply next = std::move(waiting_.front());
    waiting_.pop_front();
    grpc::WriteOptions options;
    if (!waiting_.empty()) options.set_buffer_hint();
    mutex_.unlock();
    stream_.Write(next, options);
    mutex_.lock();
    room_.notify_one();
  }

  SignManyStream& stream_;
  base::Mutex mutex_;
  base::Condition room_;
  std::deque<v1::SignManyReply> waiting_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
};

// Workers take turns at reading: no request waits in a queue, and a client that
// does not read its answers is not read from either.
class Session {
 public:
  Session(const Environment& environment, grpc::ServerContext& context,
          SignManyStream& stream)
      : environment_(environment),
        peer_(PeerOf(context)),
        stream_(stream),
        outbox_(stream),
        guard_(environment.uploads, environment.upload_limit,
               [&context] { context.TryCancel(); }) {}

  absl::Status Run(std::uint32_t workers) {
    std::vector<std::thread> others;
    for (std::uint32_t i = 1; i < workers; ++i) {
      others.emplace_back([this] { Work(); });
    }
    Work();
    for (std::thread& other : others) other.join();
    if (!environment_.draining) return absl::OkStatus();
    return base::Unavailable("DRAINING", "the server is about to end");
  }

 private:
  void Work() {
    v1::SignManyRequest request;
    while (Read(request)) {
      RequestLine line("SignMany");
      v1::SignManyReply reply;
      reply.set_request_id(request.header().request_id());
      auto released = Sign(request, line);
      line.Write(released.status());
      if (released.ok()) {
        *reply.mutable_reply() = *std::move(released);
      } else {
        *reply.mutable_failure() = ToFailure(released.status());
      }
      outbox_.Send(std::move(reply));
      guard_.Extend();
    }
  }

  // False at the end of the stream.
  bool Read(v1::SignManyRequest& request) {
    const base::MutexLock lock(read_mutex_);
    if (ended_ || environment_.draining || !stream_.Read(&request)) {
      ended_ = true;
      return false;
    }
    guard_.Extend();
    return true;
  }

  absl::StatusOr<v1::SignReply> Sign(const v1::SignManyRequest& request,
                                     RequestLine& line) {
    line.SetRequest(request.header().target(), request.header().request_id());
    // Each request has the policy, and the deny list, of its own moment.
    const auto policy = environment_.policies.Current();
    ASSIGN_OR_RETURN(v1::Caller caller,
                     Identify(peer_, *policy, environment_.refusals));
    line.SetCaller(caller.identity());
    if (request.payload().size() > kMaxChunkBytes) {
      return base::Invalid(
          "CHUNK_TOO_LARGE", "payload",
          absl::StrCat("payload has ", request.payload().size(),
                       " bytes, SignMany takes at most ", kMaxChunkBytes,
                       "; use Sign"));
    }
    SigningFlow flow({environment_.log, environment_.refusals,
                      environment_.clock, environment_.max_payload_bytes},
                     policy, std::move(caller), request.header());
    RETURN_IF_ERROR(flow.Admit());
    RETURN_IF_ERROR(flow.Payload(request.payload()));
    return flow.Finish();
  }

  const Environment& environment_;
  const Peer peer_;
  SignManyStream& stream_;
  Outbox outbox_;
  UploadWatch::Guard guard_;
  base::Mutex read_mutex_;
  bool ended_ ABSL_GUARDED_BY(read_mutex_) = false;
};

}  // namespace

absl::Status ServeSignMany(const Environment& environment,
                           grpc::ServerContext& context,
                           SignManyStream& stream) {
  RETURN_IF_ERROR(Identify(PeerOf(context), *environment.policies.Current(),
                           environment.refusals)
                      .status());
  ASSIGN_OR_RETURN(const auto places,
                   environment.requests.Take(kSignManyWorkers));
  return Session(environment, context, stream).Run(places.count());
}

}  // namespace bootseal::server
