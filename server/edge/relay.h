// Stands between the network and gRPC, which has no bounds on connections and
// on what their frames make it do, and whose listener in Debian 12 is deaf for
// good once accept() fails for want of a file descriptor.
#ifndef BOOTSEAL_SERVER_EDGE_RELAY_H_
#define BOOTSEAL_SERVER_EDGE_RELAY_H_

#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/openssl.h"
#include "server/edge/clients.h"
#include "server/edge/listener.h"

namespace bootseal::edge {

using SslContextPtr = base::OpenSslPtr<SSL_CTX, SSL_CTX_free>;

// Bounds for a server with `calls` under way at most: twice as many
// connections, half of them from one address, and no more than this process may
// have files open, less those that it needs itself. Raises that number to what
// the system allows. FAILED_PRECONDITION (TOO_FEW_FILES) when it is too small
// for anything.
absl::StatusOr<Connections::Bounds> ConnectionBounds(std::uint32_t calls);

// Thread-safe.
class Relay {
 public:
  // Connections that each of its threads may have before it, not begun with.
  // Others wait in the kernel, where they cost less.
  static constexpr std::size_t kAhead = 64;

  // Binds `listen`, as Listener::Open does. An identity makes `max_calls` calls
  // in a second at most. `clients` must outlive it.
  static absl::StatusOr<std::unique_ptr<Relay>> Open(const std::string& listen,
                                                     std::uint32_t max_calls,
                                                     SslContextPtr tls,
                                                     Clients& clients);
  ~Relay();

  int port() const { return listener_->port(); }

  // Once. `serve` takes over a connected socket that speaks HTTP/2 without TLS;
  // Clients::peers knows its peer's name. Called by the relay's threads.
  void Start(std::function<void(int)> serve);
  // Takes no new connection, and closes the port. Idempotent.
  void StopListening() { listener_->Stop(); }
  // Waits until clients have what those that are served have been told, for at
  // most `patience`, and closes every connection. Idempotent.
  void Stop(absl::Duration patience);

 private:
  struct Loop;
  struct Parts;

  Relay(std::unique_ptr<Listener> listener, std::uint32_t max_calls,
        SslContextPtr tls, Clients& clients);
  void Take(int connection, const std::string& address);
  void Refuse(Connections::Full full, const std::string& address);

  Clients& clients_;
  std::function<void(int)> serve_;
  std::unique_ptr<Parts> parts_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::size_t next_loop_ = 0;
  std::unique_ptr<Listener> listener_;
};

}  // namespace bootseal::edge

#endif  // BOOTSEAL_SERVER_EDGE_RELAY_H_
