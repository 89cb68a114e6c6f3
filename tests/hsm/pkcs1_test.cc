// Keys that sign capsules: RSA PKCS #1 v1.5, and a certificate of one.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "hsm/public_key.h"
#include "hsm/signer.h"
#include "hsm/signing_key.h"
#include "tests/hsm/permit_mint.h"
#include "tests/support/process.h"
#include "tests/support/softhsm_token.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::hsm {
namespace {

using server::PermitMint;
using tests::Outcome;
using tests::StatusIs;

constexpr auto kState = absl::StatusCode::kFailedPrecondition;

class Pkcs1Test : public testing::Test {
 protected:
  std::shared_ptr<Token> OpenOrDie() {
    auto token = OpenToken(softhsm_.Options());
    EXPECT_OK(token);
    return *token;
  }
  KeySpec Spec(Algorithm algorithm, RsaPadding padding) const {
    KeySpec spec;
    spec.name = "key";
    spec.uri = softhsm_.KeyUri("key");
    spec.algorithm = algorithm;
    spec.padding = padding;
    return spec;
  }
  std::string File(const std::string& name) const { return folder_.File(name); }
  Outcome Certificate(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"certificate", "--label", "key"});
    return softhsm_.Tool(more);
  }

  tests::TemporaryFolder folder_;
  tests::SoftHsmToken softhsm_{folder_.path()};
};

TEST_F(Pkcs1Test, SignsWithThePaddingOfTheSpecAndNoOther) {
  for (const Algorithm algorithm : {Algorithm::kRsa2048, Algorithm::kRsa3072}) {
    const auto token = OpenOrDie();
    for (const RsaPadding padding : {RsaPadding::kPss, RsaPadding::kPkcs1}) {
      const std::string label = absl::StrCat(
          NameOf(algorithm), padding == RsaPadding::kPss ? "-pss" : "-pkcs1");
      softhsm_.GenerateKey(label, algorithm, padding);
      const RsaPadding other =
          padding == RsaPadding::kPss ? RsaPadding::kPkcs1 : RsaPadding::kPss;
      KeySpec spec = Spec(algorithm, padding);
      spec.uri = softhsm_.KeyUri(label);
      auto signer = Signer::Open(token, {spec});
      ASSERT_OK(signer);
      const std::string digest(32, 'd');
      const auto signature = (*signer)->Sign(PermitMint::Mint("key", digest));
      ASSERT_OK(signature);
      const auto found = FindSpecifiedKey(*token, spec);
      ASSERT_OK(found);
      const PublicKey& key = *found->public_key;
      EXPECT_TRUE(key.Verifies(digest, signature->bytes, padding));
      EXPECT_FALSE(key.Verifies(digest, signature->bytes, other));
      EXPECT_FALSE(
          key.Verifies(std::string(32, 'e'), signature->bytes, padding));
      // The token holds to it, whatever a policy says.
      spec.padding = other;
      auto wrong = Signer::Open(token, {spec});
      ASSERT_OK(wrong);
      EXPECT_THAT((*wrong)->Sign(PermitMint::Mint("key", digest)),
                  StatusIs(kState, "KEY_USAGE"));
    }
  }
}

TEST_F(Pkcs1Test, IsNotForOtherKeys) {
  softhsm_.GenerateKey("key", Algorithm::kP256);
  const auto token = OpenOrDie();
  auto signer =
      Signer::Open(token, {Spec(Algorithm::kP256, RsaPadding::kPkcs1)});
  ASSERT_OK(signer);
  EXPECT_THAT((*signer)->keys()[0].status, StatusIs(kState, "KEY_USAGE"));
}

TEST_F(Pkcs1Test, IsNotForOtherPurposes) {
  softhsm_.GenerateKey("key", Algorithm::kRsa2048, RsaPadding::kPkcs1);
  KeySpec spec = Spec(Algorithm::kRsa2048, RsaPadding::kPkcs1);
  spec.purpose = Purpose::kCanary;
  EXPECT_THAT(CanarySigner::Open(OpenOrDie(), spec),
              StatusIs(kState, "KEY_USAGE"));
}

