// Keys of approvers, made and used by openssl and ssh-keygen: nothing of ours
// writes what the tests read.
#ifndef BOOTSEAL_TESTS_SERVER_TRUST_APPROVER_KEYS_H_
#define BOOTSEAL_TESTS_SERVER_TRUST_APPROVER_KEYS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {

// "ed25519", "p256", "p384", "rsa2048", ... for both programs. Fails the test
// when a program does. Not thread-safe.
class ApproverKeys {
 public:
  // Private key files; each call makes another key.
  std::string MakePem(absl::string_view kind);
  std::string MakeSsh(absl::string_view kind);

  // As they go into the policy.
  std::string PemOf(const std::string& key);
  static std::string LineOf(const std::string& key);
  // "SHA256:..." as ssh-keygen says it.
  static std::string FingerprintOf(const std::string& key);

  // In the form that DsseSignature.sig has.
  std::string SignPem(const std::string& key, absl::string_view kind,
                      absl::string_view message);
  struct SshOptions {
    std::string name_space = "bootseal.v1.approval";
    std::string hash = "";  // "sha256"; empty: ssh-keygen's default
  };
  std::string SignSsh(const std::string& key, absl::string_view message,
                      const SshOptions& options);
  std::string SignSsh(const std::string& key, absl::string_view message) {
    return SignSsh(key, message, SshOptions());
  }
  // What ssh-keygen thinks of a signature that others made.
  bool SshKeygenAccepts(absl::string_view message, absl::string_view blob);

  std::string File(absl::string_view content);
  // Standard output.
  static std::string Must(const std::vector<std::string>& command);

 private:
  std::string Fresh();

  TemporaryFolder folder_;
  int made_ = 0;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SERVER_TRUST_APPROVER_KEYS_H_
