#include "server/edge/relay.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <future>
#include <thread>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "server/edge/session.h"

namespace bootseal::edge {
namespace {

// Of log, token, policy, threads' events, and a database's sessions.
constexpr std::uint32_t kOwnFiles = 128;
constexpr std::uint32_t kFewestFiles = 256;
// The client's socket, and both ends of the pair behind it.
constexpr std::uint32_t kFilesOfConnection = 3;
// Half of the processors, for gRPC has the work.
constexpr unsigned kMostLoops = 4;
constexpr absl::Duration kBetweenLooks = absl::Milliseconds(5);

unsigned LoopCount() {
  return std::clamp(std::thread::hardware_concurrency() / 2, 1U, kMostLoops);
}

// The client learns of it at once, and no state of it stays here.
void Reset(int socket) {
  const linger at_once{1, 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  close(socket);
}

}  // namespace

absl::StatusOr<Connections::Bounds> ConnectionBounds(std::uint32_t calls) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  getrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur < kFewestFiles) {
    return base::Precondition(
        "TOO_FEW_FILES",
        absl::StrCat("this process may have ", files.rlim_cur,
                     " files open, expected at least ", kFewestFiles,
                     "; raise LimitNOFILE= of the service, or ulimit -Hn"));
  }
  const auto room = static_cast<std::uint32_t>(std::min<rlim_t>(
      (files.rlim_cur - kOwnFiles) / kFilesOfConnection, calls * rlim_t{2}));
  return Connections::Bounds{room, room / 2};
}

struct Relay::Parts {
  asio::ssl::context tls;
  Budgets budgets;
};

// Its sessions end with it.
struct Relay::Loop {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{
      context.get_executor()};
  // Takes the files that the context needs now: later there may be none.
  asio::ip::tcp::socket first{context};
  std::size_t given = 0;  // of the listener's thread
  std::thread thread{[this] { context.run(); }};

  ~Loop() {
    context.stop();
    thread.join();
  }

  // Once it has been given another connection. Now and then waits until it has
  // begun with each of them.
  void CatchUp() {
    if (++given % kAhead != 0) return;
    const auto begun = std::make_shared<std::promise<void>>();
    asio::post(context, [begun] { begun->set_value(); });
    begun->get_future().wait();
  }
};

Relay::Relay(std::unique_ptr<Listener> listener, std::uint32_t max_calls,
             SslContextPtr tls, Clients& clients)
    : clients_(clients),
      parts_(new Parts{asio::ssl::context(tls.release()),
                       Budgets(max_calls, LoopCount())}),
      listener_(std::move(listener)) {}

absl::StatusOr<std::unique_ptr<Relay>> Relay::Open(const std::string& listen,
                                                   std::uint32_t max_calls,
                                                   SslContextPtr tls,
                                                   Clients& clients) {
  ASSIGN_OR_RETURN(auto listener, Listener::Open(listen, clients.incidents));
  return std::unique_ptr<Relay>(
      new Relay(std::move(listener), max_calls, std::move(tls), clients));
}

Relay::~Relay() { Stop(absl::ZeroDuration()); }

void Relay::Start(std::function<void(int)> serve) {
  serve_ = std::move(serve);
  for (unsigned i = 0; i < LoopCount(); ++i) {
    loops_.push_back(std::make_unique<Loop>());
  }
  listener_->Start([this](int connection, const std::string& address) {
    Take(connection, address);
  });
}

void Relay::Take(int connection, const std::string& address) {
  // Places are taken, and lost to others, by this thread only.
  const auto holder = std::make_shared<std::weak_ptr<Session>>();
  auto taken = clients_.connections.Take(address, [holder] {
    if (const auto session = holder->lock()) session->GiveWay();
  });
  if (const auto* full = std::get_if<Connections::Full>(&taken)) {
    Reset(connection);
    return Refuse(*full, address);
  }
  Loop& loop = *loops_[next_loop_++ % loops_.size()];
  const auto session = std::make_shared<Session>(
      loop.context, connection, address,
      Session::Parts{parts_->tls, parts_->budgets, clients_.peers,
                     clients_.incidents, serve_});
  *holder = session;
  session->Start(std::get<Connections::Place>(std::move(taken)));
  loop.CatchUp();
}

void Relay::Refuse(Connections::Full full, const std::string& address) {
  const Connections::Bounds& bounds = clients_.connections.bounds();
  if (full == Connections::Full::kAll) {
    clients_.incidents.Report(
        Incident::kAll, address,
        absl::StrCat("as many are open as may be: ", bounds.all));
    return;
  }
  clients_.incidents.Report(
      Incident::kAddress, address,
      absl::StrCat("as many are open from its address as may be: ",
                   bounds.of_one_address));
}

void Relay::Stop(absl::Duration patience) {
  StopListening();
  const absl::Time end = absl::Now() + patience;
  while (clients_.peers.size() > 0 && absl::Now() < end) {
    absl::SleepFor(kBetweenLooks);
  }
  loops_.clear();
}

}  // namespace bootseal::edge
