// What those who watch the server are shown, over HTTP when the configuration
// has `metrics`: /metrics for Prometheus, /healthz (the process answers) and
// /readyz (200, or 503 with the reason) for the probes of containers.
#ifndef BOOTSEAL_SERVER_MONITORING_H_
#define BOOTSEAL_SERVER_MONITORING_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/figures.h"
#include "bootseal/v1/config.pb.h"
#include "server/audit/postgres/figures.h"
#include "server/environment.h"
#include "server/health/canary.h"
#include "server/health/readiness.h"
#include "server/issuer_files.h"
#include "server/metrics/http_listener.h"
#include "server/metrics/payloads.h"
#include "server/metrics/registry.h"
#include "server/witnesses/witnesses.h"

namespace bootseal::hsm {
class Token;
}  // namespace bootseal::hsm

namespace bootseal::server {

// Not thread-safe; what it shows is read on threads of its own.
class Monitoring {
 public:
  // All must outlive it.
  struct Parts {
    const Environment& environment;
    hsm::Token& token;
    const witnesses::Witnesses& witnesses;
    const health::Readiness& readiness;
    const health::Canary* canary;  // nullptr: none
    // Whether the policy file was refused when it was last read.
    const std::atomic<bool>& policy_refused;
    const metrics::Payloads& payloads;
    // Of the log, where it is in one.
    const audit::PostgresFigures& database;
    const char* version;
  };

  // Listens, and writes metrics.port_file. METRICS_LISTEN_FAILED, base/file.h's
  // errors, those of tls.h.
  static absl::StatusOr<std::unique_ptr<Monitoring>> Start(
      const v1::ServerConfig& config, const Parts& parts);

  // About every second: now and then looks at what a scrape must not wait for,
  // which is what waits in the log, room on its disk, and the issuers' files.
  void Tick();

 private:
  Monitoring(const v1::ServerConfig& config, const Parts& parts)
      : parts_(parts), issuer_files_(config.policy_path()) {}

  void Look(absl::Time now);
  void AddServer();
  void AddHealth();
  void AddHsm();
  void AddLog(const v1::AuditLog& config);
  void AddDatabase();
  void AddLimits();
  void AddConnections();
  void AddTrust();
  void AddListener();
  void AddWaiting();
  metrics::Page Readyz() const;

  const Parts parts_;
  metrics::Registry registry_;
  IssuerFiles issuer_files_;
  absl::Time next_look_ = absl::InfinitePast();
  std::string log_path_;  // "": not on a disk of ours
  std::atomic<double> log_free_bytes_ = 0;
  std::atomic<std::int64_t> waiting_ = 0;
  std::atomic<std::int64_t> next_expiry_ms_ = 0;  // 0: nothing waits
  base::Counter evicted_;
  std::unique_ptr<metrics::HttpListener> listener_;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_MONITORING_H_
