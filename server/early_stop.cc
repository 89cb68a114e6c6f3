#include "server/early_stop.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/log.h"

namespace bootseal::server {
namespace {

int OpenSignals() {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  return signalfd(-1, &ends, SFD_CLOEXEC);
}

bool WaitFor(pollfd* of, nfds_t count, int milliseconds) {
  int ready = 0;
  do {
    ready = poll(of, count, milliseconds);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

}  // namespace

EarlyStop::EarlyStop()
    : signals_(OpenSignals()),
      started_(eventfd(0, EFD_CLOEXEC)),
      thread_([this] { Watch(); }) {}

EarlyStop::~EarlyStop() {
  eventfd_write(started_, 1);
  thread_.join();
  close(signals_);
  close(started_);
}

void EarlyStop::Watch() const {
  pollfd both[] = {{started_, POLLIN, 0}, {signals_, POLLIN, 0}};
  WaitFor(both, 2, -1);
  if (WaitFor(both, 1, static_cast<int>(kPatience.count()))) return;
  base::Log(base::Severity::kInfo, "stopped",
            {{"message", "told to end while the start still waited"}});
  // Whoever waits does not come back: nothing of theirs can be taken apart.
  std::_Exit(0);
}

}  // namespace bootseal::server
