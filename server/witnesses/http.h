// HTTP as asking a witness needs it: small texts, no redirects, no patience.
#ifndef BOOTSEAL_SERVER_WITNESSES_HTTP_H_
#define BOOTSEAL_SERVER_WITNESSES_HTTP_H_

#include <atomic>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace bootseal::witnesses {

struct HttpReply {
  long status = 0;
  std::string content_type;
  std::string body;
};

// Immutable; thread-safe once Prepare was called.
class Http {
 public:
  // `prefix` without a slash at its end; `ca_path` is a PEM file, empty: the
  // system's CAs. Calls end soon after `ending` is set, which must outlive
  // this.
  Http(std::string prefix, std::string ca_path, const std::atomic<bool>& ending)
      : prefix_(std::move(prefix)),
        ca_path_(std::move(ca_path)),
        ending_(ending) {}

  // The library's own start; before any other thread uses it.
  static void Prepare();

  // Any status is a reply. UNAVAILABLE (WITNESS_UNREACHABLE): none within ten
  // seconds, or one above 64 KiB.
  absl::StatusOr<HttpReply> Get(const std::string& path) const;
  absl::StatusOr<HttpReply> Post(const std::string& path,
                                 const std::string& body) const;

  const std::string& prefix() const { return prefix_; }

 private:
  absl::StatusOr<HttpReply> Call(const std::string& path,
                                 const std::string* body) const;

  std::string prefix_;
  std::string ca_path_;
  const std::atomic<bool>& ending_;
};

}  // namespace bootseal::witnesses

#endif  // BOOTSEAL_SERVER_WITNESSES_HTTP_H_
