#include "server/edge/connections.h"

namespace bootseal::edge {

std::variant<Connections::Place, Connections::Full> Connections::Take(
    absl::string_view address, std::function<void()> give_way) {
  const base::MutexLock lock(mutex_);
  const auto known = addresses_.find(address);
  if (known != addresses_.end() &&
      known->second.open >= bounds_.of_one_address &&
      !MakeRoomIn(known->second)) {
    return Full::kOfAddress;
  }
  if (open_.size() >= bounds_.all && !MakeRoom()) return Full::kAll;
  const std::uint64_t id = next_++;
  Address& counted = addresses_[address];
  ++counted.open;
  Unlist(counted);
  counted.fresh.insert(id);
  List(counted);
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
  Address& counted = addresses_[found->second.address];
  Unlist(counted);
  counted.fresh.erase(id);
  List(counted);
  known_.Add(found->second.address);
}

bool Connections::Known(std::uint64_t id) const {
  const base::MutexLock lock(mutex_);
  const auto found = open_.find(id);
  return found != open_.end() && known_.Have(found->second.address);
}

void Connections::Forget(std::uint64_t id) {
  const base::MutexLock lock(mutex_);
  Remove(id);
}

void Connections::Remove(std::uint64_t id) {
  const auto found = open_.find(id);
  if (found == open_.end()) return;
  const auto counted = addresses_.find(found->second.address);
  Unlist(counted->second);
  counted->second.fresh.erase(id);
  List(counted->second);
  if (--counted->second.open == 0) addresses_.erase(counted);
  open_.erase(found);
}

void Connections::Unlist(const Address& address) {
  if (address.fresh.empty()) return;
  crowds_.erase({address.fresh.size(), *address.fresh.begin()});
}

void Connections::List(const Address& address) {
  if (address.fresh.empty()) return;
  crowds_.insert({address.fresh.size(), *address.fresh.begin()});
}

void Connections::GiveWay(std::uint64_t id) {
  const std::function<void()> give_way = std::move(open_[id].give_way);
  Remove(id);
  give_way();
}

bool Connections::MakeRoomIn(const Address& address) {
  if (address.fresh.empty()) return false;
  GiveWay(*address.fresh.begin());
  return true;
}

bool Connections::MakeRoom() {
  if (crowds_.empty()) return false;
  GiveWay(crowds_.begin()->oldest);
  return true;
}

}  // namespace bootseal::edge
