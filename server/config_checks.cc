#include "server/config_checks.h"

#include <unistd.h>

#include <limits>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "firmware/image/host/cosignature.h"
#include "server/audit/postgres/options.h"
#include "server/log_store.h"
#include "server/pin.h"

namespace bootseal::server {
namespace {

using Problems = std::vector<std::string>;

constexpr std::uint32_t kDefaultRequests = 256;
constexpr std::uint32_t kMaxRequests = 4096;
constexpr std::uint32_t kMaxCanarySeconds = 3600;
// Images have 32 bits for their size.
constexpr std::uint64_t kMaxPayloadBytes = std::uint64_t{4} << 30;
constexpr std::uint32_t kMaxUploadSeconds = 24 * 3600;
// All of them are shown and looked through together.
constexpr std::uint32_t kMaxPending = 10'000;
constexpr std::uint32_t kMaxCallsPerSecond = 1'000'000;
constexpr std::uint32_t kMaxSessions = 1024;
constexpr std::uint32_t kMaxPort = 65535;

struct Most {
  const char* path;
  std::uint64_t value;
  std::uint64_t most;
  const char* why;
};

void CheckMost(const Most& each, Problems& problems) {
  if (each.value <= each.most) return;
  problems.push_back(absl::StrCat(each.path, ": ", each.value,
                                  ", expected at most ", each.most, each.why));
}

std::uint64_t MemoryOfThisMachine() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long bytes = sysconf(_SC_PAGESIZE);
  if (pages <= 0 || bytes <= 0) {
    return std::numeric_limits<std::uint64_t>::max();
  }
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(bytes);
}

struct Required {
  const char* path;
  bool present;
};

void CheckAddress(const char* path, const std::string& address,
                  Problems& problems) {
  if (address.empty()) return;
  const std::size_t colon = address.rfind(':');
  const std::string port =
      colon == std::string::npos ? "" : address.substr(colon + 1);
  std::uint32_t number = 0;
  if (port.empty() ||
      port.find_first_not_of("0123456789") != std::string::npos) {
    problems.push_back(absl::StrCat(
        path, ": \"", address,
        "\" has no port, expected host:port, the port being 0 to 65535"));
  } else if (!absl::SimpleAtoi(port, &number) || number > kMaxPort) {
    // Whatever is above 16 bits would be another port.
    problems.push_back(absl::StrCat(path, ": \"", address, "\" has port ", port,
                                    ", expected 0 to 65535"));
  }
}

// What the callers' port has, the metrics' port cannot have too.
void CheckApart(const v1::ServerConfig& config, Problems& problems) {
  const std::string& listen = config.listen();
  if (!listen.empty() && config.metrics().listen() == listen &&
      !absl::EndsWith(listen, ":0")) {
    problems.push_back(absl::StrCat("metrics.listen: \"", listen,
                                    "\" is listen's too, expected another "
                                    "port"));
  }
  const std::string& file = config.port_file();
  if (!file.empty() && config.metrics().port_file() == file) {
    problems.push_back(absl::StrCat("metrics.port_file: \"", file,
                                    "\" is port_file's too, expected another "
                                    "file"));
  }
}

void CheckValues(const v1::ServerConfig& config, Problems& problems) {
  CheckAddress("listen", config.listen(), problems);
  CheckAddress("metrics.listen", config.metrics().listen(), problems);
  CheckApart(config, problems);
  if (absl::StrContains(config.hsm().pkcs11().uri(), "pin-value")) {
    problems.push_back(
        "hsm.pkcs11.uri: a PIN does not belong into this file; put it into "
        "hsm.pkcs11.pin_path");
  }
  const absl::Status pin = CheckPinPath(config.hsm().pkcs11().pin_path());
  if (!pin.ok()) problems.emplace_back(pin.message());
  if (config.log().origin().find_first_of(" \t\r\n+") != std::string::npos) {
    problems.push_back(
        absl::StrCat("log.origin: \"", config.log().origin(),
                     "\" has a space or a plus sign, expected neither "
                     "(C2SP signed-note)"));
  }
}

// "https://" or "http://", and a host.
bool IsWitnessUrl(absl::string_view url) {
  if (!absl::ConsumePrefix(&url, "https://") &&
      !absl::ConsumePrefix(&url, "http://")) {
    return false;
  }
  return url.find_first_of("/?#:") != 0 && !url.empty() &&
         url.find_first_of(" \t\r\n") == absl::string_view::npos;
}

void CheckWitnesses(const v1::AuditLog& log, Problems& problems) {
  std::map<std::string, int> known;
  for (int i = 0; i < log.witnesses_size(); ++i) {
    const v1::Witness& witness = log.witnesses(i);
    const std::string path = absl::StrCat("log.witnesses[", i, "].");
    if (!IsWitnessUrl(witness.url())) {
      problems.push_back(
          absl::StrCat(path, "url: \"", witness.url(),
                       "\", expected https://HOST or http://HOST"));
    }
    const auto key = image::host::CosignerKey::Parse(witness.verifier_key());
    if (!key.ok()) {
      problems.push_back(
          absl::StrCat(path, "verifier_key: ", key.status().message()));
    }
    const auto [first, added] = known.emplace(witness.verifier_key(), i);
    if (added || !key.ok()) continue;
    problems.push_back(absl::StrCat(path,
                                    "verifier_key: ", witness.verifier_key(),
                                    ", which is that of log.witnesses[",
                                    first->second, "] too, expected another"));
  }
}

// Every keyword is libpq's to judge, here and not only at the first
// connection.
void CheckPostgres(const v1::Postgres& postgres, Problems& problems) {
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

void CheckLimits(const v1::Limits& limits, Problems& problems) {
  const std::uint32_t requests = RequestsOf(limits);
  const Most kBounds[] = {
      {"limits.max_payload_bytes", limits.max_payload_bytes(), kMaxPayloadBytes,
       " (4 GiB)"},
      {"limits.max_concurrent_requests", requests, kMaxRequests,
       " (each is a thread)"},
      {"limits.upload_seconds", limits.upload_seconds(), kMaxUploadSeconds,
       " (a day)"},
      {"limits.max_requests_per_identity", limits.max_requests_per_identity(),
       requests, " (limits.max_concurrent_requests)"},
      {"limits.max_buffered_bytes", limits.max_buffered_bytes(),
       MemoryOfThisMachine(), " (this machine's memory)"},
      {"limits.max_pending_per_identity", limits.max_pending_per_identity(),
       kMaxPending, ""},
      {"limits.max_calls_per_second", limits.max_calls_per_second(),
       kMaxCallsPerSecond, " (no server answers more)"},
  };
  for (const Most& each : kBounds) CheckMost(each, problems);
  if (limits.places_for_releases() >= requests &&
      limits.places_for_releases() > 0) {
    problems.push_back(absl::StrCat(
        "limits.places_for_releases: ", limits.places_for_releases(),
        ", expected fewer than ", requests,
        " (limits.max_concurrent_requests): builds would find no place"));
  }
}

void CheckHealth(const v1::ServerConfig& config, Problems& problems) {
  if (!config.has_health()) return;
  if (config.health().canary_key().empty()) {
    problems.push_back("health.canary_key: required");
  }
  CheckMost({"health.interval_seconds", config.health().interval_seconds(),
             kMaxCanarySeconds, " (an hour)"},
            problems);
}

}  // namespace

std::vector<std::string> MissingFields(const v1::ServerConfig& config) {
  const Required fields[] = {
      {"listen", !config.listen().empty()},
      {"tls.certificate_path", !config.tls().certificate_path().empty()},
      {"tls.key_path", !config.tls().key_path().empty()},
      {"policy_path", !config.policy_path().empty()},
      {"hsm.pkcs11.uri", !config.hsm().pkcs11().uri().empty()},
      {"hsm.pkcs11.pin_path", !config.hsm().pkcs11().pin_path().empty()},
      {"log.origin", !config.log().origin().empty()},
      {"log.checkpoint_key", !config.log().checkpoint_key().empty()},
      {"log.sqlite.path or log.postgres.connection",
       config.log().has_postgres() || !config.log().sqlite().path().empty()},
  };
  Problems problems;
  for (const Required& field : fields) {
    if (!field.present) {
      problems.push_back(absl::StrCat(field.path, ": required"));
    }
  }
  return problems;
}

std::vector<std::string> WrongValues(const v1::ServerConfig& config) {
  Problems problems;
  CheckValues(config, problems);
  CheckWitnesses(config.log(), problems);
  if (config.log().has_postgres()) {
    CheckPostgres(config.log().postgres(), problems);
  }
  CheckLimits(config.limits(), problems);
  CheckMost({"hsm.pkcs11.max_sessions", config.hsm().pkcs11().max_sessions(),
             kMaxSessions, ""},
            problems);
  CheckHealth(config, problems);
  return problems;
}

std::uint32_t RequestsOf(const v1::Limits& limits) {
  const std::uint32_t set = limits.max_concurrent_requests();
  return set == 0 ? kDefaultRequests : set;
}

}  // namespace bootseal::server
