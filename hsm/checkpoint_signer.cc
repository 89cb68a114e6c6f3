// CheckpointSigner: the log's own key, for text of one shape.
#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "hsm/signer.h"
#include "hsm/signing_key.h"

namespace bootseal::hsm {
namespace {

bool IsSize(absl::string_view line) {
  if (line.empty() || line.size() > 20) return false;
  if (line.size() > 1 && line.front() == '0') return false;
  return std::all_of(line.begin(), line.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
}

bool IsRoot(absl::string_view line) {
  std::string root;
  return line.size() == 44 && absl::Base64Unescape(line, &root) &&
         root.size() == 32 && absl::Base64Escape(root) == line;
}

bool IsText(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c == '\n' || static_cast<unsigned char>(c) >= 0x20;
  });
}

// C2SP tlog-checkpoint: origin, size, root, then extension lines, none empty.
absl::Status CheckShape(absl::string_view text) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  const bool framed = lines.size() >= 4 && lines.back().empty();
  const bool no_empty_line =
      std::none_of(lines.begin(), lines.end() - 1,
                   [](absl::string_view line) { return line.empty(); });
  if (framed && no_empty_line && IsSize(lines[1]) && IsRoot(lines[2]) &&
      IsText(text)) {
    return absl::OkStatus();
  }
  return base::Invalid("CHECKPOINT_SHAPE", "note_text",
                       "the text is no checkpoint (origin, size and root, each "
                       "on its line); the log's key signs nothing else");
}

}  // namespace

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
  RETURN_IF_ERROR(CheckShape(note_text));
  return state_->key().Sign(note_text);
}

const std::string& CheckpointSigner::public_key() const {
  return state_->raw();
}

const KeyInfo& CheckpointSigner::key() const { return state_->key().info(); }

}  // namespace bootseal::hsm
