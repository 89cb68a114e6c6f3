#include "server/health/canary.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "hsm/signer.h"

namespace bootseal::health {
namespace {

// A machine under load may stand still for a moment.
constexpr std::chrono::seconds kLeastPatience{5};

}  // namespace

Canary::Canary(std::unique_ptr<hsm::CanarySigner> signer,
               std::chrono::seconds interval)
    : signer_(std::move(signer)), interval_(interval) {}

Canary::~Canary() {
  {
    const base::MutexLock lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

absl::StatusOr<std::unique_ptr<Canary>> Canary::Start(
    std::unique_ptr<hsm::CanarySigner> signer, std::chrono::seconds interval) {
  std::unique_ptr<Canary> canary(new Canary(std::move(signer), interval));
  canary->Sign();
  RETURN_IF_ERROR(canary->status());
  canary->thread_ = std::thread([made = canary.get()] { made->Run(); });
  return canary;
}

// Without the lock: a token that hangs must not keep anybody from asking.
void Canary::Sign() {
  const Steady::time_point begun = Steady::now();
  absl::Status status = signer_->Probe();
  const base::MutexLock lock(mutex_);
  answered_ = Steady::now();
  if (status.ok()) last_good_ = begun;
  last_ = std::move(status);
}

void Canary::Run() {
  std::unique_lock<base::Mutex> lock(mutex_);
  while (!wake_.wait_for(lock, interval_, [this] { return ending_; })) {
    lock.unlock();
    Sign();
    lock.lock();
  }
}

absl::Status Canary::status() const {
  const base::MutexLock lock(mutex_);
  if (!last_.ok()) return last_;
  const auto silent = Steady::now() - answered_;
  if (silent < std::max(2 * interval_, kLeastPatience)) return absl::OkStatus();
  return base::Unavailable(
      "CANARY_SILENT",
      absl::StrCat(
          "the token has not signed for ",
          std::chrono::duration_cast<std::chrono::seconds>(silent).count(),
          " seconds, expected a signature every ", interval_.count(),
          "; see whether it answers its vendor's tool"));
}

std::chrono::duration<double> Canary::age() const {
  const base::MutexLock lock(mutex_);
  return Steady::now() - last_good_;
}

}  // namespace bootseal::health
