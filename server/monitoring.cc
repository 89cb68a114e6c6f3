#include "server/monitoring.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/file.h"
#include "base/status.h"
#include "server/metrics/process.h"
#include "server/tls.h"

namespace bootseal::server {
namespace {

using metrics::Gauge;
using metrics::Kind;
using metrics::Page;
using metrics::Sample;

constexpr char kPlain[] = "text/plain; charset=utf-8";
// The thread that looks into the log has other things to do: at most a
// twentieth of its time.
constexpr int kRestAfterLook = 20;

double Seconds(absl::Time time) {
  return absl::ToDoubleSeconds(time - absl::UnixEpoch());
}

// For as many as ask at once, so that they cannot keep a processor busy.
class Figures {
 public:
  explicit Figures(const metrics::Registry& registry) : registry_(registry) {}

  const std::string& Text() {
    const auto now = std::chrono::steady_clock::now();
    if (now - made_ < kFresh) return text_;
    text_ = registry_.Text();
    made_ = now;
    return text_;
  }

 private:
  static constexpr std::chrono::milliseconds kFresh{50};

  const metrics::Registry& registry_;
  std::string text_;
  std::chrono::steady_clock::time_point made_;
};

double FreeBytes(const std::string& path) {
  struct statvfs found {};
  if (statvfs(path.c_str(), &found) != 0) return 0;
  return static_cast<double>(found.f_bavail) *
         static_cast<double>(found.f_frsize);
}

std::vector<Sample> KeySamples(const PolicyInForce& policy) {
  double serving = 0;
  double not_serving = 0;
  for (const hsm::ServingKey& key : policy.signer().keys()) {
    ++(key.status.ok() ? serving : not_serving);
  }
  return {{{{"state", "serving"}}, serving},
          {{{"state", "not_serving"}}, not_serving}};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Monitoring>> Monitoring::Start(
    const v1::ServerConfig& config, const Parts& parts) {
  std::unique_ptr<Monitoring> made(new Monitoring(config, parts));
  ASSIGN_OR_RETURN(const absl::Time expiry, CertificateExpiry(config.tls()));
  made->registry_.Add(Gauge("bootseal_tls_certificate_expiry_timestamp_seconds",
                            "When the server's own certificate ends.",
                            [expiry] { return Seconds(expiry); }));
  made->AddServer();
  made->AddHealth();
  made->AddHsm();
  made->AddLog(config.log());
  made->AddLimits();
  made->AddConnections();
  made->AddTrust();
  made->AddWaiting();
  made->AddListener();
  metrics::AddProcess(made->registry_);
  made->Tick();
  metrics::Pages pages;
  pages["/metrics"] = [figures = Figures(made->registry_)]() mutable {
    return Page{200, metrics::kTextFormat, figures.Text()};
  };
  pages["/healthz"] = [] { return Page{200, kPlain, "alive\n"}; };
  pages["/readyz"] = [monitoring = made.get()] { return monitoring->Readyz(); };
  ASSIGN_OR_RETURN(made->listener_,
                   metrics::HttpListener::Start(config.metrics().listen(),
                                                pages, made->evicted_));
  const std::string& port_file = config.metrics().port_file();
  if (port_file.empty()) return made;
  RETURN_IF_ERROR(base::WriteFileAtomically(
      port_file, absl::StrCat(made->listener_->port(), "\n")));
  return made;
}

// What is wrong in detail is for the server's own log.
Page Monitoring::Readyz() const {
  const absl::Status now =
      parts_.environment.draining ? Draining() : parts_.readiness.Check();
  if (now.ok()) return {200, kPlain, "ready\n"};
  return {503, kPlain, absl::StrCat("not ready: ", base::ReasonOf(now), "\n")};
}

void Monitoring::Tick() {
  const absl::Time now = parts_.environment.clock.Now();
  if (now < next_look_) return;
  Look(now);
  next_look_ = now + kRestAfterLook * (parts_.environment.clock.Now() - now);
}

void Monitoring::Look(absl::Time now) {
  if (!log_path_.empty()) log_free_bytes_ = FreeBytes(log_path_);
  auto& decisions = parts_.environment.decisions;
  decisions.Expect("");
  const auto policy = parts_.environment.policies.Current();
  for (const v1::Target& target : policy->policy().proto().targets()) {
    decisions.Expect(target.name());
  }
  issuer_files_.Look(policy->policy().proto());
  if (!parts_.environment.log.healthy()) return;
  const auto waiting =
      parts_.environment.pending.Waiting(absl::ToUnixMillis(now));
  if (!waiting.ok()) return;
  std::int64_t next = 0;
  for (const PendingRequest& each : *waiting) {
    next =
        next == 0 ? each.expires_unix_ms : std::min(next, each.expires_unix_ms);
  }
  waiting_ = static_cast<std::int64_t>(waiting->size());
  next_expiry_ms_ = next;
}

void Monitoring::AddServer() {
  const Environment& environment = parts_.environment;
  registry_.Add({"bootseal_build_info", "1, with the server's version.",
                 Kind::kGauge, [version = std::string(parts_.version)] {
                   return std::vector<Sample>{{{{"version", version}}, 1}};
                 }});
  registry_.Add(environment.decisions.family());
  registry_.Add(environment.call_figures.totals());
  registry_.Add(environment.call_figures.durations());
  registry_.Add(environment.call_figures.in_progress());
  registry_.Add(parts_.payloads.family());
  registry_.Add(Gauge("bootseal_policy_version",
                      "Version of the policy in force.",
                      [&policies = environment.policies] {
                        return static_cast<double>(
                            policies.Current()->policy().proto().version());
                      }));
  registry_.Add(Gauge(
      "bootseal_policy_last_reload_successful",
      "0 while the policy file is one that was refused.",
      [&refused = parts_.policy_refused] { return refused ? 0.0 : 1.0; }));
  registry_.Add({"bootseal_keys",
                 "Firmware keys of the policy, by whether the token has one "
                 "that may serve.",
                 Kind::kGauge, [&policies = environment.policies] {
                   return KeySamples(*policies.Current());
                 }});
}

void Monitoring::AddHealth() {
  registry_.Add(Gauge("bootseal_ready",
                      "1 while something could be released, 0 otherwise.",
                      [this] { return Readyz().status == 200 ? 1.0 : 0.0; }));
  if (parts_.canary == nullptr) return;
  registry_.Add(Gauge("bootseal_canary_success_timestamp_seconds",
                      "When the token last signed with the canary key.",
                      [canary = parts_.canary] {
                        return Seconds(absl::Now()) - canary->age().count();
                      }));
  registry_.Add(Gauge("bootseal_canary_interval_seconds",
                      "How often the token signs with the canary key.",
                      [canary = parts_.canary] {
                        return static_cast<double>(canary->interval().count());
                      }));
}

void Monitoring::AddListener() {
  registry_.Add({"bootseal_metrics_connections_evicted_total",
                 "Connections to the monitoring port that lost their place to "
                 "others.",
                 Kind::kCounter, [this] {
                   return std::vector<Sample>{
                       {{}, static_cast<double>(evicted_.value())}};
                 }});
}

void Monitoring::AddWaiting() {
  registry_.Add(Gauge("bootseal_pending_requests",
                      "Requests that wait for approvals.",
                      [this] { return static_cast<double>(waiting_); }));
  registry_.Add({"bootseal_pending_next_expiry_timestamp_seconds",
                 "When the first of them ends; none while nothing waits.",
                 Kind::kGauge, [this]() -> std::vector<Sample> {
                   const std::int64_t next = next_expiry_ms_;
                   if (next == 0) return {};
                   return {{{}, static_cast<double>(next) / 1000}};
                 }});
}

}  // namespace bootseal::server
