// The four functions that compiled code expects of a C library. Word by word
// only where both sides are aligned: without an MMU the core takes no other.
#include <cstddef>
#include <cstdint>

namespace {

bool Aligned(const void* a, const void* b) {
  return ((reinterpret_cast<std::uintptr_t>(a) |
           reinterpret_cast<std::uintptr_t>(b)) &
          3) == 0;
}

}  // namespace

extern "C" {

void* memcpy(void* to, const void* from, std::size_t size) {
  auto* out = static_cast<unsigned char*>(to);
  const auto* in = static_cast<const unsigned char*>(from);
  if (Aligned(to, from)) {
    for (; size >= 4; size -= 4, in += 4, out += 4) {
      __builtin_memcpy(__builtin_assume_aligned(out, 4),
                       __builtin_assume_aligned(in, 4), 4);
    }
  }
  for (; size != 0; --size) *out++ = *in++;
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
  if (Aligned(to, to)) {
    for (; size >= 4; size -= 4, out += 4) {
      __builtin_memcpy(__builtin_assume_aligned(out, 4), &word, 4);
    }
  }
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
