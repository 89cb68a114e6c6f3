// Both ends of TLS with HTTP/2 inside, for tests of what stands between them.
#ifndef BOOTSEAL_TESTS_SERVER_EDGE_EAGER_CLIENT_H_
#define BOOTSEAL_TESTS_SERVER_EDGE_EAGER_CLIENT_H_

#include <openssl/ssl.h>

#include <asio/ssl/context.hpp>
#include <string>

#include "base/openssl.h"
#include "tests/server/raw_client.h"

namespace bootseal::tests {

// Of a server with a certificate of its own, who takes HTTP/2.
asio::ssl::context ServerContext();

// The preface of HTTP/2, an empty SETTINGS frame and a PING.
std::string EagerHello();

// Says EagerHello() as soon as it may.
class EagerClient {
 public:
  // Of a connected socket, which stays the caller's.
  explicit EagerClient(int socket);

  // To what the server has said. Blocks as the socket does.
  void Answer();
  // After that. False: not now.
  bool Say(const std::string& bytes);
  // Reads and forgets what is there.
  void Drop();

 private:
  SslContextPtr context_;
  base::OpenSslPtr<SSL, SSL_free> tls_;
  bool said_ = false;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SERVER_EDGE_EAGER_CLIENT_H_
