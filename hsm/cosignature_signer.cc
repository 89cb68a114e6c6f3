// CosignatureSigner: a witness's own key, for messages of one shape.
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "hsm/checkpoint_shape.h"
#include "hsm/signer.h"
#include "hsm/signing_key.h"

namespace bootseal::hsm {

class CosignatureSigner::State {
 public:
  explicit State(std::unique_ptr<SigningKey> key)
      : key_(std::move(key)), raw_(key_->public_key().Raw()) {}
  SigningKey& key() { return *key_; }
  const std::string& raw() const { return raw_; }

 private:
  std::unique_ptr<SigningKey> key_;
  std::string raw_;
};

CosignatureSigner::CosignatureSigner(std::unique_ptr<State> state)
    : state_(std::move(state)) {}
CosignatureSigner::~CosignatureSigner() = default;

absl::StatusOr<std::unique_ptr<CosignatureSigner>> CosignatureSigner::Open(
    std::shared_ptr<Token> token, const KeySpec& key) {
  if (key.purpose != Purpose::kCosignature) {
    return base::Invalid(
        "KEY_PURPOSE", key.name,
        absl::StrCat("key ", key.name, " is not for cosignatures"));
  }
  if (key.algorithm != Algorithm::kEd25519) {
    return base::Invalid(
        "KEY_TYPE", key.name,
        absl::StrCat("key ", key.name, " is ", NameOf(key.algorithm),
                     ", a witness's key is ed25519"));
  }
  ASSIGN_OR_RETURN(auto opened, SigningKey::Open(std::move(token), key));
  return std::unique_ptr<CosignatureSigner>(
      new CosignatureSigner(std::make_unique<State>(std::move(opened))));
}

absl::StatusOr<std::string> CosignatureSigner::SignCosignature(
    absl::string_view message) {
  if (!IsCosignatureMessage(message)) {
    return base::Invalid(
        "COSIGNATURE_SHAPE", "message",
        "the message is no cosignature's (cosignature/v1, time, and a "
        "checkpoint's text); a witness's key signs nothing else");
  }
  return state_->key().Sign(message);
}

const std::string& CosignatureSigner::public_key() const {
  return state_->raw();
}

}  // namespace bootseal::hsm
