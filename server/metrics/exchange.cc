#include "server/metrics/exchange.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace bootseal::metrics {
namespace {

constexpr char kEndOfHead[] = "\r\n\r\n";
constexpr std::size_t kOverlap = sizeof(kEndOfHead) - 2;

bool MayGoOn(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

Exchange::~Exchange() { close(socket_); }

short Exchange::awaited() const { return answer_.empty() ? POLLIN : POLLOUT; }

bool Exchange::Advance(Answers& answers) {
  if (answer_.empty()) {
    const Read read = ReadHead();
    if (read != Read::kWhole) return read == Read::kPart;
    answer_ = answers.To(std::move(request_));
    if (answer_.empty()) return false;
  }
  return Write();
}

Exchange::Read Exchange::ReadHead() {
  std::array<char, 4096> buffer;
  while (request_.size() < kMaxRequestBytes) {
    const std::size_t room =
        std::min(buffer.size(), kMaxRequestBytes - request_.size());
    const ssize_t got = recv(socket_, buffer.data(), room, 0);
    if (got == 0) return Read::kEnded;
    if (got < 0) {
      if (errno == EINTR) continue;
      return MayGoOn(errno) ? Read::kPart : Read::kEnded;
    }
    const std::size_t seen = request_.size();
    request_.append(buffer.data(), static_cast<std::size_t>(got));
    const std::size_t from = seen - std::min(seen, kOverlap);
    if (request_.find(kEndOfHead, from) != std::string::npos) {
      return Read::kWhole;
    }
  }
  return Read::kEnded;
}

bool Exchange::Write() {
  while (written_ < answer_.size()) {
    const ssize_t sent = send(socket_, answer_.data() + written_,
                              answer_.size() - written_, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return MayGoOn(errno);
    written_ += static_cast<std::size_t>(sent);
  }
  shutdown(socket_, SHUT_RDWR);
  return false;
}

}  // namespace bootseal::metrics
