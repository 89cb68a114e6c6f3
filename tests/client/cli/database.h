// The database of a log, in the hands of somebody who may write it.
#ifndef BOOTSEAL_TESTS_CLIENT_CLI_DATABASE_H_
#define BOOTSEAL_TESTS_CLIENT_CLI_DATABASE_H_

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <string>

namespace bootseal::tests {

inline void ExecuteSql(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  sqlite3_busy_timeout(database, 5000);
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr),
            SQLITE_OK)
      << sqlite3_errmsg(database);
  EXPECT_GT(sqlite3_total_changes(database), 0) << sql;
  sqlite3_close(database);
}

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_CLI_DATABASE_H_
