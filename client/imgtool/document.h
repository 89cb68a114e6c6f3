// A tree of names and values, written as Python's json and PyYAML write it:
// programs that read imgtool's output read ours.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_DOCUMENT_H_
#define BOOTSEAL_CLIENT_IMGTOOL_DOCUMENT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"

namespace bootseal::imgtool {

// Bytes, not text: hexadecimal in JSON, base64 in YAML.
struct Data {
  std::string bytes;
};

// Immutable once built; members keep their order.
class Document {
 public:
  using Map = std::vector<std::pair<std::string, Document>>;
  using List = std::vector<Document>;

  Document(std::uint64_t number) : value_(number) {}        // NOLINT: implicit
  Document(std::string text) : value_(std::move(text)) {}   // NOLINT: implicit
  Document(Data data) : value_(std::move(data)) {}          // NOLINT: implicit
  Document(Map members) : value_(std::move(members)) {}     // NOLINT: implicit
  Document(List elements) : value_(std::move(elements)) {}  // NOLINT: implicit

  // Two spaces a level, a newline at the end.
  std::string Json() const;
  std::string Yaml() const;

 private:
  // `margin` is the indentation of the lines that a container takes.
  std::string JsonAt(const std::string& margin) const;
  std::string YamlMap(const std::string& margin) const;
  std::string YamlList(const std::string& margin) const;
  // What follows "name:" or "- name:", with the newline.
  std::string YamlAfterName(const std::string& margin) const;

  std::variant<std::uint64_t, std::string, Data, Map, List> value_;
};

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_DOCUMENT_H_
