#include "tests/server/audit/store_home.h"

#include <sqlite3.h>

#include "absl/strings/str_cat.h"
#include "server/audit/postgres/store.h"
#include "server/audit/sqlite/store.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

class SqliteHome final : public StoreHome {
 public:
  absl::StatusOr<std::unique_ptr<audit::Store>> Open() override {
    return audit::OpenSqliteStore(path());
  }
  void Tamper(const std::string& sql) override { ExecuteSqlite(path(), sql); }

 private:
  std::string path() const { return folder_.File("audit.sqlite"); }

  TemporaryFolder folder_;
};

class PostgresHome final : public StoreHome {
 public:
  absl::StatusOr<std::unique_ptr<audit::Store>> Open() override {
    return audit::OpenPostgresStore(OptionsFor(Cluster(), connection_));
  }
  void Tamper(const std::string& sql) override {
    Cluster().Execute(connection_, sql);
  }

 private:
  const std::string connection_ = Cluster().NewDatabase();
};

}  // namespace

std::string NameOfStore(const ::testing::TestParamInfo<StoreKind>& info) {
  return info.param == StoreKind::kSqlite ? "Sqlite" : "Postgres";
}

std::unique_ptr<StoreHome> MakeStoreHome(StoreKind kind) {
  if (kind == StoreKind::kSqlite) return std::make_unique<SqliteHome>();
  return std::make_unique<PostgresHome>();
}

audit::TreeHash HashOf(char fill) {
  audit::TreeHash hash;
  hash.fill(static_cast<std::byte>(fill));
  return hash;
}

audit::Record Entry(const std::string& entry) {
  audit::Record record;
  record.entry = entry;
  return record;
}

void ExecuteSqlite(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr),
            SQLITE_OK)
      << sqlite3_errmsg(database);
  sqlite3_close(database);
}

PostgresCluster& Cluster() {
  static PostgresCluster cluster;
  return cluster;
}

audit::PostgresOptions OptionsFor(const PostgresCluster& cluster,
                                  const std::string& connection) {
  return {connection, cluster.password_path()};
}

}  // namespace bootseal::tests
