#include "server/edge/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::edge {
namespace {

constexpr int kBacklog = 1024;
// Unacknowledged for so long, a connection is dead.
constexpr unsigned int kUserTimeoutMs = 20'000;
// After accept() failed: what is missing then is nobody's to wait for.
constexpr std::chrono::milliseconds kPause{100};

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

void Set(int socket, int level, int name, int value) {
  setsockopt(socket, level, name, &value, sizeof(value));
}

// Accepted sockets inherit what is set here.
void Prepare(int socket, int family) {
  Set(socket, SOL_SOCKET, SO_REUSEADDR, 1);
  Set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  // Urgent data (RFC 6093) would hide what comes after it.
  Set(socket, SOL_SOCKET, SO_OOBINLINE, 1);
  Set(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, kUserTimeoutMs);
  if (family == AF_INET6) Set(socket, IPPROTO_IPV6, IPV6_V6ONLY, 0);
}

int PortOf(int socket) {
  sockaddr_storage bound{};
  socklen_t size = sizeof(bound);
  getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size);
  const in_port_t port =
      bound.ss_family == AF_INET6
          ? reinterpret_cast<const sockaddr_in6&>(bound).sin6_port
          : reinterpret_cast<const sockaddr_in&>(bound).sin_port;
  return ntohs(port);
}

std::string HostOf(sockaddr_storage peer, socklen_t size) {
  auto& six = reinterpret_cast<sockaddr_in6&>(peer).sin6_addr;
  const bool network =
      peer.ss_family == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(&six);
  if (network) std::memset(&six.s6_addr[6], 0, 10);
  char host[NI_MAXHOST] = "";
  getnameinfo(reinterpret_cast<const sockaddr*>(&peer), size, host,
              sizeof(host), nullptr, 0, NI_NUMERICHOST);
  return absl::StrCat(host, network ? "/48" : "");
}

// Of an address family that this machine does not have.
bool IsAbsent(int error) {
  return error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Open(
    const std::string& address, Incidents& incidents) {
  std::unique_ptr<Listener> made(new Listener(incidents));
  const std::size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  const absl::Status bound = made->Bind(host, address.substr(colon + 1));
  if (bound.ok()) return made;
  return base::Unavailable(
      "LISTEN_FAILED",
      absl::StrCat("cannot listen on ", address, ": ", bound.message()));
}

absl::Status Listener::Bind(const std::string& host, const std::string& port) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int found = getaddrinfo(host.empty() ? nullptr : host.c_str(),
                                port.c_str(), &wanted, &list);
  if (found != 0) return absl::UnavailableError(gai_strerror(found));
  const Addresses addresses(list);
  int absent = EADDRNOTAVAIL;
  for (addrinfo* each = list; each != nullptr; each = each->ai_next) {
    const int error = BindOne(*each);
    if (error == EADDRINUSE) {
      return absl::UnavailableError(
          absl::StrCat(std::strerror(error), "; is another server there?"));
    }
    if (error == 0) continue;
    if (!IsAbsent(error)) return absl::UnavailableError(std::strerror(error));
    absent = error;
  }
  if (!listening_.empty()) return absl::OkStatus();
  return absl::UnavailableError(std::strerror(absent));
}

int Listener::BindOne(addrinfo& address) {
  const int made =
      socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made < 0) return errno;
  Prepare(made, address.ai_family);
  // All of them have the port that the first one was given; it is at the same
  // place for both families.
  if (port_ != 0) {
    reinterpret_cast<sockaddr_in*>(address.ai_addr)->sin_port =
        htons(static_cast<std::uint16_t>(port_));
  }
  if (bind(made, address.ai_addr, address.ai_addrlen) != 0 ||
      listen(made, kBacklog) != 0) {
    const int error = errno;
    close(made);
    return error;
  }
  listening_.push_back(made);
  port_ = PortOf(made);
  return 0;
}

Listener::~Listener() { Stop(); }

void Listener::Start(Taker taker) {
  taker_ = std::move(taker);
  wake_ = eventfd(0, EFD_CLOEXEC);
  thread_ = std::thread([this] { Run(); });
}

void Listener::Stop() {
  if (thread_.joinable()) {
    eventfd_write(wake_, 1);
    thread_.join();
    close(wake_);
  }
  for (const int each : std::exchange(listening_, {})) close(each);
}

void Listener::Run() {
  std::vector<pollfd> ready{{wake_, POLLIN, 0}};
  for (const int each : listening_) ready.push_back({each, POLLIN, 0});
  while (ready.front().revents == 0) {
    if (poll(ready.data(), ready.size(), -1) < 0) continue;
    for (std::size_t i = 1; i < ready.size(); ++i) {
      if (ready[i].revents != 0) AcceptAll(ready[i].fd);
    }
  }
}

void Listener::AcceptAll(int listening) {
  // As many as wait at once; then it is looked whether to end.
  for (int i = 0; i < kBacklog; ++i) {
    sockaddr_storage peer{};
    socklen_t size = sizeof(peer);
    const int connection =
        accept4(listening, reinterpret_cast<sockaddr*>(&peer), &size,
                SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection >= 0) {
      taker_(connection, HostOf(peer, size));
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    if (errno == EINTR || errno == ECONNABORTED) continue;
    // Files of the process or the system, or memory: what waits stays in the
    // kernel's queue.
    incidents_.Report(Incident::kSystem, "", std::strerror(errno));
    std::this_thread::sleep_for(kPause);
    return;
  }
}

}  // namespace bootseal::edge
