// The same without a partition table: NOR flash at TF-A's offsets, the second
// stage in place from flash.
#include "tests/qemu/second_stage_case.h"

namespace bootseal::tests {
namespace {

using boards::BackupRegister;

TEST(SecondStageOnNor, StartsTheBankAtItsFixedOffset) {
  const PackageDevice device(NorBoard(), TwoReleases(NorBoard()));
  const std::string log = device.Boot("nt-fw: release");
  EXPECT_THAT(log, testing::StartsWith("bootseal virt p256\nwatchdog: none\n"));
  EXPECT_THAT(log, HasSubstr("bank 0: accepted\n"));
  EXPECT_THAT(log, HasSubstr("tos-fw: hello from virt\n"));
  EXPECT_THAT(log, HasSubstr(Hello("release 1, stop")));
  EXPECT_EQ(device.Register(BackupRegister::kBoot), 0x30u);
}

TEST(SecondStageOnNor, TriesTheOtherBank) {
  const PackageDevice device(NorBoard(), OnTrial(NorBoard()));
  const std::string log = device.Boot("nt-fw: release");
  EXPECT_THAT(log, HasSubstr("bank 1: on trial, 2 left\n"));
  EXPECT_THAT(log, HasSubstr(Hello("release 2, stop")));
}

// As an erase that was cut short leaves it.
TEST(SecondStageOnNor, DoesWithoutAnErasedReplica) {
  const PackageDevice device(NorBoard(), TwoReleases(NorBoard()));
  device.WriteDisk(device.MetadataOffset(0), std::string(0x1000, '\xff'));
  const std::string log = device.Boot("nt-fw: release");
  EXPECT_THAT(log, HasSubstr("metadata: secondary, version 2, active 0"));
  EXPECT_THAT(log, HasSubstr(Hello("release 1, stop")));
}

TEST(SecondStageOnNor, StartsNothingFromErasedFlash) {
  const PackageDevice device(NorBoard(), TwoReleases(NorBoard()));
  for (const int copy : {0, 1}) {
    device.WriteDisk(device.MetadataOffset(copy), std::string(0x1000, '\xff'));
  }
  const std::string log = device.Boot("bootseal: refused");
  EXPECT_THAT(log, HasSubstr(RefusalLine(Error::kMetadataVersion)));
  EXPECT_THAT(log, Not(HasSubstr("starting")));
}

TEST(SecondStageOnNor, FallsBackFromADamagedPackage) {
  const PackageDevice device(NorBoard(), TwoReleases(NorBoard()));
  device.WriteDisk(device.BankOffset(0) + 0x400, std::string(0x200, '\xff'));
  const std::string log = device.Boot("nt-fw: release");
  EXPECT_THAT(log, HasSubstr("bank 0: refused: "));
  EXPECT_THAT(log, HasSubstr(Hello("release 2, stop")));
}

}  // namespace
}  // namespace bootseal::tests
