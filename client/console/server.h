// HTTP on the loopback: the page's files and the API, behind the gate.
#ifndef BOOTSEAL_CLIENT_CONSOLE_SERVER_H_
#define BOOTSEAL_CLIENT_CONSOLE_SERVER_H_

#include <memory>
#include <thread>

#include "absl/status/statusor.h"
#include "client/console/access.h"
#include "client/console/api.h"
#include "client/console/gate.h"

namespace httplib {
class Server;
}  // namespace httplib

namespace bootseal::console {

// Serves until it is destroyed. Not thread-safe; its calls run on threads of
// its own.
class Server {
 public:
  // On 127.0.0.1:`port`, 0 for a free one. UNAVAILABLE (PORT_IN_USE). `api` and
  // `access` must outlive the server.
  static absl::StatusOr<std::unique_ptr<Server>> Start(int port, Api& api,
                                                       const Access& access);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int port() const { return port_; }

 private:
  Server();
  void Route(Api& api, const Access& access);

  std::unique_ptr<httplib::Server> http_;
  std::unique_ptr<Gate> gate_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace bootseal::console

#endif  // BOOTSEAL_CLIENT_CONSOLE_SERVER_H_
