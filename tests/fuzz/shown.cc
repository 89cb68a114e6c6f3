#include "tests/fuzz/shown.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <cstdlib>

#include "client/cli/text.h"

namespace bootseal::tests {

void Require(bool holds) {
  if (!holds) std::abort();
}

void RequirePrintable(absl::string_view text) {
  Require(cli::ValidUtf8(text) == text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    Require(c == '\n' || (c >= 0x20 && c != 0x7f));
    // C1 controls, U+0080 to U+009F.
    const bool is_c1 = c == 0xc2 && i + 1 < text.size() &&
                       static_cast<unsigned char>(text[i + 1]) < 0xa0;
    Require(!is_c1);
  }
}

void RequireJson(const std::string& text) {
  Require(text.find('\n') == std::string::npos);
  google::protobuf::Value value;
  Require(google::protobuf::util::JsonStringToMessage(text, &value).ok());
}

}  // namespace bootseal::tests
