#include "server/edge/peers.h"

#include <openssl/rand.h>

#include <array>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace bootseal::edge {
namespace {

constexpr char kScheme[] = "unix-abstract:";

std::string RandomName() {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) std::abort();
  return absl::BytesToHexString(absl::string_view(
      reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

}  // namespace

Peer::Peer(std::string address, Certificates certificates,
           Connections::Place place)
    : address_(std::move(address)),
      certificates_(std::move(certificates)),
      place_(std::move(place)) {
  if (certificates_.leaf_pem.empty()) return;
  owner_ = &certificates_.leaf_pem;
  place_.Stay();
}

void Peer::Identify(absl::string_view identity) {
  if (known()) return;
  const base::MutexLock lock(mutex_);
  if (known()) return;
  name_ = absl::StrCat("identity ", identity);
  owner_ = &name_;
  place_.Stay();
}

Peers::Peers() : prefix_(absl::StrCat("bootseald-", RandomName(), "-")) {}

std::string Peers::Add(std::shared_ptr<Peer> peer) {
  const base::MutexLock lock(mutex_);
  std::string name = absl::StrCat(prefix_, next_++);
  peers_.emplace(name, std::move(peer));
  return name;
}

void Peers::Remove(const std::string& name) {
  const base::MutexLock lock(mutex_);
  peers_.erase(name);
}

std::shared_ptr<Peer> Peers::Find(absl::string_view grpc_name) const {
  if (!absl::ConsumePrefix(&grpc_name, kScheme)) return nullptr;
  const base::MutexLock lock(mutex_);
  const auto found = peers_.find(grpc_name);
  return found == peers_.end() ? nullptr : found->second;
}

std::size_t Peers::size() const {
  const base::MutexLock lock(mutex_);
  return peers_.size();
}

}  // namespace bootseal::edge
