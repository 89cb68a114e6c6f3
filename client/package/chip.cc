#include "client/package/chip.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/exit_status.h"

namespace bootseal::package {

absl::StatusOr<const ChipKind*> FindChip(absl::string_view name) {
  const ChipKind* const found = image::host::FindStm32Chip(name);
  if (found != nullptr) return found;
  std::vector<std::string> known;
  for (const ChipKind& chip : image::host::Stm32Chips()) {
    known.push_back(chip.name);
  }
  return cli::UsageError("CHIP", absl::StrCat("no chip \"", name, "\"; known: ",
                                              absl::StrJoin(known, ", ")));
}

absl::StatusOr<std::string> ParseKeyHash(absl::string_view digits,
                                         std::size_t bytes) {
  bool sound = digits.size() == 2 * bytes;
  for (const char digit : digits) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(digit))) sound = false;
  }
  if (sound) return absl::HexStringToBytes(digits);
  return cli::UsageError(
      "KEY_HASH",
      absl::StrCat("key hash of ", digits.size(), " characters; expected ",
                   2 * bytes, " hexadecimal digits"));
}

}  // namespace bootseal::package
