// For programs: the same as one object.
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/json.h"
#include "client/layout/report.h"
#include "client/release/metadata_words.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/guid.h"

namespace bootseal::layout {
namespace {

using cli::Json;
using cli::JsonObject;
using image::fwu::BootReason;
using image::fwu::Replica;
using image::host::FormatGuid;

Json NumberOrNull(const std::optional<std::uint64_t>& number) {
  return number ? Json::Number(*number) : Json::Null();
}

Json ReasonOrNull(const absl::Status& status) {
  return status.ok() ? Json::Null() : Json::Text(base::ReasonOf(status));
}

Json OffsetOf(const std::optional<fwu::Range>& range) {
  return range ? Json::Number(range->offset) : Json::Null();
}

Json SizeOf(const std::optional<fwu::Range>& range) {
  return range ? Json::Number(range->size) : Json::Null();
}

Json ToJson(const TableCopy& copy) {
  return JsonObject()
      .Add("sector", Json::Number(copy.sector))
      .Add("error", copy.ok() ? Json::Null()
                              : Json::Text(image::host::NameOf(copy.error)))
      .Build();
}

Json Partitions(const Evidence& evidence) {
  std::vector<Json> rows;
  const TableCopy* table = evidence.partitions();
  if (table == nullptr) return Json::Array(rows);
  for (const Entry& entry : table->entries) {
    if (!entry.used()) continue;
    rows.push_back(
        JsonObject()
            .Add("entry", Json::Number(entry.number))
            .Add("name", Json::Text(entry.name))
            .Add("offset", Json::Number(entry.offset()))
            .Add("size", Json::Number(entry.size()))
            .Add("type_guid", Json::Text(FormatGuid(entry.partition.type)))
            .Add("unique_guid", Json::Text(FormatGuid(entry.partition.unique)))
            .Add("read_by_bootloader",
                 Json::Truth(SightOf(*table, evidence.build, entry.number) ==
                             Sight::kSeen))
            .Build());
  }
  return Json::Array(rows);
}

Json Replicas(const Evidence& evidence) {
  std::vector<Json> rows;
  for (const Replica which : {Replica::kPrimary, Replica::kSecondary}) {
    const StoredReplica& replica = evidence.replica(which);
    const absl::Status& why =
        replica.found.ok() ? replica.readable : replica.found.status();
    rows.push_back(
        JsonObject()
            .Add("name", Json::Text(replica.place))
            .Add("offset", OffsetOf(replica.range))
            .Add("reason", ReasonOrNull(why))
            .Add("counts", Json::Truth(evidence.winner == which))
            .Add("metadata", replica.found.ok()
                                 ? release::MetadataJson(*replica.found)
                                 : Json::Null())
            .Build());
  }
  return Json::Array(rows);
}

Json Banks(const Evidence& evidence) {
  std::vector<Json> rows;
  for (const StoredBank& bank : evidence.banks) {
    rows.push_back(
        JsonObject()
            .Add("bank", Json::Number(bank.bank))
            .Add("state", Json::Text(release::NameOf(
                              evidence.metadata()->states[bank.bank])))
            .Add("guid", Json::Text(FormatGuid(bank.guid)))
            .Add("name", bank.range ? Json::Text(bank.place) : Json::Null())
            .Add("offset", OffsetOf(bank.range))
            .Add("size", SizeOf(bank.range))
            .Add("reason", ReasonOrNull(bank.content.status()))
            .Add("fip_images", bank.content.ok()
                                   ? Json::Number(bank.content->images)
                                   : Json::Null())
            .Build());
  }
  return Json::Array(rows);
}

Json Fsbls(const Evidence& evidence) {
  std::vector<Json> rows;
  for (const StoredFsbl& fsbl : evidence.fsbls) {
    rows.push_back(JsonObject()
                       .Add("name", Json::Text(fsbl.place))
                       .Add("offset", OffsetOf(fsbl.range))
                       .Add("reason", ReasonOrNull(fsbl.content.status()))
                       .Build());
  }
  return Json::Array(rows);
}

absl::string_view NameOf(BootReason reason) {
  switch (reason) {
    case BootReason::kAccepted:
      return "accepted";
    case BootReason::kTrial:
      return "trial";
    case BootReason::kTrialsSpent:
      return "trials-spent";
    case BootReason::kTrialLost:
      return "trial-lost";
    case BootReason::kInvalid:
      return "invalid";
    case BootReason::kFailed:
      break;
  }
  return "failed";
}

Json ToJson(const BootChoice& choice) {
  return JsonObject()
      .Add("bank", choice.bank ? Json::Number(*choice.bank) : Json::Null())
      .Add("reason",
           choice.bank ? Json::Text(NameOf(choice.reason)) : Json::Null())
      .Build();
}

Json Findings(const Report& report) {
  std::vector<Json> rows;
  for (const Finding& finding : report.findings) {
    rows.push_back(JsonObject()
                       .Add("severity", Json::Text(NameOf(finding.severity)))
                       .Add("reason", Json::Text(finding.reason))
                       .Add("found", Json::Text(finding.found))
                       .Add("offset", NumberOrNull(finding.offset))
                       .Add("expected", Json::Text(finding.expected))
                       .Add("fix", Json::Text(finding.fix))
                       .Build());
  }
  return Json::Array(rows);
}

}  // namespace

std::string FormatJson(const Report& report) {
  const Evidence& evidence = report.evidence;
  const Build& build = evidence.build;
  return JsonObject()
             .Add("bootable", Json::Truth(report.bootable()))
             .Add("flash", Json::Text(evidence.path))
             .Add("size", Json::Number(evidence.size))
             .Add("board", Json::Text(build.board.name))
             .Add("store", Json::Text(build.store.name))
             .Add("reader",
                  Json::Text(image::host::NameOf(build.generation.reader)))
             .Add("entry_limit", build.EntryLimit() == 0
                                     ? Json::Null()
                                     : Json::Number(build.EntryLimit()))
             .Add("trials", Json::Number(build.board.trials))
             .Add("gpt",
                  build.store.partitioned
                      ? JsonObject()
                            .Add("primary", ToJson(evidence.table.primary))
                            .Add("backup", ToJson(evidence.table.backup))
                            .Build()
                      : Json::Null())
             .Add("partitions", Partitions(evidence))
             .Add("fsbl", Fsbls(evidence))
             .Add("replicas", Replicas(evidence))
             .Add("banks", Banks(evidence))
             .Add("first_boot", ToJson(evidence.first_boot))
             .Add("with_trials_left", ToJson(evidence.later))
             .Add("findings", Findings(report))
             .Build()
             .text() +
         "\n";
}

}  // namespace bootseal::layout
