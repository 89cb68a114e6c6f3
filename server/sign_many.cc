#include "server/sign_many.h"

#include <deque>
#include <optional>
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

// A bounded queue between the reader and the workers. Thread-safe.
class Queue {
 public:
  explicit Queue(std::size_t capacity) : capacity_(capacity) {}

  void Push(v1::SignManyRequest request) {
    {
      const base::MutexLock lock(mutex_);
      while (waiting_.size() >= capacity_) changed_.wait(mutex_);
      waiting_.push_back(std::move(request));
    }
    changed_.notify_all();
  }
  // Nothing once the queue is closed and empty.
  std::optional<v1::SignManyRequest> Pop() {
    std::optional<v1::SignManyRequest> request;
    {
      const base::MutexLock lock(mutex_);
      while (waiting_.empty() && !closed_) changed_.wait(mutex_);
      if (waiting_.empty()) return request;
      request = std::move(waiting_.front());
      waiting_.pop_front();
    }
    changed_.notify_all();
    return request;
  }
  void Close() {
    {
      const base::MutexLock lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

 private:
  const std::size_t capacity_;
  base::Mutex mutex_;
  base::Condition changed_;
  std::deque<v1::SignManyRequest> waiting_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

class Session {
 public:
  Session(const Environment& environment, grpc::ServerContext& context,
          SignManyStream& stream, std::uint32_t workers)
      : environment_(environment),
        peer_(PeerOf(context)),
        stream_(stream),
        queue_(2 * workers),
        guard_(environment.uploads, environment.upload_limit,
               [&context] { context.TryCancel(); }) {
    for (std::uint32_t i = 0; i < workers; ++i) {
      workers_.emplace_back([this] { Work(); });
    }
  }
  ~Session() {
    queue_.Close();
    for (std::thread& worker : workers_) worker.join();
  }

  absl::Status ReadAll() {
    v1::SignManyRequest request;
    while (stream_.Read(&request)) {
      if (environment_.draining) {
        return base::Unavailable("DRAINING", "the server is about to end");
      }
      guard_.Extend();
      queue_.Push(std::move(request));
      request = v1::SignManyRequest();
    }
    return absl::OkStatus();
  }

 private:
  void Work() {
    while (auto request = queue_.Pop()) {
      RequestLine line("SignMany");
      v1::SignManyReply reply;
      reply.set_request_id(request->header().request_id());
      auto released = Sign(*request, line);
      line.Write(released.status());
      if (released.ok()) {
        *reply.mutable_reply() = *std::move(released);
      } else {
        *reply.mutable_failure() = ToFailure(released.status());
      }
      const base::MutexLock lock(write_mutex_);
      stream_.Write(reply);
      guard_.Extend();
    }
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
  Queue queue_;
  UploadWatch::Guard guard_;
  base::Mutex write_mutex_;
  std::vector<std::thread> workers_;
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
  Session session(environment, context, stream, places.count());
  return session.ReadAll();
}

}  // namespace bootseal::server
