// imgtool's commands that need a key's public half alone, with one in the HSM.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/mcuboot/reader.h"
#include "tests/integration/imgtool_lines.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class ImgtoolKey : public Imgtool {
 protected:
  Outcome Ask(const Arguments& arguments) {
    return On().Client(Arguments{"imgtool"} + arguments);
  }
  // An image of target ed25519 in a.bin.
  void MakeImage() {
    const std::string payload = On().Write("app.bin", Payload(3000));
    const Outcome sign =
        Sign({"-k", "bootseal:ed25519", "-v", "1.0"}, payload, "a.bin");
    ASSERT_EQ(sign.exit_code, 0) << sign.err;
  }
};

TEST_F(ImgtoolKey, VerifiesAnImageOfItsOwn) {
  MakeImage();
  for (const char* key : {"bootseal:ed25519", "bootseal:key/ed25519"}) {
    const Outcome verify = Ask({"verify", "-k", key, On().File("a.bin")});
    EXPECT_EQ(verify.exit_code, 0) << verify.err;
    EXPECT_THAT(verify.out, HasSubstr("Image was correctly validated\n"
                                      "Image version: 1.0.0+0\n"));
    EXPECT_THAT(verify.err, IsEmpty());
  }
}

TEST_F(ImgtoolKey, DoesNotVerifyAnImageOfAnother) {
  MakeImage();
  const Outcome verify = Ask(
      {"verify", "-k", absl::StrCat("bootseal:", kTfm), On().File("a.bin")});
  EXPECT_EQ(verify.exit_code, 1);
  EXPECT_THAT(verify.out, IsEmpty());
}

// No signature covers the TLVs behind it, and the bootloader knows no such one.
TEST_F(ImgtoolKey, SaysThatItsTargetWouldNotBootWhatIsSigned) {
  MakeImage();
  std::string image = On().Read("a.bin");
  const image::mcuboot::Reading reading = image::mcuboot::ReadImage(
      image::host::AsBytes(image), image::HashAlgorithm::kSha256);
  ASSERT_EQ(reading.error, image::Error::kOk);
  const std::size_t area = image::mcuboot::SignedSize(reading.facts.header);
  const std::string tlv("\x99\x00\x02\x00xy", 6);
  image.insert(image.size() - reading.rest.size(), tlv);
  image[area + 2] = static_cast<char>(image[area + 2] + 6);
  const std::string path = On().Write("b.bin", image);
  const Outcome verify = Ask({"verify", "-k", "bootseal:ed25519", path});
  EXPECT_EQ(verify.exit_code, 0) << verify.err;
  EXPECT_THAT(verify.err, HasSubstr("target ed25519 would not boot it"));
  EXPECT_THAT(verify.err, HasSubstr("bootseal explain --target ed25519"));
}

TEST_F(ImgtoolKey, IsPrintedAsKeysShowPrintsIt) {
  const Outcome show =
      On().Client({"keys", "show", "ed25519", "--format", "pem"});
  ASSERT_EQ(show.exit_code, 0) << show.err;
  for (const char* key : {"bootseal:ed25519", "bootseal:key/ed25519"}) {
    EXPECT_EQ(Ask({"getpub", "-k", key, "-e", "pem"}).out, show.out);
    EXPECT_THAT(Ask({"getpub", "-k", key}).out,
                HasSubstr("const unsigned char ed25519_pub_key[] = {"));
    EXPECT_THAT(Ask({"getpubhash", "-k", key}).out,
                HasSubstr("const unsigned int ed25519_pub_key_hash_len = 32"));
    EXPECT_EQ(Ask({"keyinfo", "-k", key}).out, "public\n");
  }
}

TEST_F(ImgtoolKey, NeverLeavesTheHsmAndIsNotMadeByKeygen) {
  const Outcome getpriv = Ask({"getpriv", "-k", "bootseal:ed25519"});
  EXPECT_EQ(getpriv.exit_code, 2);
  EXPECT_THAT(getpriv.err, HasSubstr("private keys never leave the HSM"));
  const Outcome keygen =
      Ask({"keygen", "-t", "ed25519", "-k", "bootseal:ed25519"});
  EXPECT_EQ(keygen.exit_code, 2);
  EXPECT_THAT(keygen.err, HasSubstr("bootseal-token generate"));
}

TEST_F(ImgtoolKey, OfAnotherNameIsAFailure) {
  for (const char* key : {"bootseal:nothing", "bootseal:key/nothing"}) {
    for (const char* command : {"getpub", "getpubhash", "keyinfo"}) {
      const Outcome refused = Ask({command, "-k", key});
      EXPECT_EQ(refused.exit_code, 1) << command << " " << key;
      EXPECT_THAT(refused.out, IsEmpty());
    }
  }
}

}  // namespace
}  // namespace bootseal::tests
