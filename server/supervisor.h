// What the service manager that started this process is told of it, in the
// protocol of sd_notify(3): systemd, or whoever else passes NOTIFY_SOCKET.
// Without that variable nothing happens. A socket that takes nothing is a
// warning in the log, once, and no reason to stop.
#ifndef BOOTSEAL_SERVER_SUPERVISOR_H_
#define BOOTSEAL_SERVER_SUPERVISOR_H_

#include <chrono>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace bootseal::server {

// Not thread-safe: the business of the thread that takes the signals.
class Supervisor {
 public:
  // Reads WATCHDOG_USEC and WATCHDOG_PID and takes them out of the environment:
  // before there is a second thread.
  Supervisor();

  // `status` is for people: systemctl shows it.
  void Ready(absl::string_view status);
  void Reloading();
  void Stopping();
  // Says it when it differs from what was said last.
  void Status(absl::string_view status);

  // How long the caller may do something else between two looks at IsDue: at
  // most a second.
  std::chrono::nanoseconds patience() const;
  // Half of the watchdog's time has passed since the last sign of life. Never
  // without a watchdog.
  bool IsDue() const;
  void Alive();

 private:
  using Time = std::chrono::steady_clock::time_point;

  void Send(const std::string& message);

  std::optional<std::chrono::microseconds> watchdog_;
  Time alive_;
  std::string status_;
  bool warned_ = false;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_SUPERVISOR_H_
