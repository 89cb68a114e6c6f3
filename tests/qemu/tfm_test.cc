// TF-M's configuration, measured boot: what both images leave in the shared
// area, byte for byte.
#include <gmock/gmock.h>

#include <string>

#include "firmware/image/host/convert.h"
#include "tests/qemu/bench.h"
#include "tests/qemu/tfm_bench.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::mcuboot::Presence;
using image::mcuboot::Strategy;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Major 1.2.3+4, as in the header.
const std::string kVersionBytes("\x01\x02\x03\x00\x04\x00\x00\x00", 8);

class MeasuredBoot : public testing::TestWithParam<Algorithm> {
 protected:
  MeasuredBoot() : device_(GetParam(), Strategy::kOverwriteOnly) {}

  // Both images in place, the keys in OTP, and dirt in the shared area.
  void Begin(const std::vector<std::string>& options = {"--configuration",
                                                        "tfm"}) {
    device_.Start(options);
    device_.ProgramKeys();
    device_.Put(PrimaryOf(0), secure_);
    device_.Put(PrimaryOf(1), other_);
    device_.board().Write(kSharedData, std::string(kSharedDataBytes, '\xa5'));
  }

  std::string Record(int image) {
    return image == 0 ? ExpectedRecord("SPE", "1.2.3", device_.of(0), secure_)
                      : ExpectedRecord("NSPE", "1.2.3", device_.of(1), other_);
  }

  TfmBench device_;
  std::string secure_ = device_.Seal(0, 7);
  std::string other_ = device_.Seal(1, 9);
};

TEST_P(MeasuredBoot, HandsOnWhatTfmReadsOfBothImages) {
  Begin();
  EXPECT_THAT(device_.BootToPayload(),
              HasSubstr("slot 0: version 1.2.3+4, counter 7"));
  EXPECT_EQ(
      device_.SharedData(),
      ExpectedArea(Entry(0x103f, Record(0)) + Entry(0x2000, kVersionBytes) +
                   Entry(0x107f, Record(1)) + Entry(0x2040, kVersionBytes)));
}

TEST_P(MeasuredBoot, HandsOnWhatMcubootSaysOfItself) {
  Begin({"--counters", "board", "--measured-boot", "mcuboot"});
  device_.BootToPayload();
  const std::string signature_type =
      GetParam() == Algorithm::kRsa3072 ? "\x01" : "\x02";
  EXPECT_EQ(
      device_.SharedData(),
      ExpectedArea(Entry(0x103f, Record(0)) + Entry(0x2000, "\x02") +
                   Entry(0x2001, signature_type) +
                   Entry(0x2002, std::string(1, '\0')) +
                   Entry(0x2003, std::string(1, '\0')) + Entry(0x2010, U32(7)) +
                   Entry(0x2011, U32(9)) + Entry(0x2005, U32(0x80000)) +
                   Entry(0x107f, Record(1))));
}

TEST_P(MeasuredBoot, MeasuresTheImageThatWasInstalledAndNotTheOneBefore) {
  Begin();
  const std::string before = Record(0);
  const std::string candidate = device_.Seal(0, 8, 2);
  device_.Put(SecondaryOf(0), candidate);
  device_.AskForUpgrade(0);
  EXPECT_THAT(device_.BootToPayload(), HasSubstr("upgrade: overwritten"));
  const std::string area = device_.SharedData();
  EXPECT_THAT(area, HasSubstr(ExpectedRecord("SPE", "2.2.3", device_.of(0),
                                             candidate)));
  EXPECT_THAT(area, Not(HasSubstr(before)));
}

TEST_P(MeasuredBoot, StartsNothingWithoutABootRecordOfEitherImage) {
  Begin();
  image::mcuboot::ProtectedTlvs without;
  without.has_security_counter = true;
  without.security_counter = 10;
  for (const int image : {0, 1}) {
    device_.Put(PrimaryOf(image),
                device_.of(image).Seal(Payload(kTfmBoard), without));
    device_.Put(PrimaryOf(1 - image), image == 0 ? other_ : secure_);
    EXPECT_THAT(device_.BootToRefusal(),
                StartsWith("bootseal: refused: boot record missing (0x"));
    EXPECT_THAT(device_.SharedData(), Not(StartsWith("\x16\x20")));
    device_.Reset();
  }
}

