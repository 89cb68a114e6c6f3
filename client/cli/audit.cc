#include "client/cli/audit.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "bootseal/v1/audit.grpc.pb.h"
#include "client/cli/arguments.h"
#include "client/cli/audit_source.h"
#include "client/cli/entry_text.h"
#include "client/cli/log_memory.h"
#include "client/cli/text.h"
#include "server/trust/entry.h"

namespace bootseal::cli {
namespace {

constexpr std::uint64_t kTailEntries = 10;

struct ListOptions {
  std::uint64_t start = 0;
  std::uint32_t limit = 100;
  std::string target;
  std::string identity;
  std::string decision;
};

struct TailOptions {
  std::optional<std::uint64_t> start;
  std::uint64_t count = 0;
};

// "3  2026-11-21T07:00:00Z  ci  signing  ..." or a JSON object.
absl::StatusOr<std::string> FormatLine(const v1::LogEntry& entry,
                                       Format format) {
  ASSIGN_OR_RETURN(const v1::Entry decoded, trust::DecodeEntry(entry.entry()));
  if (format == Format::kJson) {
    return EntryToJson(entry.index(), decoded).text() + "\n";
  }
  return absl::StrJoin(EntryRow(entry.index(), decoded), "  ") + "\n";
}

absl::StatusOr<std::string> FormatList(const v1::ListEntriesReply& reply,
                                       Format format) {
  std::vector<Json> json;
  std::vector<std::vector<std::string>> rows{EntryTitles()};
  for (const v1::LogEntry& entry : reply.entries()) {
    ASSIGN_OR_RETURN(const v1::Entry decoded,
                     trust::DecodeEntry(entry.entry()));
    json.push_back(EntryToJson(entry.index(), decoded));
    rows.push_back(EntryRow(entry.index(), decoded));
  }
  if (format == Format::kText) return FormatTable(rows);
  return JsonObject()
             .Add("entries", Json::Array(json))
             .Add("next", Json::Number(reply.next()))
             .Build()
             .text() +
         "\n";
}

absl::StatusOr<ExitStatus> List(Context& context, const ListOptions& options) {
  v1::ListEntriesRequest request;
  request.set_start(options.start);
  request.set_limit(options.limit);
  request.set_target(options.target);
  request.set_identity(options.identity);
  request.set_decision(options.decision);
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  ASSIGN_OR_RETURN(const v1::ListEntriesReply reply,
                   FetchEntries(*connection, request));
  ASSIGN_OR_RETURN(const std::string text, FormatList(reply, context.format()));
  PrintResult(text);
  if (context.format() == Format::kText && reply.next() != 0) {
    Warn(absl::StrCat("there are more; go on with --start ", reply.next()));
  }
  return ExitStatus::kDone;
}

absl::StatusOr<ExitStatus> Show(Context& context, std::uint64_t index) {
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  ASSIGN_OR_RETURN(const std::string bytes,
                   FetchProvenEntry(*connection, key, index));
  ASSIGN_OR_RETURN(const v1::Entry entry, trust::DecodeEntry(bytes));
  PrintResult(context.format() == Format::kJson
                  ? EntryToJson(index, entry).text() + "\n"
                  : DescribeEntry(index, entry));
  return ExitStatus::kDone;
}

// Follows the log; goes on where it was when the connection is lost.
class Follower {
 public:
  Follower(Format format, std::uint64_t next, std::uint64_t count)
      : format_(format), next_(next), count_(count) {}

  absl::Status Follow(const Connection& connection) {
    const auto stub = v1::AuditService::NewStub(connection.channel());
    const absl::Status status = connection.Call(
        absl::InfiniteDuration(), [&](grpc::ClientContext& context) {
          v1::TailRequest request;
          request.set_start(next_);
          const auto reader = stub->Tail(&context, request);
          Take(*reader);
          if (Enough()) context.TryCancel();
          return Enough() ? grpc::Status::OK : reader->Finish();
        });
    return error_.ok() ? status : error_;
  }

 private:
  bool Enough() const {
    return !error_.ok() || (count_ != 0 && seen_ >= count_);
  }

  void Take(grpc::ClientReader<v1::LogEntry>& reader) {
    v1::LogEntry entry;
    while (!Enough() && reader.Read(&entry)) {
      const absl::StatusOr<std::string> line = FormatLine(entry, format_);
      error_ = line.status();
      if (!line.ok()) return;
      PrintResult(*line);
      error_ = ResultsWritten();
      next_ = entry.index() + 1;
      ++seen_;
    }
  }

  Format format_;
  std::uint64_t next_;
  std::uint64_t count_;
  std::uint64_t seen_ = 0;
  absl::Status error_;
};

absl::StatusOr<ExitStatus> Tail(Context& context, const TailOptions& options) {
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  std::uint64_t start = options.start.value_or(0);
  if (!options.start) {
    ASSIGN_OR_RETURN(const TrustedCheckpoint checkpoint,
                     FetchCheckpoint(*connection, key));
    start = checkpoint.size - std::min(checkpoint.size, kTailEntries);
  }
  Follower follower(context.format(), start, options.count);
  RETURN_IF_ERROR(follower.Follow(*connection));
  return ExitStatus::kDone;
}

}  // namespace

Action DeclareAuditList(CLI::App& app) {
  const auto options = std::make_shared<ListOptions>();
  app.add_option("--start", options->start, "first index")
      ->transform(WholeNumber());
  app.add_option("--limit", options->limit, "at most 1000")
      ->transform(WholeNumber(1, 1000));
  app.add_option("--target", options->target, "only of this target")
      ->check(PlainText());
  app.add_option("--identity", options->identity, "only of this identity")
      ->check(PlainText());
  app.add_option("--decision", options->decision, "only with this decision")
      ->check(CLI::IsMember({"allowed", "refused", "pending"}));
  return [options](Context& context) { return List(context, *options); };
}

Action DeclareAuditShow(CLI::App& app) {
  const auto index = std::make_shared<std::uint64_t>(0);
  app.add_option("index", *index, "of the entry")
      ->required()
      ->default_str("")
      ->transform(WholeNumber());
  return [index](Context& context) { return Show(context, *index); };
}

Action DeclareAuditTail(CLI::App& app) {
  const auto options = std::make_shared<TailOptions>();
  app.add_option("--start", options->start,
                 "first index; default: ten before the end")
      ->transform(WholeNumber());
  app.add_option("--count", options->count, "stop after so many; 0: never")
      ->transform(WholeNumber());
  return [options](Context& context) { return Tail(context, *options); };
}

}  // namespace bootseal::cli
