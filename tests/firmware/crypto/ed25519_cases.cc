#include <initializer_list>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"
#include "tests/firmware/crypto/cases.h"
#include "tests/firmware/crypto/edwards.h"

namespace bootseal::tests {
namespace {

using image::Error;
using image::host::AsBytes;

const std::string kSpkiPrefix =
    absl::HexStringToBytes("302a300506032b6570032100");

std::string LittleEndian(const BIGNUM* number) {
  std::string bytes(32, '\0');
  Must(BN_bn2lebinpad(number, Raw(bytes), 32) == 32);
  return bytes;
}

// S + times L; nothing where that has more than 256 bits.
std::string PlusOrder(const std::string& little_endian, unsigned times) {
  const Number sum(BN_lebin2bn(Raw(little_endian), 32, nullptr), BN_free);
  const Number added = EdwardsOrder();
  Must(BN_mul_word(added.get(), times) == 1 &&
       BN_add(sum.get(), sum.get(), added.get()) == 1);
  return BN_num_bits(sum.get()) > 256 ? "" : LittleEndian(sum.get());
}

// RFC 8032, 7.1.
void AddPublishedCases(std::vector<CryptoCase>& cases) {
  struct Vector {
    const char* key;
    const char* message;
    const char* signature;
  };
  for (const Vector& vector : std::initializer_list<Vector>{
           {"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555f"
            "b8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
           {"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da08"
            "5ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
           {"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18"
            "ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
           {"ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a21"
            "92992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909"
            "351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a70"
            "4"}}) {
    const CryptoCase published{
        "Rfc8032", kSpkiPrefix + absl::HexStringToBytes(vector.key),
        absl::HexStringToBytes(vector.message),
        absl::HexStringToBytes(vector.signature), Error::kOk};
    cases.push_back(published);
    CryptoCase longer = published;
    longer.name = "Rfc8032WithALongerMessage";
    longer.digest += '\0';
    longer.verdict = Error::kSignatureMismatch;
    cases.push_back(longer);
  }
}

// The wrong length, or not the DER of a key.
void AddFormCases(const CryptoCase& good, std::vector<CryptoCase>& cases) {
  auto add = [&](const char* name, std::string public_key,
                 std::string signature, Error verdict) {
    cases.push_back({name, std::move(public_key), good.digest,
                     std::move(signature), verdict});
  };
  for (const std::size_t size : {0, 1, 31, 32, 33, 63}) {
    add("Shorter", good.public_key, good.signature.substr(0, size),
        Error::kSignatureLength);
  }
  add("Longer", good.public_key, good.signature + '\0',
      Error::kSignatureLength);
  add("TwoOfIt", good.public_key, good.signature + good.signature,
      Error::kSignatureLength);
  add("RawKey", good.public_key.substr(12), good.signature, Error::kKeyFormat);
  add("NoKey", "", good.signature, Error::kKeyFormat);
  add("KeyWithoutItsEnd", good.public_key.substr(0, 43), good.signature,
      Error::kKeyFormat);
  add("KeyWithTrailingByte", good.public_key + '\0', good.signature,
      Error::kKeyFormat);
  add("KeyOfX25519", FlipBit(good.public_key, 8 * 8), good.signature,
      Error::kKeyFormat);
}

// S is a number below the group order, and R comes first.
void AddScalarCases(const CryptoCase& good, std::vector<CryptoCase>& cases) {
  const std::string r = good.signature.substr(0, 32);
  const std::string s = good.signature.substr(32);
  auto add = [&](const std::string& name, const std::string& signature) {
    cases.push_back({name, good.public_key, good.digest, signature,
                     Error::kSignatureMismatch});
  };
  for (unsigned times = 1; times <= 15; ++times) {
    const std::string more = PlusOrder(s, times);
    if (!more.empty()) add(absl::StrCat("SPlusOrderTimes", times), r + more);
  }
  const std::string zero(32, '\0');
  const Number below = EdwardsOrder();
  Must(BN_sub_word(below.get(), 1) == 1);
  add("SIsZero", r + zero);
  add("SIsOne", r + LittleEndian(NumberOf(1).get()));
  add("SIsOrderLessOne", r + LittleEndian(below.get()));
  add("SIsOrder", r + PlusOrder(zero, 1));
  add("SIsOrderPlusOne", r + PlusOrder(LittleEndian(NumberOf(1).get()), 1));
  add("SIsAllOnes", r + std::string(32, '\xff'));
  const Number negative = EdwardsOrder();
  const Number number(BN_lebin2bn(Raw(s), 32, nullptr), BN_free);
  Must(BN_sub(negative.get(), negative.get(), number.get()) == 1);
  add("OppositeS", r + LittleEndian(negative.get()));
  add("OppositeR", FlipBit(r, 255) + s);
  add("BothOpposite", FlipBit(r, 255) + LittleEndian(negative.get()));
  add("ROfZeros", zero + s);
  add("ROfOnes", std::string(32, '\xff') + s);
  add("SThenR", s + r);
  add("RTwice", r + r);
  add("AllZero", zero + zero);
}

// Keys that are no point of the curve, and those that are one's other encoding.
void AddKeyCases(const CryptoCase& good, std::vector<CryptoCase>& cases) {
  auto add = [&](const std::string& name, const std::string& point) {
    cases.push_back({name, kSpkiPrefix + point, good.digest, good.signature,
                     Error::kSignatureMismatch});
  };
  const std::string key = good.public_key.substr(12);
  add("OppositeKey", FlipBit(key, 255));
  add("KeyOfZeros", std::string(32, '\0'));
  add("KeyOfOnes", std::string(32, '\xff'));
  unsigned off_curve = 0;
  for (unsigned y = 2; y < 40; ++y) {
    const std::string encoded = LittleEndian(NumberOf(y).get());
    const bool on_curve = Decode(encoded).has_value();
    add(absl::StrCat(on_curve ? "KeyWithSmallY" : "KeyOffTheCurve", y),
        encoded);
    off_curve += on_curve ? 0 : 1;
  }
  Must(off_curve > 10);
  for (unsigned y = 0; y < 19; ++y) {
    add(absl::StrCat("KeyOfPrimePlus", y), EncodedPrimePlus(y));
    add(absl::StrCat("OddKeyOfPrimePlus", y),
        FlipBit(EncodedPrimePlus(y), 255));
  }
}

CryptoCase Made(const std::string& name, const Ed25519Parts& parts,
                Error verdict) {
  MadeEd25519 made = MakeEd25519(parts);
  // Whoever looks at the equation alone accepts it: a case that does not hold
  // would be refused for that.
  Must(made.holds && OpenSslVerifies(made.parts));
  made.parts.name = name;
  made.parts.verdict = verdict;
  return made.parts;
}

// Every encoding of every point of small order, as the key.
void AddKeysOfSmallOrder(std::vector<CryptoCase>& cases) {
  auto add = [&](const std::string& name, unsigned torsion,
                 const std::string& encoding) {
    cases.push_back(Made(name,
                         {.a = NumberOf(0),
                          .key_torsion = torsion,
                          .r = RandomScalar(),
                          .r_torsion = torsion,
                          .key_encoding = encoding},
                         Error::kSignatureMismatch));
  };
  for (unsigned i = 0; i < 8; ++i) {
    add(absl::StrCat("KeyOfSmallOrder", i), i, "");
  }
  const std::string one = Encode(Torsion(0));
  const std::string minus_one = Encode(Torsion(4));
  add("KeyIsOneWithASign", 0, FlipBit(one, 255));
  add("KeyIsMinusOneWithASign", 4, FlipBit(minus_one, 255));
  add("KeyIsPrimePlusOne", 0, EncodedPrimePlus(1));
  add("KeyIsPrimePlusOneWithASign", 0, FlipBit(EncodedPrimePlus(1), 255));
  // y = 0 modulo p: the points of order 4, one for each sign.
  const unsigned even = Torsion(2).x.odd() ? 6 : 2;
  add("KeyIsPrime", even, EncodedPrimePlus(0));
  add("KeyIsPrimeWithASign", 8 - even, FlipBit(EncodedPrimePlus(0), 255));
}

// R of small order: the nonce is 0, or the key's owner signs with none. And its
// other encodings, which are nobody's R.
void AddROfSmallOrder(std::vector<CryptoCase>& cases) {
  for (unsigned i = 0; i < 8; ++i) {
    cases.push_back(Made(absl::StrCat("ROfSmallOrder", i),
                         {.a = RandomScalar(),
                          .key_torsion = 1,
                          .r = NumberOf(0),
                          .r_torsion = i},
                         Error::kSignatureMismatch));
  }
  cases.push_back(Made("RIsOneForAnOrdinaryKey",
                       {.a = RandomScalar(), .r = NumberOf(0)},
                       Error::kSignatureMismatch));
  for (const std::string& encoding :
       {FlipBit(Encode(Torsion(0)), 255), EncodedPrimePlus(1),
        FlipBit(EncodedPrimePlus(1), 255)}) {
    MadeEd25519 made = MakeEd25519(
        {.a = RandomScalar(), .r = NumberOf(0), .r_encoding = encoding});
    made.parts.name = "RIsOneEncodedOtherwise";
    made.parts.verdict = Error::kSignatureMismatch;
    cases.push_back(made.parts);
  }
}

// Keys and R with a part of small order: the equation holds, or only 8 times
// both of its sides are equal.
void AddMixedOrder(std::vector<CryptoCase>& cases) {
  for (unsigned i = 1; i < 8; ++i) {
    cases.push_back(
        Made(absl::StrCat("MixedKey", i),
             {.a = RandomScalar(), .key_torsion = i, .r = RandomScalar()},
             Error::kOk));
    cases.push_back(Made(absl::StrCat("MixedKeyAndR", i),
                         {.a = RandomScalar(),
                          .key_torsion = i,
                          .r = RandomScalar(),
                          .r_torsion = i},
                         Error::kOk));
    MadeEd25519 made =
        MakeEd25519({.a = RandomScalar(), .r = RandomScalar(), .r_torsion = i});
    Must(!made.holds && !OpenSslVerifies(made.parts));
    made.parts.name = absl::StrCat("EqualOnlyTimesEight", i);
    made.parts.verdict = Error::kSignatureMismatch;
    cases.push_back(made.parts);
  }
}

// Key and nonce so small that equal and opposite points meet, and 0.
void AddSmallScalars(std::vector<CryptoCase>& cases) {
  for (const unsigned long a : {1, 2, 3, 4, 8}) {
    for (const unsigned long r : {1, 2, 3}) {
      Number opposite = EdwardsOrder();
      Must(BN_sub_word(opposite.get(), a) == 1);
      cases.push_back(Made(absl::StrCat("Key", a, "R", r),
                           {.a = NumberOf(a), .r = NumberOf(r)}, Error::kOk));
      cases.push_back(Made(absl::StrCat("KeyMinus", a, "R", r),
                           {.a = std::move(opposite), .r = NumberOf(r)},
                           Error::kOk));
    }
  }
}

}  // namespace

void AddEd25519Cases(const SigningKey& key, std::vector<CryptoCase>& cases) {
  const CryptoCase good = cases.front();
  AddPublishedCases(cases);
  AddFormCases(good, cases);
  AddScalarCases(good, cases);
  AddKeyCases(good, cases);
  AddKeysOfSmallOrder(cases);
  AddROfSmallOrder(cases);
  AddMixedOrder(cases);
  AddSmallScalars(cases);
  for (const std::size_t size : {1, 63, 64, 65, 127, 128, 1000}) {
    const std::string message = Random(size);
    cases.push_back({"MessageOfAnotherLength", good.public_key, message,
                     key.Sign(AsBytes(message)), Error::kOk});
  }
}

}  // namespace bootseal::tests
