#include "server/audit/checkpoint.h"

#include <openssl/sha.h>

#include <span>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/transparency/checkpoint_text.h"

namespace bootseal::audit {
namespace {

constexpr char kEd25519 = 1;

std::string Base64(const TreeHash& hash) {
  return absl::Base64Escape(absl::string_view(
      reinterpret_cast<const char*>(hash.data()), hash.size()));
}

// First four bytes of SHA-256(name || "\n" || type || key).
std::string KeyId(absl::string_view name, absl::string_view public_key) {
  const std::string text =
      absl::StrCat(name, "\n", std::string(1, kEd25519), public_key);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         digest);
  return std::string(reinterpret_cast<const char*>(digest), 4);
}

}  // namespace

std::string CheckpointText(absl::string_view origin, const Head& head) {
  using image::transparency::kMostCheckpointText;
  // As devices write it that are given nothing but size and root.
  std::string text(origin.size() + kMostCheckpointText, '\0');
  const image::Bytes written = image::transparency::WriteCheckpointText(
      image::host::AsBytes(origin), head.size, head.root,
      std::as_writable_bytes(std::span(text)));
  text.resize(written.size());
  return text;
}

std::string SignedNote(absl::string_view text, absl::string_view name,
                       absl::string_view public_key,
                       absl::string_view signature) {
  return absl::StrCat(
      text, "\n\xe2\x80\x94 ", name, " ",
      absl::Base64Escape(absl::StrCat(KeyId(name, public_key), signature)),
      "\n");
}

std::string VerifierKey(absl::string_view name, absl::string_view public_key) {
  return absl::StrCat(
      name, "+", absl::BytesToHexString(KeyId(name, public_key)), "+",
      absl::Base64Escape(absl::StrCat(std::string(1, kEd25519), public_key)));
}

std::string ReceiptText(absl::string_view entry, std::uint64_t index,
                        std::span<const TreeHash> path,
                        absl::string_view checkpoint) {
  std::string text =
      absl::StrCat("c2sp.org/tlog-proof@v1\nextra ", absl::Base64Escape(entry),
                   "\nindex ", index, "\n");
  for (const TreeHash& hash : path) absl::StrAppend(&text, Base64(hash), "\n");
  absl::StrAppend(&text, "\n", checkpoint);
  return text;
}

}  // namespace bootseal::audit
