#include <signal.h>

#include <string>
#include <vector>

#include "base/pending_file.h"
#include "client/fwu/program.h"

int main(int argc, char** argv) {
  signal(SIGXFSZ, SIG_IGN);  // the write fails instead, and is named
  bootseal::base::RemovePendingFilesOnSignal();
  return static_cast<int>(
      bootseal::fwu::RunProgram(std::vector<std::string>(argv, argv + argc)));
}
