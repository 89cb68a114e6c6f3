// What is found out about keys before anybody depends on them.
#include "hsm/key_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/status.h"
#include "hsm/pkcs11/keys.h"
#include "hsm/pkcs11/module.h"
#include "hsm/pkcs11/token.h"
#include "hsm/public_key.h"
#include "tests/support/faulty_pkcs11.h"
#include "tests/support/softhsm_token.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::hsm {
namespace {

using tests::Call;
using tests::FaultyPkcs11;
using tests::SoftHsmToken;
using tests::StatusIs;
using tests::TemporaryFolder;

class KeyCheckTest : public testing::Test {
 protected:
  // Makes the key, and pins it.
  KeySpec Add(const std::string& label, Algorithm algorithm,
              RsaPadding padding = RsaPadding::kPss) {
    const KeyInfo info = softhsm_.GenerateKey(label, algorithm, padding);
    KeySpec spec;
    spec.name = label;
    spec.uri = softhsm_.KeyUri(label);
    spec.algorithm = algorithm;
    spec.padding = padding;
    spec.public_key_sha256 = Sha256(info.public_key);
    return spec;
  }
  void Open() {
    auto module = pkcs11::Module::FromFunctions(faulty_.functions());
    ASSERT_OK(module);
    auto token = Token::Open(*std::move(module), softhsm_.Options());
    ASSERT_OK(token);
    token_ = *token;
  }
  // "OK", or the reason, of each.
  std::vector<std::string> Reasons(const std::vector<KeySpec>& specs) {
    const auto rows = CheckKeys(token_, specs);
    EXPECT_OK(rows);
    std::vector<std::string> reasons;
    if (!rows.ok()) return reasons;
    for (const ServingKey& row : *rows) {
      reasons.push_back(row.status.ok() ? "OK" : base::ReasonOf(row.status));
    }
    return reasons;
  }

  TemporaryFolder folder_;
  SoftHsmToken softhsm_{folder_.path()};
  FaultyPkcs11 faulty_{SoftHsmToken::module_path()};
  std::shared_ptr<Token> token_;
};

TEST_F(KeyCheckTest, SignsOnceWithEachKeyOfEveryAlgorithm) {
  const std::vector<KeySpec> specs{
      Add("p256", Algorithm::kP256),
      Add("p384", Algorithm::kP384),
      Add("ed25519", Algorithm::kEd25519),
      Add("brainpool", Algorithm::kBrainpoolP256t1),
      Add("pss", Algorithm::kRsa2048),
      Add("pkcs1", Algorithm::kRsa2048, RsaPadding::kPkcs1)};
  Open();
  EXPECT_THAT(Reasons(specs), testing::Each("OK"));
  EXPECT_EQ(faulty_.Count(Call::kSign), 6);
}

TEST_F(KeyCheckTest, FindsAPrivateHalfThatIsAnothersAndGoesOn) {
  const std::vector<KeySpec> specs{Add("app", Algorithm::kP256),
                                   Add("other", Algorithm::kP256)};
  Open();
  const auto other = token_->Run([](const pkcs11::Session& session) {
    return pkcs11::FindKey(session, {"other", {}});
  });
  ASSERT_OK(other);
  faulty_.SignWithKey(other->handle);
  EXPECT_THAT(Reasons(specs), testing::ElementsAre("SIGNATURE_WRONG", "OK"));
}

TEST_F(KeyCheckTest, NamesEveryKeyThatTheTokenDoesNotLetSign) {
  const std::vector<KeySpec> specs{Add("app", Algorithm::kP256),
                                   Add("other", Algorithm::kP256)};
  Open();
  faulty_.FailAlways(Call::kSignInit, CKR_KEY_FUNCTION_NOT_PERMITTED);
  const auto rows = CheckKeys(token_, specs);
  ASSERT_OK(rows);
  ASSERT_EQ(rows->size(), 2U);
  for (const ServingKey& row : *rows) {
    EXPECT_THAT(row.status.message(),
                testing::HasSubstr("CKR_KEY_FUNCTION_NOT_PERMITTED"));
  }
}

TEST_F(KeyCheckTest, FindsOneKeyUnderTwoPurposes) {
  KeySpec app = Add("app", Algorithm::kEd25519);
  KeySpec log = app;
  log.name = "log";
  log.purpose = Purpose::kCheckpoint;
  Open();
  EXPECT_THAT(Reasons({app, log}), testing::ElementsAre("OK", "KEY_PURPOSE"));
}

TEST_F(KeyCheckTest, SignsNothingWithAKeyThatMayNotServe) {
  KeySpec app = Add("app", Algorithm::kP256);
  app.public_key_sha256 = std::string(32, 'x');
  KeySpec none = app;
  none.uri = softhsm_.KeyUri("none");
  Open();
  EXPECT_THAT(Reasons({app, none}),
              testing::ElementsAre("KEY_NOT_PINNED", "KEY_MISSING"));
  EXPECT_EQ(faulty_.Count(Call::kSign), 0);
}

TEST_F(KeyCheckTest, EndsWithATokenThatIsGone) {
  const KeySpec app = Add("app", Algorithm::kP256);
  Open();
  faulty_.FailAlways(Call::kSign, CKR_DEVICE_ERROR);
  EXPECT_THAT(CheckKeys(token_, {app}),
              StatusIs(absl::StatusCode::kUnavailable, "TOKEN_LOST"));
}

}  // namespace
}  // namespace bootseal::hsm
