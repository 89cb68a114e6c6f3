// Where a test's log lives: one folder or database, opened by any number of
// stores one after the other, or at once where the store is shared.
#ifndef BOOTSEAL_TESTS_SERVER_AUDIT_STORE_HOME_H_
#define BOOTSEAL_TESTS_SERVER_AUDIT_STORE_HOME_H_

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/audit/postgres/options.h"
#include "server/audit/store.h"
#include "tests/support/postgres_cluster.h"

namespace bootseal::tests {

enum class StoreKind { kSqlite, kPostgres };
inline constexpr std::array kStoreKinds{StoreKind::kSqlite,
                                        StoreKind::kPostgres};
std::string NameOfStore(const ::testing::TestParamInfo<StoreKind>& info);

class StoreHome {
 public:
  virtual ~StoreHome() = default;
  virtual absl::StatusOr<std::unique_ptr<audit::Store>> Open() = 0;
  // Runs SQL behind the store's back.
  virtual void Tamper(const std::string& sql) = 0;
};

std::unique_ptr<StoreHome> MakeStoreHome(StoreKind kind);

// Any root, and a record of which only the entry matters.
audit::TreeHash HashOf(char fill);
audit::Record Entry(const std::string& entry);

// Fails the test when it fails.
void ExecuteSqlite(const std::string& path, const std::string& sql);

// One for the test program, made when first asked for.
PostgresCluster& Cluster();
audit::PostgresOptions OptionsFor(const PostgresCluster& cluster,
                                  const std::string& connection);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SERVER_AUDIT_STORE_HOME_H_
