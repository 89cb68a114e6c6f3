// The key that CheckpointSigner and CosignatureSigner have: Ed25519, for one
// purpose.
#ifndef BOOTSEAL_HSM_NOTE_KEY_H_
#define BOOTSEAL_HSM_NOTE_KEY_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "hsm/signer.h"
#include "hsm/signing_key.h"

namespace bootseal::hsm {

struct NoteUse {
  Purpose purpose;
  const char* what;   // "checkpoints"
  const char* whose;  // "a log's"
};

class NoteKey {
 public:
  // INVALID_ARGUMENT: KEY_PURPOSE, KEY_TYPE; as SigningKey::Open.
  static absl::StatusOr<NoteKey> Open(std::shared_ptr<Token> token,
                                      const KeySpec& spec, const NoteUse& use);

  SigningKey& key() const { return *key_; }
  const std::string& raw() const { return raw_; }

 private:
  explicit NoteKey(std::unique_ptr<SigningKey> key)
      : key_(std::move(key)), raw_(key_->public_key().Raw()) {}

  std::unique_ptr<SigningKey> key_;
  std::string raw_;
};

}  // namespace bootseal::hsm

#endif  // BOOTSEAL_HSM_NOTE_KEY_H_
