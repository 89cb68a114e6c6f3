#include "hsm/signer.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "hsm/public_key.h"
#include "hsm/signing_key.h"
#include "tests/hsm/permit_mint.h"
#include "tests/support/softhsm_token.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::hsm {
namespace {

using server::PermitMint;
using tests::MessageHas;
using tests::SoftHsmToken;
using tests::StatusIs;
using tests::TemporaryFolder;

constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

std::string DigestFor(Algorithm algorithm) {
  const std::size_t size = DigestSize(algorithm);
  return std::string(size == 0 ? 32 : size, '\x5a');
}

class SignerTest : public testing::Test {
 protected:
  std::shared_ptr<Token> OpenOrDie() {
    auto token = OpenToken(softhsm_.Options());
    EXPECT_OK(token);
    return *token;
  }

  KeySpec Spec(const std::string& label, Algorithm algorithm) const {
    KeySpec spec;
    spec.name = absl::StrCat("the ", label);
    spec.uri = softhsm_.KeyUri(label);
    spec.algorithm = algorithm;
    return spec;
  }

  // A token with one P-256 key, opened for it.
  std::unique_ptr<Signer> SignerForOneKey() {
    softhsm_.GenerateKey("app", Algorithm::kP256);
    auto signer = Signer::Open(OpenOrDie(), {Spec("app", Algorithm::kP256)});
    EXPECT_OK(signer);
    return *std::move(signer);
  }

