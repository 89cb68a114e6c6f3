#include "server/connections.h"

#include <sys/socket.h>

#include <vector>

namespace bootseal::server {
namespace {

// Asking about each takes a system call: a flood must not make it thousands
// for every connection.
constexpr std::chrono::milliseconds kBetweenQuestions{20};
constexpr std::chrono::milliseconds kBetweenCounts{500};

// 0: no socket.
std::uint64_t CookieOf(int socket) {
  std::uint64_t cookie = 0;
  socklen_t size = sizeof(cookie);
  if (getsockopt(socket, SOL_SOCKET, SO_COOKIE, &cookie, &size) != 0) return 0;
  return cookie;
}

}  // namespace

Connections::Answer Connections::Take(int socket, absl::string_view address) {
  // Whatever had the number before is closed.
  Forget(socket);
  if (open_.size() >= bounds_.all ||
      CountOf(address) >= bounds_.of_one_address) {
    ForgetClosed(kBetweenQuestions);
  }
  if (open_.size() >= bounds_.all) return Answer::kTooMany;
  if (CountOf(address) >= bounds_.of_one_address) {
    return Answer::kTooManyOfAddress;
  }
  open_[socket] = {CookieOf(socket), std::string(address)};
  ++by_address_[address];
  return Answer::kTaken;
}

std::size_t Connections::Count() {
  ForgetClosed(kBetweenCounts);
  return open_.size();
}

void Connections::ForgetClosed(Time::duration rest) {
  const Time::time_point now = Time::now();
  if (now - asked_ < rest) return;
  asked_ = now;
  std::vector<int> closed;
  for (const auto& [socket, open] : open_) {
    if (CookieOf(socket) != open.cookie) closed.push_back(socket);
  }
  for (const int socket : closed) Forget(socket);
}

void Connections::Forget(int socket) {
  const auto found = open_.find(socket);
  if (found == open_.end()) return;
  const auto count = by_address_.find(found->second.address);
  if (--count->second == 0) by_address_.erase(count);
  open_.erase(found);
}

std::uint32_t Connections::CountOf(absl::string_view address) const {
  const auto found = by_address_.find(address);
  return found == by_address_.end() ? 0 : found->second;
}

}  // namespace bootseal::server
