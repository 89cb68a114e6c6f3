// A bootloader that trusts two keys, while one takes the other's place: it
// boots images of both, whose boot records name their own signers, and refuses
// all others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "firmware/image/algorithm.h"
#include "firmware/image/host/convert.h"
#include "tests/qemu/bench.h"
#include "tests/support/device.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::host::ToString;
using image::mcuboot::KeyFormat;
using testing::HasSubstr;

constexpr char kBoard[] = "mps2-an505";
constexpr char kStarted[] = "payload: hello";

std::string Hex(image::Bytes bytes) {
  return absl::StrCat("Hex(\"", absl::BytesToHexString(ToString(bytes)),
                      "\");\n");
}

// As `bootseal targets export --format c++` writes it.
std::string SourceWith(const Device& device, const Device& beside) {
  const bool full = device.rules().key_format == KeyFormat::kFull;
  return absl::StrReplaceAll(
      device.RulesSource(),
      {{"#include \"firmware/boot/rules.h\"",
        "#include \"firmware/boot/overlap_keys.h\"\n"
        "#include \"firmware/boot/rules.h\""},
       {"}  // namespace\n\nconstinit",
        absl::StrCat(
            "constexpr auto kOverlapKey1 = ", Hex(beside.rules().public_key),
            "constexpr auto kOverlapKeyHash1 = ", Hex(beside.rules().key_hash),
            "constexpr TrustedKey kOverlapKeys[] = {\n    {",
            full ? "{}" : "kOverlapKey1",
            ", kOverlapKeyHash1},\n};\n}  // namespace\n\nconstinit")}});
}

class OverlapOnBoard : public testing::Test {
 protected:
  explicit OverlapOnBoard(Algorithm algorithm = Algorithm::kP256)
      : old_(algorithm), new_(algorithm), third_(algorithm) {}

  // Images of `old_` and `new_` are good, those of `third_` are not.
  void Provision(KeyFormat format = KeyFormat::kHash) {
    for (Device* device : {&old_, &new_, &third_}) {
      device->rules().key_format = format;
    }
    ASSERT_EQ(new_.ProvisionFrom(SourceWith(new_, old_), kBoard, Elf()), "");
  }
  std::string Elf() const { return folder_.File("boot.elf"); }
  std::string Boot(const std::string& content, const char* until) {
    const std::string image = folder_.File("image");
    WriteFile(image, content);
    return UartOf({kBoard, Elf(), image}, until);
  }
  static std::string Code() { return Payload(kBoard); }

  TemporaryFolder folder_;
  Device old_;
  Device new_;
  Device third_;
};

class OverlapOfAlgorithm : public OverlapOnBoard,
                           public testing::WithParamInterface<Algorithm> {
 protected:
  OverlapOfAlgorithm() : OverlapOnBoard(GetParam()) {}
};

TEST_P(OverlapOfAlgorithm, ImagesOfBothKeysStartAndOfAThirdDoNot) {
  for (const KeyFormat format : {KeyFormat::kHash, KeyFormat::kFull}) {
    Provision(format);
    EXPECT_THAT(Boot(new_.Seal(Code()), kStarted), HasSubstr(kStarted));
    EXPECT_THAT(Boot(old_.Seal(Code()), kStarted), HasSubstr(kStarted));
    EXPECT_THAT(Boot(third_.Seal(Code()), "refused"),
                HasSubstr("refused: signed with another key"));
  }
}

TEST_F(OverlapOnBoard, WhatIsNotGenuineOfEitherIsRefusedForWhatItIs) {
  Provision();
  for (const Device* device : {&old_, &new_}) {
    std::string damaged = device->Seal(Code());
    damaged[0x500] ^= 1;
    EXPECT_THAT(Boot(damaged, "refused"),
                HasSubstr("refused: digest does not match"));
    EXPECT_THAT(Boot(device->SealForged(Code()), "refused"),
                HasSubstr("refused: signature does not match"));
  }
}

// It names a trusted key, and the signature is of nobody's.
TEST_F(OverlapOnBoard, AnImageThatNamesATrustedKeyIsJudgedByThatKey) {
  Provision();
  for (const Device* device : {&old_, &new_}) {
    third_.rules().key_hash = device->rules().key_hash;
    EXPECT_THAT(Boot(third_.Seal(Code()), "refused"),
                HasSubstr("refused: signature does not match"));
  }
}

TEST_F(OverlapOnBoard, WithoutTheOldKeyItsImagesAreRefused) {
  ASSERT_EQ(new_.Provision(kBoard, Elf()), "");
  EXPECT_THAT(Boot(old_.Seal(Code()), "refused"),
              HasSubstr("refused: signed with another key"));
}

TEST_F(OverlapOnBoard, KeysInOtpAndKeysInTheRulesAreNotMixed) {
  new_.rules().key_format = KeyFormat::kFull;
  new_.ProvisionWith({"--key-hash", "otp"});
  EXPECT_THAT(new_.ProvisionFrom(SourceWith(new_, old_), kBoard, Elf()),
              HasSubstr("leave overlap_keys out of the target"));
}

INSTANTIATE_TEST_SUITE_P(Boots, OverlapOfAlgorithm,
                         testing::Values(Algorithm::kP256, Algorithm::kRsa3072,
                                         Algorithm::kEd25519),
                         [](const auto& each) {
                           return image::TraitsOf(each.param)->name;
                         });

}  // namespace
}  // namespace bootseal::tests
