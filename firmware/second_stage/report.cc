#include "firmware/second_stage/report.h"

#include "firmware/boards/second_stage.h"

namespace bootseal::second_stage {
namespace {

using boards::BackupRegister;
using image::fwu::BootReason;
using image::fwu::BootRegister;

void Write(const Report& report, std::uint32_t reason) {
  std::uint32_t word = kReportTag | reason | std::uint32_t{report.failed} << 4;
  if (report.replica == image::fwu::Replica::kSecondary) word |= 1U << 8;
  if (report.replica_damaged) word |= 1U << 9;
  if (report.table_damaged) word |= 1U << 10;
  boards::WriteBackup(BackupRegister::kReport, word);
  boards::WriteBackup(BackupRegister::kError,
                      static_cast<std::uint32_t>(report.error));
}

}  // namespace

BootRegister ReadBootRegister() {
  const std::uint32_t word = boards::ReadBackup(BackupRegister::kBoot);
  return {static_cast<std::uint8_t>(word & 0xf),
          static_cast<std::uint8_t>(word >> 4 & 0xf),
          boards::ReadBackup(BackupRegister::kDomain) == kDomainWord};
}

void WriteBootRegister(const BootRegister& value) {
  const std::uint32_t others =
      boards::ReadBackup(BackupRegister::kBoot) & ~std::uint32_t{0xff};
  boards::WriteBackup(BackupRegister::kBoot,
                      others | std::uint32_t{value.trials} << 4 | value.bank);
  boards::WriteBackup(BackupRegister::kDomain, value.intact ? kDomainWord : 0);
}

void WriteReport(const Report& report, BootReason reason) {
  Write(report, static_cast<std::uint32_t>(reason) + 1);
}

void WriteReport(const Report& report) { Write(report, 0); }

}  // namespace bootseal::second_stage
