// A log over real parts: a SoftHSM token with its checkpoint key, and SQLite.
#ifndef BOOTSEAL_TESTS_SERVER_AUDIT_LOG_FIXTURE_H_
#define BOOTSEAL_TESTS_SERVER_AUDIT_LOG_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "server/audit/log.h"
#include "tests/support/softhsm_token.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {

inline constexpr char kOrigin[] = "bootseal.example/audit";

// A release of identity "ci", or an entry without request id when that is
// empty. Records with the same `content` ask for the same thing.
audit::Record RecordOf(const std::string& request_id,
                       const std::string& content);

// What a client does offline; true when the receipt proves its own entry.
bool Proves(const audit::Receipt& receipt, const std::string& verifier_key);

// The log's checkpoint key in a token.
absl::StatusOr<std::unique_ptr<hsm::CheckpointSigner>> SignerIn(
    std::shared_ptr<hsm::Token> token, const std::string& key_uri);

class LogFixture : public ::testing::Test {
 protected:
  LogFixture();

  // The database of this test, in a folder of its own.
  std::string log_folder() const { return folder_.File("log"); }
  std::string path() const { return log_folder() + "/audit.sqlite"; }
  absl::StatusOr<std::unique_ptr<audit::Log>> Open();
  // Fails the test when the log does not open.
  void Reopen();
  // Runs SQL behind the log's back.
  void Tamper(const std::string& sql);

  TemporaryFolder folder_;
  SoftHsmToken softhsm_{folder_.path()};
  std::unique_ptr<audit::Log> log_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SERVER_AUDIT_LOG_FIXTURE_H_
