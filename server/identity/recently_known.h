// Callers whose proof was checked, so that the work is done once for each.
#ifndef BOOTSEAL_SERVER_IDENTITY_RECENTLY_KNOWN_H_
#define BOOTSEAL_SERVER_IDENTITY_RECENTLY_KNOWN_H_

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "bootseal/v1/entry.pb.h"
#include "server/identity/certificate.h"

namespace bootseal::identity {

struct Known {
  v1::Caller caller;
  Validity validity;
};

// Bounded; forgets the one that was used least recently. Thread-safe.
class RecentlyKnown {
 public:
  explicit RecentlyKnown(std::size_t capacity) : capacity_(capacity) {}

  // nullopt for what is not known or not valid at `now`.
  std::optional<v1::Caller> Recall(absl::string_view key, absl::Time now);
  void Remember(std::string key, Known known);

 private:
  // The most recently used first.
  using Recent = std::list<std::pair<std::string, Known>>;

  const std::size_t capacity_;
  base::Mutex mutex_;
  Recent recent_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, Recent::iterator> index_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace bootseal::identity

#endif  // BOOTSEAL_SERVER_IDENTITY_RECENTLY_KNOWN_H_
