#include "client/console/terminal.h"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "client/cli/json.h"
#include "client/cli/text.h"

namespace bootseal::console {
namespace {

using cli::Json;
using cli::JsonObject;
using cli::Printable;

using Rows = std::vector<std::vector<std::string>>;

const char* VerbOf(v1::Verdict verdict) {
  return verdict == v1::APPROVE ? "APPROVE" : "DENY";
}

std::string ActionName(v1::KeyAction action) {
  switch (action) {
    case v1::ACTIVATE:
      return "activate";
    case v1::ROTATE:
      return "rotate";
    case v1::RETIRE:
      return "retire";
    default:
      return "unknown";
  }
}

void AddSigning(const Prepared& prepared, Rows& rows) {
  const v1::ApprovalStatement& statement = prepared.statement;
  rows.push_back({"target", Printable(statement.target())});
  rows.push_back({"version", Printable(statement.version())});
  rows.push_back(
      {"security counter", absl::StrCat(statement.security_counter())});
  rows.push_back(
      {"payload sha256", absl::BytesToHexString(statement.payload_sha256())});
  for (const v1::SignedDigest& digest : prepared.pending.signing().digests()) {
    if (!digest.name().empty()) {
      rows.push_back({"certificate", Printable(digest.name())});
    }
    rows.push_back({"digest", absl::BytesToHexString(digest.digest())});
    rows.push_back({"key", Printable(digest.key())});
  }
}

void AddKeyChange(const v1::KeyChange& change, Rows& rows) {
  rows.push_back({"change", absl::StrCat(ActionName(change.action()), " key ",
                                         Printable(change.key()))});
  rows.push_back({"public key sha256",
                  absl::BytesToHexString(change.public_key_sha256())});
  if (!change.transcript_sha256().empty()) {
    rows.push_back({"transcript sha256",
                    absl::BytesToHexString(change.transcript_sha256())});
  }
  if (change.replaces().empty()) return;
  rows.push_back({"replaces", Printable(change.replaces())});
  rows.push_back(
      {"its sha256", absl::BytesToHexString(change.replaces_sha256())});
}

Rows RowsOf(const Prepared& prepared) {
  const v1::ApprovalStatement& statement = prepared.statement;
  Rows rows{{"verdict", VerbOf(statement.verdict())}};
  if (statement.has_key_change()) {
    AddKeyChange(statement.key_change(), rows);
  } else {
    AddSigning(prepared, rows);
  }
  rows.push_back({"requester", Printable(statement.requester())});
  rows.push_back(
      {"subject", absl::BytesToHexString(statement.subject_sha256())});
  if (statement.allows_lower_security_counter()) {
    rows.push_back({"allows", "a LOWER security counter"});
  }
  if (statement.allows_lower_version()) {
    rows.push_back({"allows", "a LOWER version"});
  }
  if (!statement.reason().empty()) {
    rows.push_back({"reason", Printable(statement.reason())});
  }
  rows.push_back({"signed by", Printable(statement.approver())});
  return rows;
}

std::string QuestionJson(const Prepared& prepared, const Question& question) {
  JsonObject object;
  for (const std::vector<std::string>& row : RowsOf(prepared)) {
    object.Add(row[0], Json::Text(row[1]));
  }
  object.Add("code", Json::Text(question.code));
  return JsonObject().Add("confirmation", object.Build()).Build().text() + "\n";
}

}  // namespace

std::string QuestionText(const Prepared& prepared, const Question& question,
                         Voice voice) {
  if (voice == Voice::kJson) return QuestionJson(prepared, question);
  return absl::StrCat("\nThe page asks to sign this:\n\n",
                      cli::FormatTable(RowsOf(prepared)),
                      "\nIf that is what you want, type the code ",
                      question.code, " into the page, or here; n declines.\n");
}

void Terminal::Say(absl::string_view text) {
  Print(voice_ == Voice::kJson
            ? JsonObject().Add("console", Json::Text(text)).Build().text() +
                  "\n"
            : absl::StrCat(text, "\n"));
}

void Terminal::Print(absl::string_view text) {
  const base::MutexLock lock(mutex_);
  std::fwrite(text.data(), 1, text.size(), out_);
  std::fflush(out_);
}

// Never holds the keyboard while it waits: a line that was typed for somebody
// else is theirs.
std::optional<std::string> Terminal::ReadLine() {
  for (;;) {
    if (auto line = TakeLine()) return line;
    pollfd standard_input{STDIN_FILENO, POLLIN, 0};
    poll(&standard_input, 1, -1);
    const base::MutexLock lock(keyboard_);
    if (poll(&standard_input, 1, 0) <= 0) continue;
    char block[256];
    const ssize_t count = read(STDIN_FILENO, block, sizeof(block));
    if (count <= 0) return std::nullopt;
    typed_.append(block, static_cast<std::size_t>(count));
  }
}

std::optional<std::string> Terminal::TakeLine() {
  const base::MutexLock lock(keyboard_);
  const std::size_t end = typed_.find('\n');
  if (end == std::string::npos) return std::nullopt;
  std::string line = typed_.substr(0, end);
  typed_.erase(0, end + 1);
  return line;
}

void Terminal::DiscardTyped() {
  const base::MutexLock lock(keyboard_);
  if (isatty(STDIN_FILENO) == 1) tcflush(STDIN_FILENO, TCIFLUSH);
  typed_.clear();
}

}  // namespace bootseal::console
