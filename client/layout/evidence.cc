#include "client/layout/evidence.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/guid.h"

namespace bootseal::layout {
namespace {

using image::fwu::BankState;
using image::fwu::BootReason;
using image::fwu::Metadata;
using image::fwu::Replica;
using image::host::MetadataReader;

constexpr std::uint64_t kReplicaBytes = 4096;  // as the update client looks at

absl::Status Missing(absl::string_view place) {
  return base::Precondition("PARTITION_MISSING",
                            absl::StrCat("there is no partition ", place));
}

std::optional<fwu::Range> RangeOf(const Evidence& evidence,
                                  absl::string_view place) {
  if (evidence.build.store.partitioned) {
    const TableCopy* table = evidence.partitions();
    const Entry* entry = table == nullptr ? nullptr : FindByName(*table, place);
    if (entry == nullptr) return std::nullopt;
    return entry->range();
  }
  const Place* found = FindPlace(evidence.build.store, place);
  if (found == nullptr) return std::nullopt;
  return fwu::Range{found->offset, found->size};
}

absl::StatusOr<release::FoundMetadata> ReadReplica(fwu::ByteSource& flash,
                                                   const fwu::Range& range) {
  const std::string bytes = ReadFront(flash, range, kReplicaBytes);
  if (IsBlank(bytes)) {
    return base::Precondition("METADATA_BLANK", "nothing was written here");
  }
  return release::FindMetadata(bytes);
}

StoredReplica Replicate(fwu::ByteSource& flash, const Evidence& evidence,
                        const std::string& place) {
  StoredReplica replica{place, RangeOf(evidence, place), Missing(place), {}};
  if (!replica.range) return replica;
  replica.found = ReadReplica(flash, *replica.range);
  if (!replica.found.ok()) return replica;
  replica.readable = image::host::CheckReadableBy(
      evidence.build.generation.reader, replica.found->metadata,
      replica.found->vendor_data.size());
  return replica;
}

std::optional<Replica> WinnerOf(const Evidence& evidence) {
  for (const Replica which : {Replica::kPrimary, Replica::kSecondary}) {
    if (evidence.replica(which).usable()) return which;
  }
  return std::nullopt;
}

std::optional<std::size_t> FipImageOf(const Build& build,
                                      const Metadata& metadata) {
  const std::size_t last =
      build.generation.fip_first ? 1 : metadata.geometry.images;
  for (std::size_t i = 0; i < last; ++i) {
    if (metadata.images[i].type == image::guids::kFip) return i;
  }
  return std::nullopt;
}

// Raw flash knows two GUIDs, and where each of them is.
void Locate(const Evidence& evidence, StoredBank& bank) {
  bank.place = image::host::NameOfGuid(bank.guid);
  if (!evidence.build.store.partitioned) {
    bank.range = RangeOf(evidence, bank.place);
    return;
  }
  const TableCopy* table = evidence.partitions();
  const Entry* entry =
      table == nullptr ? nullptr : FindByUnique(*table, bank.guid);
  if (entry == nullptr) return;
  bank.place = entry->name;
  bank.range = entry->range();
}

std::vector<StoredBank> BanksOf(fwu::ByteSource& flash,
                                const Evidence& evidence) {
  std::vector<StoredBank> banks;
  const Metadata* metadata = evidence.metadata();
  if (metadata == nullptr || !evidence.fip_image) return banks;
  for (std::uint8_t i = 0; i < metadata->geometry.banks; ++i) {
    StoredBank bank;
    bank.bank = i;
    bank.guid = metadata->images[*evidence.fip_image].banks[i].guid;
    Locate(evidence, bank);
    bank.content = bank.range ? ReadFip(flash, *bank.range)
                              : absl::StatusOr<Fip>(Missing(bank.place));
    banks.push_back(std::move(bank));
  }
  return banks;
}

std::vector<StoredFsbl> FsblsOf(fwu::ByteSource& flash,
                                const Evidence& evidence) {
  std::vector<StoredFsbl> fsbls;
  if (!evidence.build.store.has_fsbl) return fsbls;
  for (const char* place : {"fsbl1", "fsbl2"}) {
    StoredFsbl fsbl{place, RangeOf(evidence, place), Missing(place)};
    if (fsbl.range) {
      fsbl.content = ReadFsbl(flash, *fsbl.range,
                              evidence.build.board.fsbl_header_version);
    }
    fsbls.push_back(std::move(fsbl));
  }
  return fsbls;
}

// TF-A up to 2.10 goes back to the previous bank, whatever its state.
BootChoice Choose(const Evidence& evidence, std::uint8_t trials,
                  std::uint8_t failed) {
  const Metadata& metadata = *evidence.metadata();
  const bool spent =
      metadata.states[metadata.active] == BankState::kValid && trials == 0;
  if (spent && evidence.build.generation.reader == MetadataReader::kTfA210) {
    return {static_cast<std::uint8_t>(metadata.previous),
            BootReason::kTrialsSpent};
  }
  const auto selection =
      image::fwu::SelectBank(metadata, {0, trials, true}, failed);
  if (!selection.ok()) return {};
  return {selection->bank, selection->reason};
}

// TF-A stops at a bank that it cannot load; ours asks for the next one.
BootChoice Boot(const Evidence& evidence, std::uint8_t trials) {
  std::uint8_t failed = 0;
  BootChoice choice = Choose(evidence, trials, failed);
  while (!evidence.build.generation.reads_as_tf_a && choice.bank &&
         *choice.bank < evidence.banks.size() &&
         !evidence.banks[*choice.bank].content.ok()) {
    failed = static_cast<std::uint8_t>(failed | 1u << *choice.bank);
    const BootChoice next = Choose(evidence, trials, failed);
    if (!next.bank) return choice;
    choice = next;
  }
  return choice;
}

}  // namespace

const Metadata* Evidence::metadata() const {
  return winner ? &replica(*winner).found->metadata : nullptr;
}

bool Evidence::IsBooted(std::uint8_t bank) const {
  return first_boot.bank == bank || later.bank == bank;
}

bool Evidence::IsReachable(std::uint8_t bank) const {
  const BankState state = metadata()->states[bank];
  return IsBooted(bank) || state == BankState::kAccepted ||
         (state == BankState::kValid && metadata()->version == 2);
}

Evidence Gather(fwu::ByteSource& flash, const Build& build,
                const std::string& path) {
  Evidence evidence{build, path, flash.size()};
  if (build.store.partitioned) evidence.table = ReadPartitionTable(flash);
  evidence.replicas = {Replicate(flash, evidence, "metadata1"),
                       Replicate(flash, evidence, "metadata2")};
  evidence.fsbls = FsblsOf(flash, evidence);
  evidence.winner = WinnerOf(evidence);
  if (!evidence.winner) return evidence;
  evidence.fip_image = FipImageOf(build, *evidence.metadata());
  evidence.banks = BanksOf(flash, evidence);
  evidence.first_boot = Boot(evidence, 0);
  evidence.later =
      Boot(evidence, static_cast<std::uint8_t>(build.board.trials));
  return evidence;
}

Sight SightOf(const TableCopy& table, const Build& build,
              std::uint32_t number) {
  const std::uint32_t limit = build.EntryLimit();
  if (limit == 0) return Sight::kSeen;
  for (const Entry& entry : table.entries) {
    if (entry.number > limit) return Sight::kBeyondLimit;
    if (!entry.single_byte_name) return Sight::kBehindName;
    if (entry.number == number) return Sight::kSeen;
    if (entry.partition.first == 0 && entry.partition.last == 0) {
      return Sight::kBehindGap;
    }
  }
  return Sight::kSeen;
}

}  // namespace bootseal::layout
