#include <openssl/rsa.h>

#include <utility>

#include "base/openssl.h"
#include "firmware/image/host/convert.h"
#include "tests/firmware/crypto/cases.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Error;

base::EvpKeyPtr RsaKeyOfExponent3(int bits) {
  const base::EvpKeyContextPtr context(
      EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  const Number three(BN_new(), BN_free);
  EVP_PKEY* key = nullptr;
  Must(BN_set_word(three.get(), 3) == 1 &&
       EVP_PKEY_keygen_init(context.get()) == 1 &&
       EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), bits) == 1 &&
       EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), three.get()) == 1 &&
       EVP_PKEY_generate(context.get(), &key) == 1);
  return base::EvpKeyPtr(key);
}

std::string SignWith(EVP_PKEY_CTX* context, const std::string& digest) {
  std::size_t size = 512;
  std::string signature(size, '\0');
  Must(EVP_PKEY_sign(context, Raw(signature), &size, Raw(digest),
                     digest.size()) == 1);
  signature.resize(size);
  return signature;
}

struct Pss {
  int salt;
  const EVP_MD* mask;
};

std::string SignRsa(EVP_PKEY* key, const std::string& digest, const Pss& pss) {
  const base::EvpKeyContextPtr owner(EVP_PKEY_CTX_new(key, nullptr));
  EVP_PKEY_CTX* context = owner.get();
  Must(EVP_PKEY_sign_init(context) == 1 &&
       EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
       EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
       EVP_PKEY_CTX_set_rsa_mgf1_md(context, pss.mask) == 1 &&
       EVP_PKEY_CTX_set_rsa_pss_saltlen(context, pss.salt) == 1);
  return SignWith(context, digest);
}

std::string SignPkcs1(EVP_PKEY* key, const std::string& digest) {
  const base::EvpKeyContextPtr context(EVP_PKEY_CTX_new(key, nullptr));
  Must(EVP_PKEY_sign_init(context.get()) == 1 &&
       EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
       EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1);
  return SignWith(context.get(), digest);
}

std::string Sha256(const std::string& text) {
  return image::host::ToString(
      image::HashOf(image::HashAlgorithm::kSha256, image::host::AsBytes(text))
          .bytes());
}

// EMSA-PSS by hand, with a salt of zeros: the padding ends in padding_end,
// which is 01 in a genuine one.
std::string EncodePss(const std::string& digest, std::size_t size,
                      const std::string& padding_end, char trailer) {
  const std::string salt(32, '\0');
  const std::string hash = Sha256(std::string(8, '\0') + digest + salt);
  std::string block = std::string(size - 33 - 32 - padding_end.size(), '\0') +
                      padding_end + salt;
  std::string mask;
  for (char i = 0; mask.size() < block.size(); ++i) {
    mask += Sha256(hash + std::string(3, '\0') + i);
  }
  for (std::size_t i = 0; i < block.size(); ++i) {
    block[i] = static_cast<char>(block[i] ^ mask[i]);
  }
  block[0] = static_cast<char>(block[0] & 0x7f);
  return block + hash + trailer;
}

std::string Raise(EVP_PKEY* key, const std::string& encoded) {
  const base::EvpKeyContextPtr context(EVP_PKEY_CTX_new(key, nullptr));
  Must(EVP_PKEY_sign_init(context.get()) == 1 &&
       EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING) == 1);
  return SignWith(context.get(), encoded);
}

}  // namespace

void AddRsaCases(const SigningKey& key, std::vector<CryptoCase>& cases) {
  const CryptoCase good = cases.front();
  auto add = [&](const char* name, std::string public_key,
                 std::string signature, Error verdict) {
    cases.push_back({name, std::move(public_key), good.digest,
                     std::move(signature), verdict});
  };
  auto wrong = [&](const char* name, std::string signature) {
    add(name, good.public_key, std::move(signature), Error::kSignatureMismatch);
  };
  for (const int salt : {0, 20, 31, 33, RSA_PSS_SALTLEN_MAX}) {
    wrong("SaltOfOtherLength",
          SignRsa(key.get(), good.digest, Pss{salt, EVP_sha256()}));
  }
  wrong("MaskOfSha1", SignRsa(key.get(), good.digest, Pss{32, EVP_sha1()}));
  const std::size_t size = good.signature.size();
  auto by_hand = [&](const std::string& padding_end, char trailer) {
    return Raise(key.get(), EncodePss(good.digest, size, padding_end, trailer));
  };
  add("MadeByHand", good.public_key, by_hand("\x01", '\xbc'), Error::kOk);
  wrong("TrailerOfX931", by_hand("\x01", '\xcc'));
  wrong("PaddingEndsIn2", by_hand("\x02", '\xbc'));
  wrong("PaddingEndsInZero", by_hand(std::string(1, '\0'), '\xbc'));
  wrong("PaddingNotZero", by_hand("\x01\x01", '\xbc'));
  wrong("PaddingNotZeroAtAll", by_hand(std::string(size - 65, '\x01'), '\xbc'));
  wrong("Pkcs1Version15", SignPkcs1(key.get(), good.digest));
  const std::string modulus = good.public_key.substr(9, good.signature.size());
  std::string modulus_less_one = modulus;  // odd: no borrow
  --modulus_less_one.back();
  add("SignatureIsModulus", good.public_key, modulus,
      Error::kSignatureMismatch);
  add("SignatureIsModulusLessOne", good.public_key, modulus_less_one,
      Error::kSignatureMismatch);
  add("SignatureIsZero", good.public_key,
      std::string(good.signature.size(), '\0'), Error::kSignatureMismatch);
  add("SignatureOfAllOnes", good.public_key,
      std::string(good.signature.size(), '\xff'), Error::kSignatureMismatch);
  add("SignatureShorter", good.public_key,
      good.signature.substr(0, good.signature.size() - 1),
      Error::kSignatureLength);
  add("SignatureLonger", good.public_key, good.signature + '\0',
      Error::kSignatureLength);
  add("KeyAsSpki", Spki(key.get()), good.signature, Error::kKeyFormat);
  add("KeyWithTrailingByte", good.public_key + '\0', good.signature,
      Error::kKeyFormat);
  const int bits = static_cast<int>(good.signature.size()) * 8;
  const base::EvpKeyPtr exponent_3 = RsaKeyOfExponent3(bits);
  add("KeyWithExponent3", Encoded(exponent_3.get(), i2d_PublicKey),
      SignRsa(exponent_3.get(), good.digest, Pss{32, EVP_sha256()}),
      Error::kKeyFormat);
  add("KeyOfOtherSize",
      SigningKey(bits == 2048 ? Algorithm::kRsa3072 : Algorithm::kRsa2048)
          .public_key(),
      good.signature, Error::kKeyFormat);
}

}  // namespace bootseal::tests
