// Ed25519 by our arithmetic, by libsodium's and by OpenSSL's as strict: the
// same verdict whatever key, message and signature. Keys are points of every
// order in every encoding, and signatures those that the equation, alone,
// would accept. Random numbers are fresh in every run, so a disagreement prints
// all that it takes to repeat it.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "firmware/crypto/eddsa.h"
#include "firmware/image/host/convert.h"
#include "tests/firmware/crypto/edwards.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int crypto_sign_ed25519_verify_detached(const unsigned char* sig,
                                                   const unsigned char* m,
                                                   unsigned long long mlen,
                                                   const unsigned char* pk);

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Error;
using image::host::AsBytes;

constexpr std::size_t kPrefix = 12;  // of the key's DER

[[noreturn]] void Fail(const CryptoCase& c, const std::string& what) {
  std::fprintf(
      stderr, "%s",
      absl::StrCat(what, "\n  key       ", absl::BytesToHexString(c.public_key),
                   "\n  message   ", absl::BytesToHexString(c.digest),
                   "\n  signature ", absl::BytesToHexString(c.signature), "\n")
          .c_str());
  std::abort();
}

// The key is 32 bytes and the signature 64.
bool LibsodiumVerifies(const CryptoCase& c) {
  return crypto_sign_ed25519_verify_detached(Raw(c.signature), Raw(c.digest),
                                             c.digest.size(),
                                             Raw(c.public_key) + kPrefix) == 0;
}

// The verdict of all three.
bool RequireAgreement(const CryptoCase& c) {
  const bool own = crypto::VerifyEd25519(AsBytes(c.public_key).subspan(kPrefix),
                                         AsBytes(c.digest),
                                         AsBytes(c.signature)) == Error::kOk;
  const bool host = image::VerifySignature(
                        Algorithm::kEd25519, AsBytes(c.public_key),
                        AsBytes(c.digest), AsBytes(c.signature)) == Error::kOk;
  const bool sodium = LibsodiumVerifies(c);
  if (own != host || own != sodium) {
    Fail(c, absl::StrCat("ours: ", own, ", OpenSSL's: ", host,
                         ", libsodium's: ", sodium));
  }
  // Strictness only takes away.
  if (own && !OpenSslVerifies(c)) Fail(c, "OpenSSL refuses what we accept");
  return own;
}

// A number of the fuzzer's, or one within 7 of 0 or of the group's order.
Number Scalar(FuzzInput& data) {
  const auto offset = data.ConsumeIntegralInRange<unsigned>(1, 7);
  switch (data.ConsumeIntegralInRange(0, 2)) {
    case 0:
      return NumberOf(offset - 1);
    case 1: {
      Number number = EdwardsOrder();
      Must(BN_sub_word(number.get(), offset) == 1);
      return number;
    }
    default:
      break;
  }
  std::string bytes = data.ConsumeBytes(32);
  bytes.resize(32, '\0');
  bytes.back() = static_cast<char>(bytes.back() & 0x0f);  // below the order
  return Number(BN_lebin2bn(Raw(bytes), 32, nullptr), BN_free);
}

// A y near 0 or p, or any, and either sign.
std::string AnyPoint(FuzzInput& data) {
  const auto offset = data.ConsumeIntegralInRange<unsigned>(0, 40);
  std::string point(32, '\0');
  switch (data.ConsumeIntegralInRange(0, 2)) {
    case 0:
      point.front() = static_cast<char>(offset);
      break;
    case 1:
      point = EncodedPrimePlus(offset % 19);
      break;
    default:
      point = data.ConsumeBytes(32);
      point.resize(32, '\0');
      break;
  }
  return data.ConsumeBool() ? FlipBit(point, 255) : point;
}

void Edit(std::string& bytes, std::size_t from, FuzzInput& data) {
  if (bytes.size() <= from) return;
  const auto at =
      data.ConsumeIntegralInRange<std::size_t>(from, bytes.size() - 1);
  const std::string run = data.ConsumeBytes(
      data.ConsumeIntegralInRange<std::size_t>(1, bytes.size() - at));
  bytes.replace(at, run.size(), run);
}

// S + L, as often as it fits; S itself where it never does.
std::string PlusOrder(const std::string& signature) {
  const Number sum(BN_lebin2bn(Raw(signature) + 32, 32, nullptr), BN_free);
  std::string more = signature;
  Must(BN_add(sum.get(), sum.get(), EdwardsOrder().get()) == 1);
  if (BN_num_bits(sum.get()) > 256) return signature;
  Must(BN_bn2lebinpad(sum.get(), Raw(more) + 32, 32) == 32);
  return more;
}

// Signatures that the equation accepts, and what is done to them.
void TryMade(FuzzInput& data) {
  Ed25519Parts parts{.a = Scalar(data),
                     .key_torsion = data.ConsumeByte() % 8U,
                     .r = Scalar(data),
                     .r_torsion = data.ConsumeByte() % 8U};
  MadeEd25519 made = MakeEd25519(parts);
  CryptoCase& c = made.parts;
  const bool small_key = BN_is_zero(parts.a.get()) == 1;
  const bool small_r = BN_is_zero(parts.r.get()) == 1;
  const bool expected = made.holds && !small_key && !small_r;
  if (RequireAgreement(c) != expected) {
    Fail(c, absl::StrCat("the equation says ", expected));
  }
  CryptoCase more = c;
  more.signature = PlusOrder(c.signature);
  if (more.signature != c.signature && RequireAgreement(more)) {
    Fail(more, "all accept an S above the order");
  }
  for (int left = 3; left > 0 && data.remaining_bytes() > 0; --left) {
    const auto which = data.ConsumeIntegralInRange(0, 2);
    if (which == 0) Edit(c.public_key, kPrefix, data);
    if (which == 1) Edit(c.digest, 0, data);
    if (which == 2) Edit(c.signature, 0, data);
    RequireAgreement(c);
  }
}

// Key, R or both of any encoding: with S and nonce right, if they were 0.
void TryEncodings(FuzzInput& data) {
  const bool key = data.ConsumeBool();
  const bool r = data.ConsumeBool() || !key;
  const MadeEd25519 made =
      MakeEd25519({.a = key ? NumberOf(0) : Scalar(data),
                   .r = r ? NumberOf(0) : Scalar(data),
                   .key_encoding = key ? AnyPoint(data) : std::string(),
                   .r_encoding = r ? AnyPoint(data) : std::string()});
  RequireAgreement(made.parts);
}

// Messages of any length, and S of any value.
void TryMessages(FuzzInput& data) {
  static const SigningKey key(Algorithm::kEd25519);
  CryptoCase c;
  c.public_key = key.public_key();
  c.digest =
      data.ConsumeBytes(data.ConsumeIntegralInRange<std::size_t>(0, 400));
  c.signature = key.Sign(AsBytes(c.digest));
  if (!RequireAgreement(c)) Fail(c, "all refuse a genuine signature");
  std::string s = data.ConsumeBytes(32);
  c.signature.replace(64 - s.size(), s.size(), s);
  RequireAgreement(c);
}

}  // namespace
}  // namespace bootseal::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size) {
  bootseal::tests::FuzzInput data(bytes, size);
  switch (data.ConsumeIntegralInRange(0, 2)) {
    case 0:
      bootseal::tests::TryMade(data);
      break;
    case 1:
      bootseal::tests::TryEncodings(data);
      break;
    default:
      bootseal::tests::TryMessages(data);
      break;
  }
  return 0;
}
