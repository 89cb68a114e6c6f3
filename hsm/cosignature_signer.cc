// CosignatureSigner: a witness's own key, for messages of one shape.
#include <utility>

#include "base/status.h"
#include "hsm/checkpoint_shape.h"
#include "hsm/note_key.h"
#include "hsm/signer.h"

namespace bootseal::hsm {

class CosignatureSigner::State : public NoteKey {
 public:
  explicit State(NoteKey key) : NoteKey(std::move(key)) {}
};

CosignatureSigner::CosignatureSigner(std::unique_ptr<State> state)
    : state_(std::move(state)) {}
CosignatureSigner::~CosignatureSigner() = default;

absl::StatusOr<std::unique_ptr<CosignatureSigner>> CosignatureSigner::Open(
    std::shared_ptr<Token> token, const KeySpec& key) {
  ASSIGN_OR_RETURN(
      NoteKey opened,
      NoteKey::Open(std::move(token), key,
                    {Purpose::kCosignature, "cosignatures", "a witness's"}));
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
