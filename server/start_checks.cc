#include "server/start_checks.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"
#include "server/audit/postgres/session.h"
#include "server/identity/certificate.h"
#include "server/log_store.h"
#include "server/service_keys.h"
#include "server/tls.h"

namespace bootseal::server {
namespace {

constexpr std::size_t kMaxPemBytes = 1 << 20;

std::string Text(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", time, absl::UTCTimeZone());
}

// Until when all of them are valid.
absl::StatusOr<absl::Time> CheckDates(const std::string& where,
                                      const std::string& pem, absl::Time now) {
  ASSIGN_OR_RETURN(const auto chain, identity::ParseCertificates(pem));
  absl::Time end = absl::InfiniteFuture();
  for (const base::X509Ptr& each : chain) {
    const identity::Validity validity = identity::ValidityOf(*each);
    end = std::min(end, validity.not_after);
    if (now > validity.not_after) {
      return base::Precondition(
          "CERTIFICATE_EXPIRED",
          absl::StrCat(where, ": a certificate of it ended at ",
                       Text(validity.not_after), ", now it is ", Text(now),
                       "; issue a new one"));
    }
    if (now < validity.not_before) {
      return base::Precondition(
          "CERTIFICATE_NOT_YET_VALID",
          absl::StrCat(where, ": a certificate of it begins at ",
                       Text(validity.not_before), ", now it is ", Text(now),
                       "; is this machine's clock right?"));
    }
  }
  return end;
}

absl::StatusOr<std::string> CheckTls(const v1::Tls& tls,
                                     const trust::Policy& policy,
                                     absl::Time now) {
  RETURN_IF_ERROR(MakeTlsContext(tls, policy).status());
  ASSIGN_OR_RETURN(const std::string pem,
                   base::ReadFile(tls.certificate_path(), kMaxPemBytes));
  ASSIGN_OR_RETURN(const absl::Time end,
                   CheckDates(tls.certificate_path(), pem, now));
  return absl::StrCat("certificate and key match, good until ", Text(end));
}

absl::StatusOr<std::string> CheckCa(const v1::TrustDomain& domain,
                                    absl::Time now) {
  ASSIGN_OR_RETURN(const absl::Time end,
                   CheckDates("ca_pem", domain.ca_pem(), now));
  return absl::StrCat("CA good until ", Text(end));
}

// Devices that know a capsule's certificate take it as it is; whoever issues it
// may not. So its dates are told, and stop nothing.
absl::StatusOr<std::string> CheckCapsuleCertificate(const v1::Target& target,
                                                    absl::Time now) {
  const std::string& pem = target.capsule().certificate_pem();
  ASSIGN_OR_RETURN(const auto chain, identity::ParseCertificates(pem));
  absl::Time end = absl::InfiniteFuture();
  for (const base::X509Ptr& each : chain) {
    end = std::min(end, identity::ValidityOf(*each).not_after);
  }
  return absl::StrCat(now > end ? "warning: the certificate ended at "
                                : "certificate good until ",
                      Text(end));
}

absl::StatusOr<std::string> CheckNamedKey(const trust::Policy& policy,
                                          const ServiceKey& key) {
  RETURN_IF_ERROR(FindServiceKey(policy, key).status());
  return absl::StrCat("is key ", key.name, " of the policy");
}

absl::Status Unreachable(const std::string& path, int error,
                         const char* expected) {
  return base::Precondition(
      "LOG_UNREACHABLE",
      absl::StrCat(path, ": ", std::strerror(error), ", expected ", expected));
}

absl::StatusOr<std::string> CheckFile(const std::string& path) {
  if (access(path.c_str(), R_OK | W_OK) == 0) {
    return absl::StrCat(path, " is there");
  }
  if (errno != ENOENT) {
    return Unreachable(path, errno, "a file that this user may write");
  }
  const std::string folder =
      std::filesystem::absolute(path).parent_path().string();
  if (access(folder.c_str(), W_OK | X_OK) != 0) {
    return Unreachable(folder, errno, "a folder that this user may write");
  }
  return absl::StrCat(path, " is not there: a start begins a new log");
}

absl::StatusOr<std::string> CheckDatabase(const v1::Postgres& config) {
  audit::Watchdog watchdog;
  RETURN_IF_ERROR(
      audit::Session::Open(
          {config.connection(), config.password_path(), HostProofOf(config)},
          watchdog)
          .status());
  return "the database answers, and keeps what it says it has stored";
}

absl::StatusOr<std::string> CheckLog(const v1::AuditLog& config) {
  switch (config.store_case()) {
    case v1::AuditLog::kSqlite:
      return CheckFile(config.sqlite().path());
    case v1::AuditLog::kPostgres:
      return CheckDatabase(config.postgres());
    case v1::AuditLog::STORE_NOT_SET:
      break;
  }
  return base::Invalid("CONFIG_INVALID", "log", "log: no store");
}

}  // namespace

std::vector<StartCheck> CheckStart(const v1::ServerConfig& config,
                                   const trust::Policy& policy,
                                   absl::Time now) {
  std::vector<StartCheck> checks;
  checks.push_back({"tls", CheckTls(config.tls(), policy, now)});
  for (const v1::TrustDomain& domain : policy.proto().trust_domains()) {
    checks.push_back(
        {absl::StrCat("trust domain ", domain.name()), CheckCa(domain, now)});
  }
  for (const v1::Target& target : policy.proto().targets()) {
    if (!target.has_capsule()) continue;
    checks.push_back({absl::StrCat("target ", target.name()),
                      CheckCapsuleCertificate(target, now)});
  }
  checks.push_back(
      {"log.checkpoint_key",
       CheckNamedKey(policy, {"log.checkpoint_key",
                              config.log().checkpoint_key(), v1::CHECKPOINT})});
  if (config.has_health()) {
    checks.push_back(
        {"health.canary_key",
         CheckNamedKey(policy, {"health.canary_key",
                                config.health().canary_key(), v1::CANARY})});
  }
  checks.push_back({"log", CheckLog(config.log())});
  return checks;
}

}  // namespace bootseal::server
