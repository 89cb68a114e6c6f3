// The partitions of a table: what a bootloader needs of them, and what it
// passes over without a word.
#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/layout/check.h"
#include "client/layout/sgdisk.h"
#include "firmware/image/host/guid.h"

namespace bootseal::layout {
namespace {

using Findings = std::vector<Finding>;

std::string Named(const Entry& entry) {
  return absl::StrCat("partition ", entry.number, " (", entry.name, ")");
}

// What a boot goes through.
bool IsNeeded(const Evidence& evidence, const Entry& entry) {
  if (entry.name == "metadata1" || entry.name == "metadata2") return true;
  return std::any_of(
      evidence.banks.begin(), evidence.banks.end(),
      [&](const auto& bank) { return bank.guid == entry.partition.unique; });
}

bool IsFsbl(const Entry& entry) { return absl::StartsWith(entry.name, "fsbl"); }

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
          SgdiskCommand(evidence, absl::StrCat("--transpose=",
                                               room[findings.size()]->number,
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
           absl::StrCat("close it: ", SgdiskCommand(evidence, "--sort"))});
    }
    if (sight == Sight::kBehindName) {
      findings.push_back(
          {Severity::kBootsNot, "ENTRY_NAME",
           absl::StrCat(entry.name, " is entry ", entry.number,
                        ", and the name of that or of an entry before it has a "
                        "character above U+00FF"),
           entry.offset(), "names in ASCII: TF-A stops reading at any other",
           absl::StrCat("rename that: ",
                        SgdiskCommand(evidence, "--change-name=NUMBER:NAME"))});
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
                  SgdiskCommand(evidence,
                                absl::StrCat("--change-name=", other->number,
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
         SgdiskCommand(evidence, absl::StrCat("--typecode=", entry->number, ":",
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
           SgdiskCommand(evidence, absl::StrCat("--transpose=", first->number,
                                                ":", primary->number))}};
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
    findings.push_back(
        {Severity::kDegraded, "GUID_TWICE",
         absl::StrCat(Named(*first), " and ", Named(entry),
                      " have the same unique GUID ", guid),
         entry.offset(),
         absl::StrCat("a GUID for each: who looks for it finds ", Named(*first),
                      " only"),
         SgdiskCommand(evidence,
                       absl::StrCat("--partition-guid=", entry.number, ":R"))});
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
         SgdiskCommand(evidence,
                       absl::StrCat("--change-name=", entry.number, ":NAME"))});
  }
  return findings;
}

constexpr auto kChecks = std::to_array<Check>(
    {CheckEntryLimit, CheckEntryGap, CheckMetadataPartitions,
     CheckMetadataTypes, CheckMetadataOrder, CheckRanges, CheckOverlaps,
     CheckTwins, CheckNames});

}  // namespace

std::span<const Check> PartitionChecks() { return kChecks; }

}  // namespace bootseal::layout
