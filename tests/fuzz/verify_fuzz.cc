// Our arithmetic against OpenSSL's: whatever key, digest and signature, both
// accept it or both refuse it. Keys are fresh in every run, so a disagreement
// prints all that it takes to repeat it.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "firmware/crypto/curves.h"
#include "firmware/crypto/ecdsa.h"
#include "firmware/crypto/modulus.h"
#include "firmware/crypto/rsa.h"
#include "firmware/image/algorithm.h"
#include "firmware/image/der.h"
#include "firmware/image/host/convert.h"
#include "tests/firmware/crypto/cases.h"
#include "tests/firmware/crypto/ecdsa_parts.h"
#include "tests/fuzz/chosen_signature.h"
#include "tests/fuzz/fuzz_input.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Error;
using image::host::AsBytes;

Error OwnVerdict(Algorithm algorithm, const CryptoCase& c) {
  const image::Bytes key = AsBytes(c.public_key);
  const image::Bytes digest = AsBytes(c.digest);
  const image::Bytes signature = AsBytes(c.signature);
  switch (algorithm) {
    case Algorithm::kRsa2048:
      return crypto::VerifyRsaPss<2048>(key, digest, signature);
    case Algorithm::kRsa3072:
      return crypto::VerifyRsaPss<3072>(key, digest, signature);
    case Algorithm::kP256:
      return crypto::VerifyEcdsa<crypto::P256>(key, digest,
                                               signature);
    case Algorithm::kP384:
      return crypto::VerifyEcdsa<crypto::P384>(key, digest,
                                               signature);
    case Algorithm::kEd25519:  // has a target of its own
    case Algorithm::kBrainpoolP256t1:
      break;
  }
  return Error::kUnsupported;
}

[[noreturn]] void Disagree(Algorithm algorithm, const CryptoCase& c,
                           absl::string_view what) {
  std::fprintf(
      stderr, "%s",
      absl::StrCat(image::TraitsOf(algorithm)->name, ": ", what,
                   "\n  key       ", absl::BytesToHexString(c.public_key),
                   "\n  digest    ", absl::BytesToHexString(c.digest),
                   "\n  signature ", absl::BytesToHexString(c.signature), "\n")
          .c_str());
  std::abort();
}

// The verdict of both.
Error RequireAgreement(Algorithm algorithm, const CryptoCase& c) {
  const Error own = OwnVerdict(algorithm, c);
  const Error host =
      image::VerifySignature(algorithm, AsBytes(c.public_key),
                             AsBytes(c.digest), AsBytes(c.signature));
  // Where several things are wrong, either may be named.
  if ((own == Error::kOk) != (host == Error::kOk)) {
    Disagree(algorithm, c,
             absl::StrCat("ours says ", image::Text(own), ", OpenSSL's ",
                          image::Text(host)));
  }
  return own;
}

const CryptoCase& Genuine(Algorithm algorithm) {
  static const auto* cases = [] {
    auto* made = new std::array<CryptoCase, 6>;
    for (const image::AlgorithmTraits& traits : image::kAlgorithms) {
      if (traits.algorithm == Algorithm::kEd25519) continue;
      CryptoCase& c = (*made)[static_cast<std::size_t>(traits.algorithm)];
      c = GenuineCase(traits.algorithm);
      if (RequireAgreement(traits.algorithm, c) != Error::kOk) {
        Disagree(traits.algorithm, c, "both refuse a genuine signature");
      }
    }
    return made;
  }();
  return (*cases)[static_cast<std::size_t>(algorithm)];
}

void Edit(std::string& bytes, FuzzInput& data) {
  if (bytes.empty()) return;
  const auto at = data.ConsumeIntegralInRange<std::size_t>(0, bytes.size() - 1);
  const auto value = static_cast<char>(data.ConsumeByte());
  switch (data.ConsumeIntegralInRange(0, 3)) {
    case 0:
      bytes[at] = static_cast<char>(bytes[at] ^ value);
      break;
    case 1:
      bytes.insert(at, 1, value);
      break;
    case 2:
      bytes.erase(at, 1);
      break;
    default: {
      const std::string run = data.ConsumeBytes(bytes.size() - at);
      bytes.replace(at, run.size(), run);
      break;
    }
  }
}

// The genuine case with some bytes changed, added and taken away.
void TryEdits(Algorithm algorithm, FuzzInput& data) {
  CryptoCase c = Genuine(algorithm);
  for (int left = 4; left > 0 && data.remaining_bytes() > 0; --left) {
    std::string* const fields[] = {&c.public_key, &c.digest, &c.signature};
    Edit(*fields[data.ConsumeIntegralInRange(0, 2)], data);
  }
  RequireAgreement(algorithm, c);
}

// A number of the fuzzer's, or one within 7 of 0 or of the group's order.
Number RawScalar(std::size_t coordinate, FuzzInput& data) {
  Number number = OrderOf(coordinate);
  const auto offset = data.ConsumeIntegralInRange<unsigned>(0, 7);
  switch (data.ConsumeIntegralInRange(0, 3)) {
    case 0:
      Must(BN_add_word(number.get(), offset) == 1);
      return number;
    case 1:
      Must(BN_sub_word(number.get(), offset) == 1);
      return number;
    case 2:
      Must(BN_set_word(number.get(), offset) == 1);
      return number;
    default:
      break;
  }
  const std::string bytes = data.ConsumeBytes(coordinate);
  return Number(BN_bin2bn(Raw(bytes), static_cast<int>(bytes.size()), nullptr),
                BN_free);
}

