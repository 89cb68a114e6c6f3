// One HTTP request and its answer over a socket, bounded in bytes and in time
// as a whole. Never waits.
#ifndef BOOTSEAL_SERVER_METRICS_EXCHANGE_H_
#define BOOTSEAL_SERVER_METRICS_EXCHANGE_H_

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

#include "server/metrics/answers.h"

namespace bootseal::metrics {

// Not thread-safe.
class Exchange {
 public:
  static constexpr std::size_t kMaxRequestBytes = 16 << 10;
  static constexpr std::chrono::seconds kPatience{3};

  // Takes over `socket`, which does not block. `network` is where it comes
  // from.
  Exchange(int socket, std::string network)
      : socket_(socket), network_(std::move(network)) {}
  // Closes it.
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Reads and writes what can be read and written now. False when it has ended:
  // answered, hung up, or beyond a bound.
  bool Advance(Answers& answers);

  int socket() const { return socket_; }
  const std::string& network() const { return network_; }
  // What it waits for, of poll(2).
  short awaited() const;
  std::chrono::steady_clock::time_point end() const { return end_; }

 private:
  enum class Read { kWhole, kPart, kEnded };
  Read ReadHead();
  bool Write();

  const int socket_;
  const std::string network_;
  const std::chrono::steady_clock::time_point end_ =
      std::chrono::steady_clock::now() + kPatience;
  std::string request_;
  std::string answer_;
  std::size_t written_ = 0;  // of the answer
};

}  // namespace bootseal::metrics

#endif  // BOOTSEAL_SERVER_METRICS_EXCHANGE_H_
