#include "server/trust/request_id.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace bootseal::trust {
namespace {

bool IsIdCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' ||
         c == '_' || c == '-';
}

}  // namespace

bool IsRequestId(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxRequestIdBytes &&
         std::all_of(text.begin(), text.end(), IsIdCharacter);
}

}  // namespace bootseal::trust