// Numbers in and out of range, in proper DER.
void TryRawScalars(Algorithm algorithm, FuzzInput& data) {
  const std::size_t coordinate = image::CoordinateSize(algorithm);
  CryptoCase c = Genuine(algorithm);
  const Number r = RawScalar(coordinate, data);
  const Number s = RawScalar(coordinate, data);
  c.signature = DerSignature(MinimalInteger(r.get()), MinimalInteger(s.get()));
  RequireAgreement(algorithm, c);
}

// A genuine signature is accepted, and refused once n is added to one of its
// numbers or a bit of the digest is another.
void TryGenuine(Algorithm algorithm, const ChosenSignature& made,
                FuzzInput& data) {
  const std::size_t coordinate = image::CoordinateSize(algorithm);
  CryptoCase c = Genuine(algorithm);
  c.public_key.replace(c.public_key.size() - 2 * coordinate, 2 * coordinate,
                       made.point);
  c.digest = made.digest;
  c.signature = made.signature;
  if (RequireAgreement(algorithm, c) != Error::kOk) {
    Disagree(algorithm, c, "both refuse a genuine signature");
  }
  for (const std::string& signature : made.not_reduced) {
    c.signature = signature;
    if (RequireAgreement(algorithm, c) == Error::kOk) {
      Disagree(algorithm, c, "both accept a number above the order");
    }
  }
  c.signature = made.signature;
  c.digest = FlipBit(c.digest, data.ConsumeIntegralInRange<std::size_t>(
                                   0, 8 * coordinate - 1));
  RequireAgreement(algorithm, c);
}

// Any way that a genuine verification can take through the curve.
void TryChosenScalars(Algorithm algorithm, FuzzInput& data) {
  const std::size_t coordinate = image::CoordinateSize(algorithm);
  Number a = RawScalar(coordinate, data);
  Number b = RawScalar(coordinate, data);
  Number c = RawScalar(coordinate, data);
  const auto chosen = data.ConsumeBool()
                          ? ScalarsOf(a.get(), b.get(), c.get(), coordinate)
                          : std::optional(ChosenScalars{
                                std::move(a), std::move(b), std::move(c)});
  if (!chosen) return;
  const auto made = SignatureThrough(*chosen, coordinate);
  if (made) TryGenuine(algorithm, *made, data);
}

// base^65537 modulo any modulus: what RSA verification computes of it.
template <int kBits>
void TryPower(FuzzInput& data) {
  constexpr std::size_t kBytes = kBits / 8;
  std::string modulus = data.ConsumeBytes(kBytes);
  std::string base = data.ConsumeBytes(kBytes);
  modulus.resize(kBytes, '\xff');
  base.resize(kBytes, '\xff');
  modulus.front() = static_cast<char>(modulus.front() | 0x80);
  modulus.back() = static_cast<char>(modulus.back() | 1);

  const crypto::Modulus<kBits> own(AsBytes(modulus));
  typename crypto::Modulus<kBits>::Number x, power;
  own.ReadAndReduce(x, AsBytes(base));
  power = x;
  own.ToMontgomery(power);
  for (int i = 0; i < 16; ++i) own.Multiply(power, power, power);
  own.Multiply(power, power, x);
  std::array<std::byte, kBytes> result;
  crypto::ToBigEndian(result, power);

  const Number n(BN_bin2bn(Raw(modulus), kBytes, nullptr), BN_free);
  const Number b(BN_bin2bn(Raw(base), kBytes, nullptr), BN_free);
  const Number e(BN_new(), BN_free);
  const Number expected(BN_new(), BN_free);
  BN_CTX* context = BN_CTX_new();
  std::string bytes(kBytes, '\0');
  Must(BN_set_word(e.get(), 65537) == 1 &&
       BN_mod_exp(expected.get(), b.get(), e.get(), n.get(), context) == 1 &&
       BN_bn2binpad(expected.get(), Raw(bytes), kBytes) == kBytes);
  BN_CTX_free(context);
  if (!image::Equal(result, AsBytes(bytes))) {
    std::fprintf(stderr, "powers differ: modulus %s, base %s\n",
                 absl::BytesToHexString(modulus).c_str(),
                 absl::BytesToHexString(base).c_str());
    std::abort();
  }
}

void TryRsa(Algorithm algorithm, FuzzInput& data) {
  if (data.ConsumeBool()) return TryEdits(algorithm, data);
  if (algorithm == Algorithm::kRsa2048) return TryPower<2048>(data);
  TryPower<3072>(data);
}

void TryEcdsa(Algorithm algorithm, FuzzInput& data) {
  switch (data.ConsumeIntegralInRange(0, 2)) {
    case 0:
      return TryEdits(algorithm, data);
    case 1:
      return TryRawScalars(algorithm, data);
    default:
      return TryChosenScalars(algorithm, data);
  }
}

}  // namespace
}  // namespace bootseal::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size) {
  using bootseal::image::Algorithm;
  bootseal::tests::FuzzInput data(bytes, size);
  const Algorithm algorithm =
      data.PickValue({Algorithm::kRsa2048, Algorithm::kRsa3072,
                      Algorithm::kP256, Algorithm::kP384});
  if (bootseal::image::CoordinateSize(algorithm) == 0) {
    bootseal::tests::TryRsa(algorithm, data);
  } else {
    bootseal::tests::TryEcdsa(algorithm, data);
  }
  return 0;
}
