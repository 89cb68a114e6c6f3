// One token, logged in: sessions to work with, and recovery when it is lost.
//
// A keeper session holds the login and does no work. When calls say that the
// token or the library's state is gone, the library is finalised, initialised
// and logged in to again, once, while nobody has a session; then the call is
// made once more. Further attempts are spaced from 0.1 s up to 10 s. A PIN that
// the token refused is never sent again.
#ifndef BOOTSEAL_HSM_PKCS11_TOKEN_H_
#define BOOTSEAL_HSM_PKCS11_TOKEN_H_

#include <p11-kit/pkcs11.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "base/status.h"
#include "hsm/pkcs11/error.h"
#include "hsm/pkcs11/module.h"
#include "hsm/pkcs11/session_pool.h"
#include "hsm/pkcs11/uri.h"
#include "hsm/signer.h"
#include "hsm/usage.h"

namespace bootseal::hsm {

// Thread-safe. Must be destroyed before main returns.
class Token {
 public:
  // UNAVAILABLE (TOKEN_MISSING; lists the tokens that are there),
  // FAILED_PRECONDITION (TOKEN_AMBIGUOUS, PIN_INCORRECT, PIN_LOCKED,
  // PIN_FINAL_TRY: one failure away from locking, a human should try), and the
  // errors of error.h.
  static absl::StatusOr<std::shared_ptr<Token>> Open(
      std::unique_ptr<pkcs11::Module> module, TokenOptions options);
  ~Token();
  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;

  const std::string& label() const { return label_; }
  const std::string& serial() const { return serial_; }
  const std::vector<std::string>& refused_public_keys() const {
    return options_.refused_public_keys;
  }
  // Counts re-initialisations; handles live as long as one epoch.
  std::uint64_t epoch() const { return pool_->epoch(); }
  // Sessions in use now, how many more are waited for, and the most there may
  // be.
  std::uint32_t sessions_in_use() const { return pool_->lent(); }
  std::size_t sessions_waited_for() const { return pool_->waiting(); }
  std::uint32_t max_sessions() const { return pool_->most(); }
  Usage& usage() { return usage_; }
  // Whether a key URI speaks of this token.
  bool Matches(const pkcs11::Uri& uri) const;

  // operation(const pkcs11::Session&) returns absl::Status or StatusOr. It runs
  // up to three times: again on a fresh session, and again after recovery. So
  // it must not change objects.
  template <typename Operation>
  std::invoke_result_t<Operation&, const pkcs11::Session&> Run(
      Operation operation);

  // The same on a read-write session, once, while nobody else has a session:
  // changes to objects, which tokens do not survive in parallel.
  template <typename Operation>
  std::invoke_result_t<Operation&, const pkcs11::Session&> Change(
      Operation operation);

  // One public key serves one purpose while any user of it lives. The returned
  // object is the claim. FAILED_PRECONDITION (KEY_PURPOSE).
  absl::StatusOr<std::shared_ptr<void>> Claim(const std::string& public_key,
                                              Purpose purpose);

 private:
  using Steady = std::chrono::steady_clock;
  struct Claims;

  Token(std::unique_ptr<pkcs11::Module> module, TokenOptions options,
        pkcs11::Uri uri);
  // Finds the slot, opens the keeper and logs in.
  absl::Status Login(const pkcs11::SessionPool::Exclusive& exclusive);
  absl::StatusOr<pkcs11::Slot> FindSlot() const;
  absl::Status Recover(std::uint64_t lost_epoch);
  absl::Status Reinitialise(const pkcs11::SessionPool::Exclusive& exclusive);
  // Any session error left over means that the token is lost.
  static absl::Status Surfaced(const absl::Status& status);

  absl::StatusOr<pkcs11::SessionPool::Lease> Acquire();
  template <typename Operation>
  std::invoke_result_t<Operation&, const pkcs11::Session&> Attempt(
      Operation& operation);

  static const absl::Status& StatusOf(const absl::Status& status) {
    return status;
  }
  template <typename T>
  static const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
    return result.status();
  }

  std::unique_ptr<pkcs11::Module> module_;
  const TokenOptions options_;
  const pkcs11::Uri uri_;
  std::string label_;
  std::string serial_;
  std::string manufacturer_;
  std::string model_;
  std::unique_ptr<pkcs11::SessionPool> pool_;
  std::shared_ptr<Claims> claims_;
  Usage usage_;

  base::Mutex mutex_;
  absl::Status pin_refused_ ABSL_GUARDED_BY(mutex_);
  absl::Status last_failure_ ABSL_GUARDED_BY(mutex_);
  Steady::time_point next_attempt_ ABSL_GUARDED_BY(mutex_);
  std::chrono::milliseconds pause_ ABSL_GUARDED_BY(mutex_){0};
};

template <typename Operation>
std::invoke_result_t<Operation&, const pkcs11::Session&> Token::Attempt(
    Operation& operation) {
  auto lease = Acquire();
  if (!lease.ok()) return lease.status();
  auto result = operation(lease->session());
  if (!StatusOf(result).ok()) lease->Poison();
  if (pkcs11::IsSessionLost(StatusOf(result))) pool_->CloseIdle(*lease);
  return result;
}

template <typename Operation>
std::invoke_result_t<Operation&, const pkcs11::Session&> Token::Run(
    Operation operation) {
  std::uint64_t epoch = pool_->epoch();
  auto result = Attempt(operation);
  if (pkcs11::IsSessionLost(StatusOf(result))) {
    epoch = pool_->epoch();
    result = Attempt(operation);
  }
  if (!pkcs11::IsSessionLost(StatusOf(result)) &&
      !pkcs11::IsTokenLost(StatusOf(result))) {
    return result;
  }
  if (absl::Status status = Recover(epoch); !status.ok()) return status;
  result = Attempt(operation);
  if (StatusOf(result).ok()) return result;
  return Surfaced(StatusOf(result));
}

template <typename Operation>
std::invoke_result_t<Operation&, const pkcs11::Session&> Token::Change(
    Operation operation) {
  auto exclusive = pool_->AcquireAll();
  if (!exclusive.ok()) return exclusive.status();
  const std::optional<CK_SLOT_ID> slot = pool_->slot();
  if (!slot) {
    return base::Unavailable("TOKEN_LOST", "nobody is logged in to the token");
  }
  CK_FUNCTION_LIST& functions = module_->functions();
  pkcs11::Session session{&functions, CK_INVALID_HANDLE, pool_->epoch()};
  const CK_RV opened =
      functions.C_OpenSession(*slot, CKF_SERIAL_SESSION | CKF_RW_SESSION,
                              nullptr, nullptr, &session.handle);
  if (opened != CKR_OK) {
    return Surfaced(pkcs11::ToStatus("C_OpenSession", opened));
  }
  auto result = operation(session);
  functions.C_CloseSession(session.handle);
  if (StatusOf(result).ok()) return result;
  return Surfaced(StatusOf(result));
}

}  // namespace bootseal::hsm

#endif  // BOOTSEAL_HSM_PKCS11_TOKEN_H_
