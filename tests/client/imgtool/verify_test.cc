// imgtool verify and dumpinfo.
#include <gmock/gmock.h>

#include <map>

#include "absl/strings/strip.h"
#include "base/status.h"
#include "client/imgtool/image_info.h"
#include "client/imgtool/verify.h"
#include "tests/client/imgtool/sign_fixture.h"

namespace bootseal::tests {
namespace {

using imgtool::Strictness;
using testing::HasSubstr;

class VerifyTest : public SignTest {
 protected:
  VerifyTest() {
    MakeKey("ecdsa-p256", "key.pem");
    EXPECT_OK(Sign({"-k", File("key.pem"), "-s", "3"}));
    image_ = Image();
  }

  std::string ReasonFor(const std::string& image,
                        Strictness strictness = Strictness::kDevice) const {
    const imgtool::Key key = LoadKey("key.pem");
    return base::ReasonOf(
        imgtool::VerifyImage(image, &key, strictness).status());
  }
  // The image with one bit of the byte at `offset` turned.
  std::string Turned(std::size_t offset) const {
    std::string image = image_;
    image[offset] = static_cast<char>(image[offset] ^ 1);
    return image;
  }
  std::size_t UnprotectedOffset() const {
    return image::mcuboot::SignedSize(ReadingOf(image_).facts.header);
  }

