// The connections that are open, and those that were refused or cut off, for
// whoever watches the server.
#ifndef BOOTSEAL_SERVER_CONNECTION_FIGURES_H_
#define BOOTSEAL_SERVER_CONNECTION_FIGURES_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "base/figures.h"

namespace bootseal::server {

// Why a connection was not taken, or not kept.
enum class ConnectionRefusal {
  kAll,        // as many are open as may be
  kAddress,    // as many are open from its address as may be
  kSystem,     // accept(2) failed: files or memory
  kHandshake,  // TLS failed, or did not end in time
  kProtocol,   // what it sent is beyond the bounds of HTTP/2
  kEvicted,    // others needed its place
};
// Names of these, in their order.
inline constexpr const char* kConnectionRefusals[] = {
    "all", "address", "system", "handshake", "protocol", "evicted"};
static_assert(std::size(kConnectionRefusals) ==
              static_cast<std::size_t>(ConnectionRefusal::kEvicted) + 1);

// Thread-safe.
class ConnectionFigures {
 public:
  void SetOpen(std::uint64_t count) { open_ = count; }
  // How many may be open.
  void SetLimit(std::uint64_t count) { limit_ = count; }
  void CountRefused(ConnectionRefusal reason) {
    refused_[static_cast<std::size_t>(reason)].Add();
  }

  std::uint64_t open() const { return open_; }
  // 0 before the server listens.
  std::uint64_t limit() const { return limit_; }
  std::uint64_t refused(ConnectionRefusal reason) const {
    return refused_[static_cast<std::size_t>(reason)].value();
  }

 private:
  std::atomic<std::uint64_t> open_ = 0;
  std::atomic<std::uint64_t> limit_ = 0;
  std::array<base::Counter, std::size(kConnectionRefusals)> refused_;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_CONNECTION_FIGURES_H_
