// Several bootsealds on one PostgreSQL log, each with a copy of the token (many
// processes that open one writable SoftHSM token break it: facts of 2.6.1).
#ifndef BOOTSEAL_TESTS_SUPPORT_REPLICAS_H_
#define BOOTSEAL_TESTS_SUPPORT_REPLICAS_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/free_port.h"
#include "tests/support/postgres_cluster.h"
#include "tests/support/process.h"
#include "tests/support/server_fixture.h"

namespace bootseal::tests {

class Replicas {
 public:
  // Policy, token and callers are the fixture's, whose own server does not run.
  // None is started. Both must outlive it.
  Replicas(ServerFixture& fixture, PostgresCluster& cluster, std::size_t count);

  std::size_t size() const { return replicas_.size(); }
  // On the same port each time.
  void Start(std::size_t index);
  // Until it listens; false after `limit`.
  bool AwaitListening(std::size_t index, std::chrono::seconds limit =
                                             std::chrono::seconds(30)) const;
  void StartAll();               // and waits; aborts when one does not listen
  void Kill(std::size_t index);  // SIGKILL, and waits for its end
  Background& process(std::size_t index) { return *replicas_[index].process; }
  std::string Log(std::size_t index) const;

  std::string address(std::size_t index) const;
  std::string addresses() const;  // with commas
  // As the fixture's, with all addresses.
  Environment ClientEnvironment(const std::string& caller) const;
  // libpq's keywords of the log.
  const std::string& connection() const { return connection_; }

 private:
  struct Replica {
    FreePort port;
    Environment environment;
    std::unique_ptr<Background> process;
  };
  std::string File(std::size_t index, const std::string& name) const;
  void CopyToken(std::size_t index);
  void WriteConfig(std::size_t index);

  ServerFixture& fixture_;
  std::string connection_;
  std::string password_path_;
  std::vector<Replica> replicas_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_REPLICAS_H_