  std::string image_;
};

TEST_F(VerifyTest, TellsVersionAndDigest) {
  const imgtool::Key key = LoadKey("key.pem");
  const auto text = imgtool::VerifyImage(image_, &key, Strictness::kDevice);
  ASSERT_OK(text);
  EXPECT_THAT(*text, HasSubstr("Image version: 1.2.3+4\nImage digest: "));
}

TEST_F(VerifyTest, WithoutKeyTakesTheHash) {
  EXPECT_OK(imgtool::VerifyImage(image_, nullptr, Strictness::kDevice));
  EXPECT_EQ(base::ReasonOf(
                imgtool::VerifyImage(Turned(0x40), nullptr, Strictness::kDevice)
                    .status()),
            "DIGEST_MISMATCH");
}

TEST_F(VerifyTest, RefusesEveryTurnedBitOfTheSignedRange) {
  for (std::size_t i = 0; i < UnprotectedOffset(); ++i) {
    EXPECT_NE(ReasonFor(Turned(i)), "") << i;
  }
}

TEST_F(VerifyTest, RefusesEveryCutImage) {
  for (std::size_t size = 0; size < image_.size(); ++size) {
    EXPECT_NE(ReasonFor(image_.substr(0, size)), "") << size;
  }
}

TEST_F(VerifyTest, RefusesATurnedSignature) {
  EXPECT_EQ(ReasonFor(Turned(image_.size() - 1)), "SIGNATURE_MISMATCH");
}

// imgtool overlooks it, and the device does not find its key.
TEST_F(VerifyTest, RefusesAnotherKeyHashUnlessAsImgtool) {
  const std::size_t key_hash = UnprotectedOffset() + 4 + 36 + 4;
  EXPECT_EQ(ReasonFor(Turned(key_hash)), "KEY_UNKNOWN");
  EXPECT_EQ(ReasonFor(Turned(key_hash), Strictness::kImgtool), "");
}

TEST_F(VerifyTest, RefusesAPaddedSignatureUnlessAsImgtool) {
  // One signature in four has all 72 bytes and needs no zeros.
  std::string image = "x";
  for (int i = 0; i < 100 && image.back() != 0; ++i) {
    ASSERT_OK(Sign({"-k", File("key.pem"), "--pad-sig"}));
    image = Image();
  }
  EXPECT_EQ(ReasonFor(image), "SIGNATURE_MISMATCH");
  EXPECT_EQ(ReasonFor(image, Strictness::kImgtool), "");
}

TEST_F(VerifyTest, RefusesAKeyOfAnotherType) {
  MakeKey("ecdsa-p384", "key.pem");
  EXPECT_EQ(ReasonFor(image_), "DIGEST_TYPE");
  MakeKey("rsa-2048", "key.pem");
  EXPECT_EQ(ReasonFor(image_), "KEY_UNKNOWN");
  EXPECT_EQ(ReasonFor(image_, Strictness::kImgtool), "SIGNATURE_MISSING");
}

TEST_F(VerifyTest, RefusesAKeyThatDoesNotSign) {
  MakeKey("x25519", "key.pem");
  EXPECT_EQ(ReasonFor(image_), "KEY_CANNOT_SIGN");
}

TEST_F(VerifyTest, RefusesAnUnsignedImage) {
  ASSERT_OK(Sign({"--unsigned"}));
  EXPECT_EQ(ReasonFor(Image()), "KEY_MISSING");
  EXPECT_EQ(ReasonFor(Image(), Strictness::kImgtool), "SIGNATURE_MISSING");
}

TEST_F(VerifyTest, RefusesWhatIsNoImage) {
  EXPECT_EQ(ReasonFor(std::string(64, 'x')), "HEADER_MAGIC");
}

TEST_F(VerifyTest, EndsWithOneForAFailureAndTwoForUsage) {
  EXPECT_EQ(imgtool::ExitStatusOf(imgtool::Run(
                {"verify", "-k", File("key.pem"), File("payload.bin")})),
            1);
  EXPECT_EQ(imgtool::ExitStatusOf(imgtool::Run({"verify", File("none")})), 2);
  EXPECT_EQ(imgtool::ExitStatusOf(imgtool::Run({"verify"})), 2);
}

TEST_F(VerifyTest, ReadsPureSignaturesAndHexFiles) {
  MakeKey("ed25519", "key.pem");
  ASSERT_OK(
      imgtool::Run({"sign", "-v", "1", "-H", "32", "-S", "0x1000",
                    "--pad-header", "--pure", "-x", "0x8000000", "--pad", "-k",
                    File("key.pem"), File("payload.bin"), File("image.hex")}));
  EXPECT_OK(imgtool::Run({"verify", "-k", File("key.pem"), File("image.hex")}));
}

TEST_F(VerifyTest, ReadsTheHexFileOfALargeSlot) {
  ASSERT_OK(
      imgtool::Run({"sign", "-v", "1", "-H", "32", "-S", "0x200000",
                    "--pad-header", "-x", "0x8000000", "--pad", "-k",
                    File("key.pem"), File("payload.bin"), File("image.hex")}));
  EXPECT_OK(imgtool::Run({"verify", "-k", File("key.pem"), File("image.hex")}));
}

struct Dump {
  const char* image;
  const char* extension;
};

class DumpTest : public testing::TestWithParam<Dump> {};

TEST_P(DumpTest, IsWhatImgtoolPrints) {
  const std::string base =
      absl::StrCat(kVectors, "imgtool/dumpinfo/", GetParam().image);
  const auto info = imgtool::ReadImageInfo(base + ".bin", Read(base + ".bin"));
  ASSERT_OK(info);
  const std::string golden = Read(absl::StrCat(base, GetParam().extension));
  EXPECT_EQ(GetParam().extension == std::string(".json")
                ? imgtool::FormatJson(*info)
                : imgtool::FormatYaml(*info),
            golden);
}

INSTANTIATE_TEST_SUITE_P(
    Imgtool, DumpTest,
    testing::Values(Dump{"everything", ".json"}, Dump{"everything", ".yaml"},
                    Dump{"trailer", ".json"}, Dump{"trailer", ".yaml"},
                    Dump{"no-trailer", ".json"}),
    [](const auto& row) { return absl::StrCat("Row", row.index); });

// Names that YAML would take for something else.
TEST_F(VerifyTest, DumpinfoQuotesNamesThatAreNoText) {
  for (const auto& [name, line] : std::map<std::string, std::string>{
           {"yes", "filename: 'yes'\n"},
           {"7", "filename: '7'\n"},
           {"7.5", "filename: '7.5'\n"},
           {"a: b", "filename: 'a: b'\n"},
           {"it's", "filename: 'it''s'\n"},
           {"", "filename: ''\n"},
           {"a\nb", "filename: \"a\\u000ab\"\n"},
           {"image.bin", "filename: image.bin\n"}}) {
    const auto info = imgtool::ReadImageInfo(name, image_);
    ASSERT_OK(info);
    EXPECT_THAT(imgtool::FormatYaml(*info), testing::StartsWith(line));
  }
}

TEST_F(VerifyTest, DumpinfoWritesYamlToAFile) {
  ASSERT_OK(imgtool::Run({"dumpinfo", "-o", File("dump"), File("image.bin")}));
  EXPECT_THAT(Read(File("dump")), HasSubstr("filename: image.bin\nheader:\n"));
}

// json.dump ends without a line, print with one; the golden file is of print.
TEST_F(VerifyTest, DumpinfoWritesJsonToAFileAsImgtoolDoes) {
  const std::string base = absl::StrCat(kVectors, "imgtool/dumpinfo/trailer");
  ASSERT_OK(imgtool::Run(
      {"dumpinfo", "-f", "json", "-o", File("dump"), base + ".bin"}));
  EXPECT_EQ(Read(File("dump")) + "\n", Read(base + ".json"));
}

TEST_F(VerifyTest, DumpinfoRefusesWhatIsNoImage) {
  const absl::Status status =
      imgtool::Run({"dumpinfo", "-o", File("dump"), File("payload.bin")});
  EXPECT_EQ(base::ReasonOf(status), "HEADER_MAGIC");
  EXPECT_EQ(imgtool::ExitStatusOf(status), 1);
  EXPECT_FALSE(std::filesystem::exists(File("dump")));
}

TEST_F(VerifyTest, HumansReadFlagsByName) {
  ASSERT_OK(Sign({"--unsigned", "--non-bootable", "-L", "0x20000000"}));
  const auto info = imgtool::ReadImageInfo("image.bin", Image());
  ASSERT_OK(info);
  EXPECT_THAT(imgtool::FormatHuman(*info),
              HasSubstr("0x30 NON_BOOTABLE RAM_LOAD"));
}

}  // namespace
}  // namespace bootseal::tests
