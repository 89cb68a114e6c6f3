// A public key that a person of the policy approves with, and what it signed.
#ifndef BOOTSEAL_SERVER_TRUST_APPROVER_KEY_H_
#define BOOTSEAL_SERVER_TRUST_APPROVER_KEY_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/openssl.h"
#include "server/trust/sshsig.h"

namespace bootseal::trust {

// How it came: that decides what its signatures look like.
enum class ApproverKeyForm {
  kPem,     // SubjectPublicKeyInfo; signatures as in approval.proto
  kOpenSsh  // a line "type base64 comment"; signatures are SSHSIG
};

// Immutable and thread-safe.
class ApproverKey {
 public:
  // One PEM block "PUBLIC KEY", or one line of an OpenSSH public key file:
  // ssh-ed25519, ecdsa-sha2-nistp256, ecdsa-sha2-nistp384, ssh-rsa,
  // sk-ssh-ed25519@openssh.com, sk-ecdsa-sha2-nistp256@openssh.com. RSA has
  // 2048 to 8192 bits. Nothing else around it, and one form only.
  // INVALID_ARGUMENT (APPROVER_KEY).
  static absl::StatusOr<ApproverKey> Parse(absl::string_view text);

  ApproverKeyForm form() const { return form_; }
  // "rsa2048", "p256", "p384", "ed25519"; behind "ssh " for OpenSSH's, and
  // "ssh sk " for a FIDO token's.
  std::string Description() const;
  // What DsseSignature.keyid hints at: SHA-256 of the SubjectPublicKeyInfo in
  // hex, or OpenSSH's "SHA256:" fingerprint.
  const std::string& keyid() const { return keyid_; }
  // SHA-256, 32 raw bytes, of the SubjectPublicKeyInfo and of the DER that a
  // device compares (PKCS#1 for RSA): of one key in whatever form it came.
  const std::string& spki_sha256() const { return spki_sha256_; }
  const std::string& device_sha256() const { return device_sha256_; }

  // OK when this key signed `message`, a pre-authentication encoding.
  // PERMISSION_DENIED: UNKNOWN_APPROVER_KEY when the signature is an SSHSIG
  // that holds another key, SIGNATURE_INVALID for every other reason, a
  // namespace other than kSshNamespace and an untouched FIDO token among them.
  absl::Status Verify(absl::string_view message,
                      absl::string_view signature) const;
  // Whether the signature is an SSHSIG that says it is this key's; nothing is
  // verified.
  bool IsNamedIn(absl::string_view signature) const;

 private:
  ApproverKey() = default;
  static absl::StatusOr<ApproverKey> FromPem(absl::string_view text);
  static absl::StatusOr<ApproverKey> FromLine(absl::string_view line);
  absl::Status Finish(base::EvpKeyPtr key);
  absl::Status VerifyPem(absl::string_view message,
                         absl::string_view signature) const;
  absl::Status VerifySsh(absl::string_view message,
                         absl::string_view blob) const;

  ApproverKeyForm form_ = ApproverKeyForm::kPem;
  std::shared_ptr<EVP_PKEY> key_;
  std::string keyid_;
  std::string spki_sha256_;
  std::string device_sha256_;
  // OpenSSH's.
  std::string ssh_type_;
  std::string ssh_blob_;
  std::string application_;
};

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_APPROVER_KEY_H_
