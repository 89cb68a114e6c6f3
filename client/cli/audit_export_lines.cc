#include "client/cli/audit_export_lines.h"

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "base/pending_file.h"
#include "base/status.h"
#include "client/cli/audit_source.h"
#include "client/cli/entry_text.h"
#include "client/cli/log_memory.h"
#include "client/cli/output.h"
#include "client/cli/progress.h"
#include "client/cli/text.h"
#include "client/review/csv.h"
#include "server/trust/entry.h"

namespace bootseal::cli {
namespace {

constexpr std::uint32_t kPageEntries = 1000;

struct LineFormat {
  const char* file;  // in a folder
  std::string (*title)();
  std::string (*line)(const v1::LogEntry& raw, const v1::Entry& entry);
};

std::string Hex(absl::string_view bytes) {
  return absl::BytesToHexString(bytes);
}

struct Column {
  const char* title;
  std::string (*value)(const v1::Entry& entry);
};

// What the events have in common.
struct Outcome {
  std::string decision;
  std::string rule;
  std::string reason;
};

Outcome OutcomeOf(const v1::Entry& entry) {
  if (entry.has_signing()) {
    return {DecisionName(entry.signing().decision()), entry.signing().rule(),
            entry.signing().reason()};
  }
  if (entry.has_key()) {
    return {DecisionName(entry.key().decision()), entry.key().rule(),
            entry.key().reason()};
  }
  if (entry.has_access()) {
    return {DecisionName(v1::REFUSED), entry.access().rule(),
            entry.access().reason()};
  }
  if (entry.has_approval()) {
    return {VerdictName(entry.approval().verdict()), "", ""};
  }
  if (!entry.has_refusals()) return {};
  return {DecisionName(v1::REFUSED), "",
          absl::StrCat(entry.refusals().count(),
                       " more: ", entry.refusals().last_reason())};
}

std::string PendingOf(const v1::Entry& entry) {
  if (entry.has_approval()) {
    return absl::StrCat(entry.approval().pending_index());
  }
  if (entry.signing().has_pending_index()) {
    return absl::StrCat(entry.signing().pending_index());
  }
  return entry.key().has_pending_index()
             ? absl::StrCat(entry.key().pending_index())
             : "";
}

std::string ApprovalsOf(const v1::Entry& entry) {
  return absl::StrJoin(entry.has_key() ? entry.key().approval_indices()
                                       : entry.signing().approval_indices(),
                       " ");
}

std::string DigestsOf(const v1::Entry& entry) {
  return absl::StrJoin(entry.signing().digests(), " ",
                       [](std::string* out, const v1::SignedDigest& each) {
                         absl::StrAppend(out, Hex(each.digest()));
                       });
}

constexpr Column kColumns[] = {
    {"time",
     [](const v1::Entry& e) {
       return FormatUnixMilliseconds(e.time_unix_ms());
     }},
    {"event",
     [](const v1::Entry& e) { return trust::NameOfKind(e.event_case()); }},
    {"identity", [](const v1::Entry& e) { return e.caller().identity(); }},
    {"method", [](const v1::Entry& e) { return e.caller().method(); }},
    {"subject", [](const v1::Entry& e) { return e.caller().subject(); }},
    {"issuer", [](const v1::Entry& e) { return e.caller().issuer(); }},
    {"started_by", [](const v1::Entry& e) { return e.caller().behind(); }},
    {"roles",
     [](const v1::Entry& e) { return absl::StrJoin(e.caller().roles(), " "); }},
    {"request_id", [](const v1::Entry& e) { return e.request_id(); }},
    {"target", [](const v1::Entry& e) { return trust::TermsOf(e).target; }},
    {"version", [](const v1::Entry& e) { return e.signing().version(); }},
    {"security_counter",
     [](const v1::Entry& e) {
       return e.has_signing() ? absl::StrCat(e.signing().security_counter())
                              : "";
     }},
    {"outcome", [](const v1::Entry& e) { return OutcomeOf(e).decision; }},
    {"rule", [](const v1::Entry& e) { return OutcomeOf(e).rule; }},
    {"reason", [](const v1::Entry& e) { return OutcomeOf(e).reason; }},
    {"key", [](const v1::Entry& e) { return trust::TermsOf(e).key; }},
    {"digests", DigestsOf},
    {"payload_sha256",
     [](const v1::Entry& e) { return Hex(e.signing().payload_sha256()); }},
    {"approver", [](const v1::Entry& e) { return e.approval().approver(); }},
    {"pending_index", PendingOf},
    {"approval_indices", ApprovalsOf},
    {"subject_sha256",
     [](const v1::Entry& e) { return Hex(trust::TermsOf(e).subject); }},
    {"policy_sha256",
     [](const v1::Entry& e) { return Hex(e.policy_sha256()); }},
};

std::string CsvTitle() {
  std::vector<std::string> titles{"index"};
  for (const Column& column : kColumns) titles.push_back(column.title);
  return review::CsvLine(titles);
}

std::string CsvEntry(const v1::LogEntry& raw, const v1::Entry& entry) {
  std::vector<std::string> cells{absl::StrCat(raw.index())};
  for (const Column& column : kColumns) cells.push_back(column.value(entry));
  return review::CsvLine(cells);
}

std::string NoTitle() { return ""; }

std::string JsonEntry(const v1::LogEntry& raw, const v1::Entry& entry) {
  return EntryMembers(raw.index(), entry)
             .Add("bytes", Json::Text(absl::Base64Escape(raw.entry())))
             .Build()
             .text() +
         "\n";
}

// Where the lines go, page by page.
class Sink {
 public:
  static absl::StatusOr<Sink> Open(const std::string& path,
                                   const std::string& title) {
    RETURN_IF_ERROR(CheckOutput(path));
    Sink sink(path);
    if (!sink.streams()) {
      ASSIGN_OR_RETURN(base::PendingFile file,
                       base::PendingFile::Write(path, ""));
      sink.file_.emplace(std::move(file));
    }
    RETURN_IF_ERROR(sink.Append(title));
    return sink;
  }

