// MBR and both GPTs: what TF-A wants of them.
#include <array>

#include "absl/strings/str_cat.h"
#include "client/layout/check.h"
#include "client/layout/sgdisk.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/sign_command.h"

namespace bootseal::layout {
namespace {

using image::Error;
using image::host::ShellWord;
using Findings = std::vector<Finding>;

constexpr std::uint8_t kProtective = 0xee;
constexpr std::uint64_t kMbrEntry = 446;
// What BL2 of STM32MP reads to find its partitions.
constexpr std::uint64_t kTableSectors = 34;

Severity For(const Evidence& evidence, Severity of_tf_a) {
  return evidence.build.generation.reads_as_tf_a ? of_tf_a
                                                 : Severity::kDegraded;
}

Findings CheckMbr(const Evidence& evidence) {
  const MasterBootRecord& mbr = evidence.table.mbr;
  const Severity severity = For(evidence, Severity::kBootsNot);
  const std::string expected = absl::StrCat(
      "a protective MBR: one entry of type ee from sector 1, and 55 aa at "
      "byte 510; ",
      evidence.build.Words(), " takes the disk for none without it");
  const std::string fix =
      absl::StrCat("write it anew: printf 'x\\nn\\nw\\ny\\n' | gdisk ",
                   ShellWord(evidence.path));
  if (!mbr.signature) {
    return {{severity, "MBR_SIGNATURE", "sector 0 does not end with 55 aa", 510,
             expected, fix}};
  }
  if (mbr.type != kProtective) {
    return {{severity, "MBR_TYPE",
             absl::StrCat("the MBR's first entry has type ",
                          absl::Hex(mbr.type, absl::kZeroPad2)),
             kMbrEntry + 4, expected, fix}};
  }
  if (mbr.first != 1 || mbr.sectors == 0 || mbr.sectors == UINT32_MAX) {
    return {{severity, "MBR_RANGE",
             absl::StrCat("the MBR's protective entry has ", mbr.sectors,
                          " sectors from sector ", mbr.first),
             kMbrEntry + 8,
             absl::StrCat(expected,
                          "; TF-A wants the number of sectors, and not the "
                          "ffffffff that stands for more than 2 TiB"),
             fix}};
  }
  return {};
}

Findings CheckPrimary(const Evidence& evidence) {
  const TableCopy& primary = evidence.table.primary;
  const TableCopy& backup = evidence.table.backup;
  if (primary.ok()) return {};
  const std::string why = absl::StrCat(image::host::NameOf(primary.error), ": ",
                                       image::Text(primary.error));
  if (!backup.ok()) {
    return {
        {Severity::kBootsNot, "GPT_MISSING",
         absl::StrCat("neither the primary GPT (", why, ") nor the backup (",
                      image::host::NameOf(backup.error), ") can be read"),
         kSector, "a GUID partition table in sector 1",
         "make the disk anew: bootseal fwu layout create"}};
  }
  return {{For(evidence, Severity::kBootsNot), "GPT_PRIMARY",
           absl::StrCat("the primary GPT is damaged (", why,
                        "), the backup in sector ", backup.sector, " is whole"),
           kSector,
           "a primary GPT whose CRCs fit: TF-A up to 2.15 reads no other on "
           "STM32MP",
           absl::StrCat("make it from the backup: ",
                        SgdiskCommand(evidence, "--move-second-header"),
                        "; on the device: bootseal-fwu repair")}};
}

Findings CheckBackup(const Evidence& evidence) {
  const TableCopy& primary = evidence.table.primary;
  const TableCopy& backup = evidence.table.backup;
  if (!primary.ok()) return {};
  const std::uint64_t last = evidence.size / kSector - 1;
  const std::string fix = absl::StrCat(
      "write it anew: ", SgdiskCommand(evidence, "--move-second-header"));
  if (!backup.ok()) {
    return {{Severity::kDegraded, "GPT_BACKUP",
             absl::StrCat("the backup GPT is damaged (",
                          image::host::NameOf(backup.error), ": ",
                          image::Text(backup.error), ")"),
             backup.sector * kSector,
             "the same table in the disk's last sector", fix}};
  }
  if (backup.sector != last) {
    return {{Severity::kDegraded, "GPT_BACKUP_PLACE",
             absl::StrCat("the backup GPT is in sector ", backup.sector,
                          ", the disk ends with sector ", last),
             backup.sector * kSector,
             "the backup in the last sector, where it is looked for when the "
             "primary is damaged",
             fix}};
  }
  if (backup.header.entries_crc != primary.header.entries_crc ||
      backup.header.disk != primary.header.disk) {
    return {{Severity::kDegraded, "GPT_DIFFERS",
             "primary and backup GPT are whole and differ",
             backup.sector * kSector, "the same partitions in both", fix}};
  }
  return {};
}

Findings CheckSize(const Evidence& evidence) {
  const TableCopy* table = evidence.partitions();
  if (table == nullptr) return {};
  const std::uint64_t sectors = evidence.size / kSector;
  if (table->disk_sectors <= sectors) return {};
  return {{For(evidence, Severity::kDegraded), "DISK_TRUNCATED",
           absl::StrCat("the table describes a disk of ", table->disk_sectors,
                        " sectors, there are ", sectors),
           evidence.size, "all of the disk",
           "copy the whole image, or make one of the card's size"}};
}

Findings CheckEntriesPlace(const Evidence& evidence) {
  const TableCopy& primary = evidence.table.primary;
  if (!primary.ok() || !evidence.build.generation.reads_as_tf_a) return {};
  const std::uint64_t needed = (evidence.build.EntryLimit() + 3) / 4;
  if (primary.header.entries_sector + needed <= kTableSectors) return {};
  return {{Severity::kBootsNot, "GPT_ENTRIES_PLACE",
           absl::StrCat("the partitions are listed from sector ",
                        primary.header.entries_sector, " on"),
           primary.header.entries_sector * kSector,
           absl::StrCat("within the first ", kTableSectors,
                        " sectors: TF-A reads no more"),
           absl::StrCat("move them: ",
                        SgdiskCommand(evidence, "--adjust-main-table=2"))}};
}

constexpr auto kChecks = std::to_array<Check>(
    {CheckMbr, CheckPrimary, CheckBackup, CheckSize, CheckEntriesPlace});

}  // namespace

std::span<const Check> TableChecks() { return kChecks; }

}  // namespace bootseal::layout
