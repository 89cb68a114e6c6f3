// The signers with a purpose of their own: checkpoints and the canary.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "hsm/public_key.h"
#include "hsm/signer.h"
#include "hsm/signing_key.h"
#include "tests/support/softhsm_token.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::hsm {
namespace {

using tests::SoftHsmToken;
using tests::StatusIs;
using tests::TemporaryFolder;

constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr char kRoot[] = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

class PurposeTest : public testing::Test {
 protected:
  std::shared_ptr<Token> OpenOrDie() {
    auto token = OpenToken(softhsm_.Options());
    EXPECT_OK(token);
    return *token;
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

  std::unique_ptr<CheckpointSigner> OpenLog(std::shared_ptr<Token> token) {
    auto signer = CheckpointSigner::Open(
        std::move(token),
        Spec("log", Algorithm::kEd25519, Purpose::kCheckpoint));
    EXPECT_OK(signer);
    return *std::move(signer);
  }

  TemporaryFolder folder_;
  SoftHsmToken softhsm_{folder_.path()};
};

TEST_F(PurposeTest, SignsACheckpointWithTheLogsKey) {
  softhsm_.GenerateKey("log", Algorithm::kEd25519);
  const auto signer = OpenLog(OpenOrDie());
  const std::string text = absl::StrCat("log.example\n42\n", kRoot, "\n");
  const auto signature = signer->SignCheckpoint(text);
  ASSERT_OK(signature);
  ASSERT_EQ(signature->size(), 64U);
  ASSERT_EQ(signer->public_key().size(), 32U);
  const auto key =
      PublicKey::FromPoint(Algorithm::kEd25519, signer->public_key());
  ASSERT_OK(key);
  EXPECT_TRUE(key->Verifies(text, *signature));
  EXPECT_FALSE(key->Verifies(text + "x", *signature));
}

TEST_F(PurposeTest, SignsACheckpointWithExtensionLines) {
  softhsm_.GenerateKey("log", Algorithm::kEd25519);
  const auto signer = OpenLog(OpenOrDie());
  EXPECT_OK(signer->SignCheckpoint(
      absl::StrCat("log.example\n0\n", kRoot, "\nextension\n")));
}

TEST_F(PurposeTest, RefusesTextThatIsNoCheckpoint) {
  softhsm_.GenerateKey("log", Algorithm::kEd25519);
  const auto signer = OpenLog(OpenOrDie());
  const std::string root = kRoot;
  const std::string refused[] = {
      "",
      std::string(32, 'd'),
      std::string(64, 'd'),
      "log.example\n",
      "log.example\n42\n" + root,
      "log.example\n42\n" + root + "\n\n",
      "\n42\n" + root + "\n",
      "log.example\n\n" + root + "\n",
      "log.example\n-1\n" + root + "\n",
      "log.example\n042\n" + root + "\n",
      "log.example\n4 2\n" + root + "\n",
      "log.example\n123456789012345678901\n" + root + "\n",
      "log.example\n42\n" + root.substr(4) + "\n",
      "log.example\n42\n" + root.substr(0, 42) + "V=\n",
      "log.example\n42\n" + root + "=\n",
      "log\x01.example\n42\n" + root + "\n",
      "log.example\n42\n" + root + "\nextension",
      "log.example\r\n42\r\n" + root + "\r\n",
  };
  for (const std::string& text : refused) {
    EXPECT_THAT(signer->SignCheckpoint(text),
                StatusIs(kInvalid, "CHECKPOINT_SHAPE"))
        << text;
  }
}

TEST_F(PurposeTest, RefusesALogKeyThatIsNotEd25519) {
  softhsm_.GenerateKey("log", Algorithm::kP256);
  EXPECT_THAT(CheckpointSigner::Open(OpenOrDie(), Spec("log", Algorithm::kP256,
                                                       Purpose::kCheckpoint)),
              StatusIs(kInvalid, "KEY_TYPE"));
  EXPECT_THAT(
      CheckpointSigner::Open(
          OpenOrDie(), Spec("log", Algorithm::kEd25519, Purpose::kCheckpoint)),
      StatusIs(kPrecondition, "KEY_TYPE"));
}

TEST_F(PurposeTest, RefusesAFirmwareKeyForTheLog) {
  softhsm_.GenerateKey("log", Algorithm::kEd25519);
  EXPECT_THAT(
      CheckpointSigner::Open(
          OpenOrDie(), Spec("log", Algorithm::kEd25519, Purpose::kFirmware)),
      StatusIs(kInvalid, "KEY_PURPOSE"));
}

TEST_F(PurposeTest, ProbesTheTokenWithTheCanary) {
  softhsm_.GenerateKey("canary", Algorithm::kP384);
  auto canary = CanarySigner::Open(
      OpenOrDie(), Spec("canary", Algorithm::kP384, Purpose::kCanary));
  ASSERT_OK(canary);
  EXPECT_OK((*canary)->Probe());
  EXPECT_EQ((*canary)->key().label, "canary");
}

TEST_F(PurposeTest, RefusesTheLogsKeyAsCanary) {
  softhsm_.GenerateKey("log", Algorithm::kEd25519);
  const auto token = OpenOrDie();
  const auto log = OpenLog(token);
  EXPECT_THAT(CanarySigner::Open(
                  token, Spec("log", Algorithm::kEd25519, Purpose::kCanary)),
              StatusIs(kPrecondition, "KEY_PURPOSE"));
}

}  // namespace
}  // namespace bootseal::hsm
