#include "server/upload_watch.h"

#include <grpc/grpc.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::server {
namespace {

// What a call that was ended takes to notice.
constexpr std::chrono::milliseconds kTimeToLeave{500};

}  // namespace

UploadWatch::UploadWatch() : thread_([this] { Run(); }) {}

UploadWatch::~UploadWatch() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void UploadWatch::Drain(std::chrono::seconds patience) {
  const base::MutexLock lock(mutex_);
  end_of_all_ = Time::now() + patience;
  changed_.notify_all();
  const Time::time_point deadline = end_of_all_ + kTimeToLeave;
  while (!guards_.empty() &&
         changed_.wait_until(mutex_, deadline) != std::cv_status::timeout) {
  }
}

std::size_t UploadWatch::watched() const {
  const base::MutexLock lock(mutex_);
  return guards_.size();
}

void UploadWatch::Add(Guard* guard) {
  const base::MutexLock lock(mutex_);
  // The thread looks every second anyway: waking it for each call would cost
  // more than a late end does.
  guards_.insert(guard);
}

void UploadWatch::Remove(Guard* guard) {
  const base::MutexLock lock(mutex_);
  guards_.erase(guard);
  if (guards_.empty() && end_of_all_ != Time::time_point::max()) {
    changed_.notify_all();
  }
}

void UploadWatch::Run() {
  const base::MutexLock lock(mutex_);
  while (!stopping_) changed_.wait_until(mutex_, EndDue());
}

UploadWatch::Time::time_point UploadWatch::EndDue() {
  const Time::time_point now = Time::now();
  Time::time_point next = now + std::chrono::seconds(1);
  if (end_of_all_ > now) next = std::min(next, end_of_all_);
  for (Guard* guard : guards_) {
    if (guard->state_ != Guard::State::kRunning) continue;
    const Time::time_point deadline = guard->deadline_;
    if (end_of_all_ <= now) {
      guard->End(Guard::State::kDraining);
    } else if (deadline <= now) {
      guard->End(Guard::State::kTooSlow);
    } else {
      next = std::min(next, deadline);
    }
  }
  return next;
}

UploadWatch::Guard::Guard(UploadWatch& watch, std::chrono::seconds limit,
                          grpc::ServerContextBase& context)
    : watch_(watch), context_(context), deadline_(Time::now() + limit) {
  watch_.Add(this);
}

UploadWatch::Guard::~Guard() { watch_.Remove(this); }

void UploadWatch::Guard::End(State why) {
  state_ = why;
  // TryCancel with a code and a message, which gRPC's C++ has no name for.
  const absl::Status status = StatusOf(why);
  grpc_call_cancel_with_status(
      context_.c_call(), static_cast<grpc_status_code>(status.code()),
      absl::StrCat(base::ReasonOf(status), ": ", status.message()).c_str(),
      nullptr);
}

absl::Status UploadWatch::Guard::StatusOf(State why) {
  if (why == State::kDraining) return Draining();
  return base::Fail(
      absl::StatusCode::kCancelled, "UPLOAD_TOO_SLOW",
      "upload did not go on within its time (limits.upload_seconds, at most 10 "
      "for the header)");
}

absl::Status UploadWatch::Guard::Check() const {
  const State state = state_;
  if (state != State::kRunning) return StatusOf(state);
  if (!context_.IsCancelled()) return absl::OkStatus();
  return base::Fail(absl::StatusCode::kCancelled, "CANCELLED",
                    "the client cancelled the call");
}

absl::Status Draining() {
  return base::Unavailable("DRAINING", "the server is about to end; try again");
}

}  // namespace bootseal::server
