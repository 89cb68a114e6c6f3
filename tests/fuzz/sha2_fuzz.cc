// Our SHA-2 against OpenSSL's: the same digest for whatever bytes, in whatever
// pieces they come.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/escaping.h"
#include "firmware/crypto/sha2.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "tests/fuzz/fuzz_input.h"

namespace bootseal::tests {
namespace {

using image::HashAlgorithm;
using image::host::AsBytes;

// Up to 100 KiB, of which the input gives the first bytes.
std::string Message(FuzzInput& data) {
  const auto size = data.ConsumeIntegralInRange<std::size_t>(0, 100 * 1024);
  const std::string seed =
      data.ConsumeBytes(data.ConsumeIntegralInRange<std::size_t>(0, 256));
  std::string message(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    const char from_seed = seed.empty() ? '\0' : seed[i % seed.size()];
    message[i] = static_cast<char>(from_seed + static_cast<char>(i / 256));
  }
  return message;
}

template <typename Sha>
void RequireTheSame(HashAlgorithm algorithm, const std::string& message,
                    FuzzInput& data) {
  Sha own;
  for (std::size_t at = 0; at < message.size();) {
    const auto left = message.size() - at;
    const auto size = data.remaining_bytes() == 0
                          ? left
                          : data.ConsumeIntegralInRange<std::size_t>(0, left);
    own.Update(AsBytes(message).subspan(at, size));
    at += size;
  }
  const auto expected = image::HashOf(algorithm, AsBytes(message));
  if (image::Equal(own.Finish(), expected.bytes())) return;
  std::fprintf(stderr, "digests differ: algorithm %d, message %s\n",
               static_cast<int>(algorithm),
               absl::BytesToHexString(message).c_str());
  std::abort();
}

}  // namespace
}  // namespace bootseal::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size) {
  using namespace bootseal;  // NOLINT
  tests::FuzzInput data(bytes, size);
  const std::string message = tests::Message(data);
  tests::RequireTheSame<crypto::Sha256>(image::HashAlgorithm::kSha256, message,
                                        data);
  tests::RequireTheSame<crypto::Sha384>(image::HashAlgorithm::kSha384, message,
                                        data);
  tests::RequireTheSame<crypto::Sha512>(image::HashAlgorithm::kSha512, message,
                                        data);
  return 0;
}
