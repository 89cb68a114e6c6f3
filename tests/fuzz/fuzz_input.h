// What a fuzz target draws from its input: numbers and pieces, in order. An
// input that is used up gives zeros. No libFuzzer is needed to replay one.
#ifndef BOOTSEAL_TESTS_FUZZ_FUZZ_INPUT_H_
#define BOOTSEAL_TESTS_FUZZ_FUZZ_INPUT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>

#include "absl/strings/string_view.h"

namespace bootseal::tests {

// The bytes must outlive it. Not thread-safe.
class FuzzInput {
 public:
  FuzzInput(const std::uint8_t* bytes, std::size_t size)
      : rest_(reinterpret_cast<const char*>(bytes), size) {}

  std::size_t remaining_bytes() const { return rest_.size(); }

  // Takes as many bytes as the range needs, at most eight.
  template <typename T>
  T ConsumeIntegralInRange(T least, T most) {
    const auto span =
        static_cast<std::uint64_t>(most) - static_cast<std::uint64_t>(least);
    std::uint64_t number = 0;
    for (std::uint64_t left = span; left > 0 && !rest_.empty(); left >>= 8) {
      number = number << 8 | static_cast<std::uint8_t>(rest_.front());
      rest_.remove_prefix(1);
    }
    if (span != UINT64_MAX) number %= span + 1;
    return static_cast<T>(static_cast<std::uint64_t>(least) + number);
  }
  std::uint8_t ConsumeByte() {
    return ConsumeIntegralInRange<std::uint8_t>(0, 255);
  }
  bool ConsumeBool() { return (ConsumeByte() & 1) != 0; }

  template <typename T>
  T PickValue(std::initializer_list<T> values) {
    const std::size_t last = values.size() - 1;
    return values.begin()[ConsumeIntegralInRange<std::size_t>(0, last)];
  }

  // Fewer when there are no more.
  std::string ConsumeBytes(std::size_t most) {
    const std::string piece(rest_.substr(0, most));
    rest_.remove_prefix(piece.size());
    return piece;
  }

 private:
  absl::string_view rest_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FUZZ_FUZZ_INPUT_H_
