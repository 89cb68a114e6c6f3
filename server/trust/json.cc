#include "server/trust/json.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace bootseal::trust {

bool IsBase64Url(absl::string_view text) {
  if (text.empty() || text.size() % 4 == 1) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
           c == '_';
  });
}

}  // namespace bootseal::trust
