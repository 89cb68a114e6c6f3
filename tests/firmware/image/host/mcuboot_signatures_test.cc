// Which signatures MCUboot takes, and which crypto library reads what.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/rsa.h>

#include <functional>
#include <string>
#include <utility>

#include "base/openssl.h"
#include "firmware/image/der.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/mcuboot_prediction.h"
#include "tests/firmware/image/host/loader_case.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::HashAlgorithm;
using image::host::AsBytes;
using image::host::PredictMcuboot;
using image::host::ToString;
using namespace image::mcuboot;

constexpr Algorithm kP = Algorithm::kP256;
constexpr Algorithm kEd = Algorithm::kEd25519;
constexpr Algorithm kRsa = Algorithm::kRsa2048;

class McubootSignature : public testing::TestWithParam<LoaderRow> {};

TEST_P(McubootSignature, OnAnImage) { ExpectPrediction(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Signatures, McubootSignature,
    testing::Values(
        LoaderRow{
            .name = "that is not signed",
            .algorithm = kP,
            .expected = "SIGNATURE",
            .after = [](LoaderCase& one) { one.parts.unprotected.resize(1); }},
        LoaderRow{.name = "with a good signature and then a bad one",
                  .algorithm = kP,
                  .expected = "SIGNATURE",
                  .after =
                      [](LoaderCase& one) {
                        one.Add(tlv::kKeyHash, one.key().value);
                        one.Add(tlv::kEcdsa, one.BadSignature());
                      }},
        LoaderRow{.name = "with a bad signature and then a good one",
                  .algorithm = kP,
                  .expected = kStarts,
                  .after =
                      [](LoaderCase& one) {
                        const std::string good = one.signature().value;
                        one.signature().value = one.BadSignature();
                        one.Add(tlv::kKeyHash, one.key().value);
                        one.Add(tlv::kEcdsa, good);
                      }},
        LoaderRow{.name = "with a good pair, then garbage of an unknown key",
                  .algorithm = kP,
                  .expected = kStarts,
                  .after =
                      [](LoaderCase& one) {
                        one.Add(tlv::kKeyHash, std::string(32, 'k'));
                        one.Add(tlv::kEcdsa, std::string(200, 's'));
                      }},
        LoaderRow{.name = "with garbage of an unknown key, then a good pair",
                  .algorithm = kP,
                  .expected = kStarts,
                  .after =
                      [](LoaderCase& one) {
                        auto& tlvs = one.parts.unprotected;
                        tlvs.insert(tlvs.begin() + 1,
                                    {{tlv::kKeyHash, std::string(32, 'k')},
                                     {tlv::kEcdsa, std::string(200, 's')}});
                      }},
        LoaderRow{
            .name = "with a good pair and a bad signature of a known key last",
            .algorithm = kP,
            .expected = "SIGNATURE",
            .after =
                [](LoaderCase& one) {
                  one.Add(tlv::kKeyHash, "");
                  one.Add(tlv::kEcdsa, one.BadSignature());
                }},
        LoaderRow{.name = "with a good pair, then the same key in full and a "
                          "bad signature",
                  .algorithm = kP,
                  .expected = "SIGNATURE",
                  .after =
                      [](LoaderCase& one) {
                        one.Add(tlv::kKeyHash, one.key().value);
                        one.Add(tlv::kEcdsa, one.BadSignature());
                      }},
        LoaderRow{.name = "with a bad pair of a known key, then a good one",
                  .algorithm = kP,
                  .expected = kStarts,
                  .after =
                      [](LoaderCase& one) {
                        auto& tlvs = one.parts.unprotected;
                        tlvs.insert(tlvs.begin() + 1,
                                    {{tlv::kKeyHash, one.key().value},
                                     {tlv::kEcdsa, one.BadSignature()}});
                      }},
        LoaderRow{.name = "with a second signature that names no key",
                  .algorithm = kP,
                  .expected = kStarts,
                  .after =
                      [](LoaderCase& one) {
                        one.Add(tlv::kEcdsa, one.BadSignature());
                      }},
        LoaderRow{
            .name = "with a signature of 129 bytes of a known key",
            .algorithm = kP,
            .expected = "SIGNATURE",
            .after =
                [](LoaderCase& one) { one.signature().value.resize(129); }},
        LoaderRow{
            .name = "whose signature's type has its upper byte set",
            .algorithm = kP,
            .expected = "SIGNATURE",
            .after = [](LoaderCase& one) { one.signature().type = 0x0122; }},
        LoaderRow{
            .name = "with an RSA signature of one byte more",
            .algorithm = kRsa,
            .expected = "SIGNATURE",
            .after = [](LoaderCase& one) { one.signature().value += 'x'; }},
        LoaderRow{.name = "with an RSA signature in the TLV of the other size",
                  .algorithm = kRsa,
                  .expected = "SIGNATURE",
                  .after =
                      [](LoaderCase& one) {
                        one.signature().type = tlv::kRsa3072Pss;
                      }},
        LoaderRow{.name = "with an Ed25519 signature of 63 bytes",
                  .algorithm = kEd,
                  .expected = "SIGNATURE",
                  .after = [](LoaderCase& one) {
                    one.signature().value.pop_back();
                  }}));

// r and s of a DER signature, each in 32 bytes.
std::pair<std::string, std::string> Halves(const std::string& der) {
  const auto read = image::ReadEcdsaSignature(AsBytes(der), 32);
  const auto pad = [](image::Bytes number) {
    return std::string(32 - number.size(), '\0') + ToString(number);
  };
  return {pad(read->r), pad(read->s)};
}

std::string Integer(const std::string& bytes) {
  return std::string{2, static_cast<char>(bytes.size())} + bytes;
}

std::string Sequence(const std::string& body) {
  return std::string{0x30, static_cast<char>(body.size())} + body;
}

// The same r and s, otherwise encoded.
std::function<void(LoaderCase&)> Encoded(
    std::function<std::string(std::string, std::string)> encode) {
  return [encode = std::move(encode)](LoaderCase& one) {
    const auto [r, s] = Halves(one.signature().value);
    one.signature().value = encode(r, s);
  };
}

constexpr char kOnlyMbedTlsRefuses[] =
    "PSA:starts TinyCrypt:starts mbedTLS:SIGNATURE";
constexpr char kOnlyPsaRefuses[] =
    "PSA:SIGNATURE TinyCrypt:starts mbedTLS:starts";

INSTANTIATE_TEST_SUITE_P(
    Encodings, McubootSignature,
    testing::Values(
        LoaderRow{
            .name = "with a zero byte after the signature",
            .algorithm = kP,
            .expected = kOnlyMbedTlsRefuses,
            .after = [](LoaderCase& one) { one.signature().value += '\0'; }},
        LoaderRow{
            .name = "with garbage after the signature",
            .algorithm = kP,
            .expected = kOnlyMbedTlsRefuses,
            .after = [](LoaderCase& one) { one.signature().value += 'g'; }},
        LoaderRow{.name = "with raw r and s",
                  .algorithm = kP,
                  .expected = "SIGNATURE",
                  .after = Encoded([](std::string r, std::string s) {
                    return r + s;
                  })},
        LoaderRow{.name = "with 33-byte integers whether they need it or not",
                  .algorithm = kP,
                  .expected = kStarts,
                  .after = Encoded([](std::string r, std::string s) {
                    return Sequence(Integer('\0' + r) + Integer('\0' + s));
                  })},
        LoaderRow{.name = "with 32-byte integers that may be negative",
                  .algorithm = kP,
                  .expected = kStarts,
                  .after = Encoded([](std::string r, std::string s) {
                    return Sequence(Integer(r) + Integer(s));
                  })},
        LoaderRow{.name = "with 34-byte integers",
                  .algorithm = kP,
                  .expected = kOnlyPsaRefuses,
                  .after = Encoded([](std::string r, std::string s) {
                    const std::string zeros(2, '\0');
                    return Sequence(Integer(zeros + r) + Integer(zeros + s));
                  })},
        LoaderRow{.name = "with a length in long form",
                  .algorithm = kP,
                  .expected = kOnlyPsaRefuses,
                  .after =
                      [](LoaderCase& one) {
                        one.signature().value.insert(1, 1, '\x81');
                      }},
        LoaderRow{
            .name = "with high s or low s",
            .algorithm = kP,
            .expected = kStarts,
            .after = Encoded([](std::string r, std::string s) {
              const base::BignumPtr order(BN_new());
              BIGNUM* raw = order.get();
              BN_hex2bn(&raw,
                        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9"
                        "cac2fc632551");
              const base::BignumPtr number(
                  BN_bin2bn(reinterpret_cast<const unsigned char*>(s.data()),
                            32, nullptr));
              BN_sub(number.get(), order.get(), number.get());
              std::string other(32, '\0');
              BN_bn2binpad(number.get(),
                           reinterpret_cast<unsigned char*>(other.data()), 32);
              return Sequence(Integer('\0' + r) + Integer('\0' + other));
            })}));

void Pure(Rules& rules) {
  static const auto* hash =
      new std::string(HashOfKey(SharedKey(kEd), HashAlgorithm::kSha512));
  rules.pure = true;
  rules.hash = HashAlgorithm::kSha512;
  rules.key_hash = AsBytes(*hash);
}

// Behind the digest.
RawTlv& PureMark(LoaderCase& one) { return one.parts.unprotected.at(1); }

INSTANTIATE_TEST_SUITE_P(
    PureSignatures, McubootSignature,
    testing::Values(
        LoaderRow{.name = "of imgtool's for a pure build",
                  .algorithm = kEd,
                  .expected = kStarts,
                  .rules = Pure},
        LoaderRow{.name = "with a wrong digest for a pure build",
                  .algorithm = kEd,
                  .expected = kStarts,
                  .rules = Pure,
                  .after = [](LoaderCase& one) { one.digest().value[0] ^= 1; }},
        LoaderRow{.name = "with a changed payload for a pure build",
                  .algorithm = kEd,
                  .expected = "SIGNATURE",
                  .rules = Pure,
                  .bytes = [](std::string& image) { image[0x40] ^= 1; }},
        LoaderRow{.name = "for a pure build without SHA-512",
                  .algorithm = kEd,
                  .expected = "KEY_TLV",
                  .rules = [](Rules& rules) { rules.pure = true; },
                  .after =
                      [](LoaderCase& one) {
                        one.parts.unprotected.at(2).value =
                            HashOfKey(one.target.key(), HashAlgorithm::kSha512);
                      }},
        LoaderRow{.name = "that does not say that it is pure",
                  .algorithm = kEd,
                  .expected = "SIG_PURE",
                  .rules = Pure,
                  .after =
                      [](LoaderCase& one) {
                        ASSERT_EQ(PureMark(one).type, tlv::kSignaturePure);
                        auto& tlvs = one.parts.unprotected;
                        tlvs.erase(tlvs.begin() + 1);
                      }},
        LoaderRow{.name = "that says that it is not pure",
                  .algorithm = kEd,
                  .expected = "SIG_PURE",
                  .rules = Pure,
                  .after = [](LoaderCase& one) {
                    ASSERT_EQ(PureMark(one).type, tlv::kSignaturePure);
                    PureMark(one).value[0] = 0;
                  }}));

struct Padding {
  const char* name;
  int padding;
  int salt;
  const EVP_MD* (*mask)();
};

class McubootRefusesRsa : public testing::TestWithParam<Padding> {};

TEST_P(McubootRefusesRsa, With) {
  const SigningKey& key = SharedKey(kRsa);
  TestTarget target(key);
  ImageParts parts = MakeParts(target, TestPayload(64), {});
  const std::string& digest = parts.unprotected[0].value;
  const base::EvpKeyContextPtr context(EVP_PKEY_CTX_new(key.get(), nullptr));
  ASSERT_EQ(EVP_PKEY_sign_init(context.get()), 1);
  ASSERT_EQ(EVP_PKEY_CTX_set_rsa_padding(context.get(), GetParam().padding), 1);
  ASSERT_EQ(EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()), 1);
  if (GetParam().padding == RSA_PKCS1_PSS_PADDING) {
    ASSERT_EQ(EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), GetParam().salt),
              1);
    ASSERT_EQ(EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), GetParam().mask()),
              1);
  }
  std::size_t size = 256;
  std::string signature(size, '\0');
  ASSERT_EQ(
      EVP_PKEY_sign(context.get(),
                    reinterpret_cast<unsigned char*>(signature.data()), &size,
                    reinterpret_cast<const unsigned char*>(digest.data()),
                    digest.size()),
      1);
  parts.unprotected[2].value = signature;
  EXPECT_EQ(Summary(PredictMcuboot(target.rules, AsBytes(Join(parts)))),
            "SIGNATURE");
}

