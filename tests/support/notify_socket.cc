#include "tests/support/notify_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace bootseal::tests {

NotifySocket::NotifySocket()
    : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  const std::string path = folder_.File("notify");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) std::abort();
  std::memcpy(address.sun_path, path.c_str(), path.size());
  if (bind(socket_, reinterpret_cast<const sockaddr*>(&address),
           sizeof(address)) != 0) {
    std::abort();
  }
  setenv("NOTIFY_SOCKET", path.c_str(), 1);
}

NotifySocket::~NotifySocket() {
  unsetenv("NOTIFY_SOCKET");
  close(socket_);
}

std::optional<std::string> NotifySocket::Next(std::chrono::milliseconds limit) {
  pollfd ready{socket_, POLLIN, 0};
  if (poll(&ready, 1, static_cast<int>(limit.count())) != 1) return {};
  char text[4096];
  const ssize_t size = recv(socket_, text, sizeof(text), 0);
  if (size < 0) return {};
  return std::string(text, static_cast<std::size_t>(size));
}

std::string NotifySocket::WaitFor(const std::string& line,
                                  std::chrono::seconds limit) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + limit;
  while (Clock::now() < deadline) {
    const auto message = Next(
        std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()));
    if (!message) break;
    if (absl::StrContains(absl::StrCat("\n", *message, "\n"),
                          absl::StrCat("\n", line, "\n"))) {
      return *message;
    }
  }
  return "";
}

}  // namespace bootseal::tests
