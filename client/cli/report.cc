#include "client/cli/report.h"

#include <atomic>
#include <cstdio>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "client/cli/exit_status.h"
#include "client/cli/json.h"
#include "client/cli/rpc_status.h"
#include "client/cli/signed_already.h"
#include "client/cli/text.h"

namespace bootseal::cli {
namespace {

struct Hint {
  absl::string_view reason;
  absl::string_view text;
};

constexpr Hint kHints[] = {
    {"UNKNOWN_TARGET",
     "`bootseal targets list` shows those you may ask for; a profile that "
     "somebody exported serves whoever has it (--profile)"},
    {"WRONG_ROLE",
     "`bootseal policy explain` says how the server sees you; roles are given "
     "in the policy file"},
    {"UNKNOWN_IDENTITY",
     "a person of the policy needs this certificate's subject"},
    {"NO_CREDENTIALS",
     "give --cert and --key (BOOTSEAL_CERT, BOOTSEAL_KEY), or a CI job's "
     "token: "
     "BOOTSEAL_TOKEN, --token-file, or --token-audience in GitHub Actions"},
    {"CLAIM_MISMATCH",
     "compare the job's claims with people.workloads of the policy"},
    {"WRONG_CA",
     "the policy binds this trust domain to another CA: use a certificate "
     "issued by that one"},
    {"CERTIFICATE_EXPIRED",
     "get a new certificate from your PKI, then `bootseal login`"},
    {"PAYLOAD_TOO_LARGE",
     "make the payload smaller, or the slot larger in layout and policy"},
    {"PAYLOAD_IS_IMAGE", "sign the build's output before imgtool or bootseal"},
    {"HEADER_ROOM",
     "link the payload with room for the header, or set "
     "payload_has_header_room to false in the policy"},
    {"REQUEST_ID_REUSED",
     "leave --request-id out, or use another one for another payload"},
    {"APPROVALS_REQUIRED", "people of the policy must approve it first"},
    {"LOG_STOPPED", "the operator must look at the server's disk and log"},
    {"TOO_MANY_REQUESTS", "try again later, with fewer jobs at once"},
    {"CALL_RATE",
     "all jobs of this identity share the rate: give --timeout more seconds, "
     "or run fewer at once"},
    {"MEMORY_BUSY",
     "try again later, with fewer compressed or pure images at once"},
    {"IDENTITY_BUSY",
     "other jobs of this identity have its share of the server: try again "
     "later, with fewer at once"},
    {"LOG_KEY_MISMATCH",
     "compare BOOTSEAL_LOG_KEY with the log key that the operator published"},
    {"LOG_INCONSISTENT",
     "keep both checkpoints and tell your auditor: the log was rewritten or "
     "you are shown another one"},
    {"LOG_WENT_BACK",
     "keep both checkpoints and tell your auditor: the log lost entries or "
     "you are shown another one"},
    {"LOG_CONTINUITY_UNPROVEN",
     "tell your auditor: a log that only grew can always be proven"},
    {"LOG_PROOF_UNAVAILABLE",
     "try again: whether the log goes on, only its servers can prove"},
    {"KEY_NOT_SERVING",
     "`bootseal keys show` tells what the HSM says of the key; its operator "
     "must mend it"},
    {"NO_ANSWER",
     "look whether the server hangs; `bootseal sign --timeout` waits longer"},
    {"SEARCH_MISMATCH",
     "keep a copy of the database and tell your auditor: what `bootseal audit "
     "list` shows was changed beside the log; the log itself is whole"},
};

std::atomic<Format> voice = Format::kText;

// Only the first line stands at the margin: no text of others, nor the name of
// a file, makes a line that looks like one of ours.
std::string IndentedLines(absl::string_view message) {
  std::vector<std::string> lines;
  for (absl::string_view line : absl::StrSplit(message, '\n')) {
    const bool flush = !lines.empty() && !absl::StartsWith(line, "  ");
    lines.push_back(absl::StrCat(flush ? "  " : "", Printable(line)));
  }
  return absl::StrJoin(lines, "\n");
}

std::string FormatText(const absl::Status& status) {
  const std::string reason = base::ReasonOf(status);
  std::string text =
      absl::StrCat("bootseal: ", Printable(reason), reason.empty() ? "" : ": ",
                   IndentedLines(status.message()), "\n");
  const absl::string_view hint = HintFor(reason);
  if (!hint.empty()) absl::StrAppend(&text, "hint: ", hint, "\n");
  return text;
}

std::string FormatJson(const absl::Status& status) {
  const std::string reason = base::ReasonOf(status);
  JsonObject error;
  error.Add("code", Json::Text(absl::StatusCodeToString(status.code())))
      .Add("reason", Json::Text(reason))
      .Add("message", Json::Text(status.message()));
  if (const std::string field = base::FieldOf(status); !field.empty()) {
    error.Add("field", Json::Text(field));
  }
  if (const std::string rule = RuleOf(status); !rule.empty()) {
    error.Add("rule", Json::Text(rule));
  }
  if (const std::string subject = DetailOf(status, "subject");
      !subject.empty()) {
    error.Add("subject", Json::Text(subject));
  }
  if (const std::string request = SignedRequestOf(status); !request.empty()) {
    error.Add("request_id", Json::Text(request))
        .Add("fetch_command", Json::Text(FetchCommandOf(status)));
  }
  if (const auto hint = HintFor(reason); !hint.empty()) {
    error.Add("hint", Json::Text(hint));
  }
  error.Add("exit_status",
            Json::Number(static_cast<unsigned>(ExitStatusOf(status))));
  return JsonObject().Add("error", error.Build()).Build().text() + "\n";
}

}  // namespace

absl::string_view HintFor(absl::string_view reason) {
  for (const Hint& hint : kHints) {
    if (hint.reason == reason) return hint.text;
  }
  return {};
}

std::string FormatError(const absl::Status& status, Format format) {
  return format == Format::kJson ? FormatJson(status) : FormatText(status);
}

void UseVoice(Format format) { voice = format; }

void Warn(absl::string_view text) {
  const std::string line =
      voice == Format::kJson
          ? JsonObject()
                .Add("warning",
                     JsonObject().Add("message", Json::Text(text)).Build())
                .Build()
                .text()
          : absl::StrCat("bootseal: ", Printable(text));
  std::fputs((line + "\n").c_str(), stderr);
}

}  // namespace bootseal::cli
