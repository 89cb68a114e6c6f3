// A bounded pool of PKCS#11 sessions, first come first served among those who
// have precedence (hsm/precedence.h), and after them among the others.
//
// Many callers lease one session each (signing), or one caller gets all of them
// at once (object changes, recovery): it waits for the leases that are out and
// holds back those that come later. A session that saw an error is closed and
// never lent again: a half-finished operation in it would sign with the wrong
// key.
#ifndef BOOTSEAL_HSM_PKCS11_SESSION_POOL_H_
#define BOOTSEAL_HSM_PKCS11_SESSION_POOL_H_

#include <p11-kit/pkcs11.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"

namespace bootseal::hsm::pkcs11 {

// A borrowed session. Handles found in one epoch are dead in the next.
struct Session {
  CK_FUNCTION_LIST* functions = nullptr;
  CK_SESSION_HANDLE handle = CK_INVALID_HANDLE;
  std::uint64_t epoch = 0;
};

// Thread-safe. Outlives its leases.
class SessionPool {
 public:
  struct Limits {
    std::uint32_t sessions = 8;
    std::chrono::milliseconds patience{30000};
  };

  SessionPool(CK_FUNCTION_LIST& functions, Limits limits)
      : functions_(functions), limits_(limits) {}
  SessionPool(const SessionPool&) = delete;
  SessionPool& operator=(const SessionPool&) = delete;

  // Gives its session back when it goes.
  class Lease {
   public:
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    const Session& session() const { return session_; }
    // The session is closed instead of lent again.
    void Poison() { poisoned_ = true; }

   private:
    friend class SessionPool;
    Lease(SessionPool& pool, Session session)
        : pool_(&pool), session_(session) {}
    SessionPool* pool_;
    Session session_;
    bool poisoned_ = false;
  };

  // While it lives, nobody else has a session.
  class Exclusive {
   public:
    Exclusive(Exclusive&& other) noexcept;
    Exclusive& operator=(Exclusive&&) = delete;
    ~Exclusive();

   private:
    friend class SessionPool;
    explicit Exclusive(SessionPool& pool) : pool_(&pool) {}
    SessionPool* pool_;
  };

  // UNAVAILABLE: TOKEN_BUSY when none is free within limits.patience,
  // TOKEN_LOST without a slot; errors of C_OpenSession as in error.h.
  absl::StatusOr<Lease> Acquire();
  // UNAVAILABLE (TOKEN_BUSY).
  absl::StatusOr<Exclusive> AcquireAll();

  // Closes the sessions that nobody has: a token that dropped one may have
  // dropped them all. The lease keeps a recovery, which would give their
  // handles to others, from happening meanwhile.
  void CloseIdle(const Lease&);

  // Under an Exclusive. Forgets all sessions without closing them (the library
  // that knew them has been finalised) and starts a new epoch on `slot`;
  // without a slot nobody gets a session until the next Restart.
  void Restart(const Exclusive&, std::optional<CK_SLOT_ID> slot);

  // Sessions that are lent now, and how many there may be.
  std::uint32_t lent() const;
  std::uint32_t most() const { return limits_.sessions; }
  std::uint64_t epoch() const;
  std::optional<CK_SLOT_ID> slot() const;
  // Callers that wait for a session, or for all of them.
  std::size_t waiting() const;

 private:
  enum class Want { kOne, kAll };
  struct Waiter {
    Want want;
    bool ahead;
    bool granted = false;
    base::Condition condition;
  };

  using Waiters = std::list<Waiter*>;

  absl::Status Wait(Want want);
  // Where one more has to wait.
  Waiters::iterator PlaceFor(const Waiter& waiter)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Grantable(Want want) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Grant(Want want) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WakeNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Return(const Session& session, bool reusable);
  void ReturnAll();

  CK_FUNCTION_LIST& functions_;
  const Limits limits_;
  mutable base::Mutex mutex_;
  std::optional<CK_SLOT_ID> slot_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t epoch_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint32_t lent_ ABSL_GUARDED_BY(mutex_) = 0;
  bool exclusive_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<CK_SESSION_HANDLE> idle_ ABSL_GUARDED_BY(mutex_);
  Waiters waiters_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bootseal::hsm::pkcs11

#endif  // BOOTSEAL_HSM_PKCS11_SESSION_POOL_H_
