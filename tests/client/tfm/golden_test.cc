// Command lines that TF-M's wrapper.py was given: ours makes the same bytes.
#include "tests/client/imgtool/golden.h"
#include "absl/strings/match.h"
#include "client/cli/intel_hex.h"
#include "client/tfm/wrapper.h"
#include "firmware/image/mcuboot/tlv_types.h"
#include "tests/client/imgtool/sign_fixture.h"

namespace bootseal::tests {
namespace {

namespace mcuboot = image::mcuboot;

std::string Vector(const std::string& name) {
  return absl::StrCat(kVectors, "tfm/", name);
}

class TfmGolden : public SignTest,
                  public testing::WithParamInterface<std::string> {
 protected:
  // With files in our folder; fresh keys.
  Words CommandOf(const std::string& text) const {
    Words words = SplitCommand(text);
    words.erase(words.begin());
    for (std::string& word : words) {
      if (absl::EndsWith(word, ".o")) word = Vector(word);
      if (absl::EndsWith(word, ".pem")) {
        MakeKey(word.substr(0, word.size() - 4), word);
        word = File(word);
      }
      if (absl::EndsWith(word, ".bin") || absl::EndsWith(word, ".hex")) {
        word = File(word);
      }
    }
    return words;
  }
};

using UnsignedTfmGolden = TfmGolden;

TEST_P(UnsignedTfmGolden, IsReproducedByteForByte) {
  auto notes = Notes(Vector(GetParam() + ".txt"));
  Words command = CommandOf(notes["command"]);
  const std::string output = command.back();
  command.insert(command.end(), {"--unsigned", "--imgtool-compatible"});
  ASSERT_OK(tfm::Run(command));
  const std::string image = Read(output);
  EXPECT_EQ(absl::StrCat(image.size()), notes["size"]);
  EXPECT_EQ(Sha256Hex(image), notes["sha256"]);
}

INSTANTIATE_TEST_SUITE_P(Tfm, UnsignedTfmGolden,
                         testing::Values("tfm-s", "tfm-ns", "tfm-s-ns", "swap",
                                         "align-16", "align-32", "erased-zero",
                                         "erased-ff", "ram", "xip",
                                         "counter-auto", "room",
                                         "confirm-alone", "extra-tlv"),
                         NameOfTest);

using HexTfmGolden = TfmGolden;

// Records are cut at other addresses.
TEST_P(HexTfmGolden, LoadsTheSameBytes) {
  auto notes = Notes(Vector(GetParam() + ".txt"));
  Words command = CommandOf(notes["command"]);
  const std::string output = command.back();
  command.insert(command.end(), {"--unsigned", "--imgtool-compatible"});
  ASSERT_OK(tfm::Run(command));
  const auto ours = cli::ReadIntelHex(Read(output));
  const auto theirs = cli::ReadIntelHex(Read(Vector(GetParam() + ".hex")));
  ASSERT_OK(ours);
  ASSERT_OK(theirs);
  EXPECT_EQ(ours->address, theirs->address);
  EXPECT_EQ(absl::BytesToHexString(ours->bytes),
            absl::BytesToHexString(theirs->bytes));
}

INSTANTIATE_TEST_SUITE_P(Tfm, HexTfmGolden,
                         testing::Values("hex", "zephyr-confirmed"),
                         NameOfTest);

// Without what another key changes: the signer in the boot record, the digest
// over it, the key and the signature.
std::string Structure(const std::string& bytes) {
  const mcuboot::Reading reading = ReadingOf(bytes);
  std::string text =
      absl::BytesToHexString(image::host::ToString(reading.header) +
                             image::host::ToString(reading.payload));
  for (const image::Bytes area :
       {reading.facts.protected_area, reading.facts.unprotected_area}) {
    for (const mcuboot::Tlv& tlv : mcuboot::Tlvs(area)) {
      const bool is_kept = tlv.type != mcuboot::tlv::kBootRecord &&
                           tlv.type != mcuboot::tlv::kKeyHash &&
                           tlv.type != mcuboot::tlv::kPublicKey &&
                           !mcuboot::IsDigest(tlv.type) &&
                           !mcuboot::IsSignature(tlv.type);
      const bool is_variable = tlv.type == mcuboot::tlv::kEcdsa;
      absl::StrAppend(
          &text, "\n", tlv.type, " ", is_variable ? 0 : tlv.value.size(), " ",
          is_kept ? absl::BytesToHexString(image::host::ToString(tlv.value))
                  : "");
    }
  }
  return text;
}

using SignedTfmGolden = TfmGolden;

TEST_P(SignedTfmGolden, IsReproducedButForTheKey) {
  auto notes = Notes(Vector(GetParam() + ".txt"));
  const Words command = CommandOf(notes["command"]);
  ASSERT_OK(tfm::Run(command));
  EXPECT_EQ(Structure(Image()), Structure(Read(Vector(GetParam() + ".bin"))));
}

INSTANTIATE_TEST_SUITE_P(Tfm, SignedTfmGolden,
                         testing::Values("rsa-full", "p384-hash", "key-id"),
                         NameOfTest);

}  // namespace
}  // namespace bootseal::tests
