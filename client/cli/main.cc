#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "client/cli/commands.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  const auto exit = bootseal::cli::RunCommandLine(arguments);
  // Files are closed and results flushed; gRPC would still sleep some
  // milliseconds in its shutdown at exit, a tenth of what signing takes.
  std::fflush(nullptr);
  std::_Exit(static_cast<int>(exit));
}
