#include "server/metrics/listening_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace bootseal::metrics {
namespace {

constexpr int kBacklog = 1024;
// A connection is handed over with its first bytes, or after so long: a request
// that comes at once is then read at once, and whoever says nothing costs us
// nothing.
constexpr int kSilenceSeconds = 3;
// Of an answer that is not taken, the system keeps a part, and for so long.
constexpr int kKeptBytes = 16 << 10;
constexpr int kUserTimeoutMs = 5'000;
constexpr std::size_t kNetworkBytes = 8;  // of IPv6
constexpr char kHere[] =
    "expected an address of this machine, for example 127.0.0.1";

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

void Set(int socket, int level, int name, int value) {
  setsockopt(socket, level, name, &value, sizeof(value));
}

// Without SO_REUSEPORT: another process of the same user could share the port.
// -1 with errno.
int ListenOn(const addrinfo& address) {
  const int made =
      socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made < 0) return -1;
  Set(made, SOL_SOCKET, SO_REUSEADDR, 1);
  Set(made, IPPROTO_TCP, TCP_DEFER_ACCEPT, kSilenceSeconds);
  Set(made, SOL_SOCKET, SO_SNDBUF, kKeptBytes);
  Set(made, IPPROTO_TCP, TCP_USER_TIMEOUT, kUserTimeoutMs);
  if (address.ai_family == AF_INET6) Set(made, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (bind(made, address.ai_addr, address.ai_addrlen) == 0 &&
      listen(made, kBacklog) == 0) {
    return made;
  }
  const int error = errno;
  close(made);
  errno = error;
  return -1;
}

// With what would do.
absl::Status CannotListen(absl::string_view what, absl::string_view expected) {
  return absl::UnavailableError(absl::StrCat(what, "; ", expected));
}

absl::Status CannotListen(int error) {
  switch (error) {
    case EADDRINUSE:
      return CannotListen(
          std::strerror(error),
          "is another server there? expected a free port, or 0");
    case EACCES:
      return CannotListen(std::strerror(error),
                          "expected a port from 1024, which takes no rights");
    default:
      return CannotListen(std::strerror(error), kHere);
  }
}

std::string Bytes(const void* from, std::size_t count) {
  return std::string(static_cast<const char*>(from), count);
}

}  // namespace

absl::StatusOr<int> ListeningSocket(const std::string& listen) {
  const std::size_t colon = listen.rfind(':');
  std::string host = listen.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int found =
      getaddrinfo(host.empty() ? nullptr : host.c_str(),
                  listen.substr(colon + 1).c_str(), &wanted, &list);
  if (found != 0) return CannotListen(gai_strerror(found), kHere);
  const Addresses addresses(list);
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    const int made = ListenOn(*each);
    if (made >= 0) return made;
  }
  return CannotListen(errno);
}

int PortOf(int socket) {
  sockaddr_storage bound{};
  socklen_t size = sizeof(bound);
  getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size);
  // At the same place for both families.
  return ntohs(reinterpret_cast<const sockaddr_in&>(bound).sin_port);
}

std::string NetworkOf(const sockaddr_storage& peer) {
  if (peer.ss_family == AF_INET) {
    const auto& four = reinterpret_cast<const sockaddr_in&>(peer).sin_addr;
    return Bytes(&four, sizeof(four));
  }
  const auto& six = reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&six)) return Bytes(&six.s6_addr[12], 4);
  return Bytes(&six, kNetworkBytes);
}

}  // namespace bootseal::metrics
