#include "client/console/console.h"

#include <unistd.h>

#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/console/access.h"
#include "client/console/api.h"
#include "client/console/confirmations.h"
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

std::string NewAddress(Parts& parts) {
  return absl::StrCat("http://127.0.0.1:", parts.server->port(),
                      "/#ticket=", parts.access.IssueTicket());
}

void AnswerYes(Parts& parts) {
  const absl::StatusOr<Taken> taken = parts.confirmations.ConfirmHere();
  if (!taken.ok()) return parts.terminal.Say(taken.status().message());
  parts.api.Sign(*taken).IgnoreError();  // said on the terminal
}

void AnswerNo(Parts& parts) {
  const absl::Status declined = parts.confirmations.DeclineHere();
  parts.terminal.Say(declined.ok() ? "Declined; nothing was signed"
                                   : declined.message());
}

void Obey(const std::string& line, const Options& options, Parts& parts) {
  const std::string word =
      absl::AsciiStrToLower(absl::StripAsciiWhitespace(line));
  if (word.empty()) return options.announce(NewAddress(parts));
  if (word == "y" || word == "yes") return AnswerYes(parts);
  if (word == "n" || word == "no") return AnswerNo(parts);
  parts.terminal.Say(
      "y signs what is asked, n declines, Enter prints a new address, Ctrl-C "
      "ends the console; codes belong into the page");
}

}  // namespace

absl::Status Run(const Options& options, const Source& source,
                 const base::Clock& clock) {
  Parts parts(options, source, clock);
  ASSIGN_OR_RETURN(parts.server,
                   Server::Start(options.port, parts.api, parts.access));
  const std::string address = NewAddress(parts);
  options.announce(address);
  if (options.open) options.open(address);
  while (const std::optional<std::string> line = parts.terminal.ReadLine()) {
    Obey(*line, options, parts);
  }
  // Without a terminal the page's code is the one way.
  for (;;) pause();
}

}  // namespace bootseal::console
