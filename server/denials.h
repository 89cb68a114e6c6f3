// What people denied: a request that was denied once stays so when its target
// asks nobody any more, and an ordinary release must not cost a search.
#ifndef BOOTSEAL_SERVER_DENIALS_H_
#define BOOTSEAL_SERVER_DENIALS_H_

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "base/mutex.h"
#include "server/audit/log.h"

namespace bootseal::server {

// The subjects of all denials in the log, kept up with it. Thread-safe.
class Denials {
 public:
  // `log` must outlive it.
  explicit Denials(audit::Log& log) : log_(log) {}

  // Reads the denials among the first `size` entries, but for those it has
  // read. The store's errors; what trust::DecodeEntry says.
  absl::Status CatchUp(std::uint64_t size);

  // As far as it was read. Whether a denial still counts is not judged here.
  bool Have(const std::string& subject) const;
  bool empty() const;

 private:
  audit::Log& log_;
  mutable base::Mutex mutex_;
  absl::flat_hash_set<std::string> subjects_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t next_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_DENIALS_H_
