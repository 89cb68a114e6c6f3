// Who is at the other end of each connection. gRPC sees our end of a socket
// pair, whose name leads here.
#ifndef BOOTSEAL_SERVER_EDGE_PEERS_H_
#define BOOTSEAL_SERVER_EDGE_PEERS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "base/mutex.h"
#include "server/edge/connections.h"

namespace bootseal::edge {

// What a TLS handshake told. Thread-safe.
class Peer {
 public:
  // In PEM: the certificate that the peer has proved to own, which one of the
  // server's CAs vouches for, and those that came along; empty: none.
  struct Certificates {
    std::string leaf_pem;
    std::string chain_pem;
  };

  // From `address`. With a certificate its connection stays at once.
  Peer(std::string address, Certificates certificates,
       Connections::Place place);

  const std::string& address() const { return address_; }
  const Certificates& certificates() const { return certificates_; }

  // A call of its was identified: the first identity is its owner's, unless a
  // certificate said it before.
  void Identify(absl::string_view identity);
  // Whether it is anybody's.
  bool known() const { return owner_.load() != &address_; }
  // Whose budget it uses: an address, a certificate or an identity.
  const std::string& owner() const { return *owner_.load(); }

 private:
  const std::string address_;
  const Certificates certificates_;
  const Connections::Place place_;
  base::Mutex mutex_;
  std::string name_;  // written once, before owner_ leads to it
  std::atomic<const std::string*> owner_ = &address_;
};

// Thread-safe.
class Peers {
 public:
  Peers();

  // Names `peer`, as no other ever: the name of an abstract Unix socket
  // (unix(7)) that its connection goes through.
  std::string Add(std::shared_ptr<Peer> peer);
  void Remove(const std::string& name);
  // By the name that gRPC gives to the peer of such a socket
  // (grpc::ServerContext::peer); nullptr once it is removed.
  std::shared_ptr<Peer> Find(absl::string_view grpc_name) const;
  std::size_t size() const;

 private:
  // Random: nobody else on the machine has it.
  const std::string prefix_;
  mutable base::Mutex mutex_;
  std::uint64_t next_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<std::string, std::shared_ptr<Peer>> peers_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace bootseal::edge

#endif  // BOOTSEAL_SERVER_EDGE_PEERS_H_
