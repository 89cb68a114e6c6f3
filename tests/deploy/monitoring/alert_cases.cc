#include "tests/deploy/monitoring/alert_cases.h"

#include "absl/strings/str_cat.h"

namespace bootseal::tests {
namespace {

constexpr char kOne[] = "instance: a, job: bootseal";
constexpr char kInstance[] = "instance: a";

// `name` with the labels that a scrape adds, and `more`.
std::string Of(const std::string& name, const std::string& more = "") {
  return absl::StrCat(name, "{job=\"bootseal\",instance=\"a\"",
                      more.empty() ? "" : ",", more, "}");
}

std::vector<Series> Buckets(const std::string& name, const std::string& below,
                            const std::string& all) {
  const std::string bucket = absl::StrCat(name, "_bucket");
  return {{Of(bucket, "le=\"1\""), below},
          {Of(bucket, "le=\"5\""), all},
          {Of(bucket, "le=\"+Inf\""), all}};
}

std::string Decided(const std::string& outcome) {
  return Of("bootseal_decisions_total",
            absl::StrCat("target=\"app\",outcome=\"", outcome, "\""));
}

std::string Failed(const std::string& purpose, const std::string& failure) {
  return Of("bootseal_hsm_sign_failures_total",
            absl::StrCat("purpose=\"", purpose,
                         "\",algorithm=\"p256\",failure=\"", failure, "\""));
}

std::string Called(const std::string& about) {
  return Of("bootseal_calls_total",
            absl::StrCat("rpc=\"SigningService.Sign\",code=\"X\","
                         "reason_class=\"",
                         about, "\""));
}

std::vector<AlertCase> ServiceCases() {
  const std::string start = Of("process_start_time_seconds");
  const std::string expiry =
      Of("bootseal_tls_certificate_expiry_timestamp_seconds");
  const std::string ca =
      "bootseal_trust_domain_certificate_expiry_timestamp_seconds";
  const std::string other =
      "bootseal_policy_version{job=\"bootseal\",instance=\"b\"}";
  const std::string pinned = "bootseal_issuer_keys_as_pinned";
  const std::string open = Of("process_open_fds");
  const std::string most = Of("process_max_fds");
  return {
      {"BootsealDown",
       kOne,
       "5m",
       {{Of("up"), "0x10"}},
       "5m",
       {{Of("up"), "1 1 1 1 0 0 1 1"}}},
      {"BootsealDown",
       "job: bootseal",
       "5m",
       {{"up{job=\"node\",instance=\"a\"}", "1x10"}},
       "5m",
       {{Of("up"), "1x10"}}},
      {"BootsealRestartLoop",
       kOne,
       "10m",
       {{start, "0+1x4 4x10"}},
       "10m",
       {{start, "0 0 1 1 2 2 3 3 3 3 3"}}},
      {"BootsealNotReady",
       kOne,
       "3m",
       {{Of("bootseal_ready"), "0x5"}},
       "3m",
       {{Of("bootseal_ready"), "1 0 1 0 1"}}},
      {"BootsealPoliciesDiffer",
       "job: bootseal",
       "15m",
       {{Of("bootseal_policy_version"), "1x20"}, {other, "2x20"}},
       "15m",
       {{Of("bootseal_policy_version"), "1x5 2x15"}, {other, "2x20"}}},
      {"BootsealPolicyRefused",
       kOne,
       "3m",
       {{Of("bootseal_policy_last_reload_successful"), "1 0x5"}},
       "3m",
       {{Of("bootseal_policy_last_reload_successful"), "1 0 1 1"}}},
      {"BootsealCertificateExpires",
       kOne,
       "5m",
       {{expiry, "1209000x10"}},
       "5m",
       {{expiry, "1296000x10"}}},
      {"BootsealTrustDomainExpires",
       "instance: a, job: bootseal, trust_domain: x",
       "5m",
       {{Of(ca, "trust_domain=\"x\""), "2592000x10"}},
       "5m",
       {{Of(ca, "trust_domain=\"x\""), "2592900x10"}}},
      {"BootsealIssuerKeysStale",
       kInstance,
       "30m",
       {{Called("issuer_keys"), "0x5 1 2 3x40"}},
       "30m",
       {{Called("issuer_keys"), "0x5 1 2x40"}, {Called("identity"), "0+5x40"}}},
      {"BootsealIssuerKeysChanged",
       "instance: a, job: bootseal, issuer: x",
       "15m",
       {{Of(pinned, "issuer=\"x\""), "1x2 0x20"},
        {Of(pinned, "issuer=\"y\""), "1x20"}},
       "15m",
       {{Of(pinned, "issuer=\"x\""), "1x2 0x9 1x10"}}},
      {"BootsealServerErrors",
       kInstance,
       "10m",
       {{Called("server"), "0x5 1x10"}},
       "20m",
       {{Called("server"), "1x30"}, {Called("client"), "0+5x30"}}},
      // Its series begins with it.
      {"BootsealServerErrors",
       kInstance,
       "30m",
       {{Called("server"), "_x25 1x20"}},
       "40m",
       {{Called("server"), "_x25 1x20"}, {Called("hsm"), "_x35 5x20"}}},
      {"BootsealDescriptorsShort",
       kOne,
       "10m",
       {{open, "81x20"}, {most, "100x20"}},
       "10m",
       {{open, "80x20"}, {most, "100x20"}}},
  };
}

std::vector<AlertCase> HsmCases() {
  const std::string canary = Of("bootseal_canary_success_timestamp_seconds");
  const std::string interval = Of("bootseal_canary_interval_seconds");
  const std::string recovered =
      Of("bootseal_hsm_recoveries_total", "result=\"recovered\"");
  const std::string used = Of("bootseal_hsm_sessions_in_use");
  const std::string most = Of("bootseal_hsm_sessions_max");
  const std::string keys = Of("bootseal_keys", "state=\"not_serving\"");
  return {
      {"BootsealCanaryFailing",
       kOne,
       "5m",
       {{canary, "0+60x2 120x10"}, {interval, "10x20"}},
       "20m",
       {{canary, "0x30"}, {interval, "600x30"}}},
      {"BootsealHsmErrors",
       "instance: a, failure: token_lost",
       "10m",
       {{Failed("firmware", "token_lost"), "0x5 1x10"}},
       "10m",
       {{Failed("firmware", "token_lost"), "5x20"},
        {Failed("canary", "token_lost"), "0+1x20"}}},
      {"BootsealHsmWrongSignature",
       "instance: a, job: bootseal, purpose: firmware, algorithm: p256, "
       "failure: wrong_signature",
       "10m",
       {{Failed("firmware", "wrong_signature"), "0x5 1x10"}},
       "10m",
       {{Failed("firmware", "wrong_signature"), "1x20"},
        {Failed("firmware", "token_lost"), "0+1x20"}}},
      {"BootsealHsmUnsteady",
       kInstance,
       "15m",
       {{recovered, "0+1x20"}},
       "15m",
       {{recovered, "0x5 1x5 2x10"}}},
      {"BootsealHsmSlow", kInstance, "30m",
       Buckets("bootseal_hsm_sign_seconds", "0x40", "0+10x40"), "30m",
       Buckets("bootseal_hsm_sign_seconds", "0+10x40", "0+10x40")},
      {"BootsealHsmQueueing", kInstance, "30m",
       Buckets("bootseal_hsm_session_wait_seconds", "0x40", "0+10x40"), "30m",
       Buckets("bootseal_hsm_session_wait_seconds", "0+10x40", "0+10x40")},
      {"BootsealHsmSessionsExhausted",
       kOne,
       "5m",
       {{used, "8x10"}, {most, "8x10"}},
       "5m",
       {{used, "7x10"}, {most, "8x10"}}},
      {"BootsealKeysNotServing",
       "instance: a, job: bootseal, state: not_serving",
       "10m",
       {{keys, "1x20"}},
       "10m",
       {{keys, "1x2 0x20"}}},
  };
}

std::vector<AlertCase> LogCases() {
  const std::string writable = Of("bootseal_log_writable");
  const std::string free = Of("bootseal_log_free_bytes");
  const std::string signed_at = Of("bootseal_log_checkpoint_timestamp_seconds");
  const std::string lag = Of("bootseal_witness_lag_entries", "witness=\"w\"");
  return {
      {"BootsealLogNotWritable",
       kOne,
       "1m",
       {{writable, "0x5"}},
       "1m",
       {{writable, "1x5"}}},
      {"BootsealLogDiskFilling",
       kOne,
       "10m",
       {{free, "1073741823x20"}},
       "10m",
       {{free, "1073741824x20"}}},
      {"BootsealLogSlow", kInstance, "30m",
       Buckets("bootseal_log_append_seconds", "0x40", "0+10x40"), "30m",
       Buckets("bootseal_log_append_seconds", "0+10x40", "0+10x40")},
      {"BootsealDatabaseUnsteady",
       kInstance,
       "30m",
       {{Of("bootseal_postgres_sessions_lost_total"), "0+1x40"}},
       "30m",
       {{Of("bootseal_postgres_sessions_lost_total"), "0x5 7x10 14x30"}}},
      {"BootsealCheckpointOld",
       kOne,
       "4d",
       {{signed_at, "0x100"}},
       "4d",
       {{signed_at, "100000x100"}},
       "1h"},
      {"BootsealWitnessLags",
       "instance: a, job: bootseal, witness: w",
       "45m",
       {{lag, "3x60"}},
       "45m",
       {{lag, "3x20 0x2 3x40"}}},
  };
}

std::vector<AlertCase> DecisionCases() {
  const std::string ends = Of("bootseal_pending_next_expiry_timestamp_seconds");
  const std::string made =
      Of("bootseal_hsm_sign_seconds_count", "purpose=\"firmware\"");
  return {
      {"BootsealRefusalsSpike",
       kInstance,
       "1460m",
       {{Decided("refused"), "0x288 300+300x4"}},
       "1460m",
       {{Decided("refused"), "0+300x292"}},
       "5m"},
      {"BootsealUnknownCallers",
       kInstance,
       "15m",
       {{Called("identity"), "0+2x20"}},
       "15m",
       {{Called("identity"), "0x10 5x10"}, {Called("policy"), "0+9x20"}}},
      // Time begins on a Thursday, at midnight.
      {"BootsealReleaseOutOfHours",
       "instance: a, target: app",
       "30m",
       {{Decided("allowed"), "0x4 1x10"}},
       "750m",
       {{Decided("allowed"), "0x148 1x10"}},
       "5m"},
      {"BootsealReleaseOutOfHours",
       "instance: a, target: app",
       "3600m",
       {{Decided("allowed"), "0x718 1x10"}},
       "30m",
       {{Decided("refused"), "0x4 1x10"}},
       "5m"},
      {"BootsealSignatureWithoutRelease",
       kInstance,
       "20m",
       {{made, "0x10 1x30"}, {Decided("allowed"), "0x40"}},
       "20m",
       {{made, "0x10 1x30"}, {Decided("allowed"), "0x10 1x30"}}},
      {"BootsealPendingAboutToExpire",
       kOne,
       "5m",
       {{ends, "14000x10"}},
       "5m",
       {{ends, "14800x10"}}},
  };
}

std::string Refused(const std::string& reason) {
  return Of("bootseal_connections_refused_total",
            absl::StrCat("reason=\"", reason, "\""));
}

std::vector<AlertCase> ConnectionCases() {
  const std::string open = Of("bootseal_connections_open");
  const std::string limit = Of("bootseal_connections_limit");
  return {
      {"BootsealConnectionsNearLimit",
       kOne,
       "10m",
       {{open, "871x20"}, {limit, "1088x20"}},
       "10m",
       {{open, "870x20"}, {limit, "1088x20"}}},
      // Before the server listens.
      {"BootsealConnectionsNearLimit",
       kOne,
       "10m",
       {{open, "1x20"}, {limit, "1x20"}},
       "10m",
       {{open, "0x20"}, {limit, "0x20"}}},
      {"BootsealConnectionsRefused",
       "instance: a, reason: all",
       "15m",
       {{Refused("all"), "0x5 20x20"}},
       "15m",
       {{Refused("all"), "0x5 5x20"}, {Refused("handshake"), "0+50x20"}}},
      {"BootsealConnectionsRefused",
       "instance: a, reason: system",
       "15m",
       {{Refused("system"), "0+2x20"}, {Refused("address"), "5x20"}},
       "15m",
       {{Refused("system"), "100x20"}, {Refused("protocol"), "0+50x20"}}},
      {"BootsealClientsSlowed",
       kInstance,
       "15m",
       {{Of("bootseal_connections_slowed_total"), "0+900x30"}},
       "15m",
       {{Of("bootseal_connections_slowed_total"), "0+500x30"}}},
      {"BootsealMonitoringPortCrowded",
       kInstance,
       "15m",
       {{Of("bootseal_metrics_connections_evicted_total"), "0+5x20"}},
       "15m",
       {{Of("bootseal_metrics_connections_evicted_total"), "40+1x20"}}},
      {"BootsealConnectionsHostile",
       "instance: a, reason: handshake",
       "30m",
       {{Refused("handshake"), "0+70x40"}, {Refused("protocol"), "0+50x40"}},
       "30m",
       {{Refused("handshake"), "0+50x40"}, {Refused("all"), "0+70x40"}}},
  };
}

std::vector<AlertCase> LoadCases() {
  const std::string used = Of("bootseal_places_in_use", "of=\"requests\"");
  const std::string most = Of("bootseal_places_max", "of=\"requests\"");
  const std::string builds =
      Of("bootseal_requests_in_progress", "lane=\"builds\"");
  const std::string most_builds =
      Of("bootseal_requests_max", "lane=\"builds\"");
  const std::string kept = Of("bootseal_memory_reserved_bytes");
  const std::string room = Of("bootseal_memory_max_bytes");
  return {
      {"BootsealQueueFull",
       "instance: a, job: bootseal, of: requests",
       "10m",
       {{used, "91x20"}, {most, "100x20"}},
       "10m",
       {{used, "90x20"}, {most, "100x20"}}},
      // Builds hold all they may: 224 of 256 are below nine tenths.
      {"BootsealQueueFull",
       "instance: a, job: bootseal, lane: builds",
       "10m",
       {{used, "224x20"},
        {most, "256x20"},
        {builds, "224x20"},
        {most_builds, "224x20"}},
       "10m",
       {{used, "230x20"},
        {most, "256x20"},
        {builds, "201x20"},
        {most_builds, "224x20"}}},
      {"BootsealCallersTurnedAway",
       kInstance,
       "30m",
       {{Called("limits"), "0+3x40"}},
       "30m",
       {{Called("limits"), "0+1x40"}}},
      {"BootsealMemoryShort",
       kOne,
       "10m",
       {{kept, "91x20"}, {room, "100x20"}},
       "10m",
       {{kept, "90x20"}, {room, "100x20"}}},
  };
}

}  // namespace

std::vector<AlertCase> AlertCases() {
  std::vector<AlertCase> all;
  for (const auto& some : {ServiceCases(), HsmCases(), LogCases(),
                           DecisionCases(), ConnectionCases(), LoadCases()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

}  // namespace bootseal::tests
