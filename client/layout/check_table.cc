// MBR, GPTs and partitions: what TF-A wants of them, and what it passes over
// without a word.
#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "client/layout/check.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/guid.h"
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

std::string Sgdisk(const Evidence& evidence, absl::string_view options) {
  return absl::StrCat("sgdisk ", options, " ", ShellWord(evidence.path));
}

std::string Named(const Entry& entry) {
  return absl::StrCat("partition ", entry.number, " (", entry.name, ")");
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
                        Sgdisk(evidence, "--move-second-header"),
                        "; on the device: bootseal-fwu repair")}};
}

Findings CheckBackup(const Evidence& evidence) {
  const TableCopy& primary = evidence.table.primary;
  const TableCopy& backup = evidence.table.backup;
  if (!primary.ok()) return {};
  const std::uint64_t last = evidence.size / kSector - 1;
  const std::string fix =
      absl::StrCat("write it anew: ", Sgdisk(evidence, "--move-second-header"));
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
  return {
      {Severity::kBootsNot, "GPT_ENTRIES_PLACE",
       absl::StrCat("the partitions are listed from sector ",
                    primary.header.entries_sector, " on"),
       primary.header.entries_sector * kSector,
       absl::StrCat("within the first ", kTableSectors,
                    " sectors: TF-A reads no more"),
       absl::StrCat("move them: ", Sgdisk(evidence, "--adjust-main-table=2"))}};
}

// What a boot goes through.
bool IsNeeded(const Evidence& evidence, const Entry& entry) {
  if (entry.name == "metadata1" || entry.name == "metadata2") return true;
  return std::any_of(
      evidence.banks.begin(), evidence.banks.end(),
      [&](const auto& bank) { return bank.guid == entry.partition.unique; });
}

bool IsFsbl(const Entry& entry) { return entry.name.starts_with("fsbl"); }

std::string LimitWords(const Evidence& evidence) {
  return absl::StrCat(
      "fsbl1, fsbl2, metadata1, metadata2, fip-a and fip-b "
      "among the first ",
      evidence.build.EntryLimit(), " entries: ", evidence.build.Words(),
      " keeps no more, and says nothing");
}

// An entry that the bootloader keeps and does not need makes room.
Findings CheckEntryLimit(const Evidence& evidence) {
  const TableCopy* table = evidence.partitions();
  if (table == nullptr) return {};
  std::vector<const Entry*> room;
  for (const Entry& entry : table->entries) {
    if (entry.number > evidence.build.EntryLimit()) break;
    if (!IsNeeded(evidence, entry) && !IsFsbl(entry)) room.push_back(&entry);
  }
  Findings findings;
  for (const Entry& entry : table->entries) {
    if (!entry.used() || !IsNeeded(evidence, entry) ||
        SightOf(*table, evidence.build, entry.number) != Sight::kBeyondLimit) {
      continue;
    }
    std::string fix =
        "build TF-A with a larger PLAT_PARTITION_MAX_ENTRIES, or do without a "
        "partition";
    if (findings.size() < room.size()) {
      fix = absl::StrCat(
          "let it change places with entry ", room[findings.size()]->number,
          ": ",
          Sgdisk(evidence,
                 absl::StrCat("--transpose=", room[findings.size()]->number,
                              ":", entry.number)));
    }
    findings.push_back({Severity::kBootsNot, "ENTRY_LIMIT",
                        absl::StrCat(entry.name, " is entry ", entry.number,
                                     " of the partition table"),
                        entry.offset(), LimitWords(evidence), fix});
  }
  return findings;
}

