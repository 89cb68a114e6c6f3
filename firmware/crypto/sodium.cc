// The three functions of libsodium's utils.c that verification calls. The rest
// of that file wants an operating system.
#include <cstddef>

extern "C" {

int sodium_memcmp(const void* a, const void* b, std::size_t size) {
  const auto* left = static_cast<const volatile unsigned char*>(a);
  const auto* right = static_cast<const volatile unsigned char*>(b);
  unsigned difference = 0;
  for (std::size_t i = 0; i < size; ++i) difference |= left[i] ^ right[i];
  return difference == 0 ? 0 : -1;
}

int sodium_is_zero(const unsigned char* bytes, std::size_t size) {
  unsigned any = 0;
  for (std::size_t i = 0; i < size; ++i) any |= bytes[i];
  return any == 0 ? 1 : 0;
}

void sodium_memzero(void* bytes, std::size_t size) {
  auto* to = static_cast<volatile unsigned char*>(bytes);
  for (std::size_t i = 0; i < size; ++i) to[i] = 0;
}

}  // extern "C"
