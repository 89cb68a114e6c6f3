// Cuts text into lines, numbers and words. Freestanding; thread-safe.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_TEXT_H_
#define BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_TEXT_H_

#include <cstdint>
#include <string_view>

#include "firmware/image/bytes.h"
#include "firmware/image/result.h"

namespace bootseal::image::transparency {

inline Bytes TextBytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// `count` characters from `from`, fewer at the end. Unlike substr() it cannot
// throw, and needs no library for it.
constexpr std::string_view Cut(std::string_view text, std::size_t from,
                               std::size_t count = std::string_view::npos) {
  text.remove_prefix(from < text.size() ? from : text.size());
  text.remove_suffix(count < text.size() ? text.size() - count : 0);
  return text;
}

// Takes lines from the front. Sticky: after a line without an end ok() is false
// and every further line is empty.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  // Without its newline.
  std::string_view Next() {
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view line = Cut(rest_, 0, end);
    rest_.remove_prefix(end + 1);
    return line;
  }
  std::string_view rest() const { return rest_; }
  bool ok() const { return ok_; }
  bool done() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

// What follows `prefix`; kNoteFormat when the line does not start with it.
Result<std::string_view> After(std::string_view line, std::string_view prefix);

// Decimal without leading zeros, up to 2^64 - 1. kNoteFormat.
Result<std::uint64_t> ReadDecimal(std::string_view digits);

// Well-formed UTF-8 without control characters other than newline.
bool IsNoteText(std::string_view text);

// Non-empty, without '+' and without anything that Unicode calls a space.
bool IsKeyName(std::string_view name);

}  // namespace bootseal::image::transparency

#endif  // BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_TEXT_H_
