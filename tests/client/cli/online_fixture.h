// The CLI against a real server: programs, mutual TLS, token and log.
#ifndef BOOTSEAL_TESTS_CLIENT_CLI_ONLINE_FIXTURE_H_
#define BOOTSEAL_TESTS_CLIENT_CLI_ONLINE_FIXTURE_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/server_fixture.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {

class OnlineTest : public testing::Test {
 protected:
  OnlineTest();

  // Runs `bootseal` as a caller of ServerFixture; `changes` win over its
  // environment.
  Outcome Bootseal(const std::string& caller,
                   std::vector<std::string> arguments,
                   const Environment& changes = {});
  // bootseal sign --target app --version 1.2.3 app.bin with `arguments`.
  Outcome Sign(const std::string& caller,
               std::vector<std::string> arguments = {},
               const Environment& changes = {});

  std::string File(const std::string& name) const { return folder_.File(name); }
  void Write(const std::string& name, const std::string& content);
  std::string Read(const std::string& name);
  // Sorted names of what is in the folder.
  std::vector<std::string> Files();
  // A payload that starts like a vector table.
  static std::string Payload(std::size_t size);
  // Exports the profile of a target to `name`.
  void Export(const std::string& target, const std::string& name);

  ServerFixture server_;
  TemporaryFolder folder_;
  TemporaryFolder state_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_CLI_ONLINE_FIXTURE_H_
