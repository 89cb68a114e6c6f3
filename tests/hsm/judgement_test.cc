#include "hsm/judgement.h"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "hsm/pkcs11/attributes.h"
#include "hsm/pkcs11/token.h"
#include "hsm/public_key.h"
#include "tests/support/process.h"
#include "tests/support/softhsm_token.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::hsm {
namespace {

using tests::SoftHsmToken;
using tests::StatusIs;
using tests::TemporaryFolder;

constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

KeyInfo GoodKey() {
  KeyInfo info;
  info.label = "key";
  info.sensitive = info.always_sensitive = true;
  info.never_extractable = info.local = true;
  info.needs_login = info.signs = true;
  return info;
}

TEST(JudgeAttributes, AcceptsAKeyBornInTheToken) {
  EXPECT_OK(JudgeAttributes(GoodKey(), Origin::kToken));
}

struct Spoilt {
  const char* name;
  bool KeyInfo::*field;
  bool value;
  const char* reason;
};

void PrintTo(const Spoilt& spoilt, std::ostream* out) { *out << spoilt.name; }

class JudgeAttributesRefuses : public testing::TestWithParam<Spoilt> {};

TEST_P(JudgeAttributesRefuses, AKeyWith) {
  KeyInfo info = GoodKey();
  info.*GetParam().field = GetParam().value;
  EXPECT_THAT(JudgeAttributes(info, Origin::kToken),
              StatusIs(kPrecondition, GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    Attributes, JudgeAttributesRefuses,
    testing::Values(
        Spoilt{"extractable", &KeyInfo::extractable, true, "KEY_EXTRACTABLE"},
        Spoilt{"not_sensitive", &KeyInfo::sensitive, false, "KEY_EXTRACTABLE"},
        Spoilt{"once_extractable", &KeyInfo::never_extractable, false,
               "KEY_EXTRACTABLE"},
        Spoilt{"once_not_sensitive", &KeyInfo::always_sensitive, false,
               "KEY_EXTRACTABLE"},
        Spoilt{"no_login", &KeyInfo::needs_login, false, "KEY_WITHOUT_PIN"},
        Spoilt{"a_login_each_time", &KeyInfo::pin_each_time, true,
               "KEY_PIN_EACH_TIME"},
        Spoilt{"no_right_to_sign", &KeyInfo::signs, false, "KEY_USAGE"},
        Spoilt{"imported", &KeyInfo::local, false, "KEY_IMPORTED"}));

TEST(JudgeAttributes, AcceptsAnImportedKeyByNameUnlessItIsExtractable) {
  KeyInfo info = GoodKey();
  info.local = info.never_extractable = info.always_sensitive = false;
  EXPECT_OK(JudgeAttributes(info, Origin::kAnywhere));
  info.extractable = true;
  EXPECT_THAT(JudgeAttributes(info, Origin::kAnywhere),
              StatusIs(kPrecondition, "KEY_EXTRACTABLE"));
}

std::string Number(const EVP_PKEY* pair, const char* name) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(pair, name, &number);
  const base::BignumPtr owned(number);
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
  return bytes;
}

absl::Status Create(const pkcs11::Session& session, pkcs11::Template& object) {
  CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
  const CK_RV result = session.functions->C_CreateObject(
      session.handle, object.data(), object.size(), &handle);
  return result == CKR_OK ? absl::OkStatus()
                          : pkcs11::ToStatus("C_CreateObject", result);
}

// A key "app" whose private half has only what is needed to sign.
absl::Status CreateRsaWithoutExponent(const pkcs11::Session& session,
                                      const EVP_PKEY* pair) {
  const std::string modulus = Number(pair, OSSL_PKEY_PARAM_RSA_N);
  pkcs11::Template private_half;
  private_half.Number(CKA_CLASS, CKO_PRIVATE_KEY)
      .Number(CKA_KEY_TYPE, CKK_RSA)
      .Flag(CKA_TOKEN, CK_TRUE)
      .Flag(CKA_PRIVATE, CK_TRUE)
      .Flag(CKA_SENSITIVE, CK_TRUE)
      .Flag(CKA_EXTRACTABLE, CK_FALSE)
      .Flag(CKA_SIGN, CK_TRUE)
      .Bytes(CKA_LABEL, "app")
      .Bytes(CKA_ID, "app")
      .Bytes(CKA_MODULUS, modulus)
      .Bytes(CKA_PRIVATE_EXPONENT, Number(pair, OSSL_PKEY_PARAM_RSA_D));
  RETURN_IF_ERROR(Create(session, private_half));
  pkcs11::Template public_half;
  public_half.Number(CKA_CLASS, CKO_PUBLIC_KEY)
      .Number(CKA_KEY_TYPE, CKK_RSA)
      .Flag(CKA_TOKEN, CK_TRUE)
      .Bytes(CKA_LABEL, "app")
      .Bytes(CKA_ID, "app")
      .Bytes(CKA_MODULUS, modulus)
      .Bytes(CKA_PUBLIC_EXPONENT, Number(pair, OSSL_PKEY_PARAM_RSA_E));
  return Create(session, public_half);
}

class KeysInAToken : public testing::Test {
 protected:
  absl::Status StatusOfKey(const KeySpec& spec, TokenOptions options) {
    auto token = OpenToken(std::move(options));
    EXPECT_OK(token);
    auto signer = Signer::Open(*token, {spec});
    EXPECT_OK(signer);
    return (*signer)->keys().at(0).status;
  }

  KeySpec Spec(Algorithm algorithm) const {
    KeySpec spec;
    spec.name = "app";
    spec.uri = softhsm_.KeyUri("app");
    spec.algorithm = algorithm;
    return spec;
  }

  // A private key of OpenSSL's in a file of mode 0600.
  std::string MakePem(const std::vector<std::string>& options) {
    const std::string path = folder_.File("key.pem");
    std::vector<std::string> command{"openssl", "genpkey", "-out", path};
    command.insert(command.end(), options.begin(), options.end());
    EXPECT_EQ(tests::Run(command).exit_code, 0);
    std::filesystem::permissions(path, std::filesystem::perms::owner_read |
                                           std::filesystem::perms::owner_write);
    return path;
  }

  // A key "app" that is as it should be but for one attribute.
  void MakeCareless(CK_ATTRIBUTE_TYPE type, CK_BBOOL value) {
    auto token = OpenToken(softhsm_.Options());
    ASSERT_OK(token);
    ASSERT_OK((*token)->Change([&](const pkcs11::Session& session) {
      pkcs11::Template public_half;
      public_half.Flag(CKA_TOKEN, CK_TRUE)
          .Bytes(CKA_LABEL, "app")
          .Bytes(CKA_ID, "app")
          .Bytes(CKA_EC_PARAMS, absl::HexStringToBytes("06082a8648ce3d030107"));
      pkcs11::Template private_half;
      private_half.Flag(CKA_TOKEN, CK_TRUE)
          .Flag(CKA_PRIVATE, CK_TRUE)
          .Flag(CKA_SENSITIVE, CK_TRUE)
          .Flag(CKA_EXTRACTABLE, CK_FALSE)
          .Flag(CKA_SIGN, CK_TRUE)
          .Bytes(CKA_LABEL, "app")
          .Bytes(CKA_ID, "app");
      private_half.Remove(type);
      private_half.Flag(type, value);
      CK_MECHANISM mechanism{CKM_EC_KEY_PAIR_GEN, nullptr, 0};
      CK_OBJECT_HANDLE keys[2] = {};
      const CK_RV result = session.functions->C_GenerateKeyPair(
          session.handle, &mechanism, public_half.data(), public_half.size(),
          private_half.data(), private_half.size(), &keys[0], &keys[1]);
      return result == CKR_OK ? absl::OkStatus()
                              : pkcs11::ToStatus("C_GenerateKeyPair", result);
    }));
  }

  TemporaryFolder folder_;
  SoftHsmToken softhsm_{folder_.path()};
};

TEST_F(KeysInAToken, AreRefusedWhenTheOperatorListsThem) {
  const KeyInfo made = softhsm_.GenerateKey("app", Algorithm::kRsa2048);
  const auto key = PublicKey::FromRsa(made.public_key.substr(9, 256),
                                      absl::HexStringToBytes("010001"));
  ASSERT_OK(key);
  ASSERT_EQ(key->device_der(), made.public_key);
  ASSERT_NE(key->spki(), key->device_der());
  for (const std::string& der : {key->device_der(), key->spki()}) {
    TokenOptions options = softhsm_.Options();
    options.refused_public_keys = {Sha256(der)};
    EXPECT_THAT(StatusOfKey(Spec(Algorithm::kRsa2048), std::move(options)),
                StatusIs(kPrecondition, "KEY_PUBLICLY_KNOWN"));
  }
}

TEST_F(KeysInAToken, ServeImportedOnlyWhenAcceptedByName) {
  const KeyInfo imported = softhsm_.ImportKey(
      "app",
      MakePem({"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"}));
  EXPECT_FALSE(imported.local);
  KeySpec spec = Spec(Algorithm::kP256);
  EXPECT_THAT(StatusOfKey(spec, softhsm_.Options()),
              StatusIs(kPrecondition, "KEY_IMPORTED"));
  spec.accept_imported = true;
  EXPECT_OK(StatusOfKey(spec, softhsm_.Options()));
}

TEST_F(KeysInAToken, AreRefusedWhenTwoHaveOneLabel) {
  softhsm_.GenerateKey("app", Algorithm::kP256);
  // Our own tool refuses to make the second; another tool does not.
  const std::string pem =
      MakePem({"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"});
  const auto outcome =
      tests::Run({"softhsm2-util", "--import", pem, "--token", softhsm_.label(),
                  "--label", "app", "--id", "77", "--pin", softhsm_.pin()},
                 softhsm_.environment());
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(StatusOfKey(Spec(Algorithm::kP256), softhsm_.Options()),
              StatusIs(kPrecondition, "KEY_AMBIGUOUS"));
}

TEST_F(KeysInAToken, AreRefusedWhenExtractable) {
  MakeCareless(CKA_EXTRACTABLE, CK_TRUE);
  EXPECT_THAT(StatusOfKey(Spec(Algorithm::kP256), softhsm_.Options()),
              StatusIs(kPrecondition, "KEY_EXTRACTABLE"));
}

TEST_F(KeysInAToken, AreRefusedWhenNoPinIsNeededToSign) {
  MakeCareless(CKA_PRIVATE, CK_FALSE);
  EXPECT_THAT(StatusOfKey(Spec(Algorithm::kP256), softhsm_.Options()),
              StatusIs(kPrecondition, "KEY_WITHOUT_PIN"));
}

TEST_F(KeysInAToken, AreRefusedWhenEverySignatureNeedsThePin) {
  MakeCareless(CKA_ALWAYS_AUTHENTICATE, CK_TRUE);
  EXPECT_THAT(StatusOfKey(Spec(Algorithm::kP256), softhsm_.Options()),
              StatusIs(kPrecondition, "KEY_PIN_EACH_TIME"));
}

TEST_F(KeysInAToken, AreRefusedWhenTheyMayNotSign) {
  MakeCareless(CKA_SIGN, CK_FALSE);
  EXPECT_THAT(StatusOfKey(Spec(Algorithm::kP256), softhsm_.Options()),
              StatusIs(kPrecondition, "KEY_USAGE"));
}

// PKCS#11 leaves the public exponent out of a private key if the token likes.
TEST_F(KeysInAToken, MayKeepTheirExponentInThePublicHalf) {
  const base::EvpKeyPtr pair(EVP_RSA_gen(2048));
  auto token = OpenToken(softhsm_.Options());
  ASSERT_OK(token);
  ASSERT_OK((*token)->Change([&pair](const pkcs11::Session& session) {
    return CreateRsaWithoutExponent(session, pair.get());
  }));
  token->reset();
  KeySpec spec = Spec(Algorithm::kRsa2048);
  spec.accept_imported = true;
  EXPECT_OK(StatusOfKey(spec, softhsm_.Options()));
}

TEST_F(KeysInAToken, AreRefusedWithoutTheirPublicHalf) {
  softhsm_.GenerateKey("app", Algorithm::kP256);
  auto token = OpenToken(softhsm_.Options());
  ASSERT_OK(token);
  ASSERT_OK((*token)->Change([](const pkcs11::Session& session) {
    pkcs11::Template wanted;
    wanted.Number(CKA_CLASS, CKO_PUBLIC_KEY);
    const auto objects = pkcs11::FindObjects(session, wanted);
    if (!objects.ok()) return objects.status();
    for (const CK_OBJECT_HANDLE object : *objects) {
      session.functions->C_DestroyObject(session.handle, object);
    }
    return absl::OkStatus();
  }));
  token->reset();
  EXPECT_THAT(StatusOfKey(Spec(Algorithm::kP256), softhsm_.Options()),
              StatusIs(kPrecondition, "KEY_MISSING"));
}

}  // namespace
}  // namespace bootseal::hsm
