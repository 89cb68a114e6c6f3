#include "client/console/console.h"

#include <unistd.h>

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/console/access.h"
#include "client/console/api.h"
#include "client/console/confirmations.h"
#include "client/console/gate.h"
#include "client/console/opening_file.h"
#include "client/console/random.h"
#include "client/console/server.h"

namespace bootseal::console {
namespace {

// Everything of one start; the server last, so that it ends first.
struct Parts {
  Parts(const Options& options, const Source& source, const base::Clock& clock)
      : confirmations(clock),
        terminal(options.voice),
        api(source, access, confirmations, terminal) {}

  Access access;
  Confirmations confirmations;
  Terminal terminal;
  Api api;
  std::unique_ptr<Server> server;
};

std::string AddressOf(const Parts& parts, absl::string_view rest) {
  return absl::StrCat("http://127.0.0.1:", parts.server->port(), rest);
}

std::string NewAddress(Parts& parts) {
  return AddressOf(parts, "/#ticket=" + parts.access.IssueTicket());
}

void AnswerYes(const std::string& code, Parts& parts) {
  const absl::StatusOr<Taken> taken = parts.confirmations.ConfirmHere(code);
  if (!taken.ok()) return parts.terminal.Say(taken.status().message());
  parts.api.Sign(*taken).IgnoreError();  // said on the terminal
}

void AnswerNo(Parts& parts) {
  const absl::Status declined = parts.confirmations.DeclineHere();
  parts.terminal.Say(declined.ok() ? "Declined; nothing was signed"
                                   : declined.message());
}

bool IsCode(const std::string& word) {
  return word.size() == kCodeDigits &&
         word.find_first_not_of("0123456789") == std::string::npos;
}

void Obey(const std::string& line, const Options& options, Parts& parts) {
  const std::string word =
      absl::AsciiStrToLower(absl::StripAsciiWhitespace(line));
  if (word.empty()) return options.announce(NewAddress(parts));
  if (IsCode(word)) return AnswerYes(word, parts);
  if (word == "n" || word == "no") return AnswerNo(parts);
  parts.terminal.Say(
      "the code of a question signs what is asked, n declines, Enter prints a "
      "new address, Ctrl-C ends the console");
}

}  // namespace

absl::Status Run(const Options& options, const Source& source,
                 const base::Clock& clock) {
  Parts parts(options, source, clock);
  ASSIGN_OR_RETURN(parts.server,
                   Server::Start(options.port, parts.api, parts.access));
  const std::string ticket = parts.access.IssueTicket();
  std::optional<OpeningFile> opening;
  if (options.open) {
    ASSIGN_OR_RETURN(OpeningFile written,
                     OpeningFile::Write(AddressOf(parts, kOpenPath + ticket)));
    opening.emplace(std::move(written));
    parts.access.OnFirstUse([&opening] { opening->Remove(); });
  }
  options.announce(AddressOf(parts, "/#ticket=" + ticket));
  if (opening) options.open(opening->path());
  while (const std::optional<std::string> line = parts.terminal.ReadLine()) {
    Obey(*line, options, parts);
  }
  // Without a terminal the page's code is the one way.
  for (;;) pause();
}

}  // namespace bootseal::console
