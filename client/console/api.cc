#include "client/console/api.h"

#include <httplib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "client/cli/text.h"
#include "client/console/call.h"
#include "client/console/request_json.h"
#include "server/trust/entry.h"

namespace bootseal::console {

using cli::Json;
using cli::JsonObject;

struct Api::Call {
  const httplib::Request& http;
  std::string argument;  // what stands for the pattern's "*"
};

struct Api::Route {
  absl::string_view method;
  absl::string_view pattern;  // one segment may be "*"
  Reply (Api::*answer)(const Call&);
};

namespace {

constexpr std::uint64_t kDefaultPage = 50;
constexpr std::uint64_t kMaxPage = 200;
constexpr std::size_t kMaxReasonBytes = 1024;
constexpr std::uint64_t kLastMillisecond =
    std::numeric_limits<std::int64_t>::max();

// The segment at the "*"; nullopt when the path is another.
std::optional<std::string> Match(absl::string_view pattern,
                                 absl::string_view path) {
  const std::vector<std::string> wanted = absl::StrSplit(pattern, '/');
  const std::vector<std::string> given = absl::StrSplit(path, '/');
  if (wanted.size() != given.size()) return std::nullopt;
  std::string argument;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == "*") {
      argument = given[i];
    } else if (wanted[i] != given[i]) {
      return std::nullopt;
    }
  }
  return argument;
}

Json ProofToJson(const v1::Proof& proof) {
  std::vector<Json> hashes;
  for (const std::string& hash : proof.hashes()) {
    hashes.push_back(Json::Hex(hash));
  }
  return JsonObject()
      .Add("hashes", Json::Array(hashes))
      .Add("checkpoint", Json::Text(proof.checkpoint()))
      .Build();
}

absl::StatusOr<v1::ListEntriesRequest> FilterOf(const httplib::Request& http) {
  const auto number = [&http](const char* name, std::uint64_t otherwise) {
    return ParseWhole(name, http.get_param_value(name), otherwise);
  };
  v1::ListEntriesRequest filter;
  ASSIGN_OR_RETURN(const std::uint64_t start, number("start", 0));
  ASSIGN_OR_RETURN(const std::uint64_t limit, number("limit", kDefaultPage));
  ASSIGN_OR_RETURN(const std::uint64_t from, number("from", 0));
  ASSIGN_OR_RETURN(const std::uint64_t until, number("until", 0));
  filter.set_start(start);
  filter.set_limit(static_cast<std::uint32_t>(std::min(limit, kMaxPage)));
  filter.set_from_unix_ms(
      static_cast<std::int64_t>(std::min(from, kLastMillisecond)));
  filter.set_until_unix_ms(
      static_cast<std::int64_t>(std::min(until, kLastMillisecond)));
  filter.set_target(http.get_param_value("target"));
  filter.set_identity(http.get_param_value("identity"));
  filter.set_key(http.get_param_value("key"));
  filter.set_decision(http.get_param_value("decision"));
  return filter;
}

absl::StatusOr<v1::Verdict> ParseVerdict(absl::string_view text) {
  if (text == "approve") return v1::APPROVE;
  if (text == "deny") return v1::DENY;
  return base::Invalid("FIELD_INVALID", "verdict",
                       "verdict must be approve or deny");
}

absl::StatusOr<Word> ParseWord(const std::string& subject,
                               const std::string& body) {
  Word word;
  ASSIGN_OR_RETURN(const auto object, ParseBody(body));
  ASSIGN_OR_RETURN(word.subject_sha256, ParseSubject(subject));
  ASSIGN_OR_RETURN(const std::string verdict, TextField(object, "verdict"));
  ASSIGN_OR_RETURN(word.verdict, ParseVerdict(verdict));
  ASSIGN_OR_RETURN(word.reason, TextField(object, "reason"));
  ASSIGN_OR_RETURN(word.allows_lower_security_counter,
                   TruthField(object, "allows_lower_security_counter"));
  ASSIGN_OR_RETURN(word.allows_lower_version,
                   TruthField(object, "allows_lower_version"));
  if (word.verdict == v1::DENY && word.reason.empty()) {
    return base::Invalid("REASON_MISSING", "reason",
                         "a denial needs a reason: those who asked read it");
  }
  if (word.reason.size() > kMaxReasonBytes) {
    return base::Invalid(
        "REASON_TOO_LONG", "reason",
        absl::StrCat("a reason of ", word.reason.size(),
                     " bytes, expected at most ", kMaxReasonBytes));
  }
  return word;
}

