#include "server/metrics/http_listener.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/metrics/exchange.h"
#include "server/metrics/listening_socket.h"

namespace bootseal::metrics {
namespace {

using Steady = std::chrono::steady_clock;

// Then those that are open have their turn.
constexpr int kAcceptedAtOnce = 8;
// After accept() failed for want of files or memory.
constexpr std::chrono::milliseconds kPause{100};

int MillisecondsUntil(Steady::time_point then) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(then - Steady::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

}  // namespace

class HttpListener::State {
 public:
  State(Pages pages, base::Counter& evicted)
      : answers_(std::move(pages)), evicted_(evicted) {}

  ~State() {
    if (thread_.joinable()) {
      eventfd_write(wake_, 1);
      thread_.join();
      close(wake_);
    }
    if (listening_ >= 0) close(listening_);
  }

  absl::Status Listen(const std::string& listen) {
    const auto opened = ListeningSocket(listen);
    if (!opened.ok()) {
      return base::Unavailable(
          "METRICS_LISTEN_FAILED",
          absl::StrCat("cannot listen on ", listen,
                       " (metrics.listen): ", opened.status().message()));
    }
    listening_ = *opened;
    wake_ = eventfd(0, EFD_CLOEXEC);
    thread_ = std::thread([this] { Run(); });
    return absl::OkStatus();
  }

  int port() const { return PortOf(listening_); }

 private:
  void Run() {
    while (true) {
      std::vector<pollfd> ready = Awaited();
      if (poll(ready.data(), ready.size(), Patience()) < 0) continue;
      if (ready[0].revents != 0) return;
      Advance(ready);
      if (ready[1].revents != 0) AcceptSome();
    }
  }

  // To wake up for, to accept from, and the exchanges in their order.
  std::vector<pollfd> Awaited() const {
    const bool accepts = Steady::now() >= deaf_until_;
    std::vector<pollfd> awaited{
        {wake_, POLLIN, 0},
        {listening_, static_cast<short>(accepts ? POLLIN : 0), 0}};
    for (const auto& each : exchanges_) {
      awaited.push_back({each->socket(), each->awaited(), 0});
    }
    return awaited;
  }

  // Until somebody's time is over: the oldest one's is the first.
  int Patience() const {
    Steady::time_point first = Steady::time_point::max();
    if (!exchanges_.empty()) first = exchanges_.front()->end();
    if (Steady::now() < deaf_until_) first = std::min(first, deaf_until_);
    return first == Steady::time_point::max() ? -1 : MillisecondsUntil(first);
  }

  void Advance(const std::vector<pollfd>& ready) {
    const Steady::time_point now = Steady::now();
    std::vector<std::unique_ptr<Exchange>> going_on;
    for (std::size_t i = 0; i < exchanges_.size(); ++i) {
      auto& each = exchanges_[i];
      const bool stands = ready[i + 2].revents == 0;
      if (now >= each->end()) continue;
      if (stands || each->Advance(answers_)) {
        going_on.push_back(std::move(each));
      }
    }
    exchanges_ = std::move(going_on);
  }

  void AcceptSome() {
    for (int i = 0; i < kAcceptedAtOnce; ++i) {
      sockaddr_storage peer{};
      socklen_t size = sizeof(peer);
      const int socket = accept4(listening_, reinterpret_cast<sockaddr*>(&peer),
                                 &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (socket >= 0) {
        Take(socket, NetworkOf(peer));
        continue;
      }
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) {
        deaf_until_ = Steady::now() + kPause;
      }
      return;
    }
  }

  void Take(int socket, std::string network) {
    auto taken = std::make_unique<Exchange>(socket, std::move(network));
    if (!taken->Advance(answers_)) return;
    if (exchanges_.size() == kMaxConnections) MakeRoom();
    exchanges_.push_back(std::move(taken));
  }

  // The oldest of the network that has the most. It may have been heard of
  // since it was last looked at.
  void MakeRoom() {
    std::map<std::string, int> counts;
    for (const auto& each : exchanges_) ++counts[each->network()];
    const auto last = std::max_element(
        exchanges_.begin(), exchanges_.end(),
        [&counts](const auto& one, const auto& other) {
          return counts[one->network()] < counts[other->network()];
        });
    if ((*last)->Advance(answers_)) evicted_.Add();
    exchanges_.erase(last);
  }

  Answers answers_;
  base::Counter& evicted_;
  int listening_ = -1;
  int wake_ = -1;  // eventfd
  // The oldest first.
  std::vector<std::unique_ptr<Exchange>> exchanges_;
  Steady::time_point deaf_until_ = Steady::time_point::min();
  std::thread thread_;
};

HttpListener::HttpListener(std::unique_ptr<State> state)
    : state_(std::move(state)) {}
HttpListener::~HttpListener() = default;

absl::StatusOr<std::unique_ptr<HttpListener>> HttpListener::Start(
    const std::string& listen, Pages pages, base::Counter& evicted) {
  auto state = std::make_unique<State>(std::move(pages), evicted);
  RETURN_IF_ERROR(state->Listen(listen));
  return std::unique_ptr<HttpListener>(new HttpListener(std::move(state)));
}

int HttpListener::port() const { return state_->port(); }

}  // namespace bootseal::metrics
