#include "server/monitoring.h"

#include <algorithm>
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
  std::unique_ptr<Monitoring> made(new Monitoring(parts));
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
  made->AddWaiting();
  metrics::AddProcess(made->registry_);
  made->Tick();
  metrics::HttpListener::Pages pages;
  pages["/metrics"] = [&registry = made->registry_] {
    return Page{200, metrics::kTextFormat, registry.Text()};
  };
  pages["/healthz"] = [] { return Page{200, kPlain, "alive\n"}; };
  pages["/readyz"] = [monitoring = made.get()] { return monitoring->Readyz(); };
  ASSIGN_OR_RETURN(made->listener_, metrics::HttpListener::Start(
                                        config.metrics().listen(), pages));
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
  auto& decisions = parts_.environment.decisions;
  decisions.Expect("");
  const auto policy = parts_.environment.policies.Current();
  for (const v1::Target& target : policy->policy().proto().targets()) {
    decisions.Expect(target.name());
  }
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
  registry_.Add(Gauge("bootseal_policy_version",
                      "Version of the policy in force.",
                      [&policies = environment.policies] {
                        return static_cast<double>(
                            policies.Current()->policy().proto().version());
                      }));
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