INSTANTIATE_TEST_SUITE_P(
    Paddings, McubootRefusesRsa,
    testing::Values(Padding{"salt0", RSA_PKCS1_PSS_PADDING, 0, EVP_sha256},
                    Padding{"salt20", RSA_PKCS1_PSS_PADDING, 20, EVP_sha256},
                    Padding{"salt31", RSA_PKCS1_PSS_PADDING, 31, EVP_sha256},
                    Padding{"salt33", RSA_PKCS1_PSS_PADDING, 33, EVP_sha256},
                    Padding{"max", RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_MAX,
                            EVP_sha256},
                    Padding{"mask", RSA_PKCS1_PSS_PADDING, 32, EVP_sha1},
                    Padding{"pkcs1", RSA_PKCS1_PADDING, 0, EVP_sha256}),
    [](const auto& one) { return one.param.name; });

// S + L is as good an S to the curve, and no canonical one.
TEST(McubootPrediction, RefusesAMalleatedEd25519Signature) {
  TestTarget target(SharedKey(kEd));
  ImageParts parts = MakeParts(target, TestPayload(64), {});
  constexpr unsigned char kOrder[32] = {
      0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
      0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
      0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
  std::string& signature = parts.unprotected[2].value;
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += static_cast<unsigned char>(signature[32 + i]) + kOrder[i];
    signature[32 + i] = static_cast<char>(carry & 0xff);
    carry >>= 8;
  }
  EXPECT_EQ(Summary(PredictMcuboot(target.rules, AsBytes(Join(parts)))),
            "SIGNATURE");
}

class McubootEd25519Hash : public testing::TestWithParam<HashAlgorithm> {};

TEST_P(McubootEd25519Hash, OfTheOtherBuildIsRefused) {
  const bool sha512 = GetParam() == HashAlgorithm::kSha512;
  TestTarget signer(SharedKey(kEd), GetParam());
  TestTarget device(SharedKey(kEd),
                    sha512 ? HashAlgorithm::kSha256 : HashAlgorithm::kSha512);
  const std::string image = MakeImage(signer, TestPayload(64), {});
  EXPECT_EQ(Summary(PredictMcuboot(signer.rules, AsBytes(image))), kStarts);
  EXPECT_THAT(Summary(PredictMcuboot(device.rules, AsBytes(image))),
              testing::AnyOf("KEY_TLV", "HASH_TLV"));
}

INSTANTIATE_TEST_SUITE_P(Builds, McubootEd25519Hash,
                         testing::Values(HashAlgorithm::kSha256,
                                         HashAlgorithm::kSha512));

}  // namespace
}  // namespace bootseal::tests