Findings CheckEntryGap(const Evidence& evidence) {
  const TableCopy* table = evidence.partitions();
  if (table == nullptr) return {};
  Findings findings;
  for (const Entry& entry : table->entries) {
    if (!entry.used() || !IsNeeded(evidence, entry)) continue;
    const Sight sight = SightOf(*table, evidence.build, entry.number);
    if (sight == Sight::kBehindGap) {
      findings.push_back(
          {Severity::kBootsNot, "ENTRY_GAP",
           absl::StrCat(entry.name, " is entry ", entry.number,
                        ", and an entry before it is not used"),
           entry.offset(),
           "entries without a gap: TF-A stops reading at the first unused one",
           absl::StrCat("close it: ", Sgdisk(evidence, "--sort"))});
    }
    if (sight == Sight::kBehindName) {
      findings.push_back(
          {Severity::kBootsNot, "ENTRY_NAME",
           absl::StrCat(entry.name, " is entry ", entry.number,
                        ", and the name of that or of an entry before it has a "
                        "character above U+00FF"),
           entry.offset(), "names in ASCII: TF-A stops reading at any other",
           absl::StrCat("rename that: ",
                        Sgdisk(evidence, "--change-name=NUMBER:NAME"))});
    }
  }
  return findings;
}

// Metadata under another name, if any: by type.
const Entry* Unnamed(const TableCopy& table) {
  for (const Entry& entry : table.entries) {
    if (entry.used() && entry.partition.type == image::guids::kMetadata &&
        entry.name != "metadata1" && entry.name != "metadata2") {
      return &entry;
    }
  }
  return nullptr;
}

Findings CheckMetadataPartitions(const Evidence& evidence) {
  const TableCopy* table = evidence.partitions();
  if (table == nullptr) return {};
  Findings findings;
  for (const StoredReplica& replica : evidence.replicas) {
    if (replica.range) continue;
    const Entry* other = Unnamed(*table);
    const std::string fix =
        other != nullptr
            ? absl::StrCat(
                  "rename ", Named(*other), ": ",
                  Sgdisk(evidence, absl::StrCat("--change-name=", other->number,
                                                ":", replica.place)))
            : absl::StrCat(
                  "add it among the first entries, 256 KiB, and write the "
                  "metadata into it; bootseal fwu layout create makes all of "
                  "it");
    findings.push_back(
        {Severity::kBootsNot, "METADATA_PARTITION_MISSING",
         absl::StrCat("there is no partition named ", replica.place),
         std::nullopt,
         absl::StrCat("metadata1 and metadata2, of type ",
                      image::host::FormatGuid(image::guids::kMetadata),
                      ": without them BL2 panics"),
         fix});
  }
  return findings;
}

Findings CheckMetadataTypes(const Evidence& evidence) {
  const TableCopy* table = evidence.partitions();
  if (table == nullptr) return {};
  Findings findings;
  for (const StoredReplica& replica : evidence.replicas) {
    const Entry* entry = FindByName(*table, replica.place);
    if (entry == nullptr || entry->partition.type == image::guids::kMetadata) {
      continue;
    }
    const std::string type =
        entry->partition.type == image::guids::kFsbl
            ? "ST's \"Binary\""
            : image::host::FormatGuid(entry->partition.type);
    findings.push_back(
        {Severity::kDegraded, "METADATA_TYPE",
         absl::StrCat(Named(*entry), " has type ", type), entry->offset(),
         absl::StrCat(image::host::FormatGuid(image::guids::kMetadata),
                      ": BL2 finds it by name, U-Boot by this type and would "
                      "not find it"),
         Sgdisk(evidence, absl::StrCat("--typecode=", entry->number, ":",
                                       image::host::FormatGuid(
                                           image::guids::kMetadata)))});
  }
  return findings;
}

Findings CheckMetadataOrder(const Evidence& evidence) {
  const TableCopy* table = evidence.partitions();
  if (table == nullptr) return {};
  const Entry* first = FindByType(*table, image::guids::kMetadata);
  const Entry* primary = FindByName(*table, "metadata1");
  if (first == nullptr || primary == nullptr || first == primary ||
      primary->partition.type != image::guids::kMetadata) {
    return {};
  }
  return {{Severity::kDegraded, "METADATA_ORDER",
           absl::StrCat(Named(*first), " comes before ", Named(*primary),
                        " and has the type of metadata too"),
           first->offset(),
           "metadata1 first: U-Boot takes the first of that type for the "
           "primary copy, BL2 the one with that name",
           Sgdisk(evidence, absl::StrCat("--transpose=", first->number, ":",
                                         primary->number))}};
}

bool IsOutside(const Evidence& evidence, const TableCopy& table,
               const Entry& entry) {
  const auto& partition = entry.partition;
  return partition.first > partition.last ||
         partition.first < table.header.first_usable ||
         partition.last > table.header.last_usable ||
         partition.last >= evidence.size / kSector;
}

