// Listens, and hands connections on, never more than may be open. gRPC's own
// listener has no such bound, and that of Debian 12 is deaf for good once
// accept() fails for want of a file descriptor.
#ifndef BOOTSEAL_SERVER_LISTENER_H_
#define BOOTSEAL_SERVER_LISTENER_H_

#include <netdb.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/connection_figures.h"
#include "server/connections.h"

namespace bootseal::server {

// Bounds for a server with `calls` under way at most: twice as many
// connections, half of them from one address, and no more than this process may
// have files open, less those that it needs itself. Raises that number to what
// the system allows. FAILED_PRECONDITION (TOO_FEW_FILES) when it is too small
// for anything.
absl::StatusOr<Connections::Bounds> ConnectionBounds(std::uint32_t calls);

// Thread-safe.
class Listener {
 public:
  // Takes over `connection`, which came in at `listening`.
  using Taker = std::function<void(int listening, int connection)>;

  // Binds "host:port" with every address that the host has here: a name, an
  // IPv4 address or an IPv6 address in brackets; "[::]" takes both families.
  // Nobody else can bind it meanwhile. UNAVAILABLE (LISTEN_FAILED).
  static absl::StatusOr<std::unique_ptr<Listener>> Open(
      const std::string& address, Connections::Bounds bounds);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // That was bound; for port 0 a free one.
  int port() const { return port_; }

  // Once. `taker` is called by a thread of the listener's. What is beyond the
  // bounds is reset, and a line of the log tells of it, once a second at most.
  // `figures` follow what is open within a second; they must outlive it.
  void Start(Taker taker, ConnectionFigures& figures);
  // No connection is taken any more; closes the port. Idempotent.
  void Stop();

 private:
  explicit Listener(Connections::Bounds bounds) : connections_(bounds) {}

  absl::Status Bind(const std::string& host, const std::string& port);
  // 0, or errno.
  int BindOne(addrinfo& address);
  void Run();
  void AcceptAll(int listening);
  void Judge(int listening, int connection, const std::string& address);
  // Of what did not become a connection, by reason.
  void Report(ConnectionRefusal why, const char* reason,
              const std::string& address);

  std::vector<int> listening_;
  int wake_ = -1;  // eventfd
  int port_ = 0;
  Taker taker_;
  ConnectionFigures* figures_ = nullptr;
  Connections connections_;
  std::uint64_t refused_ = 0;
  absl::Time reported_ = absl::InfinitePast();
  std::thread thread_;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_LISTENER_H_
