// A PostgreSQL cluster of a test's own: initdb in a temporary folder, a socket
// there, no port. Gone with the object, and with the test however it ends.
#ifndef BOOTSEAL_TESTS_SUPPORT_POSTGRES_CLUSTER_H_
#define BOOTSEAL_TESTS_SUPPORT_POSTGRES_CLUSTER_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {

class PostgresCluster {
 public:
  // `settings` are "name=value". Aborts when it does not start. As root it runs
  // as user postgres or nobody: PostgreSQL refuses root.
  explicit PostgresCluster(std::vector<std::string> settings = {});
  ~PostgresCluster();

  // libpq's keywords for a database, which NewDatabase makes.
  std::string NewDatabase();
  std::string Connection(const std::string& database) const;
  // With its password, for clients that are no part of what is tested.
  std::string OpenConnection(const std::string& database) const;
  // The password of the cluster's user, mode 0600.
  std::string password_path() const { return folder_.File("password"); }

  // SQL behind a log's back; what psql prints. Aborts on an error.
  std::string Execute(const std::string& connection,
                      const std::string& sql) const;

  void Start();
  // SIGINT: every session is cut, the state is written.
  void Stop();
  // SIGQUIT: as after a crash, the next start recovers.
  void Crash();
  // SIGSTOP to the server and everything it started; SIGCONT.
  void Freeze();
  void Thaw();

  // A standby of a running cluster under this application_name, which it
  // follows once it runs. Aborts as the other constructor does.
  PostgresCluster(PostgresCluster& primary, const std::string& name);
  // From now on the server takes TLS too, with these PEM files.
  void UseTls(const std::string& certificate, const std::string& key);
  // A standby takes over.
  void Promote();

 private:
  std::vector<std::string> AsServer(std::vector<std::string> command) const;
  void End(int signal);
  void MakeHome();

  TemporaryFolder folder_;
  std::vector<std::string> settings_;
  int databases_ = 0;
  std::unique_ptr<Background> server_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_POSTGRES_CLUSTER_H_
