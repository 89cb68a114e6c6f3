#include "server/config.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/input_file.h"
#include "base/status.h"
#include "firmware/image/host/cosignature.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "server/audit/postgres/options.h"
#include "server/log_store.h"
#include "server/pin.h"

namespace bootseal::server {
namespace {

constexpr std::size_t kMaxConfigBytes = 64 << 10;
constexpr std::uint64_t kDefaultPayloadBytes = 64 << 20;
constexpr std::uint64_t kDefaultBufferedBytes = 256 << 20;
constexpr std::uint32_t kDefaultRequests = 256;
constexpr std::uint32_t kMaxRequests = 4096;
constexpr std::uint32_t kDefaultUploadSeconds = 300;
constexpr std::uint32_t kDefaultPending = 64;
constexpr std::uint32_t kDefaultCallsPerSecond = 1000;
constexpr std::uint32_t kDefaultSessions = 8;
constexpr char kDefaultMetrics[] = "127.0.0.1:9464";
constexpr std::uint32_t kDefaultCanarySeconds = 10;
constexpr std::uint32_t kMaxCanarySeconds = 3600;

class Collector final : public google::protobuf::io::ErrorCollector {
 public:
  explicit Collector(std::vector<std::string>& problems)
      : problems_(problems) {}
  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    problems_.push_back(
        absl::StrCat("line ", line + 1, ":", column + 1, ": ", message));
  }

