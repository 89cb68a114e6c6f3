// The connections that are open, counted by where they come from. gRPC, which
// has them, tells nobody when it closes one: the kernel is asked.
#ifndef BOOTSEAL_SERVER_CONNECTIONS_H_
#define BOOTSEAL_SERVER_CONNECTIONS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace bootseal::server {

// Not thread-safe: the business of whoever accepts.
class Connections {
 public:
  struct Bounds {
    std::uint32_t all;
    // Of these, from one address, so that others find room: an IPv4 address, or
    // a network of 64 bits with IPv6.
    std::uint32_t of_one_address;
  };
  enum class Answer { kTaken, kTooMany, kTooManyOfAddress };

  explicit Connections(Bounds bounds) : bounds_(bounds) {}

  // Counts `socket`, a connection from `address`, until somebody closes it, or
  // says why it must not stay. Where there are many, a place may be found free
  // some milliseconds late.
  Answer Take(int socket, absl::string_view address);

  // Those that are open, as of a second ago at most.
  std::size_t Count();
  // Upper bound of them.
  std::size_t counted() const { return open_.size(); }
  const Bounds& bounds() const { return bounds_; }

 private:
  using Time = std::chrono::steady_clock;
  struct Open {
    std::uint64_t cookie;  // SO_COOKIE: of this socket and no other, ever
    std::string address;
  };

  // Unless that was done within `rest`.
  void ForgetClosed(Time::duration rest);
  void Forget(int socket);
  std::uint32_t CountOf(absl::string_view address) const;

  const Bounds bounds_;
  // By descriptor, which the kernel gives to others once it is closed.
  absl::flat_hash_map<int, Open> open_;
  absl::flat_hash_map<std::string, std::uint32_t> by_address_;
  Time::time_point asked_;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_CONNECTIONS_H_
