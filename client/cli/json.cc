#include "client/cli/json.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/cli/text.h"

namespace bootseal::cli {
namespace {

// U+0080 to U+009f, which some terminals obey, are these two bytes in UTF-8.
bool IsC1Control(const std::string& valid, std::size_t i) {
  return valid[i] == '\xc2' && static_cast<unsigned char>(valid[i + 1]) < 0xa0;
}

std::string Quote(absl::string_view text) {
  std::string quoted = "\"";
  const std::string valid = ValidUtf8(text);
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const char c = valid[i];
    const auto code = static_cast<unsigned char>(c);
    if (IsC1Control(valid, i)) {
      absl::StrAppendFormat(&quoted, "\\u00%02x",
                            static_cast<unsigned char>(valid[++i]));
    } else if (c == '"' || c == '\\') {
      quoted.push_back('\\');
      quoted.push_back(c);
    } else if (code < 0x20 || code == 0x7f) {
      absl::StrAppendFormat(&quoted, "\\u%04x", code);
    } else {
      quoted.push_back(c);
    }
  }
  quoted.push_back('"');
  return quoted;
}

}  // namespace

Json Json::Text(absl::string_view text) { return Json(Quote(text)); }
Json Json::Number(std::uint64_t number) { return Json(absl::StrCat(number)); }
Json Json::Signed(std::int64_t number) { return Json(absl::StrCat(number)); }
Json Json::Truth(bool truth) { return Json(truth ? "true" : "false"); }
Json Json::Null() { return Json("null"); }
Json Json::Hex(absl::string_view bytes) {
  return Text(absl::BytesToHexString(bytes));
}

Json Json::Array(const std::vector<Json>& elements) {
  return Json(
      absl::StrCat("[",
                   absl::StrJoin(elements, ",",
                                 [](std::string* out, const Json& element) {
                                   out->append(element.text());
                                 }),
                   "]"));
}

JsonObject& JsonObject::Add(absl::string_view name, const Json& value) {
  absl::StrAppend(&members_, members_.empty() ? "" : ",", Quote(name), ":",
                  value.text());
  return *this;
}

Json JsonObject::Build() const {
  return Json(absl::StrCat("{", members_, "}"));
}

}  // namespace bootseal::cli
