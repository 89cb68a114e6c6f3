// The texts of C2SP, byte for byte.
#include "server/audit/checkpoint.h"

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/transparency/note.h"
#include "server/audit/tree.h"

namespace bootseal::audit {
namespace {

// Made with C2SP's rules in another program; the signature of RFC 8032 is
// deterministic, so that key and signature stand for the signer.
constexpr char kName[] = "fwsign.example/audit";
constexpr char kKey[] =
    "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";
std::string Key() { return absl::HexStringToBytes(kKey); }

// The log of five entries, entry-0 to entry-4.
Tree Five() {
  Tree tree;
  for (const char* entry :
       {"entry-0", "entry-1", "entry-2", "entry-3", "entry-4"}) {
    tree.Add(image::transparency::LeafHash(image::host::AsBytes(entry)));
  }
  return tree;
}

constexpr char kNote[] =
    "fwsign.example/audit\n"
    "5\n"
    "GqaNMHSQWlgfhMu9D3U3lJBP2ARRvEwT5p2aU7xZUCw=\n"
    "\n"
    "\xe2\x80\x94 fwsign.example/audit "
    "/TO7ldQEu+WBNbCGj7kzEtV7BH66QjrcjftrFGmRwu9fZNMC2yqLY/yewrzkjn92cYiS8aV02"
    "iCviRGa0c7UN6knVQc=\n";

// What the key made: base64 without the four bytes of key id.
std::string Signature() {
  const std::string note = kNote;
  std::string blob;
  const std::size_t at = note.rfind(' ') + 1;
  EXPECT_TRUE(
      absl::Base64Unescape(note.substr(at, note.size() - at - 1), &blob));
  return blob.substr(4);
}

TEST(Checkpoint, HasOriginSizeAndRootOnALineEach) {
  const Tree tree = Five();
  EXPECT_EQ(CheckpointText(kName, {tree.size(), tree.root()}),
            std::string(kNote).substr(0, std::string(kNote).find("\n\n") + 1));
}

TEST(Checkpoint, OfAnEmptyLogHasTheEmptyRoot) {
  EXPECT_EQ(CheckpointText("x", {0, Tree().root()}),
            "x\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
}

TEST(Checkpoint, IsTheSignedNoteOfTheReference) {
  const Tree tree = Five();
  const std::string text = CheckpointText(kName, {tree.size(), tree.root()});
  EXPECT_EQ(SignedNote(text, kName, Key(), Signature()), kNote);
}

TEST(Checkpoint, NamesItsKeyAsTheReferenceDoes) {
  EXPECT_EQ(VerifierKey(kName, Key()),
            "fwsign.example/audit+fd33bb95+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3"
            "chmQSVTG4");
}

TEST(Receipt, IsTheProofFileOfTheReferenceWithItsEntry) {
  TreeHash path[3];
  const char* lines[] = {"J0ebarMh0u5HdFL2i6UndI6GPK/o+9HfK/idFXDRtpc=",
                         "LyelCCwdQq+kiKw1Cp/EOQwIT1T3Hs3/hZ6Y24QptHk=",
                         "GUu1otW9EOXRqm/V1CmAs1bK8dpiPNmYfEv6L4F3Htc="};
  for (std::size_t i = 0; i < 3; ++i) {
    std::string bytes;
    ASSERT_TRUE(absl::Base64Unescape(lines[i], &bytes));
    image::Copy(image::host::AsBytes(bytes), path[i]);
  }
  const std::string text = ReceiptText("entry-2", 2, path, kNote);
  EXPECT_EQ(text, absl::StrCat("c2sp.org/tlog-proof@v1\n"
                               "extra ZW50cnktMg==\n"
                               "index 2\n",
                               lines[0], "\n", lines[1], "\n", lines[2], "\n\n",
                               kNote));
  const std::string vkey = VerifierKey(kName, Key());
  const auto key =
      image::transparency::ParseVerifierKey(std::string_view(vkey));
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(image::transparency::VerifyReceipt(
                text, image::host::AsBytes("entry-2"), *key),
            image::Error::kOk);
  EXPECT_EQ(image::transparency::VerifyReceipt(
                text, image::host::AsBytes("entry-3"), *key),
            image::Error::kProofMismatch);
}

}  // namespace
}  // namespace bootseal::audit
