// A log that says whatever a test wants, signed with a key of its own.
#ifndef BOOTSEAL_TESTS_CLIENT_CLI_TEST_LOG_H_
#define BOOTSEAL_TESTS_CLIENT_CLI_TEST_LOG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "client/cli/log_key.h"
#include "firmware/image/transparency/merkle.h"
#include "tests/support/signing_key.h"

namespace bootseal::tests {

class TestLog {
 public:
  TestLog() : key_(image::Algorithm::kEd25519) {}

  std::string vkey() const;
  cli::LogKey key() const { return *cli::LogKey::Read(vkey()); }
  // A checkpoint, as its signed note and as a client takes it.
  std::string Note(std::uint64_t size,
                   const image::transparency::TreeHash& root) const;
  cli::TrustedCheckpoint Checkpoint(
      std::uint64_t size, const image::transparency::TreeHash& root) const {
    return *key().Open(Note(size, root));
  }

 private:
  std::string raw_key() const;

  SigningKey key_;
};

// Of the tree over "entry-0", "entry-1", ...
image::transparency::TreeHash RootOf(std::uint64_t size);
// RFC 6962, 2.1.2: that its first `first` leaves are a part of `second`.
std::vector<std::string> ConsistencyOf(std::uint64_t first,
                                       std::uint64_t second);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_CLI_TEST_LOG_H_