Json ErrorBody(const absl::Status& status) {
  return JsonObject().Add("error", ErrorToJson(status)).Build();
}

}  // namespace

void Api::Answer(const httplib::Request& request, httplib::Response& response) {
  const Reply reply = Dispatch(request);
  response.status = HttpStatusOf(reply.status());
  response.set_content(
      reply.ok() ? reply->text() : ErrorBody(reply.status()).text(),
      "application/json");
}

Api::Reply Api::Dispatch(const httplib::Request& request) {
  static constexpr std::array<Route, 10> kRoutes{{
      {"POST", "/api/session", &Api::Session},
      {"GET", "/api/console", &Api::Console},
      {"GET", "/api/entries", &Api::Entries},
      {"GET", "/api/entries/*", &Api::Entry},
      {"GET", "/api/checkpoint", &Api::Checkpoint},
      {"GET", "/api/requests", &Api::Requests},
      {"GET", "/api/requests/*", &Api::Request},
      {"POST", "/api/requests/*/confirmation", &Api::Ask},
      {"GET", "/api/confirmations/*", &Api::Fate},
      {"POST", "/api/confirmations/*", &Api::Confirm},
  }};
  for (const Route& route : kRoutes) {
    if (route.method != request.method) continue;
    const auto argument = Match(route.pattern, request.path);
    if (argument) return (this->*route.answer)(Call{request, *argument});
  }
  return base::NotFound("NO_SUCH_CALL", "the console has no such call");
}

Api::Reply Api::Session(const Call& call) {
  ASSIGN_OR_RETURN(const auto body, ParseBody(call.http.body));
  ASSIGN_OR_RETURN(const std::string ticket, TextField(body, "ticket"));
  ASSIGN_OR_RETURN(const std::string token, access_.Redeem(ticket));
  return JsonObject().Add("token", Json::Text(token)).Build();
}

Api::Reply Api::Console(const Call&) {
  const Settings& settings = source_.settings();
  return JsonObject()
      .Add("server", Json::Text(settings.server))
      .Add("origin", Json::Text(settings.origin))
      .Add("log_key", Json::Text(settings.log_key))
      .Build();
}

Api::Reply Api::Entries(const Call& call) {
  ASSIGN_OR_RETURN(const v1::ListEntriesRequest filter, FilterOf(call.http));
  ASSIGN_OR_RETURN(const v1::ListEntriesReply page,
                   source_.ListEntries(filter));
  std::vector<Json> entries;
  for (const v1::LogEntry& entry : page.entries()) {
    ASSIGN_OR_RETURN(const v1::Entry decoded,
                     trust::DecodeEntry(entry.entry()));
    entries.push_back(source_.Describe(entry.index(), decoded));
  }
  return JsonObject()
      .Add("entries", Json::Array(entries))
      .Add("next", Json::Number(page.next()))
      .Build();
}

Api::Reply Api::Entry(const Call& call) {
  ASSIGN_OR_RETURN(const std::uint64_t index,
                   ParseWhole("index", call.argument, 0));
  ASSIGN_OR_RETURN(const ShownEntry shown, source_.GetEntry(index));
  ASSIGN_OR_RETURN(const v1::Entry entry,
                   trust::DecodeEntry(shown.entry.entry()));
  return JsonObject()
      .Add("index", Json::Number(index))
      .Add("entry_hex", Json::Hex(shown.entry.entry()))
      .Add("entry", source_.Describe(index, entry))
      .Add("policy_text", Json::Text(entry.policy().text()))
      .Add("proof", ProofToJson(shown.proof))
      .Add("checked", ErrorToJson(shown.checked))
      .Build();
}

