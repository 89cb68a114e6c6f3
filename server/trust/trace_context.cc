#include "server/trust/trace_context.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"

namespace bootseal::trust {
namespace {

// Version, trace id, span id and flags, each with the dash in front of it.
constexpr std::size_t kTraceParentBytes = 55;
// Versions to come may be longer; nobody's is that long.
constexpr std::size_t kMaxTraceParentBytes = 512;
constexpr std::size_t kMaxTraceStateBytes = 512;
constexpr std::size_t kMaxMembers = 32;
constexpr std::size_t kMaxKeyBytes = 256;
constexpr std::size_t kMaxTenantBytes = 241;
constexpr std::size_t kMaxSystemBytes = 14;
constexpr std::size_t kMaxValueBytes = 256;

bool IsHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c)) ||
           (c >= 'a' && c <= 'f');
  });
}

bool IsId(absl::string_view text) {
  return IsHex(text) && text.find_first_not_of('0') != absl::string_view::npos;
}

bool IsKeyPart(absl::string_view text, std::size_t most) {
  return !text.empty() && text.size() <= most &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_islower(static_cast<unsigned char>(c)) ||
                  absl::ascii_isdigit(static_cast<unsigned char>(c)) ||
                  absl::string_view("_-*/").find(c) != absl::string_view::npos;
         });
}

bool BeginsWithLetter(absl::string_view text) {
  return !text.empty() &&
         absl::ascii_islower(static_cast<unsigned char>(text.front()));
}

// "vendor", or "tenant@vendor", whose tenant may begin with a digit.
bool IsKey(absl::string_view key) {
  const std::size_t at = key.find('@');
  if (at == absl::string_view::npos) {
    return IsKeyPart(key, kMaxKeyBytes) && BeginsWithLetter(key);
  }
  const absl::string_view system = key.substr(at + 1);
  return IsKeyPart(key.substr(0, at), kMaxTenantBytes) &&
         IsKeyPart(system, kMaxSystemBytes) && BeginsWithLetter(system);
}

// Commas are gone already.
bool IsValue(absl::string_view value) {
  return !value.empty() && value.size() <= kMaxValueBytes &&
         value.back() != ' ' &&
         std::all_of(value.begin(), value.end(),
                     [](char c) { return c >= ' ' && c <= '~' && c != '='; });
}

bool IsMember(absl::string_view member) {
  const std::size_t equals = member.find('=');
  return equals != absl::string_view::npos && IsKey(member.substr(0, equals)) &&
         IsValue(member.substr(equals + 1));
}

}  // namespace

std::optional<TraceContext> ParseTraceParent(absl::string_view text) {
  if (text.size() < kTraceParentBytes || text.size() > kMaxTraceParentBytes) {
    return std::nullopt;
  }
  const absl::string_view version = text.substr(0, 2);
  const bool longer = text.size() > kTraceParentBytes;
  if (!IsHex(version) || version == "ff") return std::nullopt;
  if (longer && (version == "00" || text[kTraceParentBytes] != '-')) {
    return std::nullopt;
  }
  const absl::string_view trace = text.substr(3, 32);
  const absl::string_view span = text.substr(36, 16);
  const bool dashes = text[2] == '-' && text[35] == '-' && text[52] == '-';
  if (!dashes || !IsId(trace) || !IsId(span) || !IsHex(text.substr(53, 2))) {
    return std::nullopt;
  }
  return TraceContext{std::string(trace), std::string(span)};
}

bool IsTraceState(absl::string_view text) {
  if (text.size() > kMaxTraceStateBytes) return false;
  const std::vector<absl::string_view> members = absl::StrSplit(text, ',');
  if (members.size() > kMaxMembers) return false;
  return std::all_of(members.begin(), members.end(),
                     [](absl::string_view member) {
                       // Blanks around a member, and empty ones, are allowed.
                       member = absl::StripAsciiWhitespace(member);
                       return member.empty() || IsMember(member);
                     });
}

}  // namespace bootseal::trust
