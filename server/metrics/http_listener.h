// A few pages over plain HTTP, for scrapers and probes, which are trusted with
// nothing: GET and HEAD of known paths only, each connection with one request
// of at most 16 KiB and three seconds in all, once it has said anything.
//
// Whoever asks and reads is answered, whatever others do: one thread that never
// waits for any of them serves them all, a request that comes in one piece is
// answered before its connection takes a place, and when as many are open as
// may be, the next one takes the place of the oldest of those who have the
// most.
#ifndef BOOTSEAL_SERVER_METRICS_HTTP_LISTENER_H_
#define BOOTSEAL_SERVER_METRICS_HTTP_LISTENER_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/figures.h"
#include "server/metrics/answers.h"

namespace bootseal::metrics {

// Thread-safe.
class HttpListener {
 public:
  static constexpr std::size_t kMaxConnections = 32;

  // "host:port", "[address]:port"; port 0 takes a free one. Pages are made on a
  // thread of the listener's, which must not wait. `evicted` counts those that
  // lost their place, and must outlive it. UNAVAILABLE (METRICS_LISTEN_FAILED).
  static absl::StatusOr<std::unique_ptr<HttpListener>> Start(
      const std::string& listen, Pages pages, base::Counter& evicted);
  // Cuts off whatever is under way.
  ~HttpListener();

  int port() const;

 private:
  class State;
  explicit HttpListener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bootseal::metrics

#endif  // BOOTSEAL_SERVER_METRICS_HTTP_LISTENER_H_
