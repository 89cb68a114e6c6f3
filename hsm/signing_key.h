// One key that serves: finds itself again after a recovery, signs, verifies.
#ifndef BOOTSEAL_HSM_SIGNING_KEY_H_
#define BOOTSEAL_HSM_SIGNING_KEY_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/mutex.h"
#include "hsm/pkcs11/keys.h"
#include "hsm/pkcs11/token.h"
#include "hsm/signer.h"

namespace bootseal::hsm {

// Thread-safe.
class SigningKey {
 public:
  // Finds the key of `spec` and judges it. The errors of signer.h: one with
  // code FAILED_PRECONDITION or INVALID_ARGUMENT is about this key, any other
  // about the token.
  static absl::StatusOr<std::unique_ptr<SigningKey>> Open(
      std::shared_ptr<Token> token, KeySpec spec);

  // Over a digest, or over the message for Ed25519, in the image's encoding,
  // after `check` has accepted it. INTERNAL (SIGNATURE_WRONG) when the token's
  // signature does not verify: nothing is retried then.
  absl::StatusOr<std::string> Sign(absl::string_view message,
                                   SignatureCheck check);
  // Checked with the public half.
  absl::StatusOr<std::string> Sign(absl::string_view message);

  const KeyInfo& info() const { return info_; }
  const PublicKey& public_key() const { return *public_key_; }

 private:
  SigningKey(std::shared_ptr<Token> token, KeySpec spec, pkcs11::FoundKey found,
             std::shared_ptr<void> claim);
  absl::StatusOr<CK_OBJECT_HANDLE> Handle(const pkcs11::Session& session);
  // What the token made of it, not yet verified.
  absl::StatusOr<std::string> Make(absl::string_view message);
  absl::Status Verify(absl::string_view message,
                      absl::string_view signature) const;

  const std::shared_ptr<Token> token_;
  const KeySpec spec_;
  const KeyInfo info_;
  const std::shared_ptr<const PublicKey> public_key_;
  const std::shared_ptr<void> claim_;
  Usage::OfKeys& usage_;

  base::Mutex mutex_;
  std::uint64_t epoch_ ABSL_GUARDED_BY(mutex_) = 0;
  CK_OBJECT_HANDLE handle_ ABSL_GUARDED_BY(mutex_) = CK_INVALID_HANDLE;
};

// The key of `spec` as the token has it, with the policy's name; not judged.
absl::StatusOr<pkcs11::FoundKey> FindSpecifiedKey(Token& token,
                                                  const KeySpec& spec);

}  // namespace bootseal::hsm

#endif  // BOOTSEAL_HSM_SIGNING_KEY_H_
