// One HTTP exchange on a socket, bounded in bytes and in time as a whole.
#ifndef BOOTSEAL_SERVER_METRICS_BOUNDED_STREAM_H_
#define BOOTSEAL_SERVER_METRICS_BOUNDED_STREAM_H_

#include <httplib.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <string>

namespace bootseal::metrics {

// Not thread-safe. Does not close the socket.
class BoundedStream final : public httplib::Stream {
 public:
  static constexpr std::size_t kMaxRequestBytes = 16 << 10;
  static constexpr std::chrono::seconds kPatience{3};

  explicit BoundedStream(socket_t socket) : socket_(socket) {}

  bool is_readable() const override;
  bool is_writable() const override;
  // -1 at the end of either bound.
  ssize_t read(char* to, std::size_t size) override;
  ssize_t write(const char* from, std::size_t size) override;
  // Nobody is told who asked.
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return socket_; }

 private:
  using Steady = std::chrono::steady_clock;

  bool WaitFor(short event) const;

  const socket_t socket_;
  const Steady::time_point end_ = Steady::now() + kPatience;
  std::size_t taken_ = 0;
  // The library reads a byte at a time.
  std::array<char, 4096> buffer_;
  std::size_t next_ = 0;
  std::size_t filled_ = 0;
};

}  // namespace bootseal::metrics

#endif  // BOOTSEAL_SERVER_METRICS_BOUNDED_STREAM_H_
