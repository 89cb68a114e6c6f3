// The program with a home of its own and no environment that says who we are.
#ifndef BOOTSEAL_TESTS_CLIENT_LOGIN_LOGIN_FIXTURE_H_
#define BOOTSEAL_TESTS_CLIENT_LOGIN_LOGIN_FIXTURE_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "tests/support/pki.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {

// Where and whom `bootseal login` is told.
struct LoginTarget {
  std::string server;
  std::string ca;
  std::string log_key;
};

class LoginHome {
 public:
  // What follows "bootseal" is all that it is told.
  Outcome Run(std::vector<std::string> arguments,
              const Environment& changes = {}) const {
    Environment environment{{"XDG_CONFIG_HOME", folder_.path()},
                            {"BOOTSEAL_STATE", state_.path()}};
    for (const char* name :
         {"BOOTSEAL_SERVER", "BOOTSEAL_CA", "BOOTSEAL_CERT", "BOOTSEAL_KEY",
          "BOOTSEAL_LOG_KEY", "BOOTSEAL_TOKEN", "BOOTSEAL_TOKEN_FILE",
          "BOOTSEAL_TOKEN_AUDIENCE"}) {
      environment[name] = "";
    }
    for (const auto& [name, value] : changes) environment[name] = value;
    arguments.insert(arguments.begin(), BOOTSEAL_PROGRAM);
    return tests::Run(arguments, environment);
  }

  std::string File(const std::string& name) const { return folder_.File(name); }
  bool HasSettings() const {
    return std::filesystem::exists(File("bootseal/config"));
  }
  // Of the only identity; empty when there is none.
  std::string Stored(const std::string& name) const {
    for (const auto& entry :
         std::filesystem::directory_iterator(File("bootseal/identity"))) {
      if (entry.is_directory()) return entry.path() / name;
    }
    return "";
  }

 private:
  TemporaryFolder folder_;
  TemporaryFolder state_;
};

// bootseal login of `target` with `more`.
inline std::vector<std::string> LoginArguments(
    const LoginTarget& target, const std::vector<std::string>& more) {
  std::vector<std::string> all{"login",   "--server",  target.server, "--ca",
                               target.ca, "--log-key", target.log_key};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

// Writes name.pem and name.key, of mode 0600, to `folder`.
inline void WriteCredential(const TemporaryFolder& folder,
                            const std::string& name,
                            const Credential& credential) {
  ASSERT_OK(base::WriteFileAtomically(folder.File(name + ".pem"),
                                      credential.certificate_pem));
  ASSERT_OK(base::WriteFileAtomically(folder.File(name + ".key"),
                                      credential.key_pem,
                                      base::FileMode::kPrivate));
}

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_LOGIN_LOGIN_FIXTURE_H_
