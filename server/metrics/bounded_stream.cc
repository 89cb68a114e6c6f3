#include "server/metrics/bounded_stream.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace bootseal::metrics {

bool BoundedStream::WaitFor(short event) const {
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end_ - Steady::now());
    if (left.count() <= 0) return false;
    pollfd watched{socket_, event, 0};
    const int found = poll(&watched, 1, static_cast<int>(left.count()));
    if (found > 0) return true;
    if (found < 0 && errno != EINTR) return false;
  }
}

bool BoundedStream::is_readable() const {
  return next_ < filled_ || WaitFor(POLLIN);
}

bool BoundedStream::is_writable() const { return WaitFor(POLLOUT); }

ssize_t BoundedStream::read(char* to, std::size_t size) {
  if (next_ == filled_) {
    const std::size_t room =
        std::min(buffer_.size(), kMaxRequestBytes - taken_);
    if (room == 0 || !WaitFor(POLLIN)) return -1;
    const ssize_t got = recv(socket_, buffer_.data(), room, 0);
    if (got <= 0) return got;
    next_ = 0;
    filled_ = static_cast<std::size_t>(got);
    taken_ += filled_;
  }
  const std::size_t given = std::min(size, filled_ - next_);
  std::copy_n(buffer_.begin() + static_cast<std::ptrdiff_t>(next_), given, to);
  next_ += given;
  return static_cast<ssize_t>(given);
}

ssize_t BoundedStream::write(const char* from, std::size_t size) {
  if (!WaitFor(POLLOUT)) return -1;
  return send(socket_, from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace bootseal::metrics
