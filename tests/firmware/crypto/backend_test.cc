// Holds one backend of image/crypto.h to the corpus. The same file is linked
// with OpenSSL's and with each of the device's: what they answer alike here is
// the promise that the server refuses what a device would.
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <string>
#include <vector>

#include "firmware/image/algorithm.h"
#include "firmware/image/crypto.h"
#include "tests/firmware/crypto/corpus.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::AlgorithmTraits;
using image::Bytes;
using image::Digest;
using image::Error;
using image::Hash;
using image::HashAlgorithm;

// "all", or one name of the algorithm table.
constexpr const char* kBackend = BOOTSEAL_BACKEND;

bool Has(const AlgorithmTraits& traits) {
  const std::string backend = kBackend;
  return backend == "all" || backend == traits.name;
}

Bytes AsBytes(const std::string& text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

std::string AsText(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Error Verdict(Algorithm algorithm, const CryptoCase& c) {
  return image::VerifySignature(algorithm, AsBytes(c.public_key),
                                AsBytes(c.digest), AsBytes(c.signature));
}

TEST(CryptoBackend, GivesEveryCaseItsVerdict) {
  for (const AlgorithmTraits& traits : image::kAlgorithms) {
    if (!Has(traits)) continue;
    const std::vector<CryptoCase> corpus = CryptoCorpus(traits.algorithm);
    ASSERT_GT(corpus.size(), 50u);
    for (const CryptoCase& c : corpus) {
      EXPECT_EQ(Verdict(traits.algorithm, c), c.verdict)
          << traits.name << " " << c.name;
    }
  }
}

// Signatures vary in length and form: the genuine ones all pass.
TEST(CryptoBackend, AcceptsManyGenuineSignatures) {
  for (const AlgorithmTraits& traits : image::kAlgorithms) {
    const bool rsa = traits.public_key_size > 200;  // keys take long to make
    if (!Has(traits) || rsa) continue;
    for (int i = 0; i < 32; ++i) {
      const CryptoCase genuine = GenuineCase(traits.algorithm);
      EXPECT_EQ(Verdict(traits.algorithm, genuine), Error::kOk) << traits.name;
    }
  }
}

TEST(CryptoBackend, RefusesFlippedBitsOfSignatureAndKey) {
  for (const AlgorithmTraits& traits : image::kAlgorithms) {
    if (!Has(traits)) continue;
    const CryptoCase genuine = GenuineCase(traits.algorithm);
    const std::size_t bits = genuine.signature.size() * 8;
    const std::size_t step = bits > 512 ? 11 : 1;
    for (std::size_t bit = 0; bit < bits; bit += step) {
      CryptoCase c = genuine;
      c.signature[bit / 8] =
          static_cast<char>(c.signature[bit / 8] ^ 1 << bit % 8);
      EXPECT_NE(Verdict(traits.algorithm, c), Error::kOk)
          << traits.name << " bit " << bit;
    }
    for (std::size_t byte = 0; byte < genuine.public_key.size(); byte += 3) {
      CryptoCase c = genuine;
      c.public_key[byte] = static_cast<char>(c.public_key[byte] ^ 0x10);
      EXPECT_NE(Verdict(traits.algorithm, c), Error::kOk)
          << traits.name << " key byte " << byte;
    }
  }
}

TEST(CryptoBackend, SaysUnsupportedForOtherAlgorithms) {
  for (const AlgorithmTraits& traits : image::kAlgorithms) {
    if (Has(traits)) continue;
    const CryptoCase any{"Any", std::string(traits.public_key_size, '\x30'),
                         std::string(32, 'd'),
                         std::string(traits.max_signature_size, 's')};
    EXPECT_EQ(Verdict(traits.algorithm, any), Error::kUnsupported)
        << traits.name;
  }
}

std::string OpenSslHash(HashAlgorithm algorithm, const std::string& text) {
  const EVP_MD* md = algorithm == HashAlgorithm::kSha256   ? EVP_sha256()
                     : algorithm == HashAlgorithm::kSha384 ? EVP_sha384()
                                                           : EVP_sha512();
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, md, nullptr);
  return {reinterpret_cast<char*>(digest), size};
}

// Hashes that a device of this backend must have.
std::vector<HashAlgorithm> Hashes() {
  std::vector<HashAlgorithm> hashes;
  for (const AlgorithmTraits& traits : image::kAlgorithms) {
    if (!Has(traits)) continue;
    hashes.push_back(traits.hash);
    if (traits.algorithm == Algorithm::kEd25519) {
      hashes.push_back(HashAlgorithm::kSha512);
    }
  }
  return hashes;
}

TEST(CryptoBackend, HashesAsOpenSslDoesWhateverTheChunks) {
  for (const HashAlgorithm algorithm : Hashes()) {
    std::string text;
    for (std::size_t size = 0; size < 300; ++size) {
      const std::size_t cut = size * 7 % (size + 1);
      Hash hash(algorithm);
      hash.Update(AsBytes(text.substr(0, cut)));
      hash.Update(AsBytes(text.substr(cut)));
      EXPECT_EQ(AsText(hash.Finish().bytes()), OpenSslHash(algorithm, text));
      text += static_cast<char>(size * 31);
    }
  }
}

TEST(CryptoBackend, GoesOnFromTheSamePointInACopy) {
  for (const HashAlgorithm algorithm : Hashes()) {
    Hash hash(algorithm);
    hash.Update(AsBytes("one"));
    Hash copy = hash;
    hash.Update(AsBytes("two"));
    copy.Update(AsBytes("three"));
    EXPECT_EQ(AsText(hash.Finish().bytes()), OpenSslHash(algorithm, "onetwo"));
    EXPECT_EQ(AsText(copy.Finish().bytes()),
              OpenSslHash(algorithm, "onethree"));
  }
}

TEST(CryptoBackend, YieldsAnEmptyDigestForHashesThatItLacks) {
  const std::vector<HashAlgorithm> has = Hashes();
  for (const HashAlgorithm algorithm :
       {HashAlgorithm::kSha256, HashAlgorithm::kSha384,
        HashAlgorithm::kSha512}) {
    if (std::find(has.begin(), has.end(), algorithm) != has.end()) continue;
    EXPECT_EQ(image::HashOf(algorithm, AsBytes("text")).size(), 0u);
  }
}

}  // namespace
}  // namespace bootseal::tests
