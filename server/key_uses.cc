#include "server/key_uses.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/trust/target_format.h"

namespace bootseal::server {
namespace {

template <typename Names>
bool Has(const Names& names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

KeyUses UsesOf(const v1::Policy& policy, absl::string_view key) {
  KeyUses uses;
  for (const v1::Target& target : policy.targets()) {
    if (Has(trust::KeysOf(target), key)) {
      uses.signs_for.push_back(target.name());
    } else if (Has(target.overlap_keys(), key)) {
      uses.verifies_for.push_back(target.name());
    }
  }
  return uses;
}

std::string DescribeUses(const v1::Policy& policy, const v1::PinnedKey& key) {
  if (key.purpose() != v1::FIRMWARE) return "";
  const KeyUses uses = UsesOf(policy, key.name());
  std::vector<std::string> parts;
  if (!uses.signs_for.empty()) {
    parts.push_back(
        absl::StrCat("signs for ", absl::StrJoin(uses.signs_for, ", ")));
  }
  if (!uses.verifies_for.empty()) {
    parts.push_back(absl::StrCat("overlap_keys: devices of ",
                                 absl::StrJoin(uses.verifies_for, ", "),
                                 " trust it, and it signs nothing for them"));
  }
  if (parts.empty()) parts.push_back("no target has it");
  if (policy.has_key_approvals() && !uses.signs_for.empty()) {
    parts.push_back(absl::StrCat(
        "whether people activated or retired it says the log, which is not "
        "read here: bootseal keys show ",
        key.name()));
  }
  return absl::StrJoin(parts, "; ");
}

std::string DescribeLoss(const v1::Policy& policy, const v1::PinnedKey& key) {
  if (key.purpose() != v1::FIRMWARE) {
    return "a server whose configuration names it does not start";
  }
  const KeyUses uses = UsesOf(policy, key.name());
  if (!uses.signs_for.empty()) {
    return absl::StrCat("nothing is signed for ",
                        absl::StrJoin(uses.signs_for, ", "));
  }
  if (uses.verifies_for.empty()) return "no target has it";
  return absl::StrCat("nothing stands still, but devices of ",
                      absl::StrJoin(uses.verifies_for, ", "),
                      " cannot be told of it (OVERLAP_KEY_MISSING)");
}

}  // namespace bootseal::server
