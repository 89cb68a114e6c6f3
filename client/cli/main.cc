#include <string>
#include <vector>

#include "client/cli/commands.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  return static_cast<int>(bootseal::cli::RunCommandLine(arguments));
}
