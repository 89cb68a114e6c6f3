// The witness's key signs cosignatures, and nothing else.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "hsm/public_key.h"
#include "hsm/signer.h"
#include "tests/support/softhsm_token.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::hsm {
namespace {

using tests::SoftHsmToken;
using tests::StatusIs;
using tests::TemporaryFolder;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
const std::string kText =
    "log.example\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
const std::string kMessage =
    absl::StrCat("cosignature/v1\ntime 1679315147\n", kText);

class CosignatureSignerTest : public testing::Test {
 protected:
  CosignatureSignerTest() {
    softhsm_.GenerateKey("witness", Algorithm::kEd25519);
    token_ = *OpenToken(softhsm_.Options());
  }

  KeySpec Spec(const std::string& label, Algorithm algorithm,
               Purpose purpose) const {
    KeySpec spec;
    spec.name = label;
    spec.uri = softhsm_.KeyUri(label);
    spec.algorithm = algorithm;
    spec.purpose = purpose;
    return spec;
  }
  absl::StatusOr<std::unique_ptr<CosignatureSigner>> Open(
      Purpose purpose = Purpose::kCosignature) {
    return CosignatureSigner::Open(
        token_, Spec("witness", Algorithm::kEd25519, purpose));
  }

  TemporaryFolder folder_;
  SoftHsmToken softhsm_{folder_.path()};
  std::shared_ptr<Token> token_;
};

TEST_F(CosignatureSignerTest, SignsACosignature) {
  const auto signer = Open();
  ASSERT_OK(signer);
  const auto signature = (*signer)->SignCosignature(kMessage);
  ASSERT_OK(signature);
  const auto key =
      PublicKey::FromPoint(Algorithm::kEd25519, (*signer)->public_key());
  EXPECT_TRUE(key->Verifies(kMessage, *signature));
}

TEST_F(CosignatureSignerTest, SignsNothingElse) {
  const auto signer = Open();
  ASSERT_OK(signer);
  const std::string refused[] = {
      "",
      std::string(32, 'd'),
      kText,
      "cosignature/v1\n" + kText,
      "cosignature/v2\ntime 1\n" + kText,
      "cosignature/v1\ntime\n" + kText,
      "cosignature/v1\ntime 0\n" + kText,
      "cosignature/v1\ntime -1\n" + kText,
      "cosignature/v1\ntime 01\n" + kText,
      "cosignature/v1\ntime 1",
      "cosignature/v1\ntime 1\n",
      "cosignature/v1\ntime 1\nlog.example\n0\n",
      kMessage.substr(0, kMessage.size() - 1),
      kMessage + "\n",
  };
  for (const std::string& message : refused) {
    EXPECT_THAT((*signer)->SignCosignature(message),
                StatusIs(kInvalid, "COSIGNATURE_SHAPE"))
        << message;
  }
}

TEST_F(CosignatureSignerTest, HasAPurposeAndAKindOfKey) {
  EXPECT_THAT(Open(Purpose::kCheckpoint), StatusIs(kInvalid, "KEY_PURPOSE"));
  EXPECT_THAT(CosignatureSigner::Open(token_, Spec("witness", Algorithm::kP256,
                                                   Purpose::kCosignature)),
              StatusIs(kInvalid, "KEY_TYPE"));
}

TEST_F(CosignatureSignerTest, DoesNotShareItsKeyWithTheLog) {
  const auto log = CheckpointSigner::Open(
      token_, Spec("witness", Algorithm::kEd25519, Purpose::kCheckpoint));
  ASSERT_OK(log);
  EXPECT_THAT(Open(), StatusIs(kPrecondition, "KEY_PURPOSE"));
}

}  // namespace
}  // namespace bootseal::hsm
