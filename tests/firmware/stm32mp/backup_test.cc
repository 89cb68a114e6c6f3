#include "tests/firmware/stm32mp/chip_case.h"

namespace bootseal::tests {
namespace {

using boards::BackupRegister;
using image::Error;

using Backup = ChipCase;

TEST_F(Backup, KeepsEachRegisterInZone2) {
  ASSERT_EQ(boards::Prepare(), Error::kOk);
  boards::WriteBackup(BackupRegister::kBoot, 0x1234);
  boards::WriteBackup(BackupRegister::kDomain, 0x2345);
  boards::WriteBackup(BackupRegister::kReport, 0x3456);
  boards::WriteBackup(BackupRegister::kError, 0x4567);
  // TF-A's register 10, and OP-TEE's zone 2: 10 to 14.
  EXPECT_EQ(chip_.tamp.backup[10], 0x1234U);
  EXPECT_EQ(chip_.tamp.backup[11], 0x2345U);
  EXPECT_EQ(chip_.tamp.backup[12], 0x3456U);
  EXPECT_EQ(chip_.tamp.backup[13], 0x4567U);
  EXPECT_EQ(boards::ReadBackup(BackupRegister::kReport), 0x3456U);
  EXPECT_EQ(chip_.tamp.lost_writes, 0U);
}

TEST_F(Backup, LetsTheNonSecureWorldReadItAndNotWriteIt) {
  chip_.tamp.security = 0x40200040;  // others' bits, and other zones
  ASSERT_EQ(boards::Prepare(), Error::kOk);
  const std::uint32_t own = chip_.is_15 ? 0 : 0x80008000;
  EXPECT_EQ(chip_.tamp.security, 0x400f000a | own);
}

// On STM32MP15 bit 31 gives TAMP's own registers to everybody; on STM32MP13 it
// is the other way round, and bit 15 is the counter's.
TEST_F(Backup, TakesTheCounterFromTheNonSecureWorld) {
  chip_.tamp.security = chip_.is_15 ? 0xc0000000 : 0x40000000;
  ASSERT_EQ(boards::Prepare(), Error::kOk);
  const std::uint32_t own = chip_.is_15 ? 0 : 0x80008000;
  EXPECT_EQ(chip_.tamp.security, 0x400f000a | own);
}

TEST_F(Backup, SaysThatTheCounterStaysOpenToTheNonSecureWorld) {
  // The zones are right, and nothing can be written any more.
  chip_.tamp.security = chip_.is_15 ? 0x800f000a : 0x000f000a;
  chip_.tamp.zones_locked = true;
  EXPECT_EQ(boards::Prepare(), Error::kBackup);
}

TEST_F(Backup, LeavesWhatWasThere) {
  chip_.tamp.backup.fill(0x5a5a5a5a);
  ASSERT_EQ(boards::Prepare(), Error::kOk);
  EXPECT_THAT(chip_.tamp.backup, testing::Each(0x5a5a5a5aU));
  EXPECT_EQ(chip_.tamp.counter, 0U);
}

TEST_F(Backup, LosesWritesWhileTheDomainIsProtected) {
  boards::WriteBackup(BackupRegister::kBoot, 0x31);
  boards::IncrementNvCounter();
  EXPECT_EQ(boards::ReadBackup(BackupRegister::kBoot), 0U);
  EXPECT_EQ(boards::NvCounter(), 0U);
  EXPECT_EQ(chip_.tamp.lost_writes, 2U);
}

TEST_F(Backup, SaysThatTheDomainStaysProtected) {
  chip_.tamp.writable_never = true;
  EXPECT_EQ(boards::Prepare(), Error::kBackup);
}

TEST_F(Backup, SaysThatATamperEventHoldsTheRegisters) {
  chip_.tamp.tampered = true;
  EXPECT_EQ(boards::Prepare(), Error::kBackup);
}

TEST_F(Backup, SaysThatZonesCannotBeDrawn) {
  chip_.tamp.zones_locked = true;
  EXPECT_EQ(boards::Prepare(), Error::kBackup);
}

TEST_F(Backup, CountsByOne) {
  ASSERT_EQ(boards::Prepare(), Error::kOk);
  chip_.tamp.counter = 41;
  boards::IncrementNvCounter();
  EXPECT_EQ(boards::NvCounter(), 42U);
}

TEST_F(Backup, IsNotReachedWithoutTheBusClock) {
  chip_.Rcc(chip_.is_15 ? 0x208 : 0x740) = 0;
  EXPECT_EQ(boards::Prepare(), Error::kBackup);
  EXPECT_THAT(chip_.violations, testing::Contains("TAMP without its clock"));
  chip_.violations.clear();
}

}  // namespace
}  // namespace bootseal::tests
