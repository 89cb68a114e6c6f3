#include "tests/client/cli/test_log.h"

#include <bit>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/tree_builder.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/transparency/note.h"

namespace bootseal::tests {
namespace {

namespace transparency = image::transparency;
using image::host::AsBytes;
using image::host::ToString;

constexpr char kOrigin[] = "bootseal.example/test";

transparency::TreeHash RootOfRange(std::uint64_t begin, std::uint64_t end) {
  cli::TreeBuilder tree;
  for (std::uint64_t i = begin; i < end; ++i) {
    tree.Append(absl::StrCat("entry-", i));
  }
  return tree.Root();
}

// SUBPROOF; `end` is that of the leaves whose root the reader has, or 0.
std::vector<std::string> SubProof(std::uint64_t first, std::uint64_t begin,
                                  std::uint64_t end, std::uint64_t known) {
  const std::uint64_t size = end - begin;
  if (first == size) {
    if (known == end) return {};
    return {ToString(RootOfRange(begin, end))};
  }
  const std::uint64_t left = std::bit_floor(size - 1);
  std::vector<std::string> proof;
  if (first <= left) {
    proof = SubProof(first, begin, begin + left, known);
    proof.push_back(ToString(RootOfRange(begin + left, end)));
  } else {
    proof = SubProof(first - left, begin + left, end, 0);
    proof.push_back(ToString(RootOfRange(begin, begin + left)));
  }
  return proof;
}

}  // namespace

std::string TestLog::raw_key() const {
  return key_.public_key().substr(key_.public_key().size() - 32);
}

std::string TestLog::vkey() const {
  return absl::StrFormat("%s+%08x+%s", kOrigin,
                         transparency::KeyId(kOrigin, AsBytes(raw_key())),
                         absl::Base64Escape("\x01" + raw_key()));
}

std::string TestLog::Note(std::uint64_t size,
                          const transparency::TreeHash& root) const {
  const std::string text = absl::StrCat(
      kOrigin, "\n", size, "\n", absl::Base64Escape(ToString(root)), "\n");
  const std::uint32_t id = transparency::KeyId(kOrigin, AsBytes(raw_key()));
  std::string signature{static_cast<char>(id >> 24),
                        static_cast<char>(id >> 16), static_cast<char>(id >> 8),
                        static_cast<char>(id)};
  signature += key_.Sign(AsBytes(text));
  return absl::StrCat(text, "\n\xe2\x80\x94 ", kOrigin, " ",
                      absl::Base64Escape(signature), "\n");
}

transparency::TreeHash RootOf(std::uint64_t size) {
  return RootOfRange(0, size);
}

std::vector<std::string> ConsistencyOf(std::uint64_t first,
                                       std::uint64_t second) {
  return SubProof(first, 0, second, first);
}

}  // namespace bootseal::tests
