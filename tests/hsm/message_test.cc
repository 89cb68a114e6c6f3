// Signatures over a message itself: the permit's digest says which message.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "hsm/public_key.h"
#include "hsm/signer.h"
#include "hsm/signing_key.h"
#include "tests/hsm/permit_mint.h"
#include "tests/support/softhsm_token.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::hsm {
namespace {

using server::PermitMint;
using tests::SoftHsmToken;
using tests::StatusIs;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class Message : public testing::Test {
 protected:
  void SetUp() override {
    softhsm_.GenerateKey("edwards", Algorithm::kEd25519);
    softhsm_.GenerateKey("app", Algorithm::kP256);
    auto token = OpenToken(softhsm_.Options());
    ASSERT_OK(token);
    token_ = *token;
    auto signer = Signer::Open(token_, {Spec("edwards", Algorithm::kEd25519),
                                        Spec("app", Algorithm::kP256)});
    ASSERT_OK(signer);
    signer_ = *std::move(signer);
  }

  KeySpec Spec(const std::string& label, Algorithm algorithm) const {
    KeySpec spec;
    spec.name = label;
    spec.uri = softhsm_.KeyUri(label);
    spec.algorithm = algorithm;
    return spec;
  }

  absl::StatusOr<Signature> Sign(SigningPermit permit,
                                 const std::string& message) {
    return signer_->SignMessage(
        std::move(permit), message,
        [](absl::string_view) { return absl::OkStatus(); });
  }

  tests::TemporaryFolder folder_;
  SoftHsmToken softhsm_{folder_.path()};
  std::shared_ptr<Token> token_;
  std::unique_ptr<Signer> signer_;
};

TEST_F(Message, IsSignedAsItIsWhateverItsSize) {
  const auto key =
      FindSpecifiedKey(*token_, Spec("edwards", Algorithm::kEd25519));
  ASSERT_OK(key);
  for (const std::size_t size : {0, 1, 64, 100'000, 3 << 20}) {
    const std::string message(size, 'm');
    const auto signature =
        Sign(PermitMint::MintForMessage("edwards", Sha512(message)), message);
    ASSERT_OK(signature);
    EXPECT_EQ(signature->digest, Sha512(message));
    EXPECT_TRUE(key->public_key->Verifies(message, signature->bytes));
    EXPECT_FALSE(key->public_key->Verifies(Sha512(message), signature->bytes));
  }
}

TEST_F(Message, OfAnotherDigestIsRefused) {
  EXPECT_THAT(Sign(PermitMint::MintForMessage("edwards", Sha512("a")), "b"),
              StatusIs(kInvalid, "MESSAGE_MISMATCH"));
}

TEST_F(Message, IsNotSignedWithAPermitForADigest) {
  EXPECT_THAT(Sign(PermitMint::Mint("edwards", Sha512("a")), "a"),
              StatusIs(kInvalid, "MESSAGE_MISMATCH"));
  // Nor the digest as if it were the message.
  EXPECT_THAT(Sign(PermitMint::Mint("edwards", Sha512("a")), Sha512("a")),
              StatusIs(kInvalid, "MESSAGE_MISMATCH"));
}

TEST_F(Message, PermitsNoSignatureOverTheDigest) {
  EXPECT_THAT(signer_->Sign(PermitMint::MintForMessage("edwards", Sha512("a"))),
              StatusIs(kInvalid, "MESSAGE_MISMATCH"));
  EXPECT_THAT(signer_->Sign(PermitMint::MintForMessage("edwards", Sha512("a")),
                            [](absl::string_view) { return absl::OkStatus(); }),
              StatusIs(kInvalid, "MESSAGE_MISMATCH"));
}

TEST_F(Message, HasADigestOfSha512) {
  EXPECT_THAT(Sign(PermitMint::MintForMessage("edwards", Sha256("a")), "a"),
              StatusIs(kInvalid, "MESSAGE_MISMATCH"));
  EXPECT_THAT(Sign(PermitMint::MintForMessage("edwards", "short"), "a"),
              StatusIs(kInvalid, "DIGEST_SIZE"));
}

TEST_F(Message, IsSignedByNoOtherAlgorithm) {
  EXPECT_THAT(Sign(PermitMint::MintForMessage("app", Sha512("a")), "a"),
              StatusIs(kInvalid, "DIGEST_SIZE"));
  EXPECT_THAT(Sign(PermitMint::MintForMessage("app", Sha256("a")), "a"),
              StatusIs(kInvalid, "MESSAGE_MISMATCH"));
}

TEST_F(Message, IsSignedOncePerPermit) {
  SigningPermit permit = PermitMint::MintForMessage("edwards", Sha512("a"));
  EXPECT_OK(Sign(std::move(permit), "a"));
  EXPECT_THAT(Sign(std::move(permit), "a"),
              StatusIs(absl::StatusCode::kPermissionDenied, "PERMIT_SPENT"));
}

TEST_F(Message, SignatureThatTheCheckRefusesIsNotReleased) {
  const auto refuse = [](absl::string_view) {
    return absl::OutOfRangeError("would not boot");
  };
  EXPECT_EQ(
      signer_
          ->SignMessage(PermitMint::MintForMessage("edwards", Sha512("a")), "a",
                        refuse)
          .status()
          .code(),
      absl::StatusCode::kOutOfRange);
}

}  // namespace
}  // namespace bootseal::hsm
