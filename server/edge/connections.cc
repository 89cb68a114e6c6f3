#include "server/edge/connections.h"

namespace bootseal::edge {

std::variant<Connections::Place, Connections::Full> Connections::Take(
    absl::string_view address, std::function<void()> give_way) {
  const base::MutexLock lock(mutex_);
  const auto known = addresses_.find(address);
  if (known != addresses_.end() &&
      known->second.open >= bounds_.of_one_address &&
      !MakeRoom(&known->second)) {
    return Full::kOfAddress;
  }
  if (open_.size() >= bounds_.all && !MakeRoom(Crowd())) return Full::kAll;
  const std::uint64_t id = next_++;
  Address& counted = addresses_[address];
  ++counted.open;
  counted.fresh.insert(id);
  open_[id] = {std::string(address), std::move(give_way)};
  return Place(this, id);
}

std::size_t Connections::open() const {
  const base::MutexLock lock(mutex_);
  return open_.size();
}

void Connections::Stay(std::uint64_t id) {
  const base::MutexLock lock(mutex_);
  const auto found = open_.find(id);
  if (found == open_.end()) return;
  addresses_[found->second.address].fresh.erase(id);
}

void Connections::Forget(std::uint64_t id) {
  const base::MutexLock lock(mutex_);
  Remove(id);
}

void Connections::Remove(std::uint64_t id) {
  const auto found = open_.find(id);
  if (found == open_.end()) return;
  const auto counted = addresses_.find(found->second.address);
  counted->second.fresh.erase(id);
  if (--counted->second.open == 0) addresses_.erase(counted);
  open_.erase(found);
}

const Connections::Address* Connections::Crowd() const {
  const Address* most = nullptr;
  for (const auto& [name, each] : addresses_) {
    if (most == nullptr || each.fresh.size() > most->fresh.size()) {
      most = &each;
    }
  }
  return most;
}

bool Connections::MakeRoom(const Address* crowd) {
  if (crowd == nullptr || crowd->fresh.empty()) return false;
  const std::uint64_t oldest = *crowd->fresh.begin();
  const std::function<void()> give_way = std::move(open_[oldest].give_way);
  Remove(oldest);
  give_way();
  return true;
}

}  // namespace bootseal::edge
