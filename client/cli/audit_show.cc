#include "client/cli/audit_show.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/audit_source.h"
#include "client/cli/entry_text.h"
#include "client/cli/log_memory.h"
#include "client/cli/output.h"
#include "client/cli/policy_source.h"
#include "client/cli/text.h"
#include "client/review/approval_rules.h"
#include "client/review/links.h"
#include "firmware/image/host/convert.h"
#include "server/trust/entry.h"

namespace bootseal::cli {
namespace {

using Rows = std::vector<std::vector<std::string>>;

struct Options {
  std::uint64_t index = 0;
  std::string receipt;
};

struct ShownApproval {
  ProvenEntry entry;
  v1::ApprovalStatement statement;
  absl::Status counts;  // OK, or why it does not
};

struct Shown {
  ProvenEntry entry;
  std::optional<LoggedPolicy> policy;
  std::optional<ProvenEntry> pending;
  std::vector<ShownApproval> approvals;
};

// Of an approval itself too.
review::Links LinksOf(std::uint64_t index, const v1::Entry& entry) {
  if (entry.has_approval()) return {entry.approval().pending_index(), {index}};
  return review::LinksOf(entry);
}

// What an approval is worth: of a release for that, of one by itself whether it
// is its approver's.
absl::Status Worth(const Shown& shown, const std::string& origin,
                   const v1::ApprovalEvent& approval) {
  if (!shown.policy) {
    return base::Precondition("POLICY_UNKNOWN",
                              "the log does not hold the policy in force");
  }
  const trust::Policy& policy = *shown.policy->policy;
  if (shown.entry.entry.has_approval()) {
    return review::OpenApproval(policy, approval).status();
  }
  const review::Question question =
      review::QuestionOf(origin, policy, shown.entry.entry);
  return review::CountApproval(policy, question, approval).status();
}

absl::Status AddApproval(const Connection& connection, const LogKey& key,
                         std::uint64_t index, Shown& shown) {
  ShownApproval approval;
  ASSIGN_OR_RETURN(approval.entry, FetchProvenEntry(connection, key, index));
  const v1::ApprovalEvent& event = approval.entry.entry.approval();
  const auto statement = trust::DecodeStatement(event.envelope().payload());
  if (statement.ok()) approval.statement = *statement;
  approval.counts = Worth(shown, key.origin(), event);
  shown.approvals.push_back(std::move(approval));
  return absl::OkStatus();
}

absl::StatusOr<Shown> Fetch(const Connection& connection, const LogKey& key,
                            std::uint64_t index) {
  Shown shown;
  ASSIGN_OR_RETURN(shown.entry, FetchProvenEntry(connection, key, index));
  const v1::Entry& entry = shown.entry.entry;
  if (!entry.policy_sha256().empty()) {
    ASSIGN_OR_RETURN(
        shown.policy,
        FindLoggedPolicy(connection, key, entry.policy_sha256(), index));
  }
  const review::Links links = LinksOf(index, entry);
  if (links.pending) {
    ASSIGN_OR_RETURN(shown.pending,
                     FetchProvenEntry(connection, key, *links.pending));
  }
  for (const std::uint64_t approval : links.approvals) {
    RETURN_IF_ERROR(AddApproval(connection, key, approval, shown));
  }
  return shown;
}

std::string KeyIdOf(const v1::ApprovalEvent& event) {
  return event.envelope().signatures().empty()
             ? ""
             : event.envelope().signatures(0).keyid();
}

std::string WorthText(const ShownApproval& approval) {
  if (approval.counts.ok()) {
    return "good: the approver's key of the policy signed it, and it counts";
  }
  return absl::StrCat("does not count: ", Printable(approval.counts.message()),
                      " (", base::ReasonOf(approval.counts), ")");
}

std::string Describe(const ShownApproval& approval) {
  const v1::ApprovalEvent& event = approval.entry.entry.approval();
  const v1::ApprovalStatement& said = approval.statement;
  Rows rows{
      {"approval entry", absl::StrCat(approval.entry.index)},
      {"time", FormatUnixMilliseconds(approval.entry.entry.time_unix_ms())},
      {"approver", Printable(event.approver())},
      {"verdict", VerdictName(event.verdict())},
      {"reason", Printable(said.reason())},
      {"signed with", Printable(KeyIdOf(event))},
      {"counts from", FormatUnixMilliseconds(said.not_before_unix_ms())},
      {"counts until", FormatUnixMilliseconds(said.not_after_unix_ms())},
  };
  if (said.allows_lower_security_counter()) {
    rows.push_back({"allows", "a lower security counter"});
  }
  if (said.allows_lower_version())
    rows.push_back({"allows", "a lower version"});
  rows.push_back({"judged", WorthText(approval)});
  return absl::StrCat("\n", FormatTable(rows));
}

std::string Describe(const Shown& shown) {
  const ProvenEntry& entry = shown.entry;
  Rows rows;
  if (shown.policy) {
    rows.push_back(
        {"policy in force",
         absl::StrCat("version ", shown.policy->policy->proto().version(),
                      ", entry ", shown.policy->index)});
  }
  rows.push_back(
      {"proven by", absl::StrCat("checkpoint of ", entry.checkpoint.size,
                                 " entries, signed by our log key")});
  std::string text = DescribeEntry(entry.index, entry.entry, rows);
  if (shown.pending) {
    absl::StrAppend(
        &text, "\nrequest\n",
        FormatTable({EntryTitles(),
                     EntryRow(shown.pending->index, shown.pending->entry)}));
  }
  for (const ShownApproval& approval : shown.approvals) {
    absl::StrAppend(&text, Describe(approval));
  }
  return text;
}

Json ToJson(const ShownApproval& approval) {
  const v1::ApprovalStatement& said = approval.statement;
  const v1::ApprovalEvent& event = approval.entry.entry.approval();
  return JsonObject()
      .Add("entry", EntryToJson(approval.entry.index, approval.entry.entry))
      .Add("keyid", Json::Text(KeyIdOf(event)))
      .Add("reason", Json::Text(said.reason()))
      .Add("not_before_unix_ms", Json::Signed(said.not_before_unix_ms()))
      .Add("not_after_unix_ms", Json::Signed(said.not_after_unix_ms()))
      .Add("allows_lower_security_counter",
           Json::Truth(said.allows_lower_security_counter()))
      .Add("allows_lower_version", Json::Truth(said.allows_lower_version()))
      .Add("counts", Json::Truth(approval.counts.ok()))
      .Add("why_not", Json::Text(base::ReasonOf(approval.counts)))
      .Build();
}

Json ToJson(const Shown& shown) {
  std::vector<Json> approvals;
  for (const ShownApproval& each : shown.approvals) {
    approvals.push_back(ToJson(each));
  }
  return EntryMembers(shown.entry.index, shown.entry.entry)
      .Add("policy_version",
           shown.policy ? Json::Number(shown.policy->policy->proto().version())
                        : Json::Null())
      .Add("policy_index",
           shown.policy ? Json::Number(shown.policy->index) : Json::Null())
      .Add("checkpoint_size", Json::Number(shown.entry.checkpoint.size))
      .Add("pending", shown.pending ? EntryToJson(shown.pending->index,
                                                  shown.pending->entry)
                                    : Json::Null())
      .Add("approvals", Json::Array(approvals))
      .Build();
}

// C2SP tlog-proof, as the server gives with a release.
std::string ReceiptOf(const ProvenEntry& entry) {
  std::string text = absl::StrCat("c2sp.org/tlog-proof@v1\nextra ",
                                  absl::Base64Escape(entry.bytes), "\nindex ",
                                  entry.index, "\n");
  for (const auto& hash : entry.path) {
    absl::StrAppend(&text, absl::Base64Escape(image::host::ToString(hash)),
                    "\n");
  }
  return absl::StrCat(text, "\n", entry.checkpoint.note);
}

absl::StatusOr<ExitStatus> Show(Context& context, const Options& options) {
  if (!options.receipt.empty()) RETURN_IF_ERROR(CheckOutput(options.receipt));
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  ASSIGN_OR_RETURN(const Shown shown, Fetch(*connection, key, options.index));
  if (!options.receipt.empty()) {
    RETURN_IF_ERROR(WriteOutput(options.receipt, ReceiptOf(shown.entry)));
    if (IsStandardOutput(options.receipt)) return ExitStatus::kDone;
  }
  PrintResult(context.format() == Format::kJson ? ToJson(shown).text() + "\n"
                                                : Describe(shown));
  return ExitStatus::kDone;
}

}  // namespace

Action DeclareAuditShow(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("index", options->index, "of the entry")
      ->required()
      ->default_str("")
      ->transform(WholeNumber());
  app.add_option("--receipt", options->receipt,
                 "write the proof that it is in the log (C2SP tlog-proof)")
      ->check(NotEmpty());
  return [options](Context& context) { return Show(context, *options); };
}

}  // namespace bootseal::cli
