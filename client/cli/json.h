// JSON for machines that read our output: built as values, written on one line.
// Members keep their order. Values are immutable once added; not thread-safe.
// Source: RFC 8259.
#ifndef BOOTSEAL_CLIENT_CLI_JSON_H_
#define BOOTSEAL_CLIENT_CLI_JSON_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace bootseal::cli {

// A JSON value as its text. Text that is not UTF-8 loses the offending bytes to
// U+FFFD.
class Json {
 public:
  static Json Text(absl::string_view text);
  static Json Number(std::uint64_t number);
  static Json Signed(std::int64_t number);
  static Json Truth(bool truth);
  static Json Null();
  // Lower-case hexadecimal.
  static Json Hex(absl::string_view bytes);
  static Json Array(const std::vector<Json>& elements);

  const std::string& text() const { return text_; }

 private:
  friend class JsonObject;
  explicit Json(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

// JsonObject().Add("name", Json::Text("x")).Build()
class JsonObject {
 public:
  JsonObject& Add(absl::string_view name, const Json& value);
  Json Build() const;

 private:
  std::string members_;
};

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_JSON_H_
