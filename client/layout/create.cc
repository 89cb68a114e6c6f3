#include "client/layout/create.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/exit_status.h"
#include "client/layout/check.h"
#include "client/layout/gpt_image.h"
#include "client/release/guid_words.h"
#include "client/release/metadata_file.h"
#include "client/release/metadata_order.h"
#include "firmware/image/host/guid.h"

namespace bootseal::layout {
namespace {

using cli::UsageError;
using image::Guid;
using image::fwu::Metadata;

constexpr std::uint64_t kMib = 1 << 20;
constexpr std::uint64_t kLeastFlash = 16 * kMib;
constexpr std::size_t kMostNameBytes = image::gpt::kNameUnits - 1;

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::Utf8SafeCEscape(text), "\"");
}

absl::Status CheckOrderIsKnown(const CreateOrder& order) {
  const StoreLayout& store = order.build.store;
  if (!order.build.board.has_layout) {
    return UsageError(
        "LAYOUT_UNKNOWN",
        absl::StrCat("where ", order.build.board.name,
                     " has its flash's parts is not known; make the disk with "
                     "sgdisk and check it"));
  }
  if (!store.has_fsbl && !order.fsbl.empty()) {
    return UsageError(
        "FSBL_PLACE",
        absl::StrCat("the first-stage bootloader of ", store.name,
                     " is in boot partitions of its own: write it to "
                     "mmcblkXboot0 and mmcblkXboot1"));
  }
  if (!store.partitioned && (!order.partitions.empty() || order.disk)) {
    return UsageError("PARTITION_PLACE",
                      absl::StrCat(store.name,
                                   " has no partition table: its places are "
                                   "fixed"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> DefaultMetadata(const CreateOrder& order) {
  release::MetadataOrder metadata;
  metadata.version = order.build.generation.metadata_version;
  metadata.images = {"fip:fip-a,fip-b"};
  metadata.states =
      order.fip_b.empty() ? "accepted,invalid" : "accepted,accepted";
  ASSIGN_OR_RETURN(const Metadata made, release::MakeMetadata(metadata));
  return release::EncodeMetadata(made, "");
}

struct ReplicaBytes {
  std::string bytes;
  Metadata metadata;
};

// Without what may follow it in a file.
absl::StatusOr<ReplicaBytes> MetadataOf(const CreateOrder& order) {
  std::string file = order.metadata;
  if (file.empty()) {
    ASSIGN_OR_RETURN(file, DefaultMetadata(order));
  }
  const auto found = release::FindMetadata(file);
  if (!found.ok()) {
    return base::Annotate(found.status(), "the metadata cannot be used");
  }
  file.resize(
      image::fwu::SizeOf(found->metadata.version, found->metadata.geometry) +
      found->vendor_data.size());
  return ReplicaBytes{std::move(file), found->metadata};
}

absl::Status TooSmall(const Part& part) {
  return base::Precondition(
      "PLACE_TOO_SMALL", absl::StrCat(part.name, " has ", part.size, " bytes, ",
                                      part.content.size(), " are to go there"));
}

// Structure, before it is put anywhere.
absl::Status CheckContents(const CreateOrder& order) {
  for (const std::string& fip : {order.fip_a, order.fip_b}) {
    if (fip.empty()) continue;
    const auto source = fwu::FromMemory(fip);
    const auto read = ReadFip(*source, {0, fip.size()});
    if (!read.ok()) return base::Annotate(read.status(), "the FIP");
  }
  if (order.fsbl.empty()) return absl::OkStatus();
  const auto source = fwu::FromMemory(order.fsbl);
  const auto read = ReadFsbl(*source, {0, order.fsbl.size()},
                             order.build.board.fsbl_header_version);
  if (read.ok()) return absl::OkStatus();
  return base::Annotate(read.status(), "the first-stage bootloader");
}

// Of the FIP in a bank; what TF-A calls fip-a and fip-b otherwise.
Guid BankGuid(const Metadata& metadata, std::size_t bank) {
  for (const image::fwu::Image& image : metadata.entries()) {
    if (image.type == image::guids::kFip && bank < metadata.geometry.banks) {
      return image.banks[bank].guid;
    }
  }
  return bank == 0 ? image::guids::kFipA : image::guids::kFipB;
}

struct Filling {
  absl::string_view place;
  std::string CreateOrder::*content;
};
constexpr auto kFillings = std::to_array<Filling>({
    {"fsbl1", &CreateOrder::fsbl},
    {"fsbl2", &CreateOrder::fsbl},
    {"fip-a", &CreateOrder::fip_a},
    {"fip-a2", &CreateOrder::fip_a},
    {"fip-b", &CreateOrder::fip_b},
    {"fip-b2", &CreateOrder::fip_b},
});

std::string ContentOf(const CreateOrder& order, const ReplicaBytes& replica,
                      absl::string_view place) {
  if (place == "metadata1" || place == "metadata2") return replica.bytes;
  for (const Filling& each : kFillings) {
    if (each.place == place) return order.*each.content;
  }
  return "";
}

std::string SeedOf(const CreateOrder& order, absl::string_view name) {
  return absl::StrCat("bootseal layout ", order.build.board.name, " ",
                      order.build.store.name, " ", name);
}

std::vector<Part> PlacedParts(const CreateOrder& order,
                              const ReplicaBytes& replica) {
  std::vector<Part> parts;
  for (const Place& place : order.build.store.places) {
    Part part{std::string(place.name),
              place.offset,
              place.size,
              place.type,
              DerivedGuid(SeedOf(order, place.name)),
              ContentOf(order, replica, place.name)};
    if (place.name == "fip-a") part.unique = BankGuid(replica.metadata, 0);
    if (place.name == "fip-b") part.unique = BankGuid(replica.metadata, 1);
    parts.push_back(std::move(part));
  }
  return parts;
}

std::uint64_t EndOf(const std::vector<Part>& parts) {
  std::uint64_t end = 0;
  for (const Part& part : parts) end = std::max(end, part.offset + part.size);
  return end;
}

absl::Status CheckTwins(const std::vector<Part>& parts) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (parts[i].name == parts[j].name) {
        return UsageError(
            "NAME_TWICE",
            absl::StrCat("there are two partitions ", Quoted(parts[i].name)));
      }
      if (parts[i].unique == parts[j].unique) {
        return UsageError(
            "GUID_TWICE",
            absl::StrCat(parts[j].name, " and ", parts[i].name,
                         " would both have the unique GUID ",
                         image::host::FormatGuid(parts[i].unique)));
      }
    }
  }
  return absl::OkStatus();
}

// In this order: what a bootloader needs is placed, and comes first.
absl::StatusOr<std::vector<Part>> PartsOf(const CreateOrder& order,
                                          const ReplicaBytes& replica) {
  std::vector<Part> parts = PlacedParts(order, replica);
  for (const ExtraPartition& extra : order.partitions) {
    const std::uint64_t at = (EndOf(parts) + kMib - 1) / kMib * kMib;
    if (extra.size > kMostFlash || parts.size() == image::gpt::kMaxEntries) {
      return UsageError("PARTITION_INVALID",
                        absl::StrCat("no room for partition ", extra.name));
    }
    parts.push_back(
        {extra.name, at, extra.size, extra.type,
         extra.unique.value_or(DerivedGuid(SeedOf(order, extra.name))), ""});
  }
  for (const Part& part : parts) {
    if (part.content.size() > part.size) return TooSmall(part);
  }
  if (order.build.store.partitioned) RETURN_IF_ERROR(CheckTwins(parts));
  return parts;
}

absl::StatusOr<std::uint64_t> SizeOf(const CreateOrder& order,
                                     const std::vector<Part>& parts) {
  const std::uint64_t needed =
      EndOf(parts) + (order.build.store.partitioned ? kGptEndBytes : 0);
  if (!order.size) return std::bit_ceil(std::max(needed, kLeastFlash));
  if (*order.size % kSector == 0 && *order.size >= needed &&
      *order.size <= kMostFlash) {
    return *order.size;
  }
  return UsageError("SIZE_INVALID",
                    absl::StrCat("the flash has ", *order.size,
                                 " bytes, expected whole sectors of 512 bytes "
                                 "and at least ",
                                 needed));
}

absl::StatusOr<FlashImage> Assemble(const CreateOrder& order,
                                    const std::vector<Part>& parts,
                                    std::uint64_t size) {
  const bool partitioned = order.build.store.partitioned;
  FlashImage flash(size, partitioned ? std::byte{0} : std::byte{0xff});
  if (partitioned) {
    const Guid disk = order.disk.value_or(DerivedGuid(SeedOf(order, "disk")));
    RETURN_IF_ERROR(PutPartitionTable(flash, disk, parts));
  }
  for (const Part& part : parts) {
    RETURN_IF_ERROR(flash.Put(part.offset, part.content));
  }
  return flash;
}

// What was not given is not wrong, but has to come.
absl::Status CheckReport(const Report& report) {
  for (const Finding& finding : report.findings) {
    const bool open =
        finding.reason == "FSBL_BLANK" || finding.reason == "FIP_BLANK";
    if (finding.severity != Severity::kBootsNot || open) continue;
    return base::Precondition(
        finding.reason, absl::StrCat(finding.found, "; expected ",
                                     finding.expected, "; ", finding.fix));
  }
  return absl::OkStatus();
}

std::vector<std::string> EmptyPlaces(const Report& report) {
  std::vector<std::string> empty;
  const Evidence& evidence = report.evidence;
  for (const StoredFsbl& fsbl : evidence.fsbls) {
    if (!fsbl.content.ok()) empty.push_back(fsbl.place);
  }
  for (const StoredBank& bank : evidence.banks) {
    if (evidence.IsReachable(bank.bank) && !bank.content.ok()) {
      empty.push_back(bank.place);
    }
  }
  return empty;
}

constexpr std::pair<char, unsigned> kUnits[] = {
    {'K', 10}, {'M', 20}, {'G', 30}, {'T', 40}};

absl::Status BadPartition(absl::string_view text, absl::string_view why) {
  return UsageError(
      "PARTITION_INVALID",
      absl::StrCat("partition is ", Quoted(text), ": ", why,
                   "; expected NAME:SIZE:TYPE[:GUID], for example "
                   "bootfs:64M:linux"));
}

bool IsName(absl::string_view name) {
  return !name.empty() && name.size() <= kMostNameBytes &&
         std::all_of(name.begin(), name.end(), [](char letter) {
           return absl::ascii_isgraph(static_cast<unsigned char>(letter));
         });
}

}  // namespace

