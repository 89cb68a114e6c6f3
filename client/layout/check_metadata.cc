// Both copies of the metadata, and whether what they name is there.
#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/layout/check.h"
#include "client/layout/sgdisk.h"
#include "client/release/guid_words.h"
#include "client/release/metadata_words.h"
#include "firmware/image/fwu/replicas.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/guid.h"

namespace bootseal::layout {
namespace {

using image::Guid;
using image::fwu::BankState;
using image::fwu::Metadata;
using image::fwu::Replica;
using Findings = std::vector<Finding>;

// One copy is enough to boot.
Severity SeverityOf(const Evidence& evidence) {
  return evidence.winner ? Severity::kDegraded : Severity::kBootsNot;
}

std::optional<std::uint64_t> OffsetOf(const StoredReplica& replica) {
  if (!replica.range) return std::nullopt;
  return replica.range->offset;
}

constexpr char kWriteIt[] =
    "make it with `bootseal fwu create` and write it to metadata1 and "
    "metadata2; on a device with one good copy: bootseal-fwu repair";

Finding Unread(const Evidence& evidence, const StoredReplica& replica) {
  const std::string reason = base::ReasonOf(replica.found.status());
  return {SeverityOf(evidence),
          reason,
          absl::StrCat(replica.place, ": ", replica.found.status().message()),
          OffsetOf(replica),
          absl::StrCat("metadata that ", evidence.build.Words(),
                       " reads; it uses the other copy when one is bad, and "
                       "panics when both are"),
          kWriteIt};
}

// What each field that a bootloader minds is called here.
struct Refusal {
  absl::string_view field;
  absl::string_view reason;
};
constexpr Refusal kRefusals[] = {
    {"version", "METADATA_VERSION"},
    {"banks", "METADATA_BANKS"},
    {"images", "METADATA_IMAGES"},
    {"vendor_bytes", "VENDOR_DATA"},
};

absl::string_view ReasonOf(const absl::Status& refused) {
  const std::string field = base::FieldOf(refused);
  for (const Refusal& each : kRefusals) {
    if (each.field == field) return each.reason;
  }
  return "METADATA_UNREADABLE";
}

Finding Refused(const Evidence& evidence, const StoredReplica& replica) {
  return {SeverityOf(evidence),
          std::string(ReasonOf(replica.readable)),
          absl::StrCat(replica.place, ": ", replica.readable.message()),
          OffsetOf(replica),
          absl::StrCat("metadata as ", evidence.build.Words(),
                       " is built for: its CRC is computed over that size"),
          absl::StrCat("bootseal fwu create --metadata-version ",
                       evidence.build.generation.metadata_version,
                       " --image fip:fip-a,fip-b, written to both copies")};
}

Findings CheckReplicas(const Evidence& evidence) {
  Findings findings;
  for (const StoredReplica& replica : evidence.replicas) {
    if (!replica.range) continue;
    if (!replica.found.ok()) findings.push_back(Unread(evidence, replica));
    if (replica.found.ok() && !replica.readable.ok()) {
      findings.push_back(Refused(evidence, replica));
    }
  }
  return findings;
}

bool Alike(const StoredReplica& a, const StoredReplica& b) {
  return a.found->metadata == b.found->metadata &&
         a.found->vendor_data == b.found->vendor_data;
}

Findings CheckReplicasAlike(const Evidence& evidence) {
  const auto& [primary, secondary] = evidence.replicas;
  if (!primary.usable() || !secondary.usable() || Alike(primary, secondary)) {
    return {};
  }
  return {{Severity::kDegraded, "REPLICA_DIFFERS",
           "metadata1 and metadata2 are whole and differ", OffsetOf(secondary),
           "the same in both: a valid metadata1 wins, and what metadata2 says "
           "comes to light when that is lost",
           "write the right one to both; on a device: bootseal-fwu repair"}};
}

// As mkfwumdata writes it without -g.
Guid BigEndian(const Guid& guid) {
  Guid turned = guid;
  auto& bytes = turned.bytes;
  std::reverse(bytes.begin(), bytes.begin() + 4);
  std::reverse(bytes.begin() + 4, bytes.begin() + 6);
  std::reverse(bytes.begin() + 6, bytes.begin() + 8);
  return turned;
}

// As the first fwumd_tool wrote it.
Guid LastReversed(const Guid& guid) {
  Guid turned = guid;
  std::reverse(turned.bytes.begin() + 10, turned.bytes.end());
  return turned;
}

constexpr char kByteOrder[] =
    "the GUIDs of the metadata are written in another byte order";

Finding ByteOrder(const Evidence& evidence, absl::string_view what,
                  const Guid& guid) {
  return {Severity::kBootsNot,
          "GUID_BYTE_ORDER",
          absl::StrCat(kByteOrder, ": ", what, " is ",
                       image::host::FormatGuid(guid)),
          OffsetOf(evidence.replica(*evidence.winner)),
          "the first three fields little-endian, the rest as printed",
          "mkfwumdata with -g, a later fwumd_tool, or `bootseal fwu create`"};
}

Findings CheckFipImage(const Evidence& evidence) {
  const Metadata* metadata = evidence.metadata();
  if (metadata == nullptr || evidence.fip_image) return {};
  const Guid& type = metadata->images[0].type;
  if (BigEndian(type) == image::guids::kFip ||
      LastReversed(type) == image::guids::kFip) {
    return {ByteOrder(evidence, "the type of image 0", type)};
  }
  return {{Severity::kBootsNot, "FIP_IMAGE_MISSING",
           metadata->geometry.images == 0
               ? "the metadata names no image at all"
               : absl::StrCat("image 0 of the metadata has type ",
                              release::GuidWords(type)),
           OffsetOf(evidence.replica(*evidence.winner)),
           absl::StrCat(release::GuidWords(image::guids::kFip),
                        evidence.build.generation.fip_first
                            ? " for image 0"
                            : " for one of the images"),
           "bootseal fwu create --image fip:fip-a,fip-b"}};
}

// TF-A after 2.15 takes up to as many as it is built for.
Findings CheckImageCount(const Evidence& evidence) {
  const Metadata* metadata = evidence.metadata();
  if (metadata == nullptr || evidence.build.images != Images::kFip ||
      !evidence.build.generation.reads_as_tf_a ||
      metadata->geometry.images <= 1) {
    return {};
  }
  return {
      {Severity::kBootsNot, "METADATA_IMAGES",
       absl::StrCat("the metadata has ", metadata->geometry.images, " images"),
       OffsetOf(evidence.replica(*evidence.winner)),
       "one, the FIP: a build without STM32MP_PSA_FWU_AB_SUPPORT takes no "
       "more",
       "describe the FIP alone, or check with --ab for a bootloader that "
       "is built so"}};
}

Severity SeverityOf(const Evidence& evidence, std::uint8_t bank) {
  return evidence.IsBooted(bank) ? Severity::kBootsNot : Severity::kDegraded;
}

bool NamesOtherOrder(const Evidence& evidence, const Guid& guid) {
  for (const Guid& turned : {BigEndian(guid), LastReversed(guid)}) {
    if (turned == guid) continue;
    const TableCopy* table = evidence.partitions();
    if (table != nullptr
            ? FindByUnique(*table, turned) != nullptr
            : turned == image::guids::kFipA || turned == image::guids::kFipB) {
      return true;
    }
  }
  return false;
}

std::string UniqueOf(const Evidence& evidence, std::uint8_t bank,
                     const Guid& guid) {
  const TableCopy* table = evidence.partitions();
  const char* name = bank == 0 ? "fip-a" : "fip-b";
  const Entry* entry = table == nullptr ? nullptr : FindByName(*table, name);
  if (entry == nullptr) {
    return "add the partition among the first entries, with that unique GUID";
  }
  return absl::StrCat(
      "give it to ", name, ": sgdisk --partition-guid=", entry->number, ":",
      image::host::FormatGuid(guid), ", or create the metadata with ", name,
      "'s own, ", image::host::FormatGuid(entry->partition.unique));
}

Finding NoPlace(const Evidence& evidence, const StoredBank& bank) {
  if (NamesOtherOrder(evidence, bank.guid)) {
    return ByteOrder(evidence, absl::StrCat("that of bank ", bank.bank),
                     bank.guid);
  }
  const std::string found =
      absl::StrCat("bank ", bank.bank, " is ", release::GuidWords(bank.guid));
  const Severity severity = SeverityOf(evidence, bank.bank);
  const auto offset = OffsetOf(evidence.replica(*evidence.winner));
  if (!evidence.build.store.partitioned) {
    return {severity,
            "BANK_GUID_UNKNOWN",
            absl::StrCat(found, ", which is no place on raw flash"),
            offset,
            absl::StrCat(release::GuidWords(image::guids::kFipA), " or ",
                         release::GuidWords(image::guids::kFipB),
                         ": TF-A knows where these are, and panics at others"),
            "bootseal fwu create --image fip:fip-a,fip-b"};
  }
  return {severity,
          "BANK_PARTITION_MISSING",
          absl::StrCat(found, ", and no partition has that unique GUID"),
          offset,
          "a partition whose unique GUID, not its type or name, is the bank's",
          UniqueOf(evidence, bank.bank, bank.guid)};
}

Findings CheckBankPlaces(const Evidence& evidence) {
  Findings findings;
  if (evidence.build.store.partitioned && evidence.partitions() == nullptr) {
    return findings;
  }
  for (const StoredBank& bank : evidence.banks) {
    if (!bank.range) findings.push_back(NoPlace(evidence, bank));
  }
  return findings;
}

// Of bootfs and rootfs, which Linux mounts by them.
Findings CheckOtherImages(const Evidence& evidence) {
  const Metadata* metadata = evidence.metadata();
  const TableCopy* table = evidence.partitions();
  if (metadata == nullptr || table == nullptr) return {};
  Findings findings;
  for (std::size_t i = 0; i < metadata->geometry.images; ++i) {
    if (i == evidence.fip_image) continue;
    const image::fwu::Image& image = metadata->images[i];
    for (std::size_t bank = 0; bank < metadata->geometry.banks; ++bank) {
      const Guid& guid = image.banks[bank].guid;
      if (FindByUnique(*table, guid) != nullptr) continue;
      findings.push_back(
          {Severity::kDegraded, "IMAGE_PARTITION_MISSING",
           absl::StrCat("image ", i, " (", release::GuidWords(image.type),
                        ") in bank ", bank, " is ", release::GuidWords(guid),
                        ", and no partition has that unique GUID"),
           OffsetOf(evidence.replica(*evidence.winner)),
           "a partition for each image in each bank",
           absl::StrCat(
               "add it, or set its unique GUID: ",
               SgdiskCommand(evidence,
                             absl::StrCat("--partition-guid=NUMBER:",
                                          image::host::FormatGuid(guid))))});
    }
  }
  return findings;
}

std::string BankWords(const BootChoice& choice) {
  return choice.bank ? absl::StrCat("bank ", *choice.bank) : "no bank";
}

Findings CheckChoice(const Evidence& evidence) {
  const Metadata* metadata = evidence.metadata();
  if (metadata == nullptr) return {};
  const auto offset = OffsetOf(evidence.replica(*evidence.winner));
  const std::string active =
      absl::StrCat("bank ", metadata->active, ", the active one, is ",
                   release::NameOf(metadata->states[metadata->active]));
  constexpr char kFix[] =
      "provision with an accepted bank: bootseal fwu create --active N --state "
      "accepted,invalid";
  if (!evidence.first_boot.bank) {
    return {{Severity::kBootsNot, "NO_BANK",
             absl::StrCat(active, ", and there is no other to start"), offset,
             "an accepted bank", kFix}};
  }
  if (metadata->states[metadata->active] == BankState::kInvalid) {
    return {{Severity::kDegraded, "ACTIVE_BANK_INVALID",
             absl::StrCat(active, ": ", BankWords(evidence.first_boot),
                          " is started instead"),
             offset, "an active bank that is complete", kFix}};
  }
  if (metadata->states[metadata->active] == BankState::kValid) {
    return {{Severity::kDegraded, "TRIAL_AT_FIRST_BOOT",
             absl::StrCat(active, " but not accepted: a board whose ",
                          evidence.build.board.boot_register,
                          " was never written has no trials left, and starts ",
                          BankWords(evidence.first_boot)),
             offset, "an accepted bank at the factory", kFix}};
  }
  return {};
}

Findings CheckFallback(const Evidence& evidence) {
  const Metadata* metadata = evidence.metadata();
  if (metadata == nullptr || metadata->active != metadata->previous ||
      metadata->geometry.banks < 2) {
    return {};
  }
  return {{Severity::kNote, "NO_PREVIOUS_BANK",
           absl::StrCat("bank ", metadata->active,
                        " is the active and the previous one"),
           OffsetOf(evidence.replica(*evidence.winner)),
           "another bank as previous, unless an update is under way",
           "nothing to do on a device: the next update sets it"}};
}

constexpr auto kChecks = std::to_array<Check>(
    {CheckReplicas, CheckReplicasAlike, CheckFipImage, CheckImageCount,
     CheckBankPlaces, CheckOtherImages, CheckChoice, CheckFallback});

}  // namespace

std::span<const Check> MetadataChecks() { return kChecks; }

}  // namespace bootseal::layout
