#include "tests/firmware/crypto/corpus.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <cstdlib>
#include <memory>
#include <utility>

#include "base/openssl.h"
#include "firmware/image/algorithm.h"
#include "firmware/image/host/convert.h"
#include "tests/support/signing_key.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Error;
using image::host::AsBytes;

using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;

// The maker of the corpus has no answer to a failing library.
void Must(bool worked) {
  if (!worked) std::abort();
}

const unsigned char* Raw(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Raw(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

std::string Encoded(EVP_PKEY* key,
                    int (*encode)(const EVP_PKEY*, unsigned char**)) {
  unsigned char* der = nullptr;
  const int size = encode(key, &der);
  Must(size > 0);
  std::string bytes(reinterpret_cast<char*>(der),
                    static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

// SubjectPublicKeyInfo.
std::string Spki(EVP_PKEY* key) { return Encoded(key, i2d_PUBKEY); }
std::string SpkiOfNew(Algorithm algorithm) {
  return Spki(SigningKey(algorithm).get());
}

std::string Random(std::size_t size) {
  std::string bytes(size, '\0');
  Must(RAND_bytes(Raw(bytes), static_cast<int>(size)) == 1);
  return bytes;
}

std::string FlipBit(std::string bytes, std::size_t bit) {
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
  return bytes;
}

// --- RSA

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

// --- ECDSA

std::string Der(std::uint8_t tag, const std::string& content) {
  std::string der(1, static_cast<char>(tag));
  if (content.size() >= 0x80) der += '\x81';
  return der + static_cast<char>(content.size()) + content;
}

std::string MinimalInteger(const BIGNUM* number) {
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, Raw(bytes));
  if (bytes.empty() || (bytes.front() & 0x80) != 0) bytes.insert(0, 1, '\0');
  return bytes;
}

std::string DerSignature(const std::string& r, const std::string& s) {
  return Der(0x30, Der(0x02, r) + Der(0x02, s));
}

std::string FixedWidth(const BIGNUM* number, std::size_t size) {
  std::string bytes(size, '\0');
  Must(BN_bn2binpad(number, Raw(bytes), static_cast<int>(size)) >= 0);
  return bytes;
}

Number OrderOf(std::size_t coordinate) {
  EC_GROUP* group = EC_GROUP_new_by_curve_name(
      coordinate == 32 ? NID_X9_62_prime256v1 : NID_secp384r1);
  Number order(BN_dup(EC_GROUP_get0_order(group)), BN_free);
  EC_GROUP_free(group);
  return order;
}

// r and s of a genuine signature, and what can be done to them.
struct Ecdsa {
  explicit Ecdsa(const std::string& der, std::size_t coordinate)
      : size(coordinate), n(OrderOf(coordinate)) {
    const unsigned char* at = Raw(der);
    ECDSA_SIG* parsed =
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
    Must(parsed != nullptr);
    r.reset(BN_dup(ECDSA_SIG_get0_r(parsed)));
    s.reset(BN_dup(ECDSA_SIG_get0_s(parsed)));
    ECDSA_SIG_free(parsed);
  }

  std::string With(const BIGNUM* new_r, const BIGNUM* new_s) const {
    return DerSignature(MinimalInteger(new_r), MinimalInteger(new_s));
  }

  std::size_t size;
  Number n;
  Number r{nullptr, BN_free};
  Number s{nullptr, BN_free};
};

void AddRangeCases(const CryptoCase& good, const Ecdsa& ecdsa,
                   std::vector<CryptoCase>& cases) {
  auto add = [&](const char* name, const BIGNUM* r, const BIGNUM* s,
                 Error verdict) {
    cases.push_back(
        {name, good.public_key, good.digest, ecdsa.With(r, s), verdict});
  };
  const Number zero(BN_new(), BN_free);
  Number other_s(BN_new(), BN_free);
  Must(BN_sub(other_s.get(), ecdsa.n.get(), ecdsa.s.get()) == 1);
  // S and n - S are both valid: one of the pair is high.
  add("OtherOfHighAndLowS", ecdsa.r.get(), other_s.get(), Error::kOk);
  add("RIsZero", zero.get(), ecdsa.s.get(), Error::kDer);
  add("SIsZero", ecdsa.r.get(), zero.get(), Error::kDer);
  add("RIsOrder", ecdsa.n.get(), ecdsa.s.get(), Error::kSignatureMismatch);
  add("SIsOrder", ecdsa.r.get(), ecdsa.n.get(), Error::kSignatureMismatch);
  add("RAndSSwapped", ecdsa.s.get(), ecdsa.r.get(), Error::kSignatureMismatch);
}

void AddDerCases(const CryptoCase& good, const Ecdsa& ecdsa,
                 std::vector<CryptoCase>& cases) {
  auto add = [&](const char* name, std::string signature) {
    cases.push_back({name, good.public_key, good.digest, std::move(signature),
                     Error::kDer});
  };
  const std::string r = MinimalInteger(ecdsa.r.get());
  const std::string s = MinimalInteger(ecdsa.s.get());
  const std::string integers = Der(0x02, r) + Der(0x02, s);
  const auto length = static_cast<char>(integers.size());
  add("Empty", "");
  add("PaddedR", DerSignature('\0' + r, s));
  add("PaddedS", DerSignature(r, '\0' + s));
  add("EmptyR", DerSignature("", s));
  add("NegativeR", DerSignature("\x80" + r.substr(1), s));
  add("TooLongR", DerSignature("\x01" + std::string(ecdsa.size, '\0'), s));
  add("LongFormOfLength", std::string("\x30\x81") + length + integers);
  add("LongFormOfIntegerLength",
      Der(0x30, std::string("\x02\x81") + static_cast<char>(r.size()) + r +
                    Der(0x02, s)));
  add("TrailingByte", good.signature + '\0');
  add("TrailingByteInSequence", Der(0x30, integers + '\0'));
  add("ThirdInteger", Der(0x30, integers + Der(0x02, s)));
  add("OneInteger", Der(0x30, Der(0x02, r)));
  add("SetInsteadOfSequence", Der(0x31, integers));
  add("OctetString", Der(0x30, Der(0x04, r) + Der(0x02, s)));
  add("RawRAndS", FixedWidth(ecdsa.r.get(), ecdsa.size) +
                      FixedWidth(ecdsa.s.get(), ecdsa.size));
  for (std::size_t size = 1; size < good.signature.size(); ++size) {
    add("CutShort", good.signature.substr(0, size));
  }
}

void AddEcKeyCases(const CryptoCase& good, std::size_t coordinate,
                   std::vector<CryptoCase>& cases) {
  auto add = [&](const char* name, std::string key) {
    cases.push_back(
        {name, std::move(key), good.digest, good.signature, Error::kKeyFormat});
  };
  const std::size_t prefix = good.public_key.size() - 2 * coordinate - 1;
  const std::string before = good.public_key.substr(0, prefix);
  std::string hybrid = good.public_key;
  hybrid[prefix] = static_cast<char>(6 | (hybrid.back() & 1));
  add("EmptyKey", "");
  add("KeyCutShort", good.public_key.substr(0, good.public_key.size() - 1));
  add("KeyWithTrailingByte", good.public_key + '\0');
  add("HybridPoint", hybrid);
  add("PointOffCurve",
      FlipBit(good.public_key, good.public_key.size() * 8 - 8));
  add("PointOfZeros", before + '\x04' + std::string(2 * coordinate, '\0'));
  add("PointOfOnes", before + '\x04' + std::string(2 * coordinate, '\xff'));
  add("KeyOfOtherCurve",
      SpkiOfNew(coordinate == 32 ? Algorithm::kP384 : Algorithm::kP256));
  add("KeyOfEd25519", SpkiOfNew(Algorithm::kEd25519));
}

void AddEcdsaCases(std::size_t coordinate, std::vector<CryptoCase>& cases) {
  const CryptoCase good = cases.front();
  const Ecdsa ecdsa(good.signature, coordinate);
  AddRangeCases(good, ecdsa, cases);
  AddDerCases(good, ecdsa, cases);
  AddEcKeyCases(good, coordinate, cases);
}

// --- Ed25519

// The group order L = 2^252 + 27742317777372353535851937790883648493.
std::string PlusOrder(const std::string& little_endian) {
  BIGNUM* order = nullptr;
  Must(BN_dec2bn(&order,
                 "7237005577332262213973186563042994240857116359379907606001950"
                 "938285454250989") > 0);
  Number sum(BN_lebin2bn(Raw(little_endian), 32, nullptr), BN_free);
  Must(BN_add(sum.get(), sum.get(), order) == 1);
  BN_free(order);
  std::string bytes(32, '\0');
  Must(BN_bn2lebinpad(sum.get(), Raw(bytes), 32) == 32);
  return bytes;
}

void AddEd25519Cases(const SigningKey& key, std::vector<CryptoCase>& cases) {
  const CryptoCase good = cases.front();
  auto add = [&](const char* name, std::string public_key,
                 std::string signature, Error verdict) {
    cases.push_back({name, std::move(public_key), good.digest,
                     std::move(signature), verdict});
  };
  add("SPlusOrder", good.public_key,
      good.signature.substr(0, 32) + PlusOrder(good.signature.substr(32)),
      Error::kSignatureMismatch);
  add("Shorter", good.public_key, good.signature.substr(0, 63),
      Error::kSignatureLength);
  add("Longer", good.public_key, good.signature + '\0',
      Error::kSignatureLength);
  add("Empty", good.public_key, "", Error::kSignatureLength);
  add("SignatureIsZero", good.public_key, std::string(64, '\0'),
      Error::kSignatureMismatch);
  add("RawKey", good.public_key.substr(12), good.signature, Error::kKeyFormat);
  add("KeyWithTrailingByte", good.public_key + '\0', good.signature,
      Error::kKeyFormat);
  add("KeyOfX25519", FlipBit(good.public_key, 8 * 8), good.signature,
      Error::kKeyFormat);
  const std::string longer_digest = Random(64);
  cases.push_back({"DigestOf64Bytes", good.public_key, longer_digest,
                   key.Sign(AsBytes(longer_digest)), Error::kOk});
}

// --- all

void AddCommonCases(Algorithm algorithm, const SigningKey& key,
                    std::vector<CryptoCase>& cases) {
  const CryptoCase good = cases.front();
  auto mismatch = [&](const char* name, std::string public_key,
                      std::string digest, std::string signature) {
    cases.push_back({name, std::move(public_key), std::move(digest),
                     std::move(signature), Error::kSignatureMismatch});
  };
  mismatch("OtherKey", SigningKey(algorithm).public_key(), good.digest,
           good.signature);
  for (std::size_t bit = 0; bit < good.digest.size() * 8; bit += 5) {
    mismatch("FlippedDigestBit", good.public_key, FlipBit(good.digest, bit),
             good.signature);
  }
  // A signature over more than the digest is one over something else.
  mismatch("LongerDigest", good.public_key, good.digest + '\0', good.signature);
  mismatch("ShorterDigest", good.public_key,
           good.digest.substr(0, good.digest.size() - 1), good.signature);
  mismatch("EmptyDigest", good.public_key, "", good.signature);
  mismatch("SignatureOfOtherDigest", good.public_key, good.digest,
           key.Sign(AsBytes(Random(good.digest.size()))));
}

}  // namespace

std::vector<CryptoCase> CryptoCorpus(Algorithm algorithm) {
  const SigningKey key(algorithm);
  const std::string digest =
      Random(image::HashSize(image::TraitsOf(algorithm)->hash));
  std::vector<CryptoCase> cases{{"Genuine", key.public_key(), digest,
                                 key.Sign(AsBytes(digest)), Error::kOk}};
  AddCommonCases(algorithm, key, cases);
  switch (algorithm) {
    case Algorithm::kRsa2048:
    case Algorithm::kRsa3072:
      AddRsaCases(key, cases);
      break;
    case Algorithm::kP256:
      AddEcdsaCases(32, cases);
      break;
    case Algorithm::kP384:
      AddEcdsaCases(48, cases);
      break;
    case Algorithm::kEd25519:
      AddEd25519Cases(key, cases);
      break;
  }
  return cases;
}

}  // namespace bootseal::tests
