#include "hsm/commands/interruption.h"

#include <atomic>

namespace bootseal::hsm::commands {
namespace {

std::atomic<int> came = 0;
static_assert(std::atomic<int>::is_always_lock_free);

void Note(int number) { came = number; }

}  // namespace

Interruption::Interruption() {
  came = 0;
  struct sigaction note {};
  // Without SA_RESTART: a read ends.
  note.sa_handler = Note;
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], &note, &before_[i]);
  }
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &before_pipe_);
}

Interruption::~Interruption() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], &before_[i], nullptr);
  }
  sigaction(SIGPIPE, &before_pipe_, nullptr);
}

const char* Interruption::Name() {
  switch (came) {
    case SIGHUP:
      return "SIGHUP";
    case SIGINT:
      return "SIGINT";
    case SIGTERM:
      return "SIGTERM";
    default:
      return nullptr;
  }
}

}  // namespace bootseal::hsm::commands
