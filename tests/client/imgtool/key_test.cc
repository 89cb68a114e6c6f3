// PEM files of every form, and signatures that the device's verifier accepts.
#include "client/imgtool/key.h"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/encoder.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "client/imgtool/private_encoding.h"
#include "firmware/image/host/convert.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::imgtool {
namespace {

using image::HashAlgorithm;
using tests::MessageHas;
using tests::StatusIs;
using Code = absl::StatusCode;

constexpr char kVectors[] = BOOTSEAL_SOURCE_DIR "/tests/vectors/mcuboot/";

const Key& SharedKey(KeyKind kind) {
  static auto& keys = *new std::map<KeyKind, Key>;
  const auto found = keys.find(kind);
  if (found != keys.end()) return found->second;
  return keys.emplace(kind, *Key::Generate(kind)).first->second;
}

absl::StatusOr<base::Secret> NeverAsked() {
  ADD_FAILURE() << "a passphrase was asked for";
  return base::Secret();
}

Key::Passphrase Typed(const std::string& text) {
  return [text] { return base::Secret(std::string(text)); };
}

std::string PemOf(const Key& key, const std::string& passphrase = "") {
  return std::string(
      PrivatePem(key, base::Secret(std::string(passphrase)))->Reveal());
}

// Of an OpenSSL key, in the structure that is named as OSSL_ENCODER has it.
std::string Encoded(EVP_PKEY* key, int selection, const char* form,
                    const char* structure) {
  OSSL_ENCODER_CTX* encoder =
      OSSL_ENCODER_CTX_new_for_pkey(key, selection, form, structure, nullptr);
  unsigned char* data = nullptr;
  std::size_t size = 0;
  EXPECT_EQ(OSSL_ENCODER_to_data(encoder, &data, &size), 1);
  OSSL_ENCODER_CTX_free(encoder);
  std::string text(reinterpret_cast<char*>(data), size);
  OPENSSL_free(data);
  return text;
}

// The line before a key of that kind.
std::string Begin(absl::string_view label) {
  return absl::StrCat("-----BEGIN ", label, "-----");
}

std::string PrivatePemOf(EVP_PKEY* key) {
  return Encoded(key, EVP_PKEY_KEYPAIR, "PEM", "PrivateKeyInfo");
}

absl::StatusOr<Key> Parse(absl::string_view pem) {
  return Key::Parse(pem, NeverAsked);
}

TEST(Key, ReadsEveryFormOfEveryKind) {
  struct Form {
    int selection;
    const char* structure;
    const char* label;
  };
  constexpr Form kPkcs8{EVP_PKEY_KEYPAIR, "PrivateKeyInfo", "PRIVATE KEY"};
  constexpr Form kSpki{EVP_PKEY_PUBLIC_KEY, "SubjectPublicKeyInfo",
                       "PUBLIC KEY"};
  constexpr Form kSec1{EVP_PKEY_KEYPAIR, "type-specific", "EC PRIVATE KEY"};
  constexpr Form kPkcs1{EVP_PKEY_KEYPAIR, "type-specific", "RSA PRIVATE KEY"};
  constexpr Form kPkcs1Public{EVP_PKEY_PUBLIC_KEY, "pkcs1", "RSA PUBLIC KEY"};
  const std::pair<KeyKind, std::vector<Form>> kCases[] = {
      {KeyKind::kRsa2048, {kPkcs8, kSpki, kPkcs1, kPkcs1Public}},
      {KeyKind::kRsa3072, {kPkcs8, kSpki, kPkcs1, kPkcs1Public}},
      {KeyKind::kP256, {kPkcs8, kSpki, kSec1}},
      {KeyKind::kP384, {kPkcs8, kSpki, kSec1}},
      {KeyKind::kEd25519, {kPkcs8, kSpki}},
      {KeyKind::kX25519, {kPkcs8, kSpki}},
  };
  for (const auto& [kind, forms] : kCases) {
    for (const Form& form : forms) {
      const std::string pem =
          Encoded(SharedKey(kind).get(), form.selection, "PEM", form.structure);
      ASSERT_TRUE(absl::StartsWith(pem, Begin(form.label)));
      const absl::StatusOr<Key> key = Parse(pem);
      ASSERT_OK(key) << form.label;
      EXPECT_EQ(key->kind(), kind);
      EXPECT_EQ(key->is_private(), form.selection == EVP_PKEY_KEYPAIR);
      EXPECT_EQ(key->device_der(), SharedKey(kind).device_der());
    }
  }
}

TEST(Key, ReadsSec1WithItsParametersInFront) {
  const std::string pem = Encoded(SharedKey(KeyKind::kP256).get(),
                                  EVP_PKEY_KEYPAIR, "PEM", "type-specific");
  const absl::StatusOr<Key> key =
      Parse(absl::StrCat("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
                         "-----END EC PARAMETERS-----\n",
                         pem));
  ASSERT_OK(key);
  EXPECT_TRUE(key->is_private());
}

TEST(Key, EncodesPublicKeysAsTheReferenceDoes) {
  for (const char* name : {"rsa2048", "rsa3072", "p256", "p384", "ed25519"}) {
    const std::string path = absl::StrCat(kVectors, name, ".pub");
    const absl::StatusOr<Key> key = Key::Load(path + ".pem", NeverAsked);
    ASSERT_OK(key);
    EXPECT_FALSE(key->is_private());
    EXPECT_EQ(key->device_der(), *base::ReadFile(path + ".der", 4096));
    EXPECT_EQ(key->PublicPem(), *base::ReadFile(path + ".pem", 4096));
  }
}

TEST(Key, EncodesX25519AsSubjectPublicKeyInfo) {
  const std::string& der = SharedKey(KeyKind::kX25519).device_der();
  EXPECT_EQ(der.size(), 44);
  EXPECT_TRUE(absl::StartsWith(
      der, absl::HexStringToBytes("302a300506032b656e032100")));
}

TEST(Key, IsUncompressedAndOfANamedCurveForTheDevice) {
  const base::EvpKeyPtr copy(EVP_PKEY_dup(SharedKey(KeyKind::kP256).get()));
  EVP_PKEY_set_utf8_string_param(
      copy.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "compressed");
  EVP_PKEY_set_utf8_string_param(copy.get(), OSSL_PKEY_PARAM_EC_ENCODING,
                                 "explicit");
  for (const std::string& pem :
       {PrivatePemOf(copy.get()), Encoded(copy.get(), EVP_PKEY_PUBLIC_KEY,
                                          "PEM", "SubjectPublicKeyInfo")}) {
    const absl::StatusOr<Key> key = Parse(pem);
    ASSERT_OK(key);
    EXPECT_EQ(key->device_der(), SharedKey(KeyKind::kP256).device_der());
  }
}

TEST(Key, RefusesKindsThatMcubootDoesNotKnow) {
  const std::pair<EVP_PKEY*, const char*> kCases[] = {
      {EVP_RSA_gen(1024), "1024"},
      {EVP_EC_gen("secp256k1"), "secp256k1"},
      {EVP_EC_gen("P-521"), "secp521r1"},
      {EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448"), "ED448"},
      {EVP_PKEY_Q_keygen(nullptr, nullptr, "X448"), "X448"},
  };
  for (const auto& [raw, name] : kCases) {
    const base::EvpKeyPtr key(raw);
    const absl::StatusOr<Key> parsed = Parse(PrivatePemOf(key.get()));
    EXPECT_THAT(parsed, StatusIs(Code::kFailedPrecondition, "KEY_TYPE"));
    EXPECT_THAT(parsed, MessageHas(name));
  }
}

TEST(Key, RefusesWhatHoldsNoKey) {
  const std::string pem = PemOf(SharedKey(KeyKind::kP256));
  for (const std::string& text :
       {std::string(), std::string("hello\n"), std::string(5000, '\0'),
        pem.substr(0, pem.size() / 2),
        absl::StrCat(Begin("PRIVATE KEY"), "\n!!!!\n",
                     "-----END PRIVATE KEY-----\n"),
        std::string("-----BEGIN CERTIFICATE-----\nAAAA\n"
                    "-----END CERTIFICATE-----\n")}) {
    EXPECT_THAT(Parse(text),
                StatusIs(Code::kFailedPrecondition, "KEY_INVALID"));
  }
}

TEST(Key, RefusesDerAndSaysSo) {
  const std::string der = Encoded(SharedKey(KeyKind::kP256).get(),
                                  EVP_PKEY_KEYPAIR, "DER", "PrivateKeyInfo");
  EXPECT_THAT(Parse(der), StatusIs(Code::kFailedPrecondition, "KEY_INVALID"));
  EXPECT_THAT(Parse(der), MessageHas("DER"));
}

TEST(Key, NamesTheFileThatCannotBeRead) {
  const tests::TemporaryFolder folder;
  EXPECT_THAT(Key::Load(folder.File("none.pem"), NeverAsked),
              StatusIs(Code::kNotFound, "FILE_NOT_FOUND"));
  ASSERT_OK(base::WriteFileAtomically(folder.File("text.pem"), "hello"));
  EXPECT_THAT(Key::Load(folder.File("text.pem"), NeverAsked),
              MessageHas(folder.File("text.pem")));
}

TEST(Key, OpensAnEncryptedFileWithItsPassphraseOnly) {
  const Key& key = SharedKey(KeyKind::kP256);
  const std::string pem = PemOf(key, "correct horse");
  const absl::StatusOr<Key> opened = Key::Parse(pem, Typed("correct horse"));
  ASSERT_OK(opened);
  EXPECT_TRUE(opened->is_private());
  EXPECT_EQ(opened->device_der(), key.device_der());
  for (const std::string& wrong :
       {std::string(), std::string("correct"), std::string("correct horse "),
        std::string(4000, 'x')}) {
    EXPECT_THAT(Key::Parse(pem, Typed(wrong)),
                StatusIs(Code::kFailedPrecondition, "PASSPHRASE_WRONG"));
  }
}

TEST(Key, SaysWhyNoPassphraseCame) {
  const std::string pem = PemOf(SharedKey(KeyKind::kP256), "secret");
  const auto refuse = []() -> absl::StatusOr<base::Secret> {
    return base::Precondition("PASSPHRASE_MISSING", "nobody there");
  };
  EXPECT_THAT(Key::Parse(pem, refuse),
              StatusIs(Code::kFailedPrecondition, "PASSPHRASE_MISSING"));
}

std::string Range() {
  std::string text;
  for (int i = 0; i < 5000; ++i) text.push_back(static_cast<char>(i % 251));
  return text;
}

image::Digest DigestOf(const std::string& range, HashAlgorithm hash) {
  return image::HashOf(hash, image::host::AsBytes(range));
}

bool DeviceAccepts(const Key& key, image::Bytes message,
                   const std::string& signature) {
  return image::VerifySignature(key.traits().signing->algorithm,
                                image::host::AsBytes(key.device_der()), message,
                                image::host::AsBytes(signature)) ==
         image::Error::kOk;
}

TEST(SigningKey, IsAcceptedByTheDevicesVerifier) {
  for (const KeyTraits& traits : kKeyKinds) {
    if (traits.signing == nullptr) continue;
    const Key& key = SharedKey(traits.kind);
    const absl::StatusOr<std::string> signature =
        key.SignRange(Range(), traits.hash);
    ASSERT_OK(signature) << traits.name;
    EXPECT_TRUE(
        DeviceAccepts(key, DigestOf(Range(), traits.hash).bytes(), *signature));
    EXPECT_FALSE(DeviceAccepts(
        key, DigestOf(Range() + "x", traits.hash).bytes(), *signature));
  }
}

TEST(SigningKey, SignsSha512AndTheImageItselfWithEd25519) {
  const Key& key = SharedKey(KeyKind::kEd25519);
  const std::string range = Range();
  const std::string over_digest = *key.SignRange(range, HashAlgorithm::kSha512);
  const std::string pure = *key.SignPure(range);
  EXPECT_TRUE(DeviceAccepts(
      key, DigestOf(range, HashAlgorithm::kSha512).bytes(), over_digest));
  EXPECT_TRUE(DeviceAccepts(key, image::host::AsBytes(range), pure));
  EXPECT_FALSE(DeviceAccepts(
      key, DigestOf(range, HashAlgorithm::kSha512).bytes(), pure));
}

TEST(SigningKey, RefusesHashesThatNoBootloaderTakesWithIt) {
  const std::pair<KeyKind, HashAlgorithm> kCases[] = {
      {KeyKind::kRsa2048, HashAlgorithm::kSha384},
      {KeyKind::kRsa3072, HashAlgorithm::kSha512},
      {KeyKind::kP256, HashAlgorithm::kSha384},
      {KeyKind::kP256, HashAlgorithm::kSha512},
      {KeyKind::kP384, HashAlgorithm::kSha256},
      {KeyKind::kP384, HashAlgorithm::kSha512},
      {KeyKind::kEd25519, HashAlgorithm::kSha384},
  };
  for (const auto& [kind, hash] : kCases) {
    EXPECT_THAT(SharedKey(kind).SignRange(Range(), hash),
                StatusIs(Code::kInvalidArgument, "HASH_NOT_ALLOWED"));
  }
}

TEST(SigningKey, SignsAnImageItselfWithEd25519Alone) {
  for (const KeyKind kind :
       {KeyKind::kRsa2048, KeyKind::kP256, KeyKind::kP384, KeyKind::kX25519}) {
    EXPECT_THAT(SharedKey(kind).SignPure(Range()),
                StatusIs(Code::kFailedPrecondition, "KEY_CANNOT_SIGN"));
  }
}

TEST(SigningKey, IsNoX25519Key) {
  EXPECT_THAT(
      SharedKey(KeyKind::kX25519).SignRange(Range(), HashAlgorithm::kSha256),
      StatusIs(Code::kFailedPrecondition, "KEY_CANNOT_SIGN"));
}

TEST(SigningKey, IsNoPublicKey) {
  for (const KeyKind kind : {KeyKind::kP256, KeyKind::kEd25519}) {
    const Key key = *Parse(SharedKey(kind).PublicPem());
    EXPECT_THAT(key.SignRange(Range(), HashAlgorithm::kSha256),
                StatusIs(Code::kFailedPrecondition, "KEY_NOT_PRIVATE"));
  }
  EXPECT_THAT(Parse(SharedKey(KeyKind::kEd25519).PublicPem())->SignPure("x"),
              StatusIs(Code::kFailedPrecondition, "KEY_NOT_PRIVATE"));
}

// One private half with another's public half: a damaged file.
TEST(SigningKey, RefusesHalvesThatDoNotBelongTogether) {
  const std::string own = Encoded(SharedKey(KeyKind::kP256).get(),
                                  EVP_PKEY_KEYPAIR, "DER", "type-specific");
  const Key other = *Key::Generate(KeyKind::kP256);
  std::string mixed = own;
  mixed.replace(mixed.size() - 65, 65, other.device_der().substr(26));
  std::string text = absl::Base64Escape(mixed);
  text.insert(64, "\n").insert(129, "\n");
  const std::string pem = absl::StrCat(Begin("EC PRIVATE KEY"), "\n", text,
                                       "\n-----END EC PRIVATE KEY-----\n");
  const absl::StatusOr<Key> key = Parse(pem);
  ASSERT_OK(key);
  EXPECT_THAT(key->SignRange(Range(), HashAlgorithm::kSha256),
              StatusIs(Code::kFailedPrecondition, "KEY_INVALID"));
}

}  // namespace
}  // namespace bootseal::imgtool
