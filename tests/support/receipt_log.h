// A log of a test's own, which proves its entries to bootloaders: entries may
// say whatever the test wants.
#ifndef BOOTSEAL_TESTS_SUPPORT_RECEIPT_LOG_H_
#define BOOTSEAL_TESTS_SUPPORT_RECEIPT_LOG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "firmware/image/mcuboot/rules.h"
#include "firmware/image/transparency/merkle.h"
#include "tests/support/signing_key.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {

inline constexpr int kSigningKind = 10;
inline constexpr int kAllowedDecision = 1;

// The bytes of a log entry about `digest`, by the sizes of proto/entry.proto.
// Kind and decision are those of a signature that was allowed, unless a test
// wants others.
struct TestEntry {
  std::string digest;
  int kind = kSigningKind;
  int algorithm = -1;  // in the head; -1: that of the digest's length
  int decision = kAllowedDecision;
  std::string target = "target";

  std::string bytes() const;
};

// A receipt before it is written; everything can be replaced.
struct ReceiptParts {
  std::uint64_t index = 0;
  std::uint64_t size = 0;
  image::transparency::TreeHash root{};
  std::string signature;
  std::string path;
  std::string entry;

  std::string bytes() const;
};

// Not thread-safe.
class ReceiptLog {
 public:
  // Other entries, some before and some behind what is added later.
  explicit ReceiptLog(std::string origin = "test.example/log");

  const std::string& origin() const { return origin_; }
  const SigningKey& key() const { return key_; }

  // A log of one more entry, and three behind it; proof and checkpoint.
  ReceiptParts Add(const std::string& entry) const;
  // The checkpoint signed anew, after size or root were changed.
  void SignAgain(ReceiptParts& parts) const;
  // The receipt of an entry that allows what `image` has signed.
  ReceiptParts For(const ImageParts& image) const;

  // Rules that demand a receipt of this log; spans stay valid as long as it.
  image::mcuboot::ReceiptRules rules() const;

 private:
  std::string origin_;
  SigningKey key_;
};

// The digest TLV's value.
const std::string& DigestOf(const ImageParts& image);
// Behind the signature.
void Embed(ImageParts& image, const std::string& receipt);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_RECEIPT_LOG_H_
