// Which refusals by limits get a line in the server's own log: of each owner
// one a second, so that who calls too often does not fill it.
#ifndef BOOTSEAL_SERVER_LIMIT_LINES_H_
#define BOOTSEAL_SERVER_LIMIT_LINES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/mutex.h"

namespace bootseal::server {

// Thread-safe.
class LimitLines {
 public:
  static constexpr absl::Duration kPause = absl::Seconds(1);
  // Owners with a line of their own in a second; all others share one.
  static constexpr std::size_t kOwners = 1024;

  // Of `owner`, an identity or an address: whether a line may be written now,
  // and how many were left out since its last one; nullopt: this one is left
  // out, too. Owners that come back after a pause in which others needed their
  // room begin with none.
  std::optional<std::uint64_t> Admit(absl::string_view owner, absl::Time now);

  // Owners that are remembered.
  std::size_t remembered() const;

 private:
  struct Told {
    absl::Time at = absl::InfinitePast();
    std::uint64_t left_out = 0;
  };

  Told& Find(absl::string_view owner, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable base::Mutex mutex_;
  absl::flat_hash_map<std::string, Told> told_ ABSL_GUARDED_BY(mutex_);
  Told others_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_LIMIT_LINES_H_
