// The hash of each image's key in OTP: what is not in force there verifies
// nothing, whatever was compiled in.
#include <gmock/gmock.h>

#include <string>

#include "firmware/image/host/convert.h"
#include "tests/qemu/tfm_bench.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::host::ToString;
using image::mcuboot::KeyFormat;
using image::mcuboot::Strategy;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kNoKey = "bootseal: refused: no key provisioned (0x";
constexpr const char* kOtherKey = "bootseal: refused: signed with another key";

class KeyInOtp : public testing::TestWithParam<Algorithm> {
 protected:
  KeyInOtp() : device_(GetParam(), Strategy::kOverwriteOnly) {
    replacement_.rules().key_format = KeyFormat::kFull;
  }

  void Begin() {
    device_.Start({"--key-hash", "otp"});
    for (const int image : {0, 1}) {
      device_.Put(PrimaryOf(image), device_.Seal(image, 7));
    }
  }
  static std::string HashOf(const Device& key) {
    return ToString(key.rules().key_hash);
  }
  static std::string Blank() { return std::string(kOtpSlot, '\xff'); }
  static std::string Revoked() { return std::string(kOtpSlot, '\0'); }

  TfmBench device_;
  Device replacement_{GetParam()};
};

TEST_P(KeyInOtp, VerifiesBothImagesWithTheirOwn) {
  Begin();
  device_.ProgramKeys();
  EXPECT_THAT(device_.BootToPayload(), HasSubstr("counter 7"));
}

// The rules of both have their keys' hashes compiled in.
TEST_P(KeyInOtp, IsDemandedOfABlankDevice) {
  Begin();
  EXPECT_THAT(device_.BootToRefusal(), StartsWith(kNoKey));
}

TEST_P(KeyInOtp, IsDemandedForEveryImage) {
  Begin();
  for (const int blank : {0, 1}) {
    device_.ProgramKeys();
    device_.ProgramKey(blank, 0, Blank());
    EXPECT_THAT(device_.BootToRefusal(), StartsWith(kNoKey)) << blank;
    device_.Reset();
  }
}

TEST_P(KeyInOtp, IsNotThatOfTheOtherImage) {
  Begin();
  device_.ProgramKey(0, 0, HashOf(device_.of(1)));
  device_.ProgramKey(1, 0, HashOf(device_.of(1)));
  EXPECT_THAT(device_.BootToRefusal(), StartsWith(kOtherKey));
  device_.Reset();
  device_.ProgramKey(0, 0, HashOf(device_.of(0)));
  device_.ProgramKey(1, 0, HashOf(device_.of(0)));
  EXPECT_THAT(device_.BootToRefusal(), StartsWith(kOtherKey));
}

TEST_P(KeyInOtp, IsNotThatOfSomebodyElse) {
  Begin();
  device_.ProgramKeys();
  replacement_.rules().key_hash = device_.of(0).rules().key_hash;
  device_.Put(PrimaryOf(0), device_.SealWith(replacement_, 0, 7));
  EXPECT_THAT(device_.BootToRefusal(), StartsWith(kOtherKey));
}

TEST_P(KeyInOtp, IsWholeAndNotABeginning) {
  Begin();
  device_.ProgramKeys();
  std::string hash = HashOf(device_.of(0));
  hash.back() = static_cast<char>(hash.back() ^ 1);
  device_.ProgramKey(0, 0, hash);
  EXPECT_THAT(device_.BootToRefusal(), StartsWith(kOtherKey));
}

TEST_P(KeyInOtp, IsReplacedByTheNextOneWhenItIsRevoked) {
  Begin();
  device_.ProgramKeys();
  // The next key is there, and not in force yet.
  device_.ProgramKey(0, 1, HashOf(replacement_));
  device_.BootToPayload();
  device_.Reset();
  device_.ProgramKey(0, 0, Revoked());
  EXPECT_THAT(device_.BootToRefusal(), StartsWith(kOtherKey));
  device_.Reset();
  device_.Put(PrimaryOf(0), device_.SealWith(replacement_, 0, 7));
  EXPECT_THAT(device_.BootToPayload(), HasSubstr("counter 7"));
}

TEST_P(KeyInOtp, IsNoneWhenTheLastOneIsRevoked) {
  Begin();
  device_.ProgramKeys();
  device_.ProgramKey(0, 0, Revoked());
  device_.ProgramKey(0, 1, Revoked());
  EXPECT_THAT(device_.BootToRefusal(), StartsWith(kNoKey));
  device_.Reset();
  device_.ProgramKey(0, 1, Blank());
  EXPECT_THAT(device_.BootToRefusal(), StartsWith(kNoKey));
}

TEST_P(KeyInOtp, IsNotReadFromABoardThatCannot) {
  device_.Start({"--key-hash", "otp"},
                "#include \"firmware/boards/otp.h\"\n"
                "namespace bootseal::boards {\n"
                "image::Error ReadKeySlot(std::uint8_t, std::uint8_t,\n"
                "                         image::MutableBytes) {\n"
                "  return image::Error::kStorage;\n"
                "}\n"
                "}  // namespace bootseal::boards\n");
  EXPECT_THAT(device_.BootToRefusal(),
              StartsWith("bootseal: refused: flash cannot be read"));
}

INSTANTIATE_TEST_SUITE_P(Tfm, KeyInOtp,
                         testing::Values(Algorithm::kRsa3072, Algorithm::kP256),
                         [](const auto& one) {
                           return one.param == Algorithm::kP256 ? "p256"
                                                                : "rsa3072";
                         });

}  // namespace
}  // namespace bootseal::tests