 private:
  std::vector<std::string>& problems_;
};

std::uint32_t RequestsOf(const v1::Limits& limits) {
  const std::uint32_t set = limits.max_concurrent_requests();
  return set == 0 ? kDefaultRequests : set;
}

struct Required {
  const char* path;
  bool present;
};

void CheckPresence(const v1::ServerConfig& config,
                   std::vector<std::string>& problems) {
  const Required fields[] = {
      {"listen", !config.listen().empty()},
      {"tls.certificate_path", !config.tls().certificate_path().empty()},
      {"tls.key_path", !config.tls().key_path().empty()},
      {"policy_path", !config.policy_path().empty()},
      {"hsm.pkcs11.uri", !config.hsm().pkcs11().uri().empty()},
      {"hsm.pkcs11.pin_path", !config.hsm().pkcs11().pin_path().empty()},
      {"log.origin", !config.log().origin().empty()},
      {"log.checkpoint_key", !config.log().checkpoint_key().empty()},
      {"log.sqlite.path",
       config.log().has_postgres() || !config.log().sqlite().path().empty()},
  };
  for (const Required& field : fields) {
    if (!field.present) {
      problems.push_back(absl::StrCat(field.path, ": required"));
    }
  }
}

// Whatever is above 16 bits would be another port.
bool HasPort(absl::string_view address) {
  const std::size_t colon = address.rfind(':');
  if (colon == absl::string_view::npos) return false;
  const absl::string_view port = address.substr(colon + 1);
  std::uint32_t number = 0;
  return port.find_first_not_of("0123456789") == absl::string_view::npos &&
         absl::SimpleAtoi(port, &number) && number <= 65535;
}

void CheckValues(const v1::ServerConfig& config,
                 std::vector<std::string>& problems) {
  if (!config.listen().empty() && !HasPort(config.listen())) {
    problems.push_back(absl::StrCat(
        "listen: \"", config.listen(),
        "\" has no port, expected host:port, the port being 0 to 65535"));
  }
  if (absl::StrContains(config.hsm().pkcs11().uri(), "pin-value")) {
    problems.push_back(
        "hsm.pkcs11.uri: a PIN does not belong into this file; put it into "
        "hsm.pkcs11.pin_path");
  }
  const absl::Status pin = CheckPinPath(config.hsm().pkcs11().pin_path());
  if (!pin.ok()) problems.emplace_back(pin.message());
  // A signed note's name has neither spaces nor "+" (C2SP signed-note).
  if (config.log().origin().find_first_of(" \t\r\n+") != std::string::npos) {
    problems.push_back(absl::StrCat("log.origin: \"", config.log().origin(),
                                    "\" has a space or a plus sign"));
  }
}

void CheckWitnesses(const v1::AuditLog& log,
                    std::vector<std::string>& problems) {
  for (int i = 0; i < log.witnesses_size(); ++i) {
    const v1::Witness& witness = log.witnesses(i);
    const std::string path = absl::StrCat("log.witnesses[", i, "].");
    if (!absl::StartsWith(witness.url(), "https://") &&
        !absl::StartsWith(witness.url(), "http://")) {
      problems.push_back(
          absl::StrCat(path, "url: \"", witness.url(),
                       "\", expected https://... or http://..."));
    }
    const auto key = image::host::CosignerKey::Parse(witness.verifier_key());
    if (!key.ok()) {
      problems.push_back(
          absl::StrCat(path, "verifier_key: ", key.status().message()));
    }
  }
}

// Every keyword is libpq's to judge, here and not only at the first
// connection.
void CheckPostgres(const v1::Postgres& postgres,
                   std::vector<std::string>& problems) {
  constexpr char kField[] = "log.postgres.connection";
  if (postgres.connection().empty()) {
    problems.push_back(absl::StrCat(kField, ": required"));
    return;
  }
  const auto keywords =
      audit::ParseConnection(postgres.connection(), HostProofOf(postgres));
  if (keywords.ok()) return;
  problems.push_back(absl::StrCat(kField, ": ", keywords.status().message()));
}

void CheckLimits(const v1::Limits& limits, std::vector<std::string>& problems) {
  const std::uint32_t requests = RequestsOf(limits);
  if (requests > kMaxRequests) {
    problems.push_back(absl::StrCat(
        "limits.max_concurrent_requests: ", requests, ", expected at most ",
        kMaxRequests, " (each is a thread)"));
  }
  if (limits.max_requests_per_identity() > requests) {
    problems.push_back(absl::StrCat("limits.max_requests_per_identity: ",
                                    limits.max_requests_per_identity(),
                                    ", expected at most ", requests,
                                    " (limits.max_concurrent_requests)"));
  }
  if (limits.places_for_releases() >= requests &&
      limits.places_for_releases() > 0) {
    problems.push_back(absl::StrCat(
        "limits.places_for_releases: ", limits.places_for_releases(),
        ", expected fewer than ", requests,
        " (limits.max_concurrent_requests): builds would find no place"));
  }
}

void CheckMetrics(const v1::ServerConfig& config,
                  std::vector<std::string>& problems) {
  const std::string& listen = config.metrics().listen();
  if (listen.empty() || HasPort(listen)) return;
  problems.push_back(absl::StrCat(
      "metrics.listen: \"", listen,
      "\" has no port, expected host:port, the port being 0 to 65535"));
}

void CheckHealth(const v1::ServerConfig& config,
                 std::vector<std::string>& problems) {
  if (!config.has_health()) return;
  if (config.health().canary_key().empty()) {
    problems.push_back("health.canary_key: required");
  }
  if (config.health().interval_seconds() > kMaxCanarySeconds) {
    problems.push_back(absl::StrCat(
        "health.interval_seconds: ", config.health().interval_seconds(),
        ", expected at most ", kMaxCanarySeconds));
  }
}

void Resolve(const std::string& folder, std::string* path) {
  if (path->empty() || path->front() == '/') return;
  *path = absl::StrCat(folder, *path);
}

// Only of the store that is there: asked for, the other would take its place.
void ResolveStore(const std::string& folder, v1::AuditLog& log) {
  switch (log.store_case()) {
    case v1::AuditLog::kSqlite:
      return Resolve(folder, log.mutable_sqlite()->mutable_path());
    case v1::AuditLog::kPostgres:
      return Resolve(folder, log.mutable_postgres()->mutable_password_path());
    case v1::AuditLog::STORE_NOT_SET:
      return;
  }
}

void ResolvePaths(const std::string& config_path, v1::ServerConfig& config) {
  const std::size_t slash = config_path.rfind('/');
  if (slash == std::string::npos) return;
  const std::string folder = config_path.substr(0, slash + 1);
  Resolve(folder, config.mutable_tls()->mutable_certificate_path());
  Resolve(folder, config.mutable_tls()->mutable_key_path());
  Resolve(folder, config.mutable_policy_path());
  v1::Pkcs11& pkcs11 = *config.mutable_hsm()->mutable_pkcs11();
  if (!IsCredential(pkcs11.pin_path())) {
    Resolve(folder, pkcs11.mutable_pin_path());
  }
  for (v1::Witness& witness : *config.mutable_log()->mutable_witnesses()) {
    Resolve(folder, witness.mutable_ca_path());
  }
  ResolveStore(folder, *config.mutable_log());
  Resolve(folder, config.mutable_port_file());
  if (config.has_metrics()) {
    Resolve(folder, config.mutable_metrics()->mutable_port_file());
  }
}

void AddDefaults(v1::ServerConfig& config) {
  v1::Limits& limits = *config.mutable_limits();
  if (limits.max_payload_bytes() == 0) {
    limits.set_max_payload_bytes(kDefaultPayloadBytes);
  }
  limits.set_max_concurrent_requests(RequestsOf(limits));
  if (limits.max_requests_per_identity() == 0) {
    limits.set_max_requests_per_identity(
        std::max(1U, limits.max_concurrent_requests() / 2));
  }
  if (limits.places_for_releases() == 0) {
    limits.set_places_for_releases(limits.max_concurrent_requests() / 8);
  }
  if (limits.max_calls_per_second() == 0) {
    limits.set_max_calls_per_second(kDefaultCallsPerSecond);
  }
  if (limits.max_buffered_bytes() == 0) {
    limits.set_max_buffered_bytes(kDefaultBufferedBytes);
  }
  if (limits.max_pending_per_identity() == 0) {
    limits.set_max_pending_per_identity(kDefaultPending);
  }
  if (limits.upload_seconds() == 0) {
    limits.set_upload_seconds(kDefaultUploadSeconds);
  }
  if (config.has_metrics() && config.metrics().listen().empty()) {
    config.mutable_metrics()->set_listen(kDefaultMetrics);
  }
  if (config.has_health() && config.health().interval_seconds() == 0) {
    config.mutable_health()->set_interval_seconds(kDefaultCanarySeconds);
  }
  v1::Pkcs11& pkcs11 = *config.mutable_hsm()->mutable_pkcs11();
  if (pkcs11.max_sessions() == 0) pkcs11.set_max_sessions(kDefaultSessions);
}

}  // namespace

absl::StatusOr<v1::ServerConfig> LoadConfig(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text,
                   base::ReadOwnersFile(path, kMaxConfigBytes));
  v1::ServerConfig config;
  std::vector<std::string> problems;
  Collector collector(problems);
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  // What was read before a syntax error is checked too.
  parser.ParseFromString(text, &config);
  if (problems.empty()) CheckPresence(config, problems);
  CheckValues(config, problems);
  CheckWitnesses(config.log(), problems);
  if (config.log().has_postgres()) {
    CheckPostgres(config.log().postgres(), problems);
  }
  CheckLimits(config.limits(), problems);
  CheckHealth(config, problems);
  CheckMetrics(config, problems);
  if (!problems.empty()) {
    return base::Invalid(
        "CONFIG_INVALID", path,
        absl::StrCat(path, ": ", absl::StrJoin(problems, "\n")));
  }
  ResolvePaths(path, config);
  AddDefaults(config);
  return config;
}

}  // namespace bootseal::server
