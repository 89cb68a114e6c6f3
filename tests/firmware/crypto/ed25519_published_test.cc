// The 1024 signatures that Ed25519's authors published, messages of 0 to 1023
// bytes (RFC 8032's among them), as libsodium's sources have them.
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "firmware/image/crypto.h"
#include "firmware/image/der.h"
#include "firmware/image/host/convert.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Error;
using image::host::AsBytes;

struct Published {
  std::string key;
  std::string signature;
  std::string message;
};

// "0x12,0x34" or "\x12\x34".
std::string Bytes(absl::string_view text) {
  return absl::HexStringToBytes(absl::StrReplaceAll(
      text, {{"0x", ""}, {"\\x", ""}, {",", ""}, {"{", ""}}));
}

// {{secret},{key},{signature},"message"},
Published ReadLine(const std::string& line) {
  const std::vector<absl::string_view> fields = absl::StrSplit(line, "},");
  const std::vector<absl::string_view> text = absl::StrSplit(line, '"');
  if (fields.size() < 4 || text.size() != 3) return {};
  const auto prefix = image::RawPublicKeyPrefix(Algorithm::kEd25519);
  return {image::host::ToString(prefix) + Bytes(fields[1]), Bytes(fields[2]),
          Bytes(text[1])};
}

std::vector<Published> ReadAll() {
  std::ifstream file(BOOTSEAL_DEVICE_CRYPTO "/libsodium/test/default/sign.c");
  std::vector<Published> all;
  for (std::string line; std::getline(file, line);) {
    if (absl::StartsWith(line, "{{0x")) all.push_back(ReadLine(line));
  }
  return all;
}

Error Verdict(const Published& one) {
  return image::VerifySignature(Algorithm::kEd25519, AsBytes(one.key),
                                AsBytes(one.message), AsBytes(one.signature));
}

TEST(PublishedEd25519, IsAcceptedAsItIsAndRefusedWithABitMoreOrLess) {
  const std::vector<Published> all = ReadAll();
  ASSERT_EQ(all.size(), 1024u);
  for (std::size_t size = 0; size < all.size(); ++size) {
    Published one = all[size];
    ASSERT_EQ(one.message.size(), size);
    EXPECT_EQ(Verdict(one), Error::kOk) << size;
    std::string* const fields[] = {&one.signature, &one.message};
    std::string& field = *fields[size == 0 ? 0 : size % 2];
    char& byte = field[size * 7 % field.size()];
    byte = static_cast<char>(byte ^ 1 << size % 8);
    EXPECT_EQ(Verdict(one), Error::kSignatureMismatch) << size;
  }
}

}  // namespace
}  // namespace bootseal::tests
