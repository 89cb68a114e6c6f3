// The stores that an audit log can live in: one member of the configuration's
// oneof each.
#ifndef BOOTSEAL_SERVER_LOG_STORE_H_
#define BOOTSEAL_SERVER_LOG_STORE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "bootseal/v1/config.pb.h"
#include "server/audit/postgres/options.h"
#include "server/audit/store.h"

namespace bootseal::server {

audit::HostProof HostProofOf(const v1::Postgres& config);

// `figures` are for a store that has a database. The store's own errors.
absl::StatusOr<std::unique_ptr<audit::Store>> OpenStore(
    const v1::AuditLog& config,
    std::shared_ptr<audit::PostgresFigures> figures);

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_LOG_STORE_H_
