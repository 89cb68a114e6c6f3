// MCUboot images composed with our own writer, and then spoilt at will.
#ifndef BOOTSEAL_TESTS_SUPPORT_TEST_IMAGE_H_
#define BOOTSEAL_TESTS_SUPPORT_TEST_IMAGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/mcuboot/rules.h"
#include "firmware/image/mcuboot/writer.h"
#include "tests/support/signing_key.h"

namespace bootseal::tests {

// A target with its key: rules whose spans stay valid as long as this object.
class TestTarget {
 public:
  TestTarget(const SigningKey& key, image::HashAlgorithm hash);
  // With the hash that goes with the key.
  explicit TestTarget(const SigningKey& key);
  TestTarget(const TestTarget&) = delete;
  TestTarget& operator=(const TestTarget&) = delete;

  const SigningKey& key() const { return key_; }
  void UseHash(image::HashAlgorithm hash);

  // To be changed by the test: header 0x20, slot 0x10000, a single slot, no
  // TLV demanded.
  image::mcuboot::Rules rules;

 private:
  const SigningKey& key_;
  std::string key_hash_;
};

// One TLV, to be put anywhere.
struct RawTlv {
  std::uint16_t type = 0;
  std::string value;
};

// The parts of an image before they are joined; everything can be replaced.
struct ImageParts {
  image::mcuboot::Header header;  // sizes are filled in by Compose
  std::byte padding{0xff};
  std::string payload;
  std::string protected_area;
  std::vector<RawTlv> unprotected;  // digest, key, signature
};

// A payload of `size` bytes that starts with plausible vectors.
std::string TestPayload(std::size_t size);

// An area of these TLVs with its info header.
std::string Area(std::uint16_t magic, const std::vector<RawTlv>& tlvs);

// Header, payload and protected area, as they are signed.
std::string SignedPart(const ImageParts& parts);
std::string Join(const ImageParts& parts);

inline constexpr image::mcuboot::Version kTestVersion{1, 2, 3, 4};

// A properly signed image for the target.
ImageParts MakeParts(const TestTarget& target, absl::string_view payload,
                     const image::mcuboot::ProtectedTlvs& tlvs,
                     const image::mcuboot::Version& version = kTestVersion);
std::string MakeImage(const TestTarget& target, absl::string_view payload,
                      const image::mcuboot::ProtectedTlvs& tlvs,
                      const image::mcuboot::Version& version = kTestVersion);
// Digest, key and signature anew, after header, payload or area were changed.
void SignAgain(const TestTarget& target, ImageParts& parts);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_TEST_IMAGE_H_