Api::Reply Api::Checkpoint(const Call&) {
  ASSIGN_OR_RETURN(const std::string note, source_.GetCheckpoint());
  return JsonObject().Add("note", Json::Text(note)).Build();
}

Api::Reply Api::Requests(const Call& call) {
  v1::ListRequestsRequest wanted;
  wanted.set_all(call.http.get_param_value("all") == "true");
  wanted.set_target(call.http.get_param_value("target"));
  ASSIGN_OR_RETURN(const std::uint64_t start,
                   ParseWhole("start", call.http.get_param_value("start"), 0));
  wanted.set_start(start);
  ASSIGN_OR_RETURN(const v1::ListRequestsReply page,
                   source_.ListRequests(wanted));
  std::vector<Json> requests;
  for (const v1::ApprovalRequest& request : page.requests()) {
    ASSIGN_OR_RETURN(const Json row, RequestRowToJson(request));
    requests.push_back(row);
  }
  return JsonObject()
      .Add("requests", Json::Array(requests))
      .Add("next", Json::Number(page.next()))
      .Build();
}

Api::Reply Api::Request(const Call& call) {
  ASSIGN_OR_RETURN(const std::string subject, ParseSubject(call.argument));
  ASSIGN_OR_RETURN(const ShownRequest shown, source_.GetRequest(subject));
  return RequestToJson(source_, shown);
}

Api::Reply Api::Ask(const Call& call) {
  ASSIGN_OR_RETURN(const Word word, ParseWord(call.argument, call.http.body));
  ASSIGN_OR_RETURN(const Prepared prepared, source_.Prepare(word));
  terminal_.DiscardTyped();
  ASSIGN_OR_RETURN(const Question question,
                   confirmations_.Open(prepared.statement));
  terminal_.Print(QuestionText(prepared, question, terminal_.voice()));
  return JsonObject()
      .Add("id", Json::Text(question.id))
      .Add("seconds", Json::Signed(absl::ToInt64Seconds(kQuestionLife)))
      .Build();
}

Api::Reply Api::Fate(const Call& call) {
  ASSIGN_OR_RETURN(const auto fate, confirmations_.FateOf(call.argument));
  return JsonObject()
      .Add("state", Json::Text(fate.state))
      .Add("index", Json::Number(fate.index))
      .Add("error", ErrorToJson(fate.error))
      .Build();
}

Api::Reply Api::Confirm(const Call& call) {
  ASSIGN_OR_RETURN(const auto body, ParseBody(call.http.body));
  ASSIGN_OR_RETURN(const std::string code, TextField(body, "code"));
  const absl::StatusOr<Taken> taken =
      confirmations_.Confirm(call.argument, code);
  if (!taken.ok()) {
    terminal_.Say(absl::StrCat("Not signed: ", taken.status().message()));
    return taken.status();
  }
  ASSIGN_OR_RETURN(const std::uint64_t index, Sign(*taken));
  return JsonObject().Add("index", Json::Number(index)).Build();
}

absl::StatusOr<std::uint64_t> Api::Sign(const Taken& taken) {
  const absl::StatusOr<v1::SubmitApprovalReply> reply = [&] {
    const base::MutexLock lock(terminal_.keyboard());
    return source_.Submit(taken.statement);
  }();
  if (!reply.ok()) {
    confirmations_.Finish(taken.id, reply.status());
    terminal_.Say(
        absl::StrCat("Not taken: ", cli::Printable(reply.status().message())));
    return reply.status();
  }
  confirmations_.Finish(taken.id, reply->index());
  terminal_.Say(
      absl::StrCat("Signed and in the log as entry ", reply->index()));
  return reply->index();
}

}  // namespace bootseal::console
