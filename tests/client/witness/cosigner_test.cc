#include "client/witness/cosigner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "firmware/image/host/convert.h"
#include "tests/client/witness/growth.h"
#include "tests/support/printed_keys.h"
#include "tests/support/softhsm_token.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using witness::Cosigner;

const std::string kText =
    absl::StrCat("bootseal.example/test\n2\n",
                 absl::Base64Escape(image::host::ToString(RootOf(2))), "\n");

void ExpectCosigns(const Cosigner& cosigner) {
  const auto line = cosigner.Cosign(1700000000, kText);
  ASSERT_OK(line);
  const auto seen = image::host::OpenCosigned(absl::StrCat(kText, "\n", *line),
                                              cosigner.key());
  ASSERT_OK(seen);
  EXPECT_EQ(seen->unix_seconds, 1700000000U);
  EXPECT_EQ(seen->size, 2U);
}

TEST(Cosigner, SignsWithAKeyInAFile) {
  const TemporaryFolder folder;
  WriteWitnessKey(folder.File("w.pem"));
  const auto cosigner = Cosigner::Open({folder.File("w.pem"), "", kWitness});
  ASSERT_OK(cosigner);
  EXPECT_EQ(cosigner->key().name(), kWitness);
  ExpectCosigns(*cosigner);
}

TEST(Cosigner, SignsWithAKeyInAToken) {
  const TemporaryFolder folder;
  const SoftHsmToken token(folder.path());
  token.GenerateKey("witness", hsm::Algorithm::kEd25519);
  const std::string uri =
      absl::StrCat("pkcs11:token=", token.label(), ";object=witness?",
                   "module-path=", SoftHsmToken::module_path());
  const auto cosigner = Cosigner::Open({uri, token.pin_path(), kWitness});
  ASSERT_OK(cosigner);
  ExpectCosigns(*cosigner);
  EXPECT_EQ(base::ReasonOf(cosigner->Cosign(1, "firmware").status()),
            "COSIGNATURE_SHAPE");
  EXPECT_EQ(base::ReasonOf(Cosigner::Open({uri, "", kWitness}).status()),
            "PIN_MISSING");
}

TEST(Cosigner, TakesNoOtherKindOfKeyFromAToken) {
  const TemporaryFolder folder;
  const SoftHsmToken token(folder.path());
  token.GenerateKey("app", hsm::Algorithm::kP256);
  const std::string uri =
      absl::StrCat("pkcs11:token=", token.label(), ";object=app?",
                   "module-path=", SoftHsmToken::module_path());
  EXPECT_EQ(base::ReasonOf(
                Cosigner::Open({uri, token.pin_path(), kWitness}).status()),
            "KEY_TYPE");
}

TEST(Cosigner, TakesNoOtherKindOfKeyFromAFile) {
  const TemporaryFolder folder;
  const std::string path = folder.File("w.pem");
  for (const std::string& pem :
       {std::string(), std::string("not a key"), PemOf(kPrintedKeys[1].base64),
        PemOf(kPrintedKeys[2].base64)}) {
    ASSERT_OK(base::WriteFileAtomically(path, pem, base::FileMode::kPrivate));
    EXPECT_THAT(Cosigner::Open({path, "", kWitness}),
                StatusIs(absl::StatusCode::kFailedPrecondition, "KEY_TYPE"));
  }
}

TEST(Cosigner, TakesNoKeyThatOthersMayRead) {
  const TemporaryFolder folder;
  WriteWitnessKey(folder.File("w.pem"));
  chmod(folder.File("w.pem").c_str(), 0644);
  EXPECT_FALSE(Cosigner::Open({folder.File("w.pem"), "", kWitness}).ok());
  EXPECT_EQ(base::ReasonOf(
                Cosigner::Open({folder.File("none"), "", kWitness}).status()),
            "FILE_NOT_FOUND");
}

TEST(Cosigner, HasANameThatANoteCanHold) {
  const TemporaryFolder folder;
  WriteWitnessKey(folder.File("w.pem"));
  for (const char* name : {"", "a b", "a+b", "a\nb"}) {
    EXPECT_THAT(
        Cosigner::Open({folder.File("w.pem"), "", name}),
        StatusIs(absl::StatusCode::kInvalidArgument, "COSIGNER_KEY_INVALID"));
  }
}

}  // namespace
}  // namespace bootseal::tests
