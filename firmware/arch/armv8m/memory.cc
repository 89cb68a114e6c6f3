// The four functions that compiled code expects of a C library. Word by word
// where that is simple; the core reads and writes words at any address.
#include <cstddef>
#include <cstdint>

extern "C" {

void* memcpy(void* to, const void* from, std::size_t size) {
  auto* out = static_cast<unsigned char*>(to);
  const auto* in = static_cast<const unsigned char*>(from);
  for (std::size_t words = size / 4; words != 0; --words) {
    std::uint32_t word;
    __builtin_memcpy(&word, in, 4);
    __builtin_memcpy(out, &word, 4);
    in += 4;
    out += 4;
  }
  for (size %= 4; size != 0; --size) *out++ = *in++;
  return to;
}

void* memmove(void* to, const void* from, std::size_t size) {
  auto* out = static_cast<unsigned char*>(to);
  const auto* in = static_cast<const unsigned char*>(from);
  if (out <= in) return memcpy(to, from, size);  // it goes upwards
  while (size-- > 0) out[size] = in[size];
  return to;
}

void* memset(void* to, int value, std::size_t size) {
  auto* out = static_cast<unsigned char*>(to);
  const std::uint32_t word =
      static_cast<unsigned char>(value) * std::uint32_t{0x01010101};
  for (; size >= 4; size -= 4, out += 4) __builtin_memcpy(out, &word, 4);
  while (size-- > 0) *out++ = static_cast<unsigned char>(value);
  return to;
}

int memcmp(const void* a, const void* b, std::size_t size) {
  const auto* left = static_cast<const unsigned char*>(a);
  const auto* right = static_cast<const unsigned char*>(b);
  for (std::size_t i = 0; i < size; ++i) {
    if (left[i] != right[i]) return left[i] - right[i];
  }
  return 0;
}

}  // extern "C"
