// The connections that are open, counted by where they come from. Where there
// are too many, those give way that have shown nothing yet.
#ifndef BOOTSEAL_SERVER_EDGE_CONNECTIONS_H_
#define BOOTSEAL_SERVER_EDGE_CONNECTIONS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "base/mutex.h"
#include "server/edge/known_addresses.h"

namespace bootseal::edge {

// Thread-safe. Must outlive its places.
class Connections {
 public:
  struct Bounds {
    std::uint32_t all;
    // Of these, from one address, so that others find room.
    std::uint32_t of_one_address;
  };
  // Which bound is reached by connections that stay.
  enum class Full { kAll, kOfAddress };

  // One connection, counted until this is destroyed. Move-only.
  class Place {
   public:
    Place(Place&& other) noexcept
        : connections_(std::exchange(other.connections_, nullptr)),
          id_(other.id_) {}
    Place& operator=(Place&&) = delete;
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
      if (connections_ != nullptr) connections_->Forget(id_);
    }
    // It has shown whose it is, and gives way to nobody any more.
    void Stay() const { connections_->Stay(id_); }
    // Whether another one from its address has done so, as far as the server
    // remembers (KnownAddresses).
    bool known() const { return connections_->Known(id_); }

   private:
    friend class Connections;
    Place(Connections* connections, std::uint64_t id)
        : connections_(connections), id_(id) {}

    Connections* connections_;
    std::uint64_t id_;
  };

  explicit Connections(Bounds bounds) : bounds_(bounds) {}

  // Counts one more connection from `address`. At a bound, an older one loses
  // its place and is told by its `give_way`: the oldest that has shown nothing,
  // of the same address, or of the address with most such; the oldest of these,
  // where several have as many. `give_way` is called
  // at most once, by any thread that takes a place; it must not take or give
  // back one itself.
  std::variant<Place, Full> Take(absl::string_view address,
                                 std::function<void()> give_way);

  std::size_t open() const;
  const Bounds& bounds() const { return bounds_; }

 private:
  struct Open {
    std::string address;
    std::function<void()> give_way;
  };
  struct Address {
    std::uint32_t open = 0;
    // That have shown nothing, oldest first.
    absl::btree_set<std::uint64_t> fresh;
  };
  // An address with connections that have shown nothing.
  struct Crowd {
    std::size_t fresh;
    std::uint64_t oldest;
    // The first one gives way before the others.
    bool operator<(const Crowd& other) const {
      return fresh != other.fresh ? fresh > other.fresh : oldest < other.oldest;
    }
  };

  void Stay(std::uint64_t id);
  bool Known(std::uint64_t id) const;
  void Forget(std::uint64_t id);
  void Remove(std::uint64_t id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Around each change of an address' `fresh`.
  void Unlist(const Address& address) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void List(const Address& address) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void GiveWay(std::uint64_t id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // False when each of `address` stays.
  bool MakeRoomIn(const Address& address) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // False when all stay.
  bool MakeRoom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Bounds bounds_;
  mutable base::Mutex mutex_;
  std::uint64_t next_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<std::uint64_t, Open> open_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, Address> addresses_ ABSL_GUARDED_BY(mutex_);
  absl::btree_set<Crowd> crowds_ ABSL_GUARDED_BY(mutex_);
  KnownAddresses known_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bootseal::edge

#endif  // BOOTSEAL_SERVER_EDGE_CONNECTIONS_H_
