#include "server/app.h"

#include <chrono>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "base/log.h"
#include "base/status.h"
#include "server/audit/record.h"
#include "server/binary_digest.h"
#include "server/config.h"
#include "server/log_store.h"
#include "server/open_token.h"
#include "server/tls.h"

namespace bootseal::server {
namespace {

constexpr char kVersion[] = "0.1.0";
// A drain takes ten seconds at most, which a client's patience outlasts
// (client/cli/retry.h): for what runs, for it to notice its end, for the rest.
constexpr std::chrono::seconds kDrainPatience{9};
constexpr absl::Duration kShutdownPatience = absl::Milliseconds(500);

void LogKeys(const PolicyInForce& policy) {
  for (const hsm::ServingKey& key : policy.signer().keys()) {
    if (key.status.ok()) continue;
    base::Log(base::Severity::kWarning, "key-not-serving",
              {{"key", key.spec.name},
               {"reason", base::ReasonOf(key.status)},
               {"message", key.status.message()}});
  }
}

void LogPolicy(absl::string_view event, const trust::Policy& policy) {
  base::Log(base::Severity::kInfo, event,
            {{"version", absl::StrCat(policy.proto().version())},
             {"sha256", absl::BytesToHexString(policy.sha256())}});
}

}  // namespace

void LogProblems(absl::string_view event, const absl::Status& status) {
  const std::string reason = base::ReasonOf(status);
  for (const auto line :
       absl::StrSplit(status.message(), '\n', absl::SkipEmpty())) {
    base::Log(base::Severity::kError, event,
              {{"reason", reason}, {"message", line}});
  }
}

absl::StatusOr<std::unique_ptr<App>> App::Start(
    const std::string& config_path) {
  ASSIGN_OR_RETURN(v1::ServerConfig config, LoadConfig(config_path));
  std::unique_ptr<App> app(new App(std::move(config)));
  ASSIGN_OR_RETURN(auto policy, ReadPolicy(app->config_.policy_path()));
  ASSIGN_OR_RETURN(edge::SslContextPtr tls,
                   MakeTlsContext(app->config_.tls(), *policy));
  app->served_cas_ = TrustedCas(*policy);
  ASSIGN_OR_RETURN(app->token_, OpenToken(app->config_.hsm()));
  RETURN_IF_ERROR(app->OpenLog(*policy));
  ASSIGN_OR_RETURN(app->witnesses_,
                   witnesses::Witnesses::Start(*app->log_, app->config_.log()));
  RETURN_IF_ERROR(app->RecordStart());
  app->key_states_ = std::make_unique<KeyStates>(*app->log_);
  app->loader_ = std::make_unique<PolicyLoader>(*app->log_, app->token_,
                                                *app->key_states_, app->clock_);
  ASSIGN_OR_RETURN(auto in_force, app->loader_->BringIntoForce(policy));
  LogPolicy("policy-in-force", *policy);
  LogKeys(*in_force);
  app->policies_ = std::make_unique<PolicyHolder>(std::move(in_force));
  RETURN_IF_ERROR(app->StartCanary(*policy));
  RETURN_IF_ERROR(app->Serve(std::move(tls)));
  return app;
}

ServiceKey App::CheckpointKey() const {
  return {"log.checkpoint_key", config_.log().checkpoint_key(), v1::CHECKPOINT};
}

ServiceKey App::CanaryKey() const {
  return {"health.canary_key", config_.health().canary_key(), v1::CANARY};
}

absl::Status App::OpenLog(const trust::Policy& policy) {
  ASSIGN_OR_RETURN(const hsm::KeySpec spec,
                   FindServiceKey(policy, CheckpointKey()));
  checkpoint_pin_ = spec.public_key_sha256;
  auto signer = hsm::CheckpointSigner::Open(token_, spec);
  RETURN_IF_ERROR(
      base::Annotate(signer.status(), absl::StrCat("key ", spec.name)));
  checkpoint_key_ = (*signer)->key();
  ASSIGN_OR_RETURN(auto store, OpenStore(config_.log(), database_));
  ASSIGN_OR_RETURN(log_, audit::Log::Open(std::move(store), *std::move(signer),
                                          config_.log().origin()));
  pulse_ = std::make_unique<LogPulse>(*log_);
  return absl::OkStatus();
}

absl::Status App::RecordStart() {
  v1::Entry entry;
  entry.set_time_unix_ms(absl::ToUnixMillis(clock_.Now()));
  entry.mutable_start()->set_server_version(kVersion);
  ASSIGN_OR_RETURN(*entry.mutable_start()->mutable_binary_sha256(),
                   BinarySha256());
  ASSIGN_OR_RETURN(audit::Record record, audit::RecordOf(entry));
  return log_->Append(std::move(record)).status();
}

absl::Status App::StartCanary(const trust::Policy& policy) {
  if (config_.has_health()) {
    ASSIGN_OR_RETURN(const hsm::KeySpec spec,
                     FindServiceKey(policy, CanaryKey()));
    auto signer = hsm::CanarySigner::Open(token_, spec);
    RETURN_IF_ERROR(
        base::Annotate(signer.status(), absl::StrCat("key ", spec.name)));
    canary_pin_ = spec.public_key_sha256;
    ASSIGN_OR_RETURN(
        canary_,
        health::Canary::Start(
            *std::move(signer),
            std::chrono::seconds(config_.health().interval_seconds())));
  }
  readiness_ = std::make_unique<health::Readiness>(*log_, canary_.get());
  return absl::OkStatus();
}

absl::Status App::Serve(edge::SslContextPtr tls) {
  const v1::Limits& limits = config_.limits();
  key_changes_ = std::make_unique<KeyChanges>(*log_, *key_states_, clock_);
  refusals_ = std::make_unique<Refusals>(*log_, clock_);
  limits_ = std::make_unique<CallLimits>(limits, clock_);
  calls_ = std::make_unique<CallPlaces>(limits_->calls);
  memory_ = std::make_unique<MemoryBudget>(limits.max_buffered_bytes());
  pending_ = std::make_unique<PendingRequests>(*log_);
  denials_ = std::make_unique<Denials>(*log_);
  RETURN_IF_ERROR(denials_->CatchUp(log_->Checkpoint().head.size));
  uploads_ = std::make_unique<UploadWatch>();
  ASSIGN_OR_RETURN(const edge::Connections::Bounds bounds,
                   edge::ConnectionBounds(limits_->calls.bounds().capacity));
  clients_ = std::make_unique<edge::Clients>(bounds);
  environment_ = std::make_unique<Environment>(
      Environment{*clients_, *policies_, *log_, *key_changes_, *refusals_,
                  *limits_, *calls_, *memory_, *pending_, *denials_, *uploads_,
                  call_figures_, decisions_, clock_, draining_, checkpoint_key_,
                  limits.max_payload_bytes(), limits.max_pending_per_identity(),
                  std::chrono::seconds(limits.upload_seconds())});
  RETURN_IF_ERROR(StartMonitoring());
  ASSIGN_OR_RETURN(server_, RpcServer::Start(config_, std::move(tls),
                                             *environment_, payloads_));
  ShowHealth();
  RETURN_IF_ERROR(WritePortFile());
  base::Log(base::Severity::kInfo, "listening",
            {{"address", config_.listen()},
             {"port", absl::StrCat(server_->port())},
             {"log_key", log_->verifier_key()}});
  return absl::OkStatus();
}

absl::Status App::StartMonitoring() {
  if (!config_.has_metrics()) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      monitoring_,
      Monitoring::Start(config_, {*environment_, *token_, *witnesses_,
                                  *readiness_, canary_.get(), reload_failed_,
                                  payloads_, *database_, kVersion}));
  return absl::OkStatus();
}

