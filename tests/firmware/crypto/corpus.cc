#include "tests/firmware/crypto/corpus.h"

#include <utility>

#include "firmware/image/algorithm.h"
#include "firmware/image/host/convert.h"
#include "tests/firmware/crypto/cases.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Error;
using image::host::AsBytes;

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
    case Algorithm::kBrainpoolP256t1:  // no device verifies it
      break;
  }
  return cases;
}

}  // namespace bootseal::tests
