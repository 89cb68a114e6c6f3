// Signals that would end the process before it has said what it leaves behind.
#ifndef BOOTSEAL_HSM_COMMANDS_INTERRUPTION_H_
#define BOOTSEAL_HSM_COMMANDS_INTERRUPTION_H_

#include <signal.h>

#include <array>
#include <cstddef>

namespace bootseal::hsm::commands {

// While it lives SIGHUP, SIGINT and SIGTERM are noted, and end what waits for
// input; SIGPIPE is nothing, as whoever reads the output may go. One at a time.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  // Of a signal that came; nullptr: none did. By any thread.
  static const char* Name();

 private:
  static constexpr std::array<int, 3> kSignals{SIGHUP, SIGINT, SIGTERM};

  std::array<struct sigaction, kSignals.size()> before_{};
  struct sigaction before_pipe_ {};
};

}  // namespace bootseal::hsm::commands

#endif  // BOOTSEAL_HSM_COMMANDS_INTERRUPTION_H_
