#include "server/log_store.h"

#include <utility>

#include "base/status.h"
#include "server/audit/postgres/store.h"
#include "server/audit/sqlite/store.h"

namespace bootseal::server {

audit::HostProof HostProofOf(const v1::Postgres& config) {
  return config.accepts_unverified_host() ? audit::HostProof::kAsConfigured
                                          : audit::HostProof::kRequired;
}

absl::StatusOr<std::unique_ptr<audit::Store>> OpenStore(
    const v1::AuditLog& config,
    std::shared_ptr<audit::PostgresFigures> figures) {
  switch (config.store_case()) {
    case v1::AuditLog::kSqlite:
      return audit::OpenSqliteStore(config.sqlite().path());
    case v1::AuditLog::kPostgres:
      return audit::OpenPostgresStore(
          {config.postgres().connection(), config.postgres().password_path(),
           HostProofOf(config.postgres()), std::move(figures)});
    case v1::AuditLog::STORE_NOT_SET:
      break;
  }
  return base::Invalid("CONFIG_INVALID", "log", "log: no store");
}

}  // namespace bootseal::server