Findings CheckRanges(const Evidence& evidence) {
  const TableCopy* table = evidence.partitions();
  if (table == nullptr) return {};
  Findings findings;
  for (const Entry& entry : table->entries) {
    if (!entry.used() || !IsOutside(evidence, *table, entry)) continue;
    const bool stops =
        IsNeeded(evidence, entry) || !evidence.build.generation.reads_as_tf_a;
    findings.push_back(
        {stops ? Severity::kBootsNot : Severity::kDegraded, "PARTITION_OUTSIDE",
         absl::StrCat(Named(entry), " has sectors ", entry.partition.first,
                      " to ", entry.partition.last),
         entry.offset(),
         absl::StrCat(
             "sectors ", table->header.first_usable, " to ",
             std::min(table->header.last_usable, evidence.size / kSector - 1)),
         "make the disk larger, or the partition smaller"});
  }
  return findings;
}

Findings CheckOverlaps(const Evidence& evidence) {
  const TableCopy* table = evidence.partitions();
  if (table == nullptr) return {};
  std::vector<const Entry*> used;
  for (const Entry& entry : table->entries) {
    if (entry.used()) used.push_back(&entry);
  }
  std::sort(used.begin(), used.end(), [](const Entry* a, const Entry* b) {
    return a->partition.first < b->partition.first;
  });
  Findings findings;
  for (std::size_t i = 1; i < used.size(); ++i) {
    const Entry& before = *used[i - 1];
    const Entry& after = *used[i];
    if (after.partition.first > before.partition.last) continue;
    findings.push_back({Severity::kDegraded, "PARTITIONS_OVERLAP",
                        absl::StrCat(Named(before), " and ", Named(after),
                                     " share sector ", after.partition.first),
                        after.offset(),
                        "sectors of their own: what is written to one "
                        "destroys the other",
                        "move one of them"});
  }
  return findings;
}

Findings CheckTwins(const Evidence& evidence) {
  const TableCopy* table = evidence.partitions();
  if (table == nullptr) return {};
  Findings findings;
  for (const Entry& entry : table->entries) {
    if (!entry.used()) continue;
    const Entry* first = FindByUnique(*table, entry.partition.unique);
    if (first == &entry) continue;
    const std::string guid = image::host::FormatGuid(entry.partition.unique);
    findings.push_back({Severity::kDegraded, "GUID_TWICE",
                        absl::StrCat(Named(*first), " and ", Named(entry),
                                     " have the same unique GUID ", guid),
                        entry.offset(),
                        absl::StrCat("a GUID for each: who looks for it finds ",
                                     Named(*first), " only"),
                        Sgdisk(evidence, absl::StrCat("--partition-guid=",
                                                      entry.number, ":R"))});
  }
  return findings;
}

Findings CheckNames(const Evidence& evidence) {
  const TableCopy* table = evidence.partitions();
  if (table == nullptr) return {};
  Findings findings;
  for (const Entry& entry : table->entries) {
    if (!entry.used() || !IsNeeded(evidence, entry) || entry.name.empty()) {
      continue;
    }
    const Entry* first = FindByName(*table, entry.name);
    if (first == nullptr || first == &entry) continue;
    findings.push_back(
        {Severity::kDegraded, "NAME_TWICE",
         absl::StrCat(Named(*first), " and ", Named(entry),
                      " have the same name"),
         entry.offset(),
         absl::StrCat("a name for each: BL2 takes ", Named(*first)),
         Sgdisk(evidence,
                absl::StrCat("--change-name=", entry.number, ":NAME"))});
  }
  return findings;
}

constexpr auto kChecks = std::to_array<Check>(
    {CheckMbr, CheckPrimary, CheckBackup, CheckSize, CheckEntriesPlace,
     CheckEntryLimit, CheckEntryGap, CheckMetadataPartitions,
     CheckMetadataTypes, CheckMetadataOrder, CheckRanges, CheckOverlaps,
     CheckTwins, CheckNames});

}  // namespace

std::span<const Check> TableChecks() { return kChecks; }

}  // namespace bootseal::layout
