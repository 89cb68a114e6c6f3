// Vectors: facts services, appendix A, and the example of
// c2sp.org/tlog-cosignature@v1.0.1.
#include "firmware/image/host/cosignature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/openssl.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/transparency/signed_note.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using namespace image::host;
using image::transparency::kCosignerKey;
using image::transparency::KeyIdOfType;
using image::transparency::kNoteKey;
using testing::HasSubstr;

constexpr std::uint64_t kTime = 1679315147;
const std::string kText =
    "fwsign.example/audit\n5\nGqaNMHSQWlgfhMu9D3U3lJBP2ARRvEwT5p2aU7xZUCw=\n";
const std::string kLogLine =
    "\xe2\x80\x94 fwsign.example/audit "
    "/TO7ldQEu+WBNbCGj7kzEtV7BH66QjrcjftrFGmRwu9fZNMC2yqLY/yewrzkjn92cYiS8aV0"
    "2iCviRGa0c7UN6knVQc=\n";
const std::string kWitnessLine =
    "\xe2\x80\x94 witness.example/w1 "
    "519lMgAAAABkGFDLkt8hzi5vqJtgQgtF4PMxcP1DtblTg9CTIBnyvfCN6xYptp584xesX9D8"
    "psLeSTqgsKYUPGWkIwcJ7x1l7EHiBg==\n";
const std::string kNote = kText + "\n" + kLogLine + kWitnessLine;

// The seed of the vectors: bytes 0 to 31.
base::EvpKeyPtr VectorPair() {
  unsigned char seed[32];
  for (unsigned char i = 0; i < 32; ++i) seed[i] = i;
  return base::EvpKeyPtr(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr,
                                                      seed, sizeof(seed)));
}

std::string RawKey() {
  std::string raw(32, '\0');
  std::size_t size = raw.size();
  EVP_PKEY_get_raw_public_key(
      VectorPair().get(), reinterpret_cast<unsigned char*>(raw.data()), &size);
  return raw;
}

std::string SignWithVector(const std::string& message) {
  const base::EvpKeyPtr pair = VectorPair();
  const base::EvpMdContextPtr context(EVP_MD_CTX_new());
  std::string signature(64, '\0');
  std::size_t size = signature.size();
  EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, pair.get());
  EVP_DigestSign(
      context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
      reinterpret_cast<const unsigned char*>(message.data()), message.size());
  return signature;
}

CosignerKey Key() { return *CosignerKey::Make("witness.example/w1", RawKey()); }

std::string Cosign(std::uint64_t time) {
  return CosignatureLine(Key(), time,
                         SignWithVector(CosignatureMessage(time, kText)));
}

TEST(CosignerKey, HasTheIdOfTheVector) {
  EXPECT_EQ(KeyIdOfType(kCosignerKey, "witness.example/w1", AsBytes(RawKey())),
            0xe75f6532U);
  EXPECT_THAT(Key().text(), HasSubstr("witness.example/w1+e75f6532+BAOhB7/z"));
  EXPECT_EQ(CosignerKey::Parse(Key().text())->name(), "witness.example/w1");
}

TEST(CosignerKey, IsNoLogsKey) {
  EXPECT_THAT(
      CosignerKey::Parse("fwsign.example/audit+fd33bb95+"
                         "AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"),
      StatusIs(absl::StatusCode::kInvalidArgument, "COSIGNER_KEY_INVALID"));
}

TEST(CosignerKey, HasItsOwnIdAndAPlainName) {
  const std::string other =
      absl::StrReplaceAll(Key().text(), {{"e75f6532", "e75f6533"}});
  EXPECT_FALSE(CosignerKey::Parse(other).ok());
  EXPECT_FALSE(CosignerKey::Parse("").ok());
  EXPECT_FALSE(CosignerKey::Make("a name", RawKey()).ok());
  EXPECT_FALSE(CosignerKey::Make("a+b", RawKey()).ok());
  EXPECT_FALSE(CosignerKey::Make("", RawKey()).ok());
  EXPECT_FALSE(CosignerKey::Make("w", RawKey().substr(1)).ok());
}

TEST(Cosignature, IsOverTheMessageOfTheSpecification) {
  EXPECT_EQ(
      CosignatureMessage(kTime,
                         "example.com/behind-the-sofa\n20852163\n"
                         "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"),
      "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n"
      "20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n");
}

TEST(Cosignature, IsWrittenToTheByteAsInTheVector) {
  EXPECT_EQ(Cosign(kTime), kWitnessLine);
}