  TemporaryFolder folder_;
  SoftHsmToken softhsm_{folder_.path()};
};

class SignerWith : public SignerTest,
                   public testing::WithParamInterface<const char*> {
 protected:
  Algorithm algorithm() const { return *ParseAlgorithm(GetParam()); }
};

TEST_P(SignerWith, MakesASignatureThatOpenSslVerifies) {
  const KeyInfo made = softhsm_.GenerateKey("key", algorithm());
  const auto token = OpenOrDie();
  auto signer = Signer::Open(token, {Spec("key", algorithm())});
  ASSERT_OK(signer);
  const std::string digest = DigestFor(algorithm());
  const auto signature = (*signer)->Sign(PermitMint::Mint("the key", digest));
  ASSERT_OK(signature);
  EXPECT_EQ(signature->key, "the key");
  EXPECT_EQ(signature->digest, digest);
  const auto found = FindSpecifiedKey(*token, Spec("key", algorithm()));
  ASSERT_OK(found);
  EXPECT_EQ(found->info.public_key, made.public_key);
  EXPECT_TRUE(found->public_key->Verifies(digest, signature->bytes));
  std::string other = digest;
  other[0] = static_cast<char>(other[0] ^ 1);
  EXPECT_FALSE(found->public_key->Verifies(other, signature->bytes));
}

INSTANTIATE_TEST_SUITE_P(Algorithms, SignerWith,
                         testing::Values("rsa2048", "rsa3072", "p256", "p384",
                                         "ed25519", "brainpoolP256t1"));

TEST_F(SignerTest, ReadsBackWhatTheTokenSaysOfAKey) {
  const KeyInfo made = softhsm_.GenerateKey("app", Algorithm::kP256);
  auto signer = Signer::Open(OpenOrDie(), {Spec("app", Algorithm::kP256)});
  ASSERT_OK(signer);
  const ServingKey& key = (*signer)->keys().at(0);
  EXPECT_OK(key.status);
  EXPECT_EQ(key.info.name, "the app");
  EXPECT_EQ(key.info.label, "app");
  EXPECT_EQ(key.info.id, made.id);
  EXPECT_EQ(key.info.public_key, made.public_key);
  EXPECT_TRUE(key.info.sensitive);
  EXPECT_TRUE(key.info.never_extractable);
  EXPECT_TRUE(key.info.local);
  EXPECT_FALSE(key.info.extractable);
  EXPECT_EQ(key.info.token_label, "bootseal");
}

TEST_F(SignerTest, ReleasesNoSignatureThatTheCallersCheckRefuses) {
  const auto signer = SignerForOneKey();
  std::string seen;
  const auto refuse = [&seen](absl::string_view signature) {
    seen = std::string(signature);
    return absl::OutOfRangeError("would not boot");
  };
  const std::string digest = DigestFor(Algorithm::kP256);
  EXPECT_EQ(
      signer->Sign(PermitMint::Mint("the app", digest), refuse).status().code(),
      absl::StatusCode::kOutOfRange);
  EXPECT_FALSE(seen.empty());
}

TEST_F(SignerTest, ShowsTheCallersCheckTheSignatureThatItReleases) {
  const auto signer = SignerForOneKey();
  std::string seen;
  const auto accept = [&seen](absl::string_view signature) {
    seen = std::string(signature);
    return absl::OkStatus();
  };
  const auto signature = signer->Sign(
      PermitMint::Mint("the app", DigestFor(Algorithm::kP256)), accept);
  ASSERT_OK(signature);
  EXPECT_EQ(signature->bytes, seen);
}

TEST_F(SignerTest, RefusesAPermitThatHasServed) {
  const auto signer = SignerForOneKey();
  SigningPermit permit =
      PermitMint::Mint("the app", DigestFor(Algorithm::kP256));
  ASSERT_OK(signer->Sign(std::move(permit)));
  // What is left of it, on purpose.
  EXPECT_THAT(
      signer->Sign(std::move(permit)),  // NOLINT(bugprone-use-after-move)
      StatusIs(absl::StatusCode::kPermissionDenied, "PERMIT_SPENT"));
}

TEST_F(SignerTest, RefusesAPermitForAKeyItDoesNotHave) {
  const auto signer = SignerForOneKey();
  EXPECT_THAT(signer->Sign(PermitMint::Mint("other", std::string(32, 'd'))),
              StatusIs(kPrecondition, "KEY_MISSING"));
}

TEST_F(SignerTest, RefusesADigestOfAnotherLength) {
  const auto signer = SignerForOneKey();
  for (const std::size_t size : {0U, 1U, 20U, 31U, 33U, 48U, 64U}) {
    EXPECT_THAT(
        signer->Sign(PermitMint::Mint("the app", std::string(size, 'd'))),
        StatusIs(kInvalid, "DIGEST_SIZE"))
        << size;
  }
}

TEST_F(SignerTest, RefusesTwoSpecsWithOnePublicKey) {
  softhsm_.GenerateKey("app", Algorithm::kP256);
  KeySpec twin = Spec("app", Algorithm::kP256);
  twin.name = "twin";
  EXPECT_THAT(Signer::Open(OpenOrDie(), {Spec("app", Algorithm::kP256), twin}),
              StatusIs(kPrecondition, "KEY_DUPLICATE"));
}

TEST_F(SignerTest, RefusesTwoSpecsWithOneName) {
  softhsm_.GenerateKey("app", Algorithm::kP256);
  const KeySpec spec = Spec("app", Algorithm::kP256);
  EXPECT_THAT(Signer::Open(OpenOrDie(), {spec, spec}),
              StatusIs(kInvalid, "KEY_DUPLICATE"));
}

TEST_F(SignerTest, RefusesAKeyOfAnotherPurpose) {
  softhsm_.GenerateKey("log", Algorithm::kEd25519);
  KeySpec spec = Spec("log", Algorithm::kEd25519);
  spec.purpose = Purpose::kCheckpoint;
  EXPECT_THAT(Signer::Open(OpenOrDie(), {spec}),
              StatusIs(kInvalid, "KEY_PURPOSE"));
}

TEST_F(SignerTest, RefusesTheLogsKeyAsFirmwareKey) {
  softhsm_.GenerateKey("log", Algorithm::kEd25519);
  const auto token = OpenOrDie();
  KeySpec checkpoint = Spec("log", Algorithm::kEd25519);
  checkpoint.purpose = Purpose::kCheckpoint;
  auto log = CheckpointSigner::Open(token, checkpoint);
  ASSERT_OK(log);
  auto signer = Signer::Open(token, {Spec("log", Algorithm::kEd25519)});
  ASSERT_OK(signer);
  EXPECT_THAT((*signer)->keys().at(0).status,
              StatusIs(kPrecondition, "KEY_PURPOSE"));
  EXPECT_THAT(
      (*signer)->Sign(PermitMint::Mint("the log", std::string(32, 'd'))),
      StatusIs(kPrecondition, "KEY_PURPOSE"));
}

TEST_F(SignerTest, GivesAKeyBackWhenItsUserIsGone) {
  softhsm_.GenerateKey("log", Algorithm::kEd25519);
  const auto token = OpenOrDie();
  KeySpec checkpoint = Spec("log", Algorithm::kEd25519);
  checkpoint.purpose = Purpose::kCheckpoint;
  ASSERT_OK(CheckpointSigner::Open(token, checkpoint));
  auto signer = Signer::Open(token, {Spec("log", Algorithm::kEd25519)});
  ASSERT_OK(signer);
  EXPECT_OK((*signer)->keys().at(0).status);
}

TEST_F(SignerTest, LetsTheOtherKeysServeWhenOneIsMissing) {
  softhsm_.GenerateKey("app", Algorithm::kP256);
  auto signer = Signer::Open(OpenOrDie(), {Spec("lost", Algorithm::kP256),
                                           Spec("app", Algorithm::kP256)});
  ASSERT_OK(signer);
  EXPECT_THAT((*signer)->keys().at(0).status,
              StatusIs(kPrecondition, "KEY_MISSING"));
  const std::string digest(32, 'd');
  EXPECT_OK((*signer)->Sign(PermitMint::Mint("the app", digest)));
  EXPECT_THAT((*signer)->Sign(PermitMint::Mint("the lost", digest)),
              StatusIs(kPrecondition, "KEY_MISSING"));
}

TEST_F(SignerTest, RefusesAKeyOfAnotherAlgorithm) {
  softhsm_.GenerateKey("app", Algorithm::kP384);
  auto signer = Signer::Open(OpenOrDie(), {Spec("app", Algorithm::kP256)});
  ASSERT_OK(signer);
  const ServingKey& key = (*signer)->keys().at(0);
  EXPECT_THAT(key.status, StatusIs(kPrecondition, "KEY_TYPE"));
  // Still reported as the token has it.
  EXPECT_EQ(key.info.algorithm, Algorithm::kP384);
}

TEST_F(SignerTest, RefusesAKeyThatThePolicyDoesNotPin) {
  const KeyInfo made = softhsm_.GenerateKey("app", Algorithm::kP256);
  KeySpec spec = Spec("app", Algorithm::kP256);
  spec.public_key_sha256 = Sha256("another key");
  auto signer = Signer::Open(OpenOrDie(), {spec});
  ASSERT_OK(signer);
  EXPECT_THAT((*signer)->keys().at(0).status,
              StatusIs(kPrecondition, "KEY_NOT_PINNED"));
  spec.public_key_sha256 = Sha256(made.public_key);
  signer->reset();
  signer = Signer::Open(OpenOrDie(), {spec});
  ASSERT_OK(signer);
  EXPECT_OK((*signer)->keys().at(0).status);
}

TEST_F(SignerTest, RefusesAKeyInAnotherToken) {
  softhsm_.GenerateKey("app", Algorithm::kP256);
  KeySpec spec = Spec("app", Algorithm::kP256);
  spec.uri = "pkcs11:token=elsewhere;object=app";
  auto signer = Signer::Open(OpenOrDie(), {spec});
  ASSERT_OK(signer);
  EXPECT_THAT((*signer)->keys().at(0).status,
              StatusIs(kPrecondition, "KEY_MISSING"));
  EXPECT_THAT((*signer)->keys().at(0).status, MessageHas("elsewhere"));
}

TEST_F(SignerTest, RefusesAUriThatNamesNoObject) {
  KeySpec spec = Spec("app", Algorithm::kP256);
  spec.uri = softhsm_.uri();
  auto signer = Signer::Open(OpenOrDie(), {spec});
  ASSERT_OK(signer);
  EXPECT_THAT((*signer)->keys().at(0).status,
              StatusIs(kInvalid, "URI_ATTRIBUTE"));
}

TEST_F(SignerTest, FindsAKeyByItsId) {
  ASSERT_EQ(softhsm_
                .Tool({"generate", "--label", "app", "--algorithm", "p256",
                       "--id", "0a:1b"})
                .exit_code,
            0);
  KeySpec spec = Spec("app", Algorithm::kP256);
  spec.uri = "pkcs11:id=%0A%1B";
  auto signer = Signer::Open(OpenOrDie(), {spec});
  ASSERT_OK(signer);
  EXPECT_OK((*signer)->keys().at(0).status);
  EXPECT_EQ((*signer)->keys().at(0).info.label, "app");
}

}  // namespace
}  // namespace bootseal::hsm
