#include "client/cli/approvals.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "client/approval/transcript_words.h"
#include "client/cli/approval_source.h"
#include "client/cli/arguments.h"
#include "client/cli/text.h"

namespace bootseal::cli {
namespace {

struct ListOptions {
  bool all = false;
  std::string target;
  std::uint64_t start = 0;
  std::uint32_t limit = 100;
};

std::string FormatPage(const ApprovalSource::Page& page, Format format) {
  std::vector<Json> json;
  std::vector<std::vector<std::string>> rows{approval::ListTitles()};
  const absl::Time now = absl::Now();
  for (const approval::Review& review : page.reviews) {
    json.push_back(approval::ToJson(review));
    rows.push_back(approval::ListRow(review, now));
  }
  if (format == Format::kText) return FormatTable(rows);
  return JsonObject()
             .Add("requests", Json::Array(json))
             .Add("next", Json::Number(page.next))
             .Build()
             .text() +
         "\n";
}

absl::StatusOr<ExitStatus> List(Context& context, const ListOptions& options) {
  v1::ListRequestsRequest request;
  request.set_all(options.all);
  request.set_target(options.target);
  request.set_start(options.start);
  request.set_limit(options.limit);
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  ASSIGN_OR_RETURN(const ApprovalSource::Page page,
                   ApprovalSource(*connection, key).List(request));
  PrintResult(FormatPage(page, context.format()));
  if (context.format() == Format::kText && page.next != 0) {
    Warn(absl::StrCat("there are more; go on with --start ", page.next));
  }
  return ExitStatus::kDone;
}

struct ShowOptions {
  std::string id;
  std::string transcript;
};

absl::StatusOr<ExitStatus> Show(Context& context, const ShowOptions& options) {
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  ASSIGN_OR_RETURN(const approval::Review review,
                   ApprovalSource(*connection, key).Get(options.id));
  PrintResult(context.format() == Format::kJson
                  ? approval::ToJson(review).text() + "\n"
                  : approval::Describe(review));
  if (!options.transcript.empty()) {
    RETURN_IF_ERROR(approval::CompareTranscript(
        review.pending.entry.key().change(), options.transcript));
  }
  return ExitStatus::kDone;
}

}  // namespace

Action DeclareApprovalsList(CLI::App& app) {
  const auto options = std::make_shared<ListOptions>();
  app.add_flag("--all", options->all, "those that no longer wait too");
  app.add_option("--target", options->target, "only of this target")
      ->check(PlainText());
  app.add_option("--start", options->start, "first index")
      ->transform(WholeNumber());
  app.add_option("--limit", options->limit, "at most 100")
      ->transform(WholeNumber(1, 100));
  return [options](Context& context) { return List(context, *options); };
}

Action DeclareApprovalsShow(CLI::App& app) {
  const auto options = std::make_shared<ShowOptions>();
  app.add_option("id", options->id,
                 "8 or more digits of the subject, or the request id")
      ->required()
      ->check(RequestId());
  app.add_option("--transcript", options->transcript,
                 "of the ceremony that made the key: a file that the request "
                 "must name, or the command fails")
      ->check(NotEmpty());
  return [options](Context& context) { return Show(context, *options); };
}

}  // namespace bootseal::cli