absl::StatusOr<std::uint64_t> ParseSize(absl::string_view text) {
  absl::string_view digits = text;
  unsigned shift = 0;
  for (const auto& [letter, bits] : kUnits) {
    if (!text.empty() && text.back() == letter) {
      shift = bits;
      digits.remove_suffix(1);
    }
  }
  const auto number = cli::ParseNumber(digits);
  if (number && *number != 0 && *number <= kMostFlash >> shift) {
    return *number << shift;
  }
  return UsageError("SIZE_INVALID",
                    absl::StrCat("size is ", Quoted(text),
                                 ", expected bytes, or a number with K, M, G "
                                 "or T, up to 4T"));
}

absl::StatusOr<ExtraPartition> ParsePartition(absl::string_view text) {
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  if (parts.size() != 3 && parts.size() != 4) {
    return BadPartition(text, "it has not three or four parts");
  }
  if (!IsName(parts[0])) {
    return BadPartition(text, "a name has 1 to 35 ASCII characters");
  }
  ExtraPartition extra;
  extra.name = parts[0];
  ASSIGN_OR_RETURN(extra.size, ParseSize(parts[1]));
  if (extra.size % kSector != 0) {
    return BadPartition(text, "a sector has 512 bytes");
  }
  ASSIGN_OR_RETURN(extra.type,
                   release::ParseGuidWord("partition type", parts[2]));
  if (parts.size() == 4) {
    ASSIGN_OR_RETURN(extra.unique,
                     release::ParseGuidWord("unique GUID", parts[3]));
  }
  if (extra.type.zero() || (extra.unique && extra.unique->zero())) {
    return BadPartition(text, "a GUID of zeros is none");
  }
  return extra;
}

absl::StatusOr<Created> CreateFlash(const CreateOrder& order,
                                    const std::string& path) {
  RETURN_IF_ERROR(CheckOrderIsKnown(order));
  RETURN_IF_ERROR(CheckContents(order));
  ASSIGN_OR_RETURN(const ReplicaBytes replica, MetadataOf(order));
  ASSIGN_OR_RETURN(const std::vector<Part> parts, PartsOf(order, replica));
  ASSIGN_OR_RETURN(const std::uint64_t size, SizeOf(order, parts));
  ASSIGN_OR_RETURN(FlashImage flash, Assemble(order, parts, size));
  Report report = CheckFlash(flash, order.build, path);
  RETURN_IF_ERROR(CheckReport(report));
  std::vector<std::string> empty = EmptyPlaces(report);
  return Created{std::move(flash), std::move(report), std::move(empty)};
}

}  // namespace bootseal::layout
