#include "client/cli/audit.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "bootseal/v1/audit.grpc.pb.h"
#include "client/cli/arguments.h"
#include "client/cli/audit_filter.h"
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
  AuditFilter filter;
};

struct TailOptions {
  std::optional<std::uint64_t> start;
  std::uint64_t count = 0;
  AuditFilter filter;
};

// "3  2026-11-21T07:00:00Z  ci  signing  ..." or a JSON object.
std::string FormatLine(std::uint64_t index, const v1::Entry& entry,
                       Format format) {
  if (format == Format::kJson) return EntryToJson(index, entry).text() + "\n";
  return absl::StrJoin(EntryRow(index, entry), "  ") + "\n";
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
  v1::ListEntriesRequest request = ToRequest(options.filter, absl::Now());
  request.set_start(options.start);
  request.set_limit(options.limit);
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

// Follows the log; goes on where it was when the connection is lost.
class Follower {
 public:
  Follower(Format format, v1::ListEntriesRequest wanted, std::uint64_t count)
      : format_(format),
        wanted_(std::move(wanted)),
        next_(wanted_.start()),
        count_(count) {}

  absl::Status Follow(const Connection& connection) {
    const absl::Status status = connection.Call(
        absl::InfiniteDuration(),
        [&](grpc::ClientContext& context, const Channel& channel) {
          const auto stub = v1::AuditService::NewStub(channel);
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
      error_ = Show(entry);
      next_ = entry.index() + 1;
    }
  }

  // By the entry itself: what the server finds it by need not be believed.
  absl::Status Show(const v1::LogEntry& entry) {
    ASSIGN_OR_RETURN(const v1::Entry decoded,
                     trust::DecodeEntry(entry.entry()));
    if (!Matches(wanted_, decoded)) return absl::OkStatus();
    PrintResult(FormatLine(entry.index(), decoded, format_));
    ++seen_;
    return ResultsWritten();
  }

  Format format_;
  v1::ListEntriesRequest wanted_;
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
  v1::ListEntriesRequest wanted = ToRequest(options.filter, absl::Now());
  wanted.set_start(start);
  Follower follower(context.format(), std::move(wanted), options.count);
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
  DeclareAuditFilter(app, options->filter);
  return [options](Context& context) { return List(context, *options); };
}

Action DeclareAuditTail(CLI::App& app) {
  const auto options = std::make_shared<TailOptions>();
  app.add_option("--start", options->start,
                 "first index; default: ten before the end")
      ->transform(WholeNumber());
  app.add_option("--count", options->count, "stop after so many; 0: never")
      ->transform(WholeNumber());
  DeclareAuditFilter(app, options->filter);
  return [options](Context& context) { return Tail(context, *options); };
}

}  // namespace bootseal::cli
