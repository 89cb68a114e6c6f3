// An approver's own key in their own token: it signs approvals and nothing
// else.
#ifndef BOOTSEAL_HSM_APPROVER_SIGNER_H_
#define BOOTSEAL_HSM_APPROVER_SIGNER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "hsm/signer.h"

namespace bootseal::hsm {

// Thread-safe. Errors as in signer.h. Other than the server's keys this one may
// have been imported; it may not be extractable, and a token that wants its PIN
// for every signature (CKA_ALWAYS_AUTHENTICATE) cannot serve.
class ApproverSigner {
 public:
  // `uri` names the token and the key: object=... or id=...
  static absl::StatusOr<std::unique_ptr<ApproverSigner>> Open(
      std::shared_ptr<Token> token, const std::string& uri);
  ~ApproverSigner();

  // Over a pre-authentication encoding (DSSE v1.0.2) of an approval's type, in
  // the form of DsseSignature.sig, verified. INVALID_ARGUMENT (APPROVAL_SHAPE)
  // for any other text.
  absl::StatusOr<std::string> SignApproval(absl::string_view encoding);

  // The public half, SubjectPublicKeyInfo in PEM.
  std::string public_key_pem() const;
  const KeyInfo& key() const;

 private:
  class State;
  explicit ApproverSigner(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bootseal::hsm

#endif  // BOOTSEAL_HSM_APPROVER_SIGNER_H_
