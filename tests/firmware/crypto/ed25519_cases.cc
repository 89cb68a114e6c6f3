#include <utility>

#include "firmware/image/host/convert.h"
#include "tests/firmware/crypto/cases.h"

namespace bootseal::tests {
namespace {

using image::Error;
using image::host::AsBytes;

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

}  // namespace

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

}  // namespace bootseal::tests
