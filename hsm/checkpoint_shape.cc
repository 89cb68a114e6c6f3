#include "hsm/checkpoint_shape.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace bootseal::hsm {
namespace {

bool IsNumber(absl::string_view line) {
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

}  // namespace

bool IsCheckpointText(absl::string_view text) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  const bool framed = lines.size() >= 4 && lines.back().empty();
  const bool no_empty_line =
      std::none_of(lines.begin(), lines.end() - 1,
                   [](absl::string_view line) { return line.empty(); });
  return framed && no_empty_line && IsNumber(lines[1]) && IsRoot(lines[2]) &&
         IsText(text);
}

bool IsCosignatureMessage(absl::string_view message) {
  if (!absl::ConsumePrefix(&message, "cosignature/v1\ntime ")) return false;
  const std::size_t end = message.find('\n');
  if (end == absl::string_view::npos) return false;
  const absl::string_view time = message.substr(0, end);
  return IsNumber(time) && time != "0" &&
         IsCheckpointText(message.substr(end + 1));
}

}  // namespace bootseal::hsm
