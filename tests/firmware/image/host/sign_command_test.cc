// The command line that makes an image like the one at hand loses nothing of
// it.
#include "firmware/image/host/sign_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "firmware/image/host/convert.h"
#include "firmware/image/host/explain.h"
#include "tests/firmware/image/host/finding.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Error;
using image::host::AsBytes;
using image::host::Explain;
using image::host::ImageWords;
using image::host::ImgtoolCommand;
using image::host::SignCommand;
using image::host::TargetWords;
using image::host::WordsOfImage;
using namespace image::mcuboot;
using testing::HasSubstr;
using testing::Not;

class Command : public testing::Test {
 protected:
  Command() : target_(SharedKey(Algorithm::kP256)) {
    image_.version = Version{1, 2, 3, 4};
  }
  std::string Sign() { return SignCommand(target_.rules, words_, image_); }
  std::string Imgtool() {
    return ImgtoolCommand(target_.rules, words_, image_);
  }
  // Both name that counter; 0: neither names one.
  void ExpectCounter(std::uint32_t counter) {
    if (counter == 0) {
      EXPECT_THAT(Sign(), Not(HasSubstr("--security-counter")));
      EXPECT_THAT(Imgtool(), Not(HasSubstr(" -s ")));
      return;
    }
    const std::string number = std::to_string(counter);
    EXPECT_THAT(Sign(), HasSubstr("--security-counter " + number + " "));
    EXPECT_THAT(Imgtool(), HasSubstr(" -s " + number + " "));
  }

  TestTarget target_;
  TargetWords words_{.name = "app"};
  ImageWords image_;
};

constexpr std::uint32_t kDerived = 0x01020003;

TEST_F(Command, LeavesTheCounterOutWhereTheTargetDerivesIt) {
  target_.rules.security_counter = Presence::kRequired;
  words_.security_counter_from_version = true;
  ExpectCounter(0);
  image_.security_counter = kDerived;
  ExpectCounter(0);
  image_.version.reset();
  image_.security_counter.reset();
  ExpectCounter(0);
}

TEST_F(Command, KeepsAnotherCounterOfTheImageThatIsValid) {
  target_.rules.security_counter = Presence::kRequired;
  target_.rules.minimum_security_counter = 7;
  words_.security_counter_from_version = true;
  image_.security_counter = 9;
  ExpectCounter(9);
  image_.security_counter = kDerived + 1;
  ExpectCounter(kDerived + 1);
  image_.security_counter = 6;  // the version gives more than the device has
  ExpectCounter(0);
}

TEST_F(Command, NamesTheDevicesCounterWhereTheVersionGivesLess) {
  target_.rules.security_counter = Presence::kRequired;
  target_.rules.minimum_security_counter = kDerived + 5;
  words_.security_counter_from_version = true;
  image_.security_counter = kDerived;
  ExpectCounter(kDerived + 5);
}

TEST_F(Command, NeverLowersACounter) {
  target_.rules.security_counter = Presence::kRequired;
  words_.default_security_counter = 2;
  ExpectCounter(2);
  image_.security_counter = 5;
  ExpectCounter(5);
  target_.rules.minimum_security_counter = 8;
  ExpectCounter(8);
  target_.rules.security_counter = Presence::kOptional;
  target_.rules.minimum_security_counter = 0;
  ExpectCounter(5);
  image_.security_counter.reset();
  ExpectCounter(0);
}

TEST_F(Command, NamesNoCounterThatTheDeviceCannotStore) {
  target_.rules.security_counter = Presence::kRequired;
  target_.rules.security_counter_ceiling = 512;
  image_.security_counter = kDerived;
  ExpectCounter(1);
}

TEST_F(Command, NamesNoCounterThatTheTargetForbids) {
  target_.rules.security_counter = Presence::kForbidden;
  image_.security_counter = 5;
  ExpectCounter(0);
}

