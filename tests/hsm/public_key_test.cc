#include "hsm/public_key.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace bootseal::hsm {
namespace {

using tests::StatusIs;

constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

struct Curve {
  const char* name;
  const char* spki_prefix;
  const char* point;
};

void PrintTo(const Curve& curve, std::ostream* out) { *out << curve.name; }

// The generators of P-256 and P-384 (SEC 2), RFC 8032 7.1 test 1, and the
// generator of brainpoolP256t1 (RFC 5639 3.4).
constexpr Curve kCurves[] = {
    {"p256", "3059301306072a8648ce3d020106082a8648ce3d030107034200",
     "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
     "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"},
    {"p384", "3076301006072a8648ce3d020106052b81040022036200",
     "04aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a38"
     "5502f25dbf55296c3a545e3872760ab73617de4a96262c6f5d9e98bf9292dc29f8"
     "f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f"},
    {"ed25519", "302a300506032b6570032100",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"},
    {"brainpoolP256t1",
     "305a301406072a8648ce3d020106092b2403030208010108034200",
     "04a3e8eb3cc1cfe7b7732213b23a656149afa142c47aafbc2b79a191562e1305f4"
     "2d996c823439c56d7f7b22e14644417e69bcb6de39d027001dabe8f35b25c9be"},
};

class PointOf : public testing::TestWithParam<Curve> {
 protected:
  Algorithm algorithm() const { return *ParseAlgorithm(GetParam().name); }
  std::string point() const { return absl::HexStringToBytes(GetParam().point); }
  std::string spki() const {
    return absl::StrCat(absl::HexStringToBytes(GetParam().spki_prefix),
                        point());
  }
  std::string wrapped() const {
    return absl::StrCat(std::string{'\x04', static_cast<char>(point().size())},
                        point());
  }
};

TEST_P(PointOf, IsReadInAllThreeEncodings) {
  for (const std::string& encoded : {point(), wrapped(), spki()}) {
    const auto key = PublicKey::FromPoint(algorithm(), encoded);
    ASSERT_OK(key);
    EXPECT_EQ(key->device_der(), spki());
    EXPECT_EQ(key->Raw(), point());
    EXPECT_EQ(key->algorithm(), algorithm());
  }
}

TEST_P(PointOf, IsRefusedInAnyOtherLength) {
  for (std::string encoded : {point(), wrapped(), spki()}) {
    encoded.push_back('\0');
    EXPECT_THAT(PublicKey::FromPoint(algorithm(), encoded),
                StatusIs(kPrecondition, "KEY_TYPE"));
    encoded.resize(encoded.size() - 2);
    EXPECT_THAT(PublicKey::FromPoint(algorithm(), encoded),
                StatusIs(kPrecondition, "KEY_TYPE"));
  }
  EXPECT_THAT(PublicKey::FromPoint(algorithm(), ""),
              StatusIs(kPrecondition, "KEY_TYPE"));
}

TEST_P(PointOf, IsRefusedWithAnotherWrapping) {
  std::string encoded = wrapped();
  encoded[0] = '\x03';
  EXPECT_THAT(PublicKey::FromPoint(algorithm(), encoded),
              StatusIs(kPrecondition, "KEY_TYPE"));
}

INSTANTIATE_TEST_SUITE_P(Curves, PointOf, testing::ValuesIn(kCurves));

TEST(PublicKey, RefusesAPointOffItsCurve) {
  std::string point = absl::HexStringToBytes(kCurves[0].point);
  point.back() = static_cast<char>(point.back() ^ 1);
  EXPECT_THAT(PublicKey::FromPoint(Algorithm::kP256, point),
              StatusIs(kPrecondition, "KEY_TYPE"));
}

// The generator of brainpoolP256r1 (RFC 5639 3.4): as long, and not the same.
TEST(PublicKey, RefusesAPointOfBrainpoolsRegularCurve) {
  const std::string point = absl::HexStringToBytes(
      "048bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262"
      "547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997");
  EXPECT_THAT(PublicKey::FromPoint(Algorithm::kBrainpoolP256t1, point),
              StatusIs(kPrecondition, "KEY_TYPE"));
  const std::string spki = absl::StrCat(
      absl::HexStringToBytes(
          "305a301406072a8648ce3d020106092b2403030208010107034200"),
      point);
  const auto* cursor = reinterpret_cast<const unsigned char*>(spki.data());
  base::EvpKeyPtr key(
      d2i_PUBKEY(nullptr, &cursor, static_cast<long>(spki.size())));
  ASSERT_NE(key, nullptr);
  EXPECT_THAT(PublicKey::FromKey(std::move(key)),
              testing::AllOf(StatusIs(kPrecondition, "KEY_TYPE"),
                             tests::MessageHas("\"brainpoolP256r1\""),
                             tests::MessageHas("the twisted brainpoolP256t1")));
}

TEST(PublicKey, RefusesARsaModulusOfAnotherSize) {
  const std::string exponent = absl::HexStringToBytes("010001");
  for (const std::size_t size : {128U, 255U, 257U, 512U}) {
    EXPECT_THAT(PublicKey::FromRsa(std::string(size, '\xff'), exponent),
                StatusIs(kPrecondition, "KEY_TYPE"))
        << size;
  }
  EXPECT_THAT(PublicKey::FromRsa("", exponent),
              StatusIs(kPrecondition, "KEY_TYPE"));
}

TEST(PublicKey, WritesRsaAsTheDeviceComparesIt) {
  const std::string modulus(256, '\xff');
  const std::string exponent = absl::HexStringToBytes("010001");
  const std::string der =
      absl::StrCat(absl::HexStringToBytes("3082010a0282010100"), modulus,
                   absl::HexStringToBytes("0203010001"));
  // Leading zeros are the token's habit, not the key's.
  for (const std::string& read : {modulus, std::string(3, '\0') + modulus}) {
    const auto key = PublicKey::FromRsa(read, exponent);
    ASSERT_OK(key);
    EXPECT_EQ(key->device_der(), der);
    EXPECT_EQ(key->spki().size(), 294U);
    EXPECT_EQ(key->Raw(), modulus);
  }
}

TEST(KeyHash, IsTheImagesHash) {
  EXPECT_EQ(KeyHash(Algorithm::kP256, "x").size(), 32U);
  EXPECT_EQ(KeyHash(Algorithm::kRsa3072, "x"), Sha256("x"));
  EXPECT_EQ(KeyHash(Algorithm::kP384, "x").size(), 48U);
}

// r || s as the token gives it, and the only DER that is right for it.
struct Encoding {
  const char* name;
  std::string raw;
  std::string der;
};

TEST(EcdsaDer, IsMinimal) {
  const std::string one = std::string(31, '\0') + "\x01";
  const std::string high = std::string(1, '\x80') + std::string(31, '\0');
  const Encoding encodings[] = {
      {"short numbers", one + one, absl::HexStringToBytes("3006020101020101")},
      {"high bits", high + high,
       absl::StrCat(absl::HexStringToBytes("30460221"), std::string(1, '\0'),
                    high, absl::HexStringToBytes("0221"), std::string(1, '\0'),
                    high)},
  };
  for (const Encoding& encoding : encodings) {
    const auto der = EcdsaDer(encoding.raw);
    ASSERT_OK(der);
    EXPECT_EQ(absl::BytesToHexString(*der),
              absl::BytesToHexString(encoding.der))
        << encoding.name;
  }
}

}  // namespace
}  // namespace bootseal::hsm
