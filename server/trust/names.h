// Checks that several parts of the policy share: names, references, hashes.
// Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_NAMES_H_
#define BOOTSEAL_SERVER_TRUST_NAMES_H_

#include <cstddef>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "server/trust/problems.h"

namespace bootseal::trust {

inline constexpr std::size_t kMaxNameBytes = 128;

using Names = std::set<std::string>;

// Reports a name that is empty, too long or has other characters than letters,
// digits and ._/@+-.
void CheckName(const std::string& name, const Field& field);

// 64 hexadecimal digits.
void CheckSha256Hex(const std::string& text, const Field& field);

// "no role named "x"; known: ci, developer" unless `known` has the name.
void CheckKnown(absl::string_view kind, const std::string& name,
                const Names& known, const Field& field);

// The names of a repeated message; each name checked and reported when it is
// there twice.
template <typename Items>
Names CheckNames(const Items& items, absl::string_view list,
                 const Field& here) {
  Names names;
  for (int i = 0; i < items.size(); ++i) {
    const Field field = here.At(list, i).At("name");
    CheckName(items[i].name(), field);
    if (!names.insert(items[i].name()).second) {
      field.Report(absl::StrCat("\"", items[i].name(), "\" is given twice"));
    }
  }
  return names;
}

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_NAMES_H_
