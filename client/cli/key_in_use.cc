#include "client/cli/key_in_use.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/text.h"
#include "server/trust/overlap.h"

namespace bootseal::cli {
namespace {

// The file is of another key: nothing that it says beside that matters.
bool IsOfAnotherKey(const absl::Status& status) {
  const std::string reason = base::ReasonOf(status);
  return reason == "KEY_UNKNOWN" || reason == "ROOT_KEY_UNKNOWN" ||
         reason == "SIGNATURE_INVALID";
}

bool IsCurrent(const KeyInUse& key) {
  return key.profile.target().key() == key.current;
}

}  // namespace

KeyInUse FindKeyInUse(
    const v1::Profile& profile,
    absl::FunctionRef<absl::Status(const v1::Profile&)> judge) {
  KeyInUse found{profile, profile.target().key(),
                 profile.target().overlap_keys().empty()};
  if (found.alone) return found;
  std::vector<v1::Profile> profiles = trust::ProfilesByKey(profile);
  found.profile = profiles.front();
  bool is_of_another = true;
  for (v1::Profile& each : profiles) {
    const absl::Status verdict = judge(each);
    if (verdict.ok() || (is_of_another && !IsOfAnotherKey(verdict))) {
      is_of_another = false;
      found.profile = std::move(each);
    }
    if (verdict.ok()) break;
  }
  return found;
}

std::string KeyWords(const KeyInUse& key) {
  if (key.alone) return "";
  const std::string name = Printable(key.profile.target().key());
  if (IsCurrent(key)) return absl::StrCat(", key ", name, ", the current one");
  return absl::StrCat(", key ", name, ", beside ", Printable(key.current),
                      ", the current one");
}

void AddKey(const KeyInUse& key, JsonObject& json) {
  json.Add("key", Json::Text(key.profile.target().key()))
      .Add("key_is_current", Json::Truth(IsCurrent(key)));
}

}  // namespace bootseal::cli
