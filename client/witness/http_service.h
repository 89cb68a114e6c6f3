// A witness's HTTP: POST /add-checkpoint and GET /<origin hash>/checkpoint.
#ifndef BOOTSEAL_CLIENT_WITNESS_HTTP_SERVICE_H_
#define BOOTSEAL_CLIENT_WITNESS_HTTP_SERVICE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/witness/witness.h"

namespace bootseal::witness {

struct HttpOptions {
  std::string listen;            // host:port; port 0 takes a free one
  std::string certificate_path;  // PEM, with key_path: HTTPS
  std::string key_path;
};

// Bodies are at most 64 KiB (413 otherwise); a connection that is silent for
// five seconds is closed.
class HttpService {
 public:
  // Binds. `witness` must outlive it. INVALID_ARGUMENT (LISTEN_INVALID),
  // FAILED_PRECONDITION (CANNOT_LISTEN, TLS_INVALID, FILE_*).
  static absl::StatusOr<std::unique_ptr<HttpService>> Open(
      Witness& witness, const HttpOptions& options);
  ~HttpService();

  int port() const;
  // Serves until Stop, which may be called from another thread.
  absl::Status Serve();
  void Stop();

 private:
  class State;
  explicit HttpService(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bootseal::witness

#endif  // BOOTSEAL_CLIENT_WITNESS_HTTP_SERVICE_H_
