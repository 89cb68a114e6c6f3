#include "server/config.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/input_file.h"
#include "base/status.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "server/config_checks.h"
#include "server/pin.h"

namespace bootseal::server {
namespace {

constexpr std::size_t kMaxConfigBytes = 64 << 10;
constexpr std::uint64_t kDefaultPayloadBytes = 64 << 20;
constexpr std::uint64_t kDefaultBufferedBytes = 256 << 20;
constexpr std::uint32_t kDefaultUploadSeconds = 300;
constexpr std::uint32_t kDefaultPending = 64;
constexpr std::uint32_t kDefaultCallsPerSecond = 1000;
constexpr std::uint32_t kDefaultSessions = 8;
constexpr char kDefaultMetrics[] = "127.0.0.1:9464";
constexpr std::uint32_t kDefaultCanarySeconds = 10;

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
  if (problems.empty()) problems = MissingFields(config);
  for (std::string& problem : WrongValues(config)) {
    problems.push_back(std::move(problem));
  }
  if (!problems.empty()) {
    return base::Invalid(
        "CONFIG_INVALID", path,
        // A line of the log each.
        absl::StrCat(path, ": ",
                     absl::StrJoin(problems, absl::StrCat("\n", path, ": "))));
  }
  ResolvePaths(path, config);
  AddDefaults(config);
  return config;
}

}  // namespace bootseal::server
