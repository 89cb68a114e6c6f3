#include "tests/support/receipt_log.h"

#include <array>
#include <bit>
#include <utility>

#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/transparency/checkpoint_text.h"
#include "firmware/image/transparency/embedded_receipt.h"

namespace bootseal::tests {
namespace {

namespace transparency = image::transparency;
using image::host::AsBytes;
using image::host::ToString;
using transparency::TreeHash;

constexpr std::size_t kHeadBytes = 72;
constexpr int kBefore = 5;
constexpr int kBehind = 3;

// Field `number` of a protobuf message, below 16, of fewer than 16,384 bytes.
std::string Field(int number, absl::string_view bytes) {
  return absl::StrCat(
      std::string(1, static_cast<char>(number << 3 | 2)),
      std::string{static_cast<char>(0x80 | (bytes.size() & 0x7f)),
                  static_cast<char>(bytes.size() >> 7)},
      bytes);
}

// One number below 128.
std::string Number(int number, int value) {
  return {static_cast<char>(number << 3), static_cast<char>(value)};
}

// RFC 6962, 2.1 and 2.1.1, word for word.
TreeHash Root(const std::vector<TreeHash>& leaves) {
  if (leaves.size() == 1) return leaves.front();
  const auto cut = leaves.begin() + static_cast<std::ptrdiff_t>(
                                        std::bit_floor(leaves.size() - 1));
  return transparency::NodeHash(Root({leaves.begin(), cut}),
                                Root({cut, leaves.end()}));
}

std::string Path(std::size_t index, const std::vector<TreeHash>& leaves) {
  if (leaves.size() == 1) return "";
  const std::size_t k = std::bit_floor(leaves.size() - 1);
  const auto cut = leaves.begin() + static_cast<std::ptrdiff_t>(k);
  const std::vector<TreeHash> left(leaves.begin(), cut);
  const std::vector<TreeHash> right(cut, leaves.end());
  return index < k ? absl::StrCat(Path(index, left), ToString(Root(right)))
                   : absl::StrCat(Path(index - k, right), ToString(Root(left)));
}

}  // namespace

std::string TestEntry::bytes() const {
  const int of_length =
      digest.empty() ? 0 : static_cast<int>(digest.size()) / 16 - 1;
  std::string head = absl::StrCat(
      "BSE1", std::string(1, static_cast<char>(kind)),
      std::string(1, static_cast<char>(algorithm < 0 ? of_length : algorithm)),
      std::string(1, static_cast<char>(digest.size())), std::string(1, '\0'),
      digest);
  head.resize(kHeadBytes, '\0');
  const std::string event = absl::StrCat(Field(1, target), Number(6, decision),
                                         Field(9, Field(4, digest)));
  return absl::StrCat(head, Number(1, 77), Field(2, "caller"),
                      Field(kind, event));
}

std::string ReceiptParts::bytes() const {
  transparency::EmbeddedReceipt receipt;
  receipt.index = index;
  receipt.size = size;
  receipt.root = root;
  receipt.signature = AsBytes(signature);
  receipt.path = AsBytes(path);
  receipt.entry = AsBytes(entry);
  std::string buffer(
      transparency::kReceiptHeadBytes + path.size() + entry.size(), '\0');
  const auto written = transparency::WriteEmbeddedReceipt(
      receipt, std::as_writable_bytes(std::span(buffer)));
  return written.ok() ? ToString(*written) : "unwritten";
}

ReceiptLog::ReceiptLog(std::string origin)
    : origin_(std::move(origin)), key_(image::Algorithm::kEd25519) {}

ReceiptParts ReceiptLog::Add(const std::string& entry) const {
  std::vector<TreeHash> leaves;
  for (int i = 0; i < kBefore; ++i) {
    leaves.push_back(transparency::LeafHash(AsBytes(absl::StrCat("b", i))));
  }
  leaves.push_back(transparency::LeafHash(AsBytes(entry)));
  for (int i = 0; i < kBehind; ++i) {
    leaves.push_back(transparency::LeafHash(AsBytes(absl::StrCat("a", i))));
  }
  ReceiptParts parts;
  parts.index = kBefore;
  parts.size = leaves.size();
  parts.root = Root(leaves);
  parts.path = Path(kBefore, leaves);
  parts.entry = entry;
  SignAgain(parts);
  return parts;
}

void ReceiptLog::SignAgain(ReceiptParts& parts) const {
  std::array<std::byte, transparency::kMostCheckpointText> buffer;
  parts.signature = key_.Sign(transparency::WriteCheckpointText(
      AsBytes(origin_), parts.size, parts.root, buffer));
}

ReceiptParts ReceiptLog::For(const ImageParts& image) const {
  return Add(TestEntry{.digest = DigestOf(image)}.bytes());
}

image::mcuboot::ReceiptRules ReceiptLog::rules() const {
  image::mcuboot::ReceiptRules rules;
  rules.origin = AsBytes(origin_);
  rules.log_keys[0] = AsBytes(key_.public_key());
  return rules;
}

const std::string& DigestOf(const ImageParts& image) {
  return image.unprotected.front().value;
}

void Embed(ImageParts& image, const std::string& receipt) {
  image.unprotected.push_back({image::mcuboot::tlv::kReceipt, receipt});
}

}  // namespace bootseal::tests