TEST_P(MeasuredBoot, InstallsNothingWithoutABootRecord) {
  Begin();
  image::mcuboot::ProtectedTlvs without;
  without.has_security_counter = true;
  without.security_counter = 10;
  device_.Put(SecondaryOf(1), device_.of(1).Seal(Payload(kTfmBoard), without));
  device_.AskForUpgrade(1);
  EXPECT_THAT(device_.BootToPayload(),
              HasSubstr("upgrade: refused: boot record missing (0x"));
  EXPECT_EQ(device_.board().Read(PrimaryOf(1), other_.size()), other_);
  EXPECT_THAT(device_.SharedData(), HasSubstr(Record(1)));
}

// The record of the first goes into its room, its measurement is of the other.
TEST_P(MeasuredBoot, StartsNothingWithTheBootRecordOfTheOtherImage) {
  Begin();
  device_.Put(PrimaryOf(1), device_.SealWith(device_.of(1), 0, 9));
  EXPECT_THAT(device_.BootToRefusal(),
              StartsWith("bootseal: refused: boot record's software type"));
}

TEST_P(MeasuredBoot, LeavesTheAreaAloneWhenItIsNotLinked) {
  Begin({"--key-hash", "otp"});
  device_.BootToPayload();
  EXPECT_EQ(device_.SharedData(), std::string(kSharedDataBytes, '\xa5'));
}

TEST_P(MeasuredBoot, StartsNothingWhenTheAreaIsTooSmallForBoth) {
  device_.Start({"--measured-boot", "tfm"},
                "#include \"firmware/boards/shared_data.h\"\n"
                "namespace bootseal::boards {\n"
                "image::MutableBytes SharedDataArea() {\n"
                "  return {reinterpret_cast<std::byte*>(0x38000000), 200};\n"
                "}\n"
                "}  // namespace bootseal::boards\n");
  device_.Put(PrimaryOf(0), secure_);
  device_.Put(PrimaryOf(1), other_);
  device_.board().Write(kSharedData, std::string(kSharedDataBytes, '\xa5'));
  EXPECT_THAT(device_.BootToRefusal(),
              StartsWith("bootseal: refused: buffer too small (0x"));
  EXPECT_EQ(device_.SharedData().substr(200),
            std::string(kSharedDataBytes - 200, '\xa5'));
}

INSTANTIATE_TEST_SUITE_P(Tfm, MeasuredBoot,
                         testing::Values(Algorithm::kRsa3072, Algorithm::kP256),
                         [](const auto& one) {
                           return one.param == Algorithm::kP256 ? "p256"
                                                                : "rsa3072";
                         });

class TfmProvision : public testing::Test {
 protected:
  TfmBench device_{Algorithm::kP256, Strategy::kSwapMove};
};

TEST_F(TfmProvision, TakesTheConfigurationByName) {
  EXPECT_EQ(device_.Provision({"--configuration", "tfm"}), "");
}

TEST_F(TfmProvision, RefusesWhatNeitherItNorABoardHas) {
  EXPECT_THAT(device_.Provision({"--configuration", "zephyr"}),
              HasSubstr("no configuration zephyr: tfm"));
  EXPECT_THAT(device_.Provision({"--counters", "fuses"}),
              HasSubstr("no counters fuses: none or board"));
  EXPECT_THAT(device_.Provision({"--key-hash", "flash"}),
              HasSubstr("no key hash flash: rules or otp"));
  EXPECT_THAT(device_.Provision({"--measured-boot", "tpm"}),
              HasSubstr("no measured boot tpm: none, tfm or mcuboot"));
}

// Of either image: whoever signs reads the rules alone.
TEST_F(TfmProvision, RefusesRulesThatDoNotDemandWhatTheDeviceWill) {
  for (const int image : {0, 1}) {
    image::mcuboot::Rules& rules = device_.of(image).rules();
    const image::mcuboot::Rules good = rules;
    rules.key_format = image::mcuboot::KeyFormat::kHash;
    EXPECT_THAT(device_.Provision({"--key-hash", "otp"}),
                HasSubstr(".key_format is not kFull"));
    rules = good;
    for (const Presence presence :
         {Presence::kOptional, Presence::kForbidden}) {
      rules.security_counter = presence;
      EXPECT_THAT(device_.Provision({"--counters", "board"}),
                  HasSubstr(".security_counter is not kRequired"));
      rules = good;
      rules.boot_record = presence;
      EXPECT_THAT(device_.Provision({"--measured-boot", "tfm"}),
                  HasSubstr(".boot_record is not kRequired"));
      rules = good;
    }
  }
}

}  // namespace
}  // namespace bootseal::tests
