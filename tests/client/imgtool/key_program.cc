// imgtool's commands as a program that reaches no server: what their tests and
// the comparison with imgtool run. Exit status as imgtool's.
#include <iostream>
#include <string>
#include <vector>

#include "client/imgtool/commands.h"

int main(int argc, char** argv) {
  const absl::Status status =
      bootseal::imgtool::Run(std::vector<std::string>(argv + 1, argv + argc));
  if (!status.ok()) std::cerr << status.message() << "\n";
  return bootseal::imgtool::ExitStatusOf(status);
}
