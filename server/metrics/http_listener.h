// A few pages over plain HTTP, for scrapers and probes, which are trusted with
// nothing: GET and HEAD of known paths only, at most eight connections, each
// with one request of at most 16 KiB and three seconds in all.
#ifndef BOOTSEAL_SERVER_METRICS_HTTP_LISTENER_H_
#define BOOTSEAL_SERVER_METRICS_HTTP_LISTENER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace bootseal::metrics {

struct Page {
  int status = 200;
  std::string content_type;
  std::string body;
};

// Thread-safe.
class HttpListener {
 public:
  // By path: made anew for each request, on the listener's threads.
  using Pages = std::map<std::string, std::function<Page()>>;

  // "host:port", "[address]:port"; port 0 takes a free one. UNAVAILABLE
  // (METRICS_LISTEN_FAILED).
  static absl::StatusOr<std::unique_ptr<HttpListener>> Start(
      const std::string& listen, Pages pages);
  // Waits for requests that are under way.
  ~HttpListener();

  int port() const;

 private:
  class State;
  explicit HttpListener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bootseal::metrics

#endif  // BOOTSEAL_SERVER_METRICS_HTTP_LISTENER_H_
