// Command lines that imgtool 2.4.0 was given: ours makes the same bytes.
#include "tests/client/imgtool/golden.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "firmware/image/mcuboot/tlv_types.h"
#include "tests/client/imgtool/sign_fixture.h"

namespace bootseal::tests {
namespace {

class Golden : public SignTest,
               public testing::WithParamInterface<std::string> {
 protected:
  // The words after "imgtool", with files in our folder.
  Words CommandOf(const std::string& text) const {
    Words words = SplitCommand(text);
    words.erase(words.begin());
    for (std::string& word : words) {
      const bool is_file =
          absl::EndsWith(word, ".bin") || absl::EndsWith(word, ".hex");
      if (is_file) word = File(word);
    }
    return words;
  }
};

using UnsignedGolden = Golden;

TEST_P(UnsignedGolden, IsReproducedByteForByte) {
  const std::string golden =
      absl::StrCat(kVectors, "imgtool/sign/", GetParam());
  auto notes = Notes(golden + ".txt");
  Words command = CommandOf(notes["command"]);
  const std::string output = command.back();
  if (!absl::StrContains(notes["command"], "--vector-to-sign")) {
    command.emplace_back("--unsigned");
  }
  ASSERT_OK(imgtool::Run(command));
  const std::string image = Read(output);
  EXPECT_EQ(absl::StrCat(image.size()), notes["size"]);
  EXPECT_EQ(Sha256Hex(image), notes["sha256"]);
  const std::string kept = golden + output.substr(output.size() - 4);
  if (std::filesystem::exists(kept)) {
    EXPECT_EQ(absl::BytesToHexString(image),
              absl::BytesToHexString(Read(kept)));
  }
}

INSTANTIATE_TEST_SUITE_P(Imgtool, UnsignedGolden,
                         testing::ValuesIn(NamesIn("sign")), NameOfTest);

// The one thing that only the key's owner can write.
std::string SignatureIn(const std::string& image) {
  for (const image::mcuboot::Tlv& tlv :
       image::mcuboot::Tlvs(ReadingOf(image).facts.unprotected_area)) {
    if (image::mcuboot::IsSignature(tlv.type)) {
      return image::host::ToString(tlv.value);
    }
  }
  ADD_FAILURE() << "no signature";
  return {};
}

using SignedGolden = Golden;

// Its signature comes along, as one that was made elsewhere.
TEST_P(SignedGolden, IsReproducedByteForByteWithItsSignature) {
  const std::string golden = absl::StrCat(kVectors, "mcuboot/", GetParam());
  auto notes = Notes(golden + ".txt");
  Words command = CommandOf(notes["command"]);
  ASSERT_EQ(command[1], "-k");
  const std::string key(absl::StripSuffix(command[2], ".pem"));
  command[1] = "--fix-sig-pubkey";
  command[2] = absl::StrCat(kVectors, "mcuboot/", key, ".pub.pem");
  Write("signature",
        absl::Base64Escape(SignatureIn(Read(golden + ".bin"))) + "\n");
  const std::string output = command.back();
  command.insert(command.end(), {"--fix-sig", File("signature")});
  // Devices refuse the padded one, and so do we without this.
  if (GetParam() == "pad-sig") command.emplace_back("--imgtool-compatible");
  ASSERT_OK(imgtool::Run(command));
  const std::string image = Read(output);
  EXPECT_EQ(absl::StrCat(image.size()), notes["size"]);
  EXPECT_EQ(Sha256Hex(image), notes["sha256"]);
}

INSTANTIATE_TEST_SUITE_P(
    Imgtool, SignedGolden,
    testing::Values("rsa2048", "rsa3072", "p256", "p384", "ed25519",
                    "ed25519-full", "ed25519-sha512", "pure", "confirm",
                    "confirm-overwrite", "erased-zero", "load-address",
                    "max-align-16", "max-align-32", "non-bootable", "pad-sig",
                    "tfm-s", "tfm-s-bare", "vendor"),
    NameOfTest);

}  // namespace
}  // namespace bootseal::tests
