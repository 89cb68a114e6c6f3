// CanarySigner: is the token alive?
#include <openssl/rand.h>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "hsm/public_key.h"
#include "hsm/signer.h"
#include "hsm/signing_key.h"

namespace bootseal::hsm {

class CanarySigner::State {
 public:
  explicit State(std::unique_ptr<SigningKey> key) : key_(std::move(key)) {}
  SigningKey& key() { return *key_; }

 private:
  std::unique_ptr<SigningKey> key_;
};

CanarySigner::CanarySigner(std::unique_ptr<State> state)
    : state_(std::move(state)) {}
CanarySigner::~CanarySigner() = default;

absl::StatusOr<std::unique_ptr<CanarySigner>> CanarySigner::Open(
    std::shared_ptr<Token> token, const KeySpec& key) {
  if (key.purpose != Purpose::kCanary) {
    return base::Invalid("KEY_PURPOSE", key.name,
                         absl::StrCat("key ", key.name, " is not a canary"));
  }
  ASSIGN_OR_RETURN(auto opened, SigningKey::Open(std::move(token), key));
  return std::unique_ptr<CanarySigner>(
      new CanarySigner(std::make_unique<State>(std::move(opened))));
}

absl::Status CanarySigner::Probe() {
  std::string nonce(16, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(nonce.data()),
                 static_cast<int>(nonce.size())) != 1) {
    return base::Internal("no random numbers");
  }
  const std::string probe =
      absl::StrCat("bootseal canary, not firmware\n", nonce);
  return state_->key()
      .Sign(KeyHash(state_->key().info().algorithm, probe))
      .status();
}

const KeyInfo& CanarySigner::key() const { return state_->key().info(); }

}  // namespace bootseal::hsm