TEST_F(Command, EncryptsForATargetThatDemandsItOrAnImageThatWas) {
  Rules& rules = target_.rules;
  rules.encryption_tlv = tlv::kEncryptionX25519Sha512;
  rules.encryption_key_bits = 256;
  for (const bool encrypted : {false, true}) {
    image_.encrypted = encrypted;
    rules.encryption = Presence::kForbidden;
    EXPECT_THAT(Sign(), Not(HasSubstr("DEVICE.pem")));
    EXPECT_THAT(Imgtool(), Not(HasSubstr("DEVICE.pem")));
    rules.encryption = Presence::kRequired;
    EXPECT_THAT(Sign(), HasSubstr(" --encrypt DEVICE.pem "));
    EXPECT_THAT(Imgtool(), HasSubstr(" -E DEVICE.pem --encrypt-keylen 256 "
                                     "--hmac-sha 512 payload.bin"));
  }
  rules.encryption = Presence::kOptional;
  EXPECT_THAT(Sign(), HasSubstr(" --encrypt DEVICE.pem "));
  image_.encrypted = false;
  EXPECT_THAT(Sign(), Not(HasSubstr("--encrypt")));
  EXPECT_THAT(Imgtool(), Not(HasSubstr("-E ")));
}

TEST_F(Command, CompressesWhatWasCompressed) {
  image_.compressed = true;
  EXPECT_THAT(Sign(), Not(HasSubstr("--compress")));
  target_.rules.compression = Compression::kLzma2ArmThumb;
  EXPECT_THAT(Sign(), HasSubstr(" --compress "));
  EXPECT_THAT(Imgtool(), HasSubstr(" --compression lzma2armthumb "));
  image_.compressed = false;
  EXPECT_THAT(Sign(), Not(HasSubstr("--compress")));
  EXPECT_THAT(Imgtool(), Not(HasSubstr("--compression")));
}

TEST_F(Command, AddsTheTlvsOfARequestAndNoneOfTheTargets) {
  words_.vendor_tlvs = {{0xa0, "own"}};
  words_.request_tlvs = {0xa5, 0xa6};
  const std::string long_value(65, 'v');
  ImageParts parts = MakeParts(target_, TestPayload(64), {});
  parts.protected_area =
      Area(kProtectedMagic,
           {{0xa0, "own"}, {0xa5, {1, 2}}, {0xa6, long_value}, {0xa7, "no"}});
  SignAgain(target_, parts);
  const std::string bytes = Join(parts);
  image_ = WordsOfImage(ReadImage(AsBytes(bytes), target_.rules.hash), words_);
  EXPECT_THAT(Sign(), HasSubstr(" --vendor-tlv 0xa5=0x0102 --vendor-tlv "
                                "0xa6=@tlv-0xa6.bin -o image.bin"));
  EXPECT_THAT(Imgtool(), HasSubstr(" --custom-tlv 0xa5 0x0102 "
                                   "--custom-tlv-file 0xa6 tlv-0xa6.bin "
                                   "payload.bin"));
  EXPECT_THAT(Sign() + Imgtool(), Not(HasSubstr("0xa0")));
  EXPECT_THAT(Sign() + Imgtool(), Not(HasSubstr("0xa7")));
}

TEST_F(Command, WritesHexWhereItIsWanted) {
  image_.hex_address = 0x10000000;
  EXPECT_THAT(Sign(), HasSubstr(" --address 0x10000000 -o image.hex "
                                "payload.bin"));
  EXPECT_THAT(Imgtool(), HasSubstr(" payload.bin image.hex -x 0x10000000"));
}

// The fix of a rule, not of a diagnosis.
TEST_F(Command, FixesAMissingCounterAsTheTargetDerivesIt) {
  target_.rules.security_counter = Presence::kRequired;
  const std::string image = MakeImage(target_, TestPayload(64), {});
  const auto fix = [&] {
    return FindingOf(Explain(target_.rules, AsBytes(image),
                             {.security_counter_from_version = true}),
                     Error::kSecurityCounterMissing)
        .fix;
  };
  EXPECT_THAT(fix(), HasSubstr("-s auto; or bootseal sign, which derives it"));
  EXPECT_THAT(fix(), Not(HasSubstr("--security-counter")));
  target_.rules.minimum_security_counter = kDerived + 1;
  EXPECT_THAT(fix(), HasSubstr("--security-counter 16908292"));
}

}  // namespace
}  // namespace bootseal::tests
