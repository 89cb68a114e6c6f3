// CheckpointSigner: the log's own key, for text of one shape.
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "hsm/checkpoint_shape.h"
#include "hsm/signer.h"
#include "hsm/signing_key.h"

namespace bootseal::hsm {

class CheckpointSigner::State {
 public:
  explicit State(std::unique_ptr<SigningKey> key)
      : key_(std::move(key)), raw_(key_->public_key().Raw()) {}
  SigningKey& key() { return *key_; }
  const std::string& raw() const { return raw_; }

 private:
  std::unique_ptr<SigningKey> key_;
  std::string raw_;
};

CheckpointSigner::CheckpointSigner(std::unique_ptr<State> state)
    : state_(std::move(state)) {}
CheckpointSigner::~CheckpointSigner() = default;

absl::StatusOr<std::unique_ptr<CheckpointSigner>> CheckpointSigner::Open(
    std::shared_ptr<Token> token, const KeySpec& key) {
  if (key.purpose != Purpose::kCheckpoint) {
    return base::Invalid(
        "KEY_PURPOSE", key.name,
        absl::StrCat("key ", key.name, " is not for checkpoints"));
  }
  if (key.algorithm != Algorithm::kEd25519) {
    return base::Invalid(
        "KEY_TYPE", key.name,
        absl::StrCat("key ", key.name, " is ", NameOf(key.algorithm),
                     ", a log's key is ed25519"));
  }
  ASSIGN_OR_RETURN(auto opened, SigningKey::Open(std::move(token), key));
  return std::unique_ptr<CheckpointSigner>(
      new CheckpointSigner(std::make_unique<State>(std::move(opened))));
}

absl::StatusOr<std::string> CheckpointSigner::SignCheckpoint(
    absl::string_view note_text) {
  if (!IsCheckpointText(note_text)) {
    return base::Invalid(
        "CHECKPOINT_SHAPE", "note_text",
        "the text is no checkpoint (origin, size and root, each on its line); "
        "the log's key signs nothing else");
  }
  return state_->key().Sign(note_text);
}

const std::string& CheckpointSigner::public_key() const {
  return state_->raw();
}

const KeyInfo& CheckpointSigner::key() const { return state_->key().info(); }

}  // namespace bootseal::hsm
