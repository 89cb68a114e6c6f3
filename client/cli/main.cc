#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/pending_file.h"
#include "client/cli/commands.h"

namespace {

// A file or socket that took the number of a closed stream would get what is
// meant for the stream. What holds it cannot be used: using it is an error, as
// it was.
void HoldStandardStreams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) >= 0) continue;
    const int useless = stream == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    if (open("/dev/null", useless) != stream) std::abort();
  }
}

// Before the initialisers of libraries: one of gRPC's opens a descriptor.
[[gnu::section(".preinit_array"),
  gnu::used]] void (*const kBeforeLibraries)() = HoldStandardStreams;

}  // namespace

int main(int argc, char** argv) {
  signal(SIGXFSZ, SIG_IGN);  // the write fails instead, and is named
  bootseal::base::RemovePendingFilesOnSignal();
  const std::vector<std::string> arguments(argv, argv + argc);
  const auto exit = bootseal::cli::RunCommandLine(arguments);
  // Files are closed and results flushed; gRPC would still sleep some
  // milliseconds in its shutdown at exit, a tenth of what signing takes.
  std::fflush(nullptr);
  std::_Exit(static_cast<int>(exit));
}
