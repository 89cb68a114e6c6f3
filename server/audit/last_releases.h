// The newest release of each target, remembered: every request is compared
// with one, and the store is asked once for each target.
#ifndef BOOTSEAL_SERVER_AUDIT_LAST_RELEASES_H_
#define BOOTSEAL_SERVER_AUDIT_LAST_RELEASES_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "bootseal/v1/entry.pb.h"
#include "server/audit/standing.h"
#include "server/audit/store.h"

namespace bootseal::audit {

using Releases = absl::flat_hash_map<std::string, Release>;

// What is remembered is that of a log of one size. Where other servers append
// to the store too, the size is another one afterwards, and all is forgotten.
// Thread-safe; the store must outlive it.
class LastReleases {
 public:
  explicit LastReleases(Store& store) : store_(store) {}

  // In the log of `size` entries. The store's errors; LOG_CORRUPT.
  absl::StatusOr<Release> Find(const std::string& target, std::uint64_t size);

  // The log grew by `fresh`, from one size to the other, and by nothing else.
  void Grow(std::uint64_t from, std::uint64_t to, const Releases& fresh);

 private:
  Store& store_;
  base::Mutex mutex_;
  std::uint64_t size_ ABSL_GUARDED_BY(mutex_) = 0;
  Releases known_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_LAST_RELEASES_H_
