// The permission to make one signature: it names the key and the digest, and
// serves once. hsm::Signer consumes it; nothing else makes a firmware key sign.
#ifndef BOOTSEAL_HSM_PERMIT_H_
#define BOOTSEAL_HSM_PERMIT_H_

#include <string>
#include <utility>

namespace bootseal::server {
class PermitMint;
}  // namespace bootseal::server

namespace bootseal::hsm {

// What the key is given: the digest itself, or the one message that has it as
// its SHA-512 (pure Ed25519). The two are different signatures.
enum class Signs { kDigest, kMessage };

// Move-only. Only server::PermitMint, which consumes the policy engine's
// trust::Approved, constructs one (server/sealing/permit_mint.h): here it is a
// name, not an include.
class SigningPermit {
 public:
  SigningPermit(SigningPermit&& other) noexcept
      : key_(std::exchange(other.key_, {})),
        digest_(std::exchange(other.digest_, {})),
        signs_(other.signs_) {}
  SigningPermit& operator=(SigningPermit&&) = delete;
  SigningPermit(const SigningPermit&) = delete;
  SigningPermit& operator=(const SigningPermit&) = delete;

  // Name of the key in the policy; empty once the permit has served.
  const std::string& key() const { return key_; }
  // Raw digest bytes.
  const std::string& digest() const { return digest_; }
  Signs signs() const { return signs_; }

 private:
  friend class server::PermitMint;
  SigningPermit(std::string key, std::string digest,
                Signs signs = Signs::kDigest)
      : key_(std::move(key)), digest_(std::move(digest)), signs_(signs) {}

  std::string key_;
  std::string digest_;
  Signs signs_;
};

}  // namespace bootseal::hsm

#endif  // BOOTSEAL_HSM_PERMIT_H_
