// Shows that the token signs: a key that serves nothing else does so, at
// regular times, with a message that is new each time and the policy's public
// key to verify it.
#ifndef BOOTSEAL_SERVER_HEALTH_CANARY_H_
#define BOOTSEAL_SERVER_HEALTH_CANARY_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"

namespace bootseal::hsm {
class CanarySigner;
}  // namespace bootseal::hsm

namespace bootseal::health {

// Thread-safe. One thread, which signs and sleeps.
class Canary {
 public:
  using Steady = std::chrono::steady_clock;

  // Signs once before it returns; that signature's error (hsm/signer.h).
  static absl::StatusOr<std::unique_ptr<Canary>> Start(
      std::unique_ptr<hsm::CanarySigner> signer, std::chrono::seconds interval);
  // Waits for a signature that is under way.
  ~Canary();
  Canary(const Canary&) = delete;
  Canary& operator=(const Canary&) = delete;

  // OK while the last signature was good; otherwise its error. UNAVAILABLE
  // (CANARY_SILENT) when the token has not answered for two intervals, or five
  // seconds if that is more.
  absl::Status status() const;
  // Since the last good signature began.
  std::chrono::duration<double> age() const;
  // Between two signatures.
  std::chrono::seconds interval() const { return interval_; }

 private:
  Canary(std::unique_ptr<hsm::CanarySigner> signer,
         std::chrono::seconds interval);
  void Sign();
  void Run();

  const std::unique_ptr<hsm::CanarySigner> signer_;
  const std::chrono::seconds interval_;

  mutable base::Mutex mutex_;
  base::Condition wake_;
  absl::Status last_ ABSL_GUARDED_BY(mutex_);
  Steady::time_point answered_ ABSL_GUARDED_BY(mutex_);
  Steady::time_point last_good_ ABSL_GUARDED_BY(mutex_);
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace bootseal::health

#endif  // BOOTSEAL_SERVER_HEALTH_CANARY_H_
