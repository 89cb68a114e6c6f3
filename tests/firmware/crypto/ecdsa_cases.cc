#include <openssl/ec.h>
#include <openssl/ecdsa.h>

#include <utility>

#include "base/openssl.h"
#include "tests/firmware/crypto/cases.h"
#include "tests/firmware/crypto/ecdsa_parts.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Error;

std::string FixedWidth(const BIGNUM* number, std::size_t size) {
  std::string bytes(size, '\0');
  Must(BN_bn2binpad(number, Raw(bytes), static_cast<int>(size)) >= 0);
  return bytes;
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
  const Number below(BN_dup(ecdsa.n.get()), BN_free);
  const Number above(BN_dup(ecdsa.n.get()), BN_free);
  Must(BN_sub_word(below.get(), 1) == 1 && BN_add_word(above.get(), 1) == 1);
  const Number one(BN_dup(BN_value_one()), BN_free);
  for (const BIGNUM* edge : {below.get(), above.get(), one.get()}) {
    add("RIsEdge", edge, ecdsa.s.get(), Error::kSignatureMismatch);
    add("SIsEdge", ecdsa.r.get(), edge, Error::kSignatureMismatch);
    add("BothAreEdges", edge, edge, Error::kSignatureMismatch);
  }
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
  // BIT STRING of the one octet that stands for infinity.
  const std::string identifiers =
      good.public_key.substr(2, good.public_key.size() - 2 * coordinate - 6);
  add("PointAtInfinity",
      Der(0x30, identifiers + std::string("\x03\x02\0\0", 4)));
  add("InfinityOfFullLength", before + std::string(1 + 2 * coordinate, '\0'));
  add("KeyOfOtherCurve",
      SpkiOfNew(coordinate == 32 ? Algorithm::kP384 : Algorithm::kP256));
  add("KeyOfEd25519", SpkiOfNew(Algorithm::kEd25519));
}

}  // namespace

void AddEcdsaCases(std::size_t coordinate, std::vector<CryptoCase>& cases) {
  const CryptoCase good = cases.front();
  const Ecdsa ecdsa(good.signature, coordinate);
  AddRangeCases(good, ecdsa, cases);
  AddDerCases(good, ecdsa, cases);
  AddEcKeyCases(good, coordinate, cases);
  AddSpecialPoints(good, coordinate, cases);
}

}  // namespace bootseal::tests