absl::Status App::WritePortFile() const {
  if (config_.port_file().empty()) return absl::OkStatus();
  return base::WriteFileAtomically(config_.port_file(),
                                   absl::StrCat(server_->port(), "\n"));
}

std::string App::Summary() const {
  const absl::Status ready = readiness_->Check();
  return absl::StrCat(
      !log_->healthy()
          ? "the audit log takes nothing: releases nothing on port "
      : ready.ok() ? "serves on port "
                   : "the token does not sign: releases nothing on port ",
      port(), ", policy version ",
      policies_->Current()->policy().proto().version(),
      reload_failed_ ? "; refused the policy file as it is now, see its log"
                     : "");
}

void App::Reload() {
  const absl::Status status = TryReload();
  reload_failed_ = !status.ok();
  if (status.ok()) return;
  LogProblems("policy-problem", status);
  LogPolicy("policy-kept", policies_->Current()->policy());
}

absl::Status App::TryReload() {
  ASSIGN_OR_RETURN(auto policy, ReadPolicy(config_.policy_path()));
  if (policy->sha256() == policies_->Current()->policy().sha256()) {
    LogPolicy("policy-unchanged", *policy);
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(CheckServiceKeys(*policy));
  ASSIGN_OR_RETURN(auto in_force, loader_->BringIntoForce(policy));
  policies_->Replace(in_force);
  LogPolicy("policy-in-force", *policy);
  LogKeys(*in_force);
  if (TrustedCas(*policy) != served_cas_) {
    base::Log(base::Severity::kWarning, "restart-needed",
              {{"message",
                "trust domains changed: certificates of a new CA are taken "
                "after a restart, removed ones are refused already"}});
  }
  return absl::OkStatus();
}

absl::Status App::CheckServiceKeys(const trust::Policy& policy) const {
  RETURN_IF_ERROR(CheckServiceKey(policy, CheckpointKey(), checkpoint_pin_,
                                  "CHECKPOINT_KEY_CHANGED"));
  if (!canary_) return absl::OkStatus();
  return CheckServiceKey(policy, CanaryKey(), canary_pin_,
                         "CANARY_KEY_CHANGED");
}

void App::ShowHealth() {
  const absl::Status now = readiness_->Check();
  server_->SetHealth(now.ok() ? RpcServer::Health::kServing
                              : RpcServer::Health::kNotServing);
  if (base::ReasonOf(now) == base::ReasonOf(shown_health_)) return;
  shown_health_ = now;
  if (now.ok()) return base::Log(base::Severity::kInfo, "ready");
  base::Log(base::Severity::kError, "not-ready",
            {{"reason", base::ReasonOf(now)}, {"message", now.message()}});
}

void App::Tick() {
  ShowHealth();
  if (log_->healthy()) refusals_->FlushEnded();
  if (monitoring_) monitoring_->Tick();
}

void App::Drain() {
  base::Log(base::Severity::kInfo, "draining");
  draining_ = true;
  // Not yet the server's own end: what it cuts off cannot be told why.
  server_->SetHealth(RpcServer::Health::kNotServing);
  log_->Hurry();
  uploads_->Drain(kDrainPatience);
  server_->Drain(kShutdownPatience);
  refusals_->FlushAll();
  base::Log(base::Severity::kInfo, "stopped");
}

}  // namespace bootseal::server
