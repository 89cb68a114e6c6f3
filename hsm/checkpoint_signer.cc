// CheckpointSigner: the log's own key, for text of one shape.
#include <utility>

#include "base/status.h"
#include "hsm/checkpoint_shape.h"
#include "hsm/note_key.h"
#include "hsm/precedence.h"
#include "hsm/signer.h"

namespace bootseal::hsm {

class CheckpointSigner::State : public NoteKey {
 public:
  explicit State(NoteKey key) : NoteKey(std::move(key)) {}
};

CheckpointSigner::CheckpointSigner(std::unique_ptr<State> state)
    : state_(std::move(state)) {}
CheckpointSigner::~CheckpointSigner() = default;

absl::StatusOr<std::unique_ptr<CheckpointSigner>> CheckpointSigner::Open(
    std::shared_ptr<Token> token, const KeySpec& key) {
  ASSIGN_OR_RETURN(NoteKey opened, NoteKey::Open(std::move(token), key,
                                                 {Purpose::kCheckpoint,
                                                  "checkpoints", "a log's"}));
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
  // All that was signed before waits for it.
  const Precedence precedence;
  return state_->key().Sign(note_text);
}

const std::string& CheckpointSigner::public_key() const {
  return state_->raw();
}

const KeyInfo& CheckpointSigner::key() const { return state_->key().info(); }

}  // namespace bootseal::hsm
