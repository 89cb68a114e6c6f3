#include "server/trust/request_name.h"

#include <cstddef>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace bootseal::trust {
namespace {

constexpr std::size_t kFewestDigits = 8;
constexpr std::size_t kMostDigits = 64;
// No character of a request id.
constexpr absl::string_view kRequestIdPrefix = "id:";

}  // namespace

bool IsSubjectDigits(absl::string_view name) {
  return name.size() >= kFewestDigits &&
         name.find_first_not_of("0123456789abcdefABCDEF") ==
             absl::string_view::npos;
}

bool IsWholeSubject(absl::string_view name) {
  return name.size() == kMostDigits && IsSubjectDigits(name);
}

bool IsNamed(absl::string_view name, absl::string_view subject,
             absl::string_view request_id) {
  if (IsSubjectDigits(name)) {
    return absl::StartsWithIgnoreCase(absl::BytesToHexString(subject), name);
  }
  absl::ConsumePrefix(&name, kRequestIdPrefix);
  return !name.empty() && request_id == name;
}

}  // namespace bootseal::trust
