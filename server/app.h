// The composition root: from a configuration file to a running server, and back
// to nothing in the right order.
#ifndef BOOTSEAL_SERVER_APP_H_
#define BOOTSEAL_SERVER_APP_H_

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "bootseal/v1/config.pb.h"
#include "server/audit/postgres/figures.h"
#include "server/edge/relay.h"
#include "server/environment.h"
#include "server/health/canary.h"
#include "server/health/readiness.h"
#include "server/log_pulse.h"
#include "server/metrics/calls.h"
#include "server/metrics/decisions.h"
#include "server/metrics/payloads.h"
#include "server/monitoring.h"
#include "server/policy_loader.h"
#include "server/rpc_server.h"
#include "server/service_keys.h"
#include "server/witnesses/witnesses.h"

namespace bootseal::server {

// Not thread-safe: start, signals and end are the business of one thread.
class App {
 public:
  // Everything that can be wrong with configuration, policy, token, log and
  // address is found here. Errors of all the parts.
  static absl::StatusOr<std::unique_ptr<App>> Start(
      const std::string& config_path);

  int port() const { return server_->port(); }

  // For people, in a few words: what it does, by which policy.
  std::string Summary() const;
  // A sign of life: the log has answered. Asks it, and is false until it does.
  bool IsAlive() { return pulse_->Feel(); }

  // SIGHUP: the policy file again. On error the old policy stays in force and
  // every problem is logged.
  void Reload();
  // About every second: health follows the log and the canary, refusals are
  // summed up.
  void Tick();
  // SIGTERM: new uploads and streams are UNAVAILABLE (DRAINING), and so is what
  // still runs after nine seconds. Ends within ten.
  void Drain();

 private:
  explicit App(v1::ServerConfig config) : config_(std::move(config)) {}

  absl::Status OpenLog(const trust::Policy& policy);
  absl::Status RecordStart();
  absl::Status StartCanary(const trust::Policy& policy);
  absl::Status Serve(edge::SslContextPtr tls);
  absl::Status TryReload();
  ServiceKey CheckpointKey() const;
  ServiceKey CanaryKey() const;
  absl::Status CheckServiceKeys(const trust::Policy& policy) const;
  void ShowHealth();
  absl::Status StartMonitoring();
  absl::Status WritePortFile() const;

  const v1::ServerConfig config_;
  const base::SystemClock clock_;
  std::atomic<bool> draining_ = false;
  std::string served_cas_;
  std::string checkpoint_pin_;
  std::atomic<bool> reload_failed_ = false;
  std::string canary_pin_;
  absl::Status shown_health_;
  hsm::KeyInfo checkpoint_key_;
  // Members are destroyed from the last to the first: nothing outlives what it
  // refers to.
  std::shared_ptr<hsm::Token> token_;
  const std::shared_ptr<audit::PostgresFigures> database_ =
      std::make_shared<audit::PostgresFigures>();
  std::unique_ptr<audit::Log> log_;
  std::unique_ptr<LogPulse> pulse_;
  std::unique_ptr<KeyStates> key_states_;
  std::unique_ptr<witnesses::Witnesses> witnesses_;
  std::unique_ptr<health::Canary> canary_;
  std::unique_ptr<health::Readiness> readiness_;
  std::unique_ptr<PolicyLoader> loader_;
  std::unique_ptr<PolicyHolder> policies_;
  std::unique_ptr<KeyChanges> key_changes_;
  std::unique_ptr<Refusals> refusals_;
  std::unique_ptr<CallLimits> limits_;
  std::unique_ptr<CallPlaces> calls_;
  std::unique_ptr<MemoryBudget> memory_;
  std::unique_ptr<PendingRequests> pending_;
  std::unique_ptr<Denials> denials_;
  std::unique_ptr<UploadWatch> uploads_;
  metrics::Calls call_figures_;
  metrics::Decisions decisions_;
  metrics::Payloads payloads_;
  std::unique_ptr<edge::Clients> clients_;
  std::unique_ptr<Environment> environment_;
  std::unique_ptr<RpcServer> server_;
  std::unique_ptr<Monitoring> monitoring_;
};

// One line for each problem of `status`, all with its reason.
void LogProblems(absl::string_view event, const absl::Status& status);

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_APP_H_
