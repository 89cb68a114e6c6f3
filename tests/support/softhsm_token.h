// A SoftHSM token of a test's own, made and filled by bootseal-token.
#ifndef BOOTSEAL_TESTS_SUPPORT_SOFTHSM_TOKEN_H_
#define BOOTSEAL_TESTS_SUPPORT_SOFTHSM_TOKEN_H_

#include <string>
#include <vector>

#include "hsm/signer.h"
#include "tests/support/process.h"

namespace bootseal::tests {

// Everything is under `folder`, which outlives this object. Keys are made in a
// child process, so that this process may have the token open meanwhile;
// SoftHSM sees a new key when it looks for one.
class SoftHsmToken {
 public:
  // Points this process's SOFTHSM2_CONF at the token too: SoftHSM reads it when
  // the module is loaded or recovered. Aborts when the token cannot be made.
  explicit SoftHsmToken(const std::string& folder,
                        const std::string& label = "bootseal");

  const std::string& label() const { return label_; }
  std::string pin() const { return "12345678"; }
  // Files with mode 0600.
  std::string pin_path() const { return folder_ + "/pin"; }
  std::string so_pin_path() const { return folder_ + "/so-pin"; }
  static std::string module_path();
  // pkcs11:token=LABEL?module-path=...
  std::string uri() const;
  // pkcs11:token=LABEL;object=KEY
  std::string KeyUri(const std::string& key) const;
  // Where SoftHSM keeps its objects.
  std::string objects_path() const { return folder_ + "/objects"; }
  // For processes of this token's users.
  Environment environment() const;

  // For OpenToken.
  hsm::TokenOptions Options() const;

  // RSA-3072 takes about a second. Aborts when it fails.
  hsm::KeyInfo GenerateKey(
      const std::string& label, hsm::Algorithm algorithm,
      hsm::RsaPadding padding = hsm::RsaPadding::kPss) const;
  // From a PEM file with mode 0600.
  hsm::KeyInfo ImportKey(const std::string& label,
                         const std::string& pem_path) const;

  // bootseal-token with the token's --token and --pin-file added.
  Outcome Tool(std::vector<std::string> arguments) const;

 private:
  hsm::KeyInfo Show(const std::string& label) const;

  std::string folder_;
  std::string label_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_SOFTHSM_TOKEN_H_
