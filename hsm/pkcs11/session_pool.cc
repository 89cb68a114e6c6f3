#include "hsm/pkcs11/session_pool.h"

#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "hsm/pkcs11/error.h"
#include "hsm/precedence.h"

namespace bootseal::hsm::pkcs11 {

SessionPool::Lease::Lease(Lease&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)),
      session_(other.session_),
      poisoned_(other.poisoned_) {}

SessionPool::Lease::~Lease() {
  if (pool_) pool_->Return(session_, !poisoned_);
}

SessionPool::Exclusive::Exclusive(Exclusive&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)) {}

SessionPool::Exclusive::~Exclusive() {
  if (pool_) pool_->ReturnAll();
}

absl::StatusOr<SessionPool::Lease> SessionPool::Acquire() {
  RETURN_IF_ERROR(Wait(Want::kOne));
  Session session{&functions_, CK_INVALID_HANDLE, 0};
  std::optional<CK_SLOT_ID> slot;
  {
    base::MutexLock lock(mutex_);
    session.epoch = epoch_;
    slot = slot_;
    if (!idle_.empty()) {
      session.handle = idle_.back();
      idle_.pop_back();
    }
  }
  Lease lease(*this, session);
  if (session.handle != CK_INVALID_HANDLE) return lease;
  if (!slot) {
    return base::Unavailable("TOKEN_LOST", "nobody is logged in to the token");
  }
  const CK_RV result = functions_.C_OpenSession(
      *slot, CKF_SERIAL_SESSION, nullptr, nullptr, &lease.session_.handle);
  if (result == CKR_OK) return lease;
  lease.session_.handle = CK_INVALID_HANDLE;
  return ToStatus("C_OpenSession", result);
}

absl::StatusOr<SessionPool::Exclusive> SessionPool::AcquireAll() {
  RETURN_IF_ERROR(Wait(Want::kAll));
  return Exclusive(*this);
}

absl::Status SessionPool::Wait(Want want) {
  const auto deadline = std::chrono::steady_clock::now() + limits_.patience;
  base::MutexLock lock(mutex_);
  if (waiters_.empty() && Grantable(want)) {
    Grant(want);
    return absl::OkStatus();
  }
  Waiter waiter{want, Precedence::Held(), false, {}};
  const auto place = waiters_.insert(PlaceFor(waiter), &waiter);
  while (!waiter.granted) {
    if (waiter.condition.wait_until(mutex_, deadline) ==
            std::cv_status::timeout &&
        !waiter.granted) {
      waiters_.erase(place);
      // Those behind may have waited for this one only.
      WakeNext();
      return base::Unavailable(
          "TOKEN_BUSY",
          absl::StrCat("no free session within ", limits_.patience.count(),
                       " ms, all ", limits_.sessions,
                       " are in use; try again, or raise max_sessions if the "
                       "token allows more"));
    }
  }
  return absl::OkStatus();
}

SessionPool::Waiters::iterator SessionPool::PlaceFor(const Waiter& waiter) {
  auto place = waiters_.end();
  if (!waiter.ahead) return place;
  // Nobody overtakes one who wants all: a recovery, on which all depend.
  while (place != waiters_.begin()) {
    const Waiter& before = **std::prev(place);
    if (before.ahead || before.want == Want::kAll) break;
    --place;
  }
  return place;
}

bool SessionPool::Grantable(Want want) const {
  if (exclusive_) return false;
  return want == Want::kAll ? lent_ == 0 : lent_ < limits_.sessions;
}

void SessionPool::Grant(Want want) {
  if (want == Want::kAll) {
    exclusive_ = true;
  } else {
    ++lent_;
  }
}

void SessionPool::WakeNext() {
  while (!waiters_.empty() && Grantable(waiters_.front()->want)) {
    Waiter& next = *waiters_.front();
    waiters_.pop_front();
    Grant(next.want);
    next.granted = true;
    next.condition.notify_one();
  }
}

void SessionPool::Return(const Session& session, bool reusable) {
  // Closed before the count goes down: a token with few sessions would refuse
  // the next one. No recovery can happen meanwhile, so the handle is ours.
  const bool open = session.handle != CK_INVALID_HANDLE;
  if (open && !reusable) functions_.C_CloseSession(session.handle);
  base::MutexLock lock(mutex_);
  if (open && reusable) idle_.push_back(session.handle);
  --lent_;
  WakeNext();
}

void SessionPool::ReturnAll() {
  base::MutexLock lock(mutex_);
  exclusive_ = false;
  WakeNext();
}

void SessionPool::CloseIdle(const Lease&) {
  std::vector<CK_SESSION_HANDLE> idle;
  {
    base::MutexLock lock(mutex_);
    idle.swap(idle_);
  }
  for (const CK_SESSION_HANDLE session : idle) {
    functions_.C_CloseSession(session);
  }
}

void SessionPool::Restart(const Exclusive&, std::optional<CK_SLOT_ID> slot) {
  base::MutexLock lock(mutex_);
  idle_.clear();
  slot_ = slot;
  ++epoch_;
}

std::uint32_t SessionPool::lent() const {
  base::MutexLock lock(mutex_);
  return lent_;
}

std::uint64_t SessionPool::epoch() const {
  base::MutexLock lock(mutex_);
  return epoch_;
}

std::size_t SessionPool::waiting() const {
  base::MutexLock lock(mutex_);
  return waiters_.size();
}

std::optional<CK_SLOT_ID> SessionPool::slot() const {
  base::MutexLock lock(mutex_);
  return slot_;
}

}  // namespace bootseal::hsm::pkcs11
