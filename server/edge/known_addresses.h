// The addresses from which somebody has shown who he is: the latest of them.
#ifndef BOOTSEAL_SERVER_EDGE_KNOWN_ADDRESSES_H_
#define BOOTSEAL_SERVER_EDGE_KNOWN_ADDRESSES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace bootseal::edge {

// Not thread-safe.
class KnownAddresses {
 public:
  // Beyond it the one is forgotten that has been silent for longest.
  static constexpr std::size_t kMost = 4096;

  // Somebody at `address` has shown who he is.
  void Add(absl::string_view address);
  bool Have(absl::string_view address) const {
    return added_.contains(address);
  }

 private:
  std::uint64_t next_ = 0;
  // When each one was added last, counted in calls of Add; and back.
  absl::flat_hash_map<std::string, std::uint64_t> added_;
  std::map<std::uint64_t, std::string> order_;
};

}  // namespace bootseal::edge

#endif  // BOOTSEAL_SERVER_EDGE_KNOWN_ADDRESSES_H_
