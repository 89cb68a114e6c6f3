// The service manager's end of sd_notify(3): a datagram socket that
// NOTIFY_SOCKET names to the processes started while it exists.
#ifndef BOOTSEAL_TESTS_SUPPORT_NOTIFY_SOCKET_H_
#define BOOTSEAL_TESTS_SUPPORT_NOTIFY_SOCKET_H_

#include <chrono>
#include <optional>
#include <string>

#include "tests/support/temporary_folder.h"

namespace bootseal::tests {

class NotifySocket {
 public:
  NotifySocket();
  ~NotifySocket();
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  // The next message; nothing when none comes in time.
  std::optional<std::string> Next(std::chrono::milliseconds limit);
  // The next message that has the line `line`, whatever comes before it; ""
  // when none comes in time.
  std::string WaitFor(const std::string& line,
                      std::chrono::seconds limit = std::chrono::seconds(20));

 private:
  TemporaryFolder folder_;
  int socket_ = -1;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_NOTIFY_SOCKET_H_