TEST(Cosignature, OfTheVectorIsReadWithTimeAndCheckpoint) {
  const auto seen = OpenCosigned(kNote, Key());
  ASSERT_OK(seen);
  EXPECT_EQ(seen->origin, "fwsign.example/audit");
  EXPECT_EQ(seen->size, 5U);
  EXPECT_EQ(seen->unix_seconds, kTime);
  EXPECT_EQ(seen->line, kWitnessLine);
  EXPECT_EQ(absl::Base64Escape(ToString(seen->root)),
            "GqaNMHSQWlgfhMu9D3U3lJBP2ARRvEwT5p2aU7xZUCw=");
  EXPECT_EQ(*NoteText(kNote), kText);
}

TEST(Cosignature, IsFoundAmongStrangers) {
  const std::string other = absl::StrReplaceAll(
      kWitnessLine, {{"witness.example/w1", "witness.example/w2"}});
  EXPECT_OK(OpenCosigned(kText + "\n" + other + kLogLine + kWitnessLine, Key())
                .status());
}

TEST(Cosignature, OfSeveralTheNewestCounts) {
  const auto seen = OpenCosigned(
      kText + "\n" + Cosign(2000) + Cosign(3000) + Cosign(1000), Key());
  ASSERT_OK(seen);
  EXPECT_EQ(seen->unix_seconds, 3000U);
}

TEST(Cosignature, IsRefusedWithOneByteChanged) {
  // Whatever byte it is, the text's or the signature's own.
  for (std::size_t i = 0; i < kText.size(); ++i) {
    std::string note = kText + "\n" + kWitnessLine;
    note[i] = note[i] == '1' ? '2' : '1';
    EXPECT_FALSE(OpenCosigned(note, Key()).ok()) << i;
  }
  const std::size_t begin = kWitnessLine.rfind(' ') + 1;
  for (std::size_t i = begin; i + 3 < kWitnessLine.size(); ++i) {
    std::string line = kWitnessLine;
    line[i] = line[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(OpenCosigned(kText + "\n" + line, Key()).ok()) << i;
  }
}

TEST(Cosignature, OfNobodyKnownIsNone) {
  EXPECT_THAT(
      OpenCosigned(kText + "\n" + kLogLine, Key()),
      StatusIs(absl::StatusCode::kFailedPrecondition, "NOTE_UNKNOWN_KEY"));
}

TEST(Cosignature, BesideAWrongOneOfTheSameKeyIsRefused) {
  const std::string wrong = CosignatureLine(Key(), kTime, std::string(64, 'x'));
  EXPECT_THAT(
      OpenCosigned(kText + "\n" + kWitnessLine + wrong, Key()),
      StatusIs(absl::StatusCode::kFailedPrecondition, "NOTE_SIGNATURE"));
}

TEST(Cosignature, WithoutATimeOrBeyondAllTimesIsRefused) {
  for (const std::uint64_t time : {std::uint64_t{0}, std::uint64_t{1} << 63}) {
    EXPECT_THAT(
        OpenCosigned(kText + "\n" + Cosign(time), Key()),
        StatusIs(absl::StatusCode::kFailedPrecondition, "NOTE_SIGNATURE"));
  }
}

TEST(Cosignature, OfAnotherLengthIsRefused) {
  for (const std::size_t size : {std::size_t{63}, std::size_t{65}}) {
    const std::string line =
        CosignatureLine(Key(), kTime, std::string(size, 'x'));
    EXPECT_THAT(
        OpenCosigned(kText + "\n" + line, Key()),
        StatusIs(absl::StatusCode::kFailedPrecondition, "NOTE_SIGNATURE"));
  }
}

TEST(Cosignature, DoesNotPassForTheLogsOwnSignature) {
  // The same key under both types: the ids differ, so neither is the other's.
  EXPECT_NE(KeyIdOfType(kNoteKey, "w", AsBytes(RawKey())),
            KeyIdOfType(kCosignerKey, "w", AsBytes(RawKey())));
}

TEST(Cosignature, OverTextThatIsNoCheckpointIsRefused) {
  const std::string text = "just\nwords\n";
  const std::string line = CosignatureLine(
      Key(), kTime, SignWithVector(CosignatureMessage(kTime, text)));
  EXPECT_THAT(OpenCosigned(text + "\n" + line, Key()),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NOTE_FORMAT"));
}

}  // namespace
}  // namespace bootseal::tests
