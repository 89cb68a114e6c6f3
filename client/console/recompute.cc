#include "client/console/recompute.h"

#include <array>
#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace bootseal::console {
namespace {

struct Hash {
  std::size_t bytes;
  absl::string_view name;
};
constexpr std::array<Hash, 3> kHashes{
    {{32, "sha256"}, {48, "sha384"}, {64, "sha512"}}};

// In octal, which every shell's printf takes.
std::string Bytes(const std::string& bytes) {
  std::string line = "printf '";
  for (const char byte : bytes) {
    absl::StrAppendFormat(&line, "\\%03o", static_cast<unsigned char>(byte));
  }
  return line + "'";
}

std::string Repeated(std::uint32_t count, std::uint32_t byte) {
  return absl::StrFormat("head -c %u /dev/zero | tr '\\000' '\\%03o'", count,
                         byte & 0xff);
}

}  // namespace

std::string HashNameOf(const v1::SignedDigest& digest) {
  for (const Hash& hash : kHashes) {
    if (hash.bytes == digest.digest().size()) return std::string(hash.name);
  }
  return "";
}

std::string RecomputeLine(const v1::SignedDigest& digest) {
  if (!digest.has_preimage() || HashNameOf(digest).empty()) return "";
  const v1::Preimage& preimage = digest.preimage();
  std::vector<std::string> parts{Bytes(preimage.header())};
  if (preimage.padding_bytes() > 0) {
    parts.push_back(
        Repeated(preimage.padding_bytes(), preimage.padding_byte()));
  }
  parts.push_back("cat payload.bin");
  if (preimage.payload_padding_bytes() > 0) {
    parts.push_back(Repeated(preimage.payload_padding_bytes(), 0));
  }
  if (!preimage.protected_tlvs().empty()) {
    parts.push_back(Bytes(preimage.protected_tlvs()));
  }
  return absl::StrCat("(", absl::StrJoin(parts, "; "), ") | ",
                      HashNameOf(digest), "sum");
}

}  // namespace bootseal::console
