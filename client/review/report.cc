#include "client/review/report.h"

#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/text.h"
#include "firmware/image/host/convert.h"

namespace bootseal::review {
namespace {

using cli::Json;
using cli::JsonObject;
using cli::Printable;
using Rows = std::vector<std::vector<std::string>>;

std::string RootOf(const KnownCheckpoint& checkpoint) {
  return absl::Base64Escape(image::host::ToString(checkpoint.root));
}

bool IsWhole(const Findings& findings) {
  return findings.count(FindingClass::kTree) == 0;
}

std::string Entries(const Review& review) {
  const KnownCheckpoint& head = review.known().head;
  if (!IsWhole(review.findings())) {
    return absl::StrCat(review.entries(), " read of ", head.size);
  }
  return absl::StrCat(head.size, ", all there; root ", RootOf(head),
                      " is the signed checkpoint's");
}

std::string Releases(const Review& review) {
  if (review.over_images() == 0) return absl::StrCat(review.releases());
  return absl::StrCat(review.releases(), "; ", review.over_images(),
                      " signatures are over images themselves, which the log "
                      "does not hold: bootseal verify --receipt checks them");
}

std::string Proofs(const Review& review) {
  return absl::StrCat(review.proofs(), " asked of the server");
}

std::string Seen(const Review& review) {
  if (review.known().seen.empty()) {
    return "nothing; from now on this checkpoint counts";
  }
  return absl::StrJoin(review.known().seen, "; ",
                       [](std::string* out, const KnownCheckpoint& each) {
                         absl::StrAppend(out, Printable(each.name), " (",
                                         each.size, " entries)");
                       });
}

std::string Verdict(const Findings& findings) {
  std::uint64_t all = 0;
  for (const FindingClass kind : AllClasses()) all += findings.count(kind);
  if (all == 0) return "in order";
  return absl::StrCat("not in order: ", all,
                      all == 1 ? " finding" : " findings");
}

Rows ClassTable(const Findings& findings) {
  Rows rows{{"CLASS", "FINDINGS", "WARNINGS", "WHAT THEY MEAN"}};
  for (const FindingClass kind : AllClasses()) {
    rows.push_back({RowOf(kind).name, absl::StrCat(findings.count(kind)),
                    absl::StrCat(findings.warnings(kind)),
                    RowOf(kind).meaning});
  }
  return rows;
}

std::string Line(const Finding& finding) {
  return absl::StrCat(
      RowOf(finding.kind).name,
      finding.weight == Weight::kWarning ? " (warning)" : "", ": ",
      finding.index ? absl::StrCat("entry ", *finding.index, ": ") : "",
      Printable(finding.message), " (", finding.reason, ")\n");
}

// What was counted and not held.
std::string MoreLines(FindingClass kind, const Findings& findings) {
  std::string lines;
  if (findings.count(kind) > Findings::kHeld) {
    absl::StrAppend(&lines, RowOf(kind).name, ": and ",
                    findings.count(kind) - Findings::kHeld, " more\n");
  }
  if (findings.warnings(kind) > Findings::kHeld) {
    absl::StrAppend(&lines, RowOf(kind).name, " (warning): and ",
                    findings.warnings(kind) - Findings::kHeld, " before\n");
  }
  return lines;
}

Json ClassesToJson(const Findings& findings) {
  std::vector<Json> classes;
  for (const FindingClass kind : AllClasses()) {
    classes.push_back(
        JsonObject()
            .Add("class", Json::Text(RowOf(kind).name))
            .Add("bit", Json::Number(BitOf(kind)))
            .Add("findings", Json::Number(findings.count(kind)))
            .Add("warnings", Json::Number(findings.warnings(kind)))
            .Build());
  }
  return Json::Array(classes);
}

Json FindingsToJson(const Findings& findings) {
  std::vector<Json> all;
  for (const Finding& each : findings.held()) {
    all.push_back(
        JsonObject()
            .Add("class", Json::Text(RowOf(each.kind).name))
            .Add("warning", Json::Truth(each.weight == Weight::kWarning))
            .Add("index", each.index ? Json::Number(*each.index) : Json::Null())
            .Add("reason", Json::Text(each.reason))
            .Add("message", Json::Text(each.message))
            .Build());
  }
  return Json::Array(all);
}

Json SeenToJson(const Review& review) {
  std::vector<Json> seen;
  for (const KnownCheckpoint& each : review.known().seen) {
    seen.push_back(JsonObject()
                       .Add("name", Json::Text(each.name))
                       .Add("size", Json::Number(each.size))
                       .Build());
  }
  return Json::Array(seen);
}

}  // namespace

std::string FormatReport(const Review& review) {
  const Findings& findings = review.findings();
  Rows rows{{"log", Printable(review.known().origin)},
            {"entries", Entries(review)},
            {"policies", absl::StrCat(review.policies())},
            {"releases", Releases(review)},
            {"approvals", absl::StrCat(review.approvals())},
            {"refusals", absl::StrCat(review.refusals())}};
  if (review.searched()) {
    rows.push_back(
        {"search", "by decision, kind, target, identity, key, time"});
    rows.push_back({"proofs", Proofs(review)});
  }
  rows.push_back({"held against", Seen(review)});
  rows.push_back({"verdict", Verdict(findings)});
  std::string text = absl::StrCat(cli::FormatTable(rows), "\n",
                                  cli::FormatTable(ClassTable(findings)));
  const std::vector<Finding> held = findings.held();
  if (!held.empty()) absl::StrAppend(&text, "\n");
  for (const Finding& each : held) absl::StrAppend(&text, Line(each));
  for (const FindingClass kind : AllClasses()) {
    absl::StrAppend(&text, MoreLines(kind, findings));
  }
  return text;
}

cli::Json ReportToJson(const Review& review) {
  const KnownCheckpoint& head = review.known().head;
  return JsonObject()
      .Add("origin", Json::Text(review.known().origin))
      .Add("size", Json::Number(head.size))
      .Add("root", Json::Text(RootOf(head)))
      .Add("entries_read", Json::Number(review.entries()))
      .Add("policies", Json::Number(review.policies()))
      .Add("releases", Json::Number(review.releases()))
      .Add("signatures_over_images", Json::Number(review.over_images()))
      .Add("approvals", Json::Number(review.approvals()))
      .Add("refusals", Json::Number(review.refusals()))
      .Add("searched", Json::Truth(review.searched()))
      .Add("proofs", Json::Number(review.proofs()))
      .Add("held_against", SeenToJson(review))
      .Add("in_order", Json::Truth(review.findings().clean()))
      .Add("finding_classes", Json::Number(review.findings().mask()))
      .Add("classes", ClassesToJson(review.findings()))
      .Add("findings", FindingsToJson(review.findings()))
      .Build();
}

std::string ClassBits() {
  return absl::StrJoin(
      AllClasses(), ", ", [](std::string* out, FindingClass kind) {
        absl::StrAppend(out, BitOf(kind), " ", RowOf(kind).name);
      });
}

}  // namespace bootseal::review
