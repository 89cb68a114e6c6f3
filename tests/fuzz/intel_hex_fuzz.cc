// Any text as Intel HEX: what is read is written again so that it loads the
// same, and what we write has one form.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "client/cli/intel_hex.h"

namespace bootseal::tests {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

void RequireRoundTrip(absl::string_view text) {
  // Holes are filled: wide ones would test the memory.
  constexpr std::uint64_t kMaxGap = 64 * 1024;
  const auto read = cli::ReadIntelHex(text, kMaxGap);
  if (!read.ok()) return;
  Require(!read->bytes.empty());
  const auto written = cli::WriteIntelHex({{read->address, read->bytes}});
  Require(written.ok());
  Require(cli::LooksLikeHex(*written));
  const auto again = cli::ReadIntelHex(*written, kMaxGap);
  Require(again.ok());
  Require(again->address == read->address && again->bytes == read->bytes);
  Require(*cli::WriteIntelHex({{again->address, again->bytes}}) == *written);
}

// Any bytes at any address, which need not fit.
void RequireReadBack(absl::string_view bytes) {
  if (bytes.size() < 5) return;
  std::uint32_t address = 0;
  for (int i = 0; i < 4; ++i) {
    address = address << 8 | static_cast<unsigned char>(bytes[0]);
    bytes.remove_prefix(1);
  }
  const auto written = cli::WriteIntelHex({{address, bytes}});
  const bool fits = std::uint64_t{address} + bytes.size() <= std::uint64_t{1}
                                                                 << 32;
  Require(written.ok() == fits);
  if (!fits) return;
  const auto read = cli::ReadIntelHex(*written);
  Require(read.ok() && read->address == address && read->bytes == bytes);
}

}  // namespace
}  // namespace bootseal::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(bytes), size);
  (void)bootseal::cli::LooksLikeHex(text);
  bootseal::tests::RequireRoundTrip(text);
  bootseal::tests::RequireReadBack(text);
  return 0;
}
