// Listens, and hands connections on with the address that they come from.
#ifndef BOOTSEAL_SERVER_EDGE_LISTENER_H_
#define BOOTSEAL_SERVER_EDGE_LISTENER_H_

#include <netdb.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "server/edge/incidents.h"

namespace bootseal::edge {

// Thread-safe.
class Listener {
 public:
  // Takes over `connection`. With IPv6 the address is a network of 48 bits,
  // "2001:db8:7::/48", which whoever has one has as a whole (RFC 6177, 2).
  using Taker = std::function<void(int connection, const std::string& address)>;

  // Binds "host:port" with every address that the host has here: a name, an
  // IPv4 address or an IPv6 address in brackets; "[::]" takes both families.
  // Nobody else can bind it meanwhile. UNAVAILABLE (LISTEN_FAILED). `incidents`
  // must outlive it.
  static absl::StatusOr<std::unique_ptr<Listener>> Open(
      const std::string& address, Incidents& incidents);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // That was bound; for port 0 a free one.
  int port() const { return port_; }

  // Once. `taker` is called by the one thread of the listener's.
  void Start(Taker taker);
  // No connection is taken any more; closes the port. Idempotent.
  void Stop();

 private:
  explicit Listener(Incidents& incidents) : incidents_(incidents) {}

  absl::Status Bind(const std::string& host, const std::string& port);
  // 0, or errno.
  int BindOne(addrinfo& address);
  void Run();
  void AcceptAll(int listening);

  std::vector<int> listening_;
  int wake_ = -1;  // eventfd
  int port_ = 0;
  Taker taker_;
  Incidents& incidents_;
  std::thread thread_;
};

}  // namespace bootseal::edge

#endif  // BOOTSEAL_SERVER_EDGE_LISTENER_H_
