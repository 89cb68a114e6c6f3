// TCP to a port of the loopback, from any address of it, without a protocol.
#ifndef BOOTSEAL_TESTS_SERVER_RAW_CONNECTION_H_
#define BOOTSEAL_TESTS_SERVER_RAW_CONNECTION_H_

#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "tests/support/loopback.h"

namespace bootseal::tests {

// Not thread-safe. Reads wait for twenty seconds at most.
class RawConnection {
 public:
  // `window`: bytes that it takes before somebody reads; 0 is the system's.
  explicit RawConnection(int port, const char* from = "127.0.0.1",
                         int window = 0)
      : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{20, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (window > 0) {
      setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &window, sizeof(window));
    }
    connected_ = ConnectFrom(from, socket_, port);
  }
  ~RawConnection() { close(socket_); }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  bool connected() const { return connected_; }
  bool Send(const std::string& text) {
    return send(socket_, text.data(), text.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(text.size());
  }
  void EndSending() { shutdown(socket_, SHUT_WR); }
  // Until the other side ends.
  std::string ReadAll() {
    std::string all;
    char buffer[4096];
    ssize_t got = 0;
    while ((got = recv(socket_, buffer, sizeof(buffer), 0)) > 0) {
      all.append(buffer, static_cast<std::size_t>(got));
    }
    return all;
  }

 private:
  const int socket_;
  bool connected_ = false;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SERVER_RAW_CONNECTION_H_
