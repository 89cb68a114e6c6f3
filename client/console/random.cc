#include "client/console/random.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"

namespace bootseal::console {
namespace {

constexpr std::uint32_t kCodes = 1'000'000;

template <typename T>
void Fill(T& bytes, std::size_t size) {
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&bytes),
                 static_cast<int>(size)) == 1) {
    return;
  }
  std::fputs("bootseal: NO_RANDOMNESS: OpenSSL gives no random bytes\n",
             stderr);
  std::abort();
}

}  // namespace

std::string RandomToken() {
  std::string bytes(32, '\0');
  Fill(bytes[0], bytes.size());
  return absl::BytesToHexString(bytes);
}

std::string RandomCode() {
  // The rest of the range would make low codes likelier.
  constexpr std::uint32_t kUsable = UINT32_MAX - UINT32_MAX % kCodes;
  std::uint32_t number = 0;
  do {
    Fill(number, sizeof(number));
  } while (number >= kUsable);
  return absl::StrFormat("%06u", number % kCodes);
}

bool SameSecret(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() &&
         CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace bootseal::console
