// An end for a server that has not begun to serve: what its start waits for (a
// token, a database, a disk) may never come.
#ifndef BOOTSEAL_SERVER_EARLY_STOP_H_
#define BOOTSEAL_SERVER_EARLY_STOP_H_

#include <chrono>
#include <thread>

namespace bootseal::server {

// While it exists, SIGTERM and SIGINT end the process with status 0, as a kill
// would and with a line in the log: whatever the start has done by then, the
// next one finds as after a power cut. A start that ends within `kPatience` of
// the signal is left in peace, and the signal stays pending for whoever takes
// it then.
class EarlyStop {
 public:
  static constexpr std::chrono::milliseconds kPatience{500};

  // The two signals must be blocked, and no other thread be there yet.
  EarlyStop();
  ~EarlyStop();
  EarlyStop(const EarlyStop&) = delete;
  EarlyStop& operator=(const EarlyStop&) = delete;

 private:
  void Watch() const;

  const int signals_;  // signalfd: never read, so that signals stay pending
  const int started_;  // eventfd
  std::thread thread_;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_EARLY_STOP_H_
