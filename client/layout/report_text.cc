// For people: what is where, what is wrong and how to mend it, what BL2 does.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "client/cli/text.h"
#include "client/layout/report.h"
#include "client/release/guid_words.h"
#include "client/release/metadata_words.h"
#include "firmware/image/host/convert.h"

namespace bootseal::layout {
namespace {

using cli::FormatTable;
using cli::HexNumber;
using cli::Printable;
using image::fwu::BootReason;
using image::fwu::Replica;
using Rows = std::vector<std::vector<std::string>>;

std::string FormatPartitions(const Evidence& evidence) {
  const TableCopy* table = evidence.partitions();
  if (table == nullptr) return "";
  Rows rows{{"ENTRY", "NAME", "OFFSET", "SIZE", "TYPE", "UNIQUE GUID", "READ"}};
  for (const Entry& entry : table->entries) {
    if (!entry.used()) continue;
    const bool seen =
        SightOf(*table, evidence.build, entry.number) == Sight::kSeen;
    rows.push_back({absl::StrCat(entry.number), Printable(entry.name),
                    HexNumber(entry.offset()), HexNumber(entry.size()),
                    release::GuidWords(entry.partition.type),
                    release::GuidWords(entry.partition.unique),
                    seen ? "yes" : "no"});
  }
  return absl::StrCat(FormatTable(rows), "\n");
}

std::string GptWords(const TableCopy& copy) {
  if (copy.ok()) return absl::StrCat("whole, in sector ", copy.sector);
  return absl::StrCat(image::Text(copy.error), " (",
                      image::host::NameOf(copy.error), ")");
}

std::string ReplicaWords(const Evidence& evidence, Replica which) {
  const StoredReplica& replica = evidence.replica(which);
  if (!replica.found.ok()) return std::string(replica.found.status().message());
  const image::fwu::Metadata& metadata = replica.found->metadata;
  return absl::StrCat("version ", metadata.version, ", active ",
                      metadata.active, ", previous ", metadata.previous,
                      !replica.readable.ok()     ? ", not for this bootloader"
                      : evidence.winner == which ? ", counts"
                                                 : "");
}

std::string ContentWords(const StoredBank& bank) {
  if (!bank.content.ok()) return std::string(bank.content.status().message());
  return absl::StrFormat("FIP of %d images, 0x%x bytes", bank.content->images,
                         bank.content->size);
}

std::string FsblWords(const StoredFsbl& fsbl) {
  if (!fsbl.content.ok()) return std::string(fsbl.content.status().message());
  return absl::StrFormat("STM32 header %d.%d, image version %d, 0x%x bytes",
                         fsbl.content->header_version >> 16,
                         fsbl.content->header_version >> 8 & 0xff,
                         fsbl.content->image_version, fsbl.content->size);
}

std::string ChoiceWords(const BootChoice& choice) {
  if (!choice.bank) return "nothing: there is no bank to start";
  return absl::StrCat("bank ", *choice.bank, ": ", WordsOf(choice.reason));
}

std::string FormatFacts(const Evidence& evidence) {
  Rows rows{{"bootloader", evidence.build.Words()},
            {"flash", absl::StrCat(evidence.build.store.name, ", ",
                                   HexNumber(evidence.size), " bytes")}};
  if (evidence.build.store.partitioned) {
    rows.push_back({"GPT", GptWords(evidence.table.primary)});
    rows.push_back({"  backup", GptWords(evidence.table.backup)});
  }
  for (const StoredFsbl& fsbl : evidence.fsbls) {
    rows.push_back({fsbl.place, FsblWords(fsbl)});
  }
  for (const Replica which : {Replica::kPrimary, Replica::kSecondary}) {
    rows.push_back(
        {evidence.replica(which).place, ReplicaWords(evidence, which)});
  }
  for (const StoredBank& bank : evidence.banks) {
    rows.push_back(
        {absl::StrCat("bank ", bank.bank),
         absl::StrCat(
             release::NameOf(evidence.metadata()->states[bank.bank]), ", ",
             bank.range ? absl::StrCat(Printable(bank.place), " at ",
                                       HexNumber(bank.range->offset), ", ")
                        : "",
             ContentWords(bank))});
  }
  if (evidence.winner) {
    rows.push_back({"first boot", ChoiceWords(evidence.first_boot)});
    rows.push_back(
        {absl::StrCat("with ", evidence.build.board.trials, " trials left"),
         ChoiceWords(evidence.later)});
  }
  return FormatTable(rows);
}

std::string FormatFindings(const Report& report) {
  std::string text;
  for (const Finding& finding : report.findings) {
    absl::StrAppend(
        &text, "\n", finding.reason, " (", NameOf(finding.severity), ")",
        finding.offset ? absl::StrCat(" at ", HexNumber(*finding.offset)) : "",
        ": ", Printable(finding.found), "\n  expected     ",
        Printable(finding.expected), "\n  fix          ",
        Printable(finding.fix), "\n");
  }
  return text;
}

}  // namespace

absl::string_view NameOf(Severity severity) {
  if (severity == Severity::kBootsNot) return "boots-not";
  return severity == Severity::kDegraded ? "degraded" : "note";
}

absl::string_view WordsOf(BootReason reason) {
  switch (reason) {
    case BootReason::kAccepted:
      return "the active one, accepted";
    case BootReason::kTrial:
      return "the active one, on trial";
    case BootReason::kTrialsSpent:
      return "a fallback, as the active one has no trials left";
    case BootReason::kTrialLost:
      return "a fallback, as the trials of the active one were lost";
    case BootReason::kInvalid:
      return "a fallback, as the active one is not complete";
    case BootReason::kFailed:
      break;
  }
  return "a fallback, as the active one cannot be loaded";
}

std::string FormatText(const Report& report) {
  const std::string path = Printable(report.evidence.path);
  return absl::StrCat(FormatPartitions(report.evidence),
                      FormatFacts(report.evidence), FormatFindings(report),
                      "\n",
                      report.bootable() ? "boots with " : "does not boot with ",
                      report.evidence.build.Words(), ": ", path, "\n");
}

}  // namespace bootseal::layout
