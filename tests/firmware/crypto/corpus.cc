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

using Group = std::unique_ptr<EC_GROUP, decltype(&EC_GROUP_free)>;
using EcPoint = std::unique_ptr<EC_POINT, decltype(&EC_POINT_free)>;

Group GroupOf(std::size_t coordinate) {
  return Group(EC_GROUP_new_by_curve_name(
                   coordinate == 32 ? NID_X9_62_prime256v1 : NID_secp384r1),
               EC_GROUP_free);
}

Number OrderOf(std::size_t coordinate) {
  const Group group = GroupOf(coordinate);
  return Number(BN_dup(EC_GROUP_get0_order(group.get())), BN_free);
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

// The SPKI of `like` with another point.
std::string WithPoint(const std::string& like, const Group& group,
                      const EcPoint& point, std::size_t coordinate) {
  std::string octets(1 + 2 * coordinate, '\0');
  Must(EC_POINT_point2oct(group.get(), point.get(),
                          POINT_CONVERSION_UNCOMPRESSED, Raw(octets),
                          octets.size(), nullptr) == octets.size());
  return like.substr(0, like.size() - octets.size()) + octets;
}

// ECDSA by the textbook, with a private key and a nonce of our choice.
std::string SignByHand(const Group& group, const BIGNUM* key,
                       const BIGNUM* nonce, const std::string& digest,
                       std::size_t coordinate) {
  const Number n = OrderOf(coordinate);
  const EcPoint point(EC_POINT_new(group.get()), EC_POINT_free);
  const Number r(BN_new(), BN_free);
  const Number s(BN_new(), BN_free);
  const Number e(
      BN_bin2bn(Raw(digest), static_cast<int>(digest.size()), nullptr),
      BN_free);
  BN_CTX* context = BN_CTX_new();
  Must(EC_POINT_mul(group.get(), point.get(), nonce, nullptr, nullptr,
                    context) == 1 &&
       EC_POINT_get_affine_coordinates(group.get(), point.get(), r.get(),
                                       nullptr, context) == 1 &&
       BN_nnmod(r.get(), r.get(), n.get(), context) == 1 &&
       BN_mod_mul(s.get(), r.get(), key, n.get(), context) == 1 &&
       BN_mod_add(s.get(), s.get(), e.get(), n.get(), context) == 1);
  BIGNUM* inverse = BN_mod_inverse(nullptr, nonce, n.get(), context);
  Must(inverse != nullptr &&
       BN_mod_mul(s.get(), s.get(), inverse, n.get(), context) == 1);
  BN_free(inverse);
  BN_CTX_free(context);
  return DerSignature(MinimalInteger(r.get()), MinimalInteger(s.get()));
}

// Keys that are the base point, its double and its opposite: sums meet equal
// and opposite points and the point at infinity.
void AddSpecialKeys(const CryptoCase& good, std::size_t coordinate,
                    std::vector<CryptoCase>& cases) {
  const Group group = GroupOf(coordinate);
  const Number n = OrderOf(coordinate);
  for (const int multiple : {1, 2, 3, -1, -2}) {
    Number key(BN_new(), BN_free);
    Must(BN_set_word(key.get(), static_cast<unsigned>(std::abs(multiple))) ==
         1);
    if (multiple < 0) Must(BN_sub(key.get(), n.get(), key.get()) == 1);
    const EcPoint point(EC_POINT_new(group.get()), EC_POINT_free);
    Must(EC_POINT_mul(group.get(), point.get(), key.get(), nullptr, nullptr,
                      nullptr) == 1);
    const std::string spki =
        WithPoint(good.public_key, group, point, coordinate);
    for (BN_ULONG nonce = 1; nonce <= 24; ++nonce) {
      const Number k(BN_new(), BN_free);
      Must(BN_set_word(k.get(), nonce) == 1);
      const std::string digest = Random(good.digest.size());
      const std::string signature =
          SignByHand(group, key.get(), k.get(), digest, coordinate);
      cases.push_back({"SpecialKey", spki, digest, signature, Error::kOk});
      cases.push_back({"SpecialKeyOtherDigest", spki, good.digest, signature,
                       Error::kSignatureMismatch});
    }
  }
}

// u1 G + u2 Q = infinity: Q = -(u1 / u2) G = -(e / r) G, for any s.
void AddSumAtInfinity(const CryptoCase& good, std::size_t coordinate,
                      std::vector<CryptoCase>& cases) {
  const Group group = GroupOf(coordinate);
  const Number n = OrderOf(coordinate);
  const Number key(BN_bin2bn(Raw(good.digest),
                             static_cast<int>(good.digest.size()), nullptr),
                   BN_free);
  const Number one(BN_dup(BN_value_one()), BN_free);
  BN_CTX* context = BN_CTX_new();
  Must(BN_nnmod(key.get(), key.get(), n.get(), context) == 1 &&
       BN_sub(key.get(), n.get(), key.get()) == 1);  // -e, with r = 1
  BN_CTX_free(context);
  const EcPoint point(EC_POINT_new(group.get()), EC_POINT_free);
  Must(EC_POINT_mul(group.get(), point.get(), key.get(), nullptr, nullptr,
                    nullptr) == 1);
  cases.push_back(
      {"SumAtInfinity", WithPoint(good.public_key, group, point, coordinate),
       good.digest,
       DerSignature(MinimalInteger(one.get()), MinimalInteger(one.get())),
       Error::kSignatureMismatch});
}

// A genuine signature whose point has an x between n and p, so that r = x - n:
// such a point is taken first and the key computed from it,
// Q = (s R - e G) / r.
void AddXAboveOrder(const CryptoCase& good, std::size_t coordinate,
                    std::vector<CryptoCase>& cases) {
  const Group group = GroupOf(coordinate);
  const Number n = OrderOf(coordinate);
  BN_CTX* context = BN_CTX_new();
  const EcPoint point(EC_POINT_new(group.get()), EC_POINT_free);
  const Number r(BN_new(), BN_free);
  const Number x(BN_new(), BN_free);
  bool found = false;
  for (BN_ULONG above = 1; !found; ++above) {
    Must(BN_set_word(r.get(), above) == 1 &&
         BN_add(x.get(), n.get(), r.get()) == 1);
    found = EC_POINT_set_compressed_coordinates(group.get(), point.get(),
                                                x.get(), 1, context) == 1;
  }
  base::DrainOpenSslErrors();
  const Number s(BN_bin2bn(Raw(good.digest), 16, nullptr), BN_free);
  const Number minus_e(BN_bin2bn(Raw(good.digest),
                                 static_cast<int>(good.digest.size()), nullptr),
                       BN_free);
  BIGNUM* inverse = BN_mod_inverse(nullptr, r.get(), n.get(), context);
  const Number u(BN_new(), BN_free);
  const Number v(BN_new(), BN_free);
  const EcPoint key(EC_POINT_new(group.get()), EC_POINT_free);
  BN_set_negative(minus_e.get(), 1);
  Must(inverse != nullptr &&
       BN_mod_mul(u.get(), minus_e.get(), inverse, n.get(), context) == 1 &&
       BN_nnmod(u.get(), u.get(), n.get(), context) == 1 &&
       BN_mod_mul(v.get(), s.get(), inverse, n.get(), context) == 1 &&
       EC_POINT_mul(group.get(), key.get(), u.get(), point.get(), v.get(),
                    context) == 1);
  BN_free(inverse);
  BN_CTX_free(context);
  const std::string spki = WithPoint(good.public_key, group, key, coordinate);
  cases.push_back(
      {"XAboveOrder", spki, good.digest,
       DerSignature(MinimalInteger(r.get()), MinimalInteger(s.get())),
       Error::kOk});
  cases.push_back(
      {"XAboveOrderNotReduced", spki, good.digest,
       DerSignature(MinimalInteger(x.get()), MinimalInteger(s.get())),
       Error::kSignatureMismatch});
}

void AddEcdsaCases(std::size_t coordinate, std::vector<CryptoCase>& cases) {
  const CryptoCase good = cases.front();
  const Ecdsa ecdsa(good.signature, coordinate);
  AddRangeCases(good, ecdsa, cases);
  AddDerCases(good, ecdsa, cases);
  AddEcKeyCases(good, coordinate, cases);
  AddSpecialKeys(good, coordinate, cases);
  AddSumAtInfinity(good, coordinate, cases);
  AddXAboveOrder(good, coordinate, cases);
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

CryptoCase GenuineCase(const SigningKey& key, Algorithm algorithm) {
  const std::string digest =
      Random(image::HashSize(image::TraitsOf(algorithm)->hash));
  return {"Genuine", key.public_key(), digest, key.Sign(AsBytes(digest)),
          Error::kOk};
}

}  // namespace

CryptoCase GenuineCase(Algorithm algorithm) {
  return GenuineCase(SigningKey(algorithm), algorithm);
}

std::vector<CryptoCase> CryptoCorpus(Algorithm algorithm) {
  const SigningKey key(algorithm);
  std::vector<CryptoCase> cases{GenuineCase(key, algorithm)};
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