  absl::Status Append(const std::string& lines) {
    if (file_) return file_->Append(lines);
    PrintResult(lines);
    return ResultsWritten();
  }

  absl::Status Finish() {
    if (!file_) return absl::OkStatus();
    std::vector<base::PendingFile> files;
    files.push_back(*std::move(file_));
    return base::PutInPlace(std::move(files));
  }

  bool streams() const { return IsStandardOutput(path_); }
  const std::string& path() const { return path_; }

 private:
  explicit Sink(std::string path) : path_(std::move(path)) {}

  std::string path_;
  std::optional<base::PendingFile> file_;
};

std::string PathIn(const std::string& output, const char* file) {
  std::error_code error;
  return std::filesystem::is_directory(output, error)
             ? absl::StrCat(output, "/", file)
             : output;
}

absl::StatusOr<std::uint64_t> Copy(const Connection& connection,
                                   v1::ListEntriesRequest request,
                                   const LineFormat& format, std::uint64_t size,
                                   Sink& sink) {
  std::uint64_t written = 0;
  Progress progress("entries", size);
  request.set_limit(kPageEntries);
  while (true) {
    ASSIGN_OR_RETURN(const v1::ListEntriesReply page,
                     FetchEntries(connection, request));
    std::string lines;
    for (const v1::LogEntry& raw : page.entries()) {
      if (raw.index() >= size) break;
      ASSIGN_OR_RETURN(const v1::Entry entry, trust::DecodeEntry(raw.entry()));
      lines += format.line(raw, entry);
      ++written;
    }
    RETURN_IF_ERROR(sink.Append(lines));
    if (page.next() <= request.start() || page.next() >= size) return written;
    request.set_start(page.next());
    progress.Show(page.next());
  }
}

absl::StatusOr<ExitStatus> Export(Context& context, const AuditFilter& filter,
                                  const std::string& output,
                                  const LineFormat& format) {
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  ASSIGN_OR_RETURN(const TrustedCheckpoint head,
                   FetchCheckpoint(*connection, key));
  ASSIGN_OR_RETURN(Sink sink,
                   Sink::Open(PathIn(output, format.file), format.title()));
  ASSIGN_OR_RETURN(const std::uint64_t written,
                   Copy(*connection, ToRequest(filter, absl::Now()), format,
                        head.size, sink));
  RETURN_IF_ERROR(sink.Finish());
  if (sink.streams()) return ExitStatus::kDone;
  PrintResult(context.format() == Format::kJson
                  ? JsonObject()
                            .Add("file", Json::Text(sink.path()))
                            .Add("entries", Json::Number(written))
                            .Add("size", Json::Number(head.size))
                            .Build()
                            .text() +
                        "\n"
                  : FormatTable({{"file", Printable(sink.path())},
                                 {"entries",
                                  absl::StrCat(written, " of ", head.size)}}));
  return ExitStatus::kDone;
}

}  // namespace

absl::StatusOr<ExitStatus> ExportCsv(Context& context,
                                     const AuditFilter& filter,
                                     const std::string& output) {
  return Export(context, filter, output, {"entries.csv", CsvTitle, CsvEntry});
}

absl::StatusOr<ExitStatus> ExportJson(Context& context,
                                      const AuditFilter& filter,
                                      const std::string& output) {
  return Export(context, filter, output, {"entries.jsonl", NoTitle, JsonEntry});
}

}  // namespace bootseal::cli
