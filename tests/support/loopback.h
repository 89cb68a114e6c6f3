// TCP over the loopback, from any of its addresses.
#ifndef BOOTSEAL_TESTS_SUPPORT_LOOPBACK_H_
#define BOOTSEAL_TESTS_SUPPORT_LOOPBACK_H_

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

namespace bootseal::tests {

inline sockaddr_in LoopbackAddress(const char* host, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  inet_pton(AF_INET, host, &address.sin_addr);
  return address;
}

// Connects `socket` from `host` to 127.0.0.1:`port`.
inline bool ConnectFrom(const char* host, int socket, int port) {
  const sockaddr_in from = LoopbackAddress(host, 0);
  const sockaddr_in to = LoopbackAddress("127.0.0.1", port);
  return bind(socket, reinterpret_cast<const sockaddr*>(&from), sizeof(from)) ==
             0 &&
         connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) ==
             0;
}

// Connected from `host` to 127.0.0.1:`port` until its end.
class Connection {
 public:
  Connection(const char* host, int port)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    EXPECT_TRUE(ConnectFrom(host, socket_, port)) << host;
  }
  Connection(Connection&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)) {}
  Connection& operator=(Connection&&) = delete;
  ~Connection() {
    if (socket_ >= 0) close(socket_);
  }

  int socket() const { return socket_; }

 private:
  int socket_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_LOOPBACK_H_