TEST_F(Pkcs1Test, TakesADigestOfSha256Alone) {
  softhsm_.GenerateKey("key", Algorithm::kRsa2048, RsaPadding::kPkcs1);
  const auto token = OpenOrDie();
  auto signer =
      Signer::Open(token, {Spec(Algorithm::kRsa2048, RsaPadding::kPkcs1)});
  ASSERT_OK(signer);
  for (const std::size_t size : {0, 31, 33, 48, 64}) {
    EXPECT_THAT(
        (*signer)->Sign(PermitMint::Mint("key", std::string(size, 'd'))),
        StatusIs(absl::StatusCode::kInvalidArgument, "DIGEST_SIZE"));
  }
}

TEST_F(Pkcs1Test, HasACertificateThatOpenSslVerifies) {
  softhsm_.GenerateKey("key", Algorithm::kRsa2048, RsaPadding::kPkcs1);
  const Outcome made =
      Certificate({"--name", "board capsules", "-o", File("certificate.pem")});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const Outcome verified =
      tests::Run({"openssl", "verify", "-check_ss_sig", "-CAfile",
                  File("certificate.pem"), File("certificate.pem")});
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  const Outcome shown =
      tests::Run({"openssl", "x509", "-in", File("certificate.pem"), "-noout",
                  "-subject", "-pubkey"});
  EXPECT_TRUE(absl::StrContains(shown.out, "CN = board capsules"));
  const Outcome key =
      softhsm_.Tool({"export-public", "--label", "key", "--format", "pem"});
  EXPECT_TRUE(absl::StrContains(shown.out, key.out)) << shown.out;
  // Named like the key, and another one each time.
  const Outcome first = Certificate();
  const Outcome second = Certificate();
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_NE(first.out, second.out);
}

TEST_F(Pkcs1Test, CertificateIsRefusedByName) {
  softhsm_.GenerateKey("key", Algorithm::kRsa2048, RsaPadding::kPkcs1);
  const struct {
    std::vector<std::string> options;
    int exit;
    const char* reason;
  } kBad[] = {
      {{"--name", ""}, 0, ""},
      {{"--name", "two\nlines"}, 2, "COMMON_NAME"},
      {{"--name", std::string(65, 'n')}, 2, "COMMON_NAME"},
      {{"--days", "0"}, 2, "USAGE"},
      {{"--days", "36501"}, 2, "USAGE"},
      {{"-o", File("absent/certificate.pem")}, 5, "FILE_UNWRITABLE"},
  };
  for (const auto& bad : kBad) {
    const Outcome outcome = Certificate(bad.options);
    EXPECT_EQ(outcome.exit_code, bad.exit) << outcome.err;
    EXPECT_TRUE(absl::StrContains(outcome.err, bad.reason)) << outcome.err;
  }
  EXPECT_TRUE(absl::StrContains(
      softhsm_.Tool({"certificate", "--label", "absent"}).err, "KEY_MISSING"));
}

TEST_F(Pkcs1Test, CertificateOfAKeyForPssIsRefused) {
  softhsm_.GenerateKey("key", Algorithm::kRsa2048, RsaPadding::kPss);
  const Outcome outcome = Certificate();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(absl::StrContains(outcome.err, "--padding pkcs1")) << outcome.err;
}

TEST_F(Pkcs1Test, IsGeneratedForRsaAlone) {
  const Outcome outcome =
      softhsm_.Tool({"generate", "--label", "key", "--algorithm", "p256",
                     "--padding", "pkcs1"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(absl::StrContains(outcome.err, "KEY_USAGE")) << outcome.err;
  EXPECT_EQ(softhsm_
                .Tool({"generate", "--label", "key", "--algorithm", "rsa2048",
                       "--padding", "oaep"})
                .exit_code,
            2);
}

TEST_F(Pkcs1Test, CertificateOfACurveIsRefused) {
  softhsm_.GenerateKey("key", Algorithm::kP256);
  const Outcome outcome = Certificate();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(absl::StrContains(outcome.err, "KEY_TYPE")) << outcome.err;
  EXPECT_EQ(outcome.out, "");
}

}  // namespace
}  // namespace bootseal::hsm
