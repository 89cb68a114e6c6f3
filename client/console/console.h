// `bootseal console`: the page, its server, and the terminal beside it.
#ifndef BOOTSEAL_CLIENT_CONSOLE_CONSOLE_H_
#define BOOTSEAL_CLIENT_CONSOLE_CONSOLE_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "base/clock.h"
#include "client/console/source.h"
#include "client/console/terminal.h"

namespace bootseal::console {

struct Options {
  int port = 0;  // 0: a free one
  Voice voice = Voice::kText;
  // Gets every address that a page can be opened with; each serves once.
  std::function<void(const std::string& address)> announce;
  // Has a browser open the file that leads to the first of them, a path that
  // tells nothing; empty: nobody does.
  std::function<void(const std::string& path)> open;
};

// Serves until the process is ended. Errors are Server::Start's and
// OpeningFile::Write's. `source` and
// `clock` must outlive it.
absl::Status Run(const Options& options, const Source& source,
                 const base::Clock& clock);

}  // namespace bootseal::console

#endif  // BOOTSEAL_CLIENT_CONSOLE_CONSOLE_H_
