#include "hsm/note_key.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::hsm {

absl::StatusOr<NoteKey> NoteKey::Open(std::shared_ptr<Token> token,
                                      const KeySpec& spec, const NoteUse& use) {
  if (spec.purpose != use.purpose) {
    return base::Invalid(
        "KEY_PURPOSE", spec.name,
        absl::StrCat("key ", spec.name, " is not for ", use.what));
  }
  if (spec.algorithm != Algorithm::kEd25519) {
    return base::Invalid(
        "KEY_TYPE", spec.name,
        absl::StrCat("key ", spec.name, " is ", NameOf(spec.algorithm), ", ",
                     use.whose, " key is ed25519"));
  }
  ASSIGN_OR_RETURN(auto opened, SigningKey::Open(std::move(token), spec));
  return NoteKey(std::move(opened));
}

}  // namespace bootseal::hsm
