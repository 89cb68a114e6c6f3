#include "server/metrics/http_listener.h"

#include <httplib.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/metrics/bounded_stream.h"

namespace bootseal::metrics {
namespace {

using Handled = httplib::Server::HandlerResponse;

constexpr int kConnections = 8;
constexpr char kPlain[] = "text/plain; charset=utf-8";

// Set on the thread that accepts while it turns a connection away.
thread_local bool turned_away = false;

// Without SO_REUSEPORT, which the library sets: another process of the same
// user could share the port with us.
void KeepPortToOurselves(socket_t socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
}

// The library's own queue takes any number of connections.
class Connections final : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> serve) override {
    if (busy_.fetch_add(1) >= kConnections) {
      --busy_;
      turned_away = true;
      serve();
      turned_away = false;
      return;
    }
    threads_.enqueue([this, serve = std::move(serve)] {
      serve();
      --busy_;
    });
  }
  void shutdown() override { threads_.shutdown(); }

 private:
  httplib::ThreadPool threads_{kConnections};
  std::atomic<int> busy_ = 0;
};

// The library bounds every read, but neither all of a request's reads together
// nor its headers.
class Server final : public httplib::Server {
 private:
  bool process_and_close_socket(socket_t socket) override {
    bool served = false;
    if (!turned_away) {
      BoundedStream stream(socket);
      bool closed = false;
      served =
          process_request(stream, /*close_connection=*/true, closed, nullptr);
    }
    shutdown(socket, SHUT_RDWR);
    close(socket);
    return served;
  }
};

void Fill(httplib::Response& response, const Page& page) {
  response.status = page.status;
  response.set_content(page.body, page.content_type.c_str());
}

void Answer(const HttpListener::Pages& pages, const httplib::Request& request,
            httplib::Response& response) {
  if (request.method != "GET" && request.method != "HEAD") {
    response.set_header("Allow", "GET, HEAD");
    return Fill(response, {405, kPlain, "GET and HEAD only\n"});
  }
  // Many ranges of one page would be many times the page.
  if (request.has_header("Range")) {
    return Fill(response, {400, kPlain, "whole pages only\n"});
  }
  const auto page = pages.find(request.path);
  if (page == pages.end()) {
    return Fill(response, {404, kPlain, "no such page\n"});
  }
  Fill(response, page->second());
}

// Host and port; the address of an IPv6 host without its brackets.
std::pair<std::string, int> Split(const std::string& listen) {
  const std::size_t colon = listen.rfind(':');
  std::string host = listen.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') {
    host = host.substr(1, host.size() - 2);
  }
  int port = 0;
  if (colon != std::string::npos &&
      !absl::SimpleAtoi(listen.substr(colon + 1), &port)) {
    port = -1;
  }
  return {host, port};
}

}  // namespace

class HttpListener::State {
 public:
  explicit State(Pages pages) : pages_(std::move(pages)) {
    http_.set_socket_options(KeepPortToOurselves);
    http_.new_task_queue = [] { return new Connections; };
    http_.set_pre_routing_handler(
        [this](const httplib::Request& request, httplib::Response& response) {
          Answer(pages_, request, response);
          return Handled::Handled;
        });
  }

  ~State() {
    http_.stop();
    if (thread_.joinable()) thread_.join();
  }

  absl::Status Listen(const std::string& listen) {
    const auto [host, port] = Split(listen);
    const bool bound = port == 0
                           ? (port_ = http_.bind_to_any_port(host)) > 0
                           : port > 0 && http_.bind_to_port(host, port_ = port);
    if (!bound) {
      return base::Unavailable(
          "METRICS_LISTEN_FAILED",
          absl::StrCat("cannot listen on ", listen,
                       " (metrics.listen); is something else running there?"));
    }
    thread_ = std::thread([this] { http_.listen_after_bind(); });
    while (!http_.is_running()) std::this_thread::yield();
    return absl::OkStatus();
  }

  int port() const { return port_; }

 private:
  const Pages pages_;
  Server http_;
  int port_ = 0;
  std::thread thread_;
};

HttpListener::HttpListener(std::unique_ptr<State> state)
    : state_(std::move(state)) {}
HttpListener::~HttpListener() = default;

absl::StatusOr<std::unique_ptr<HttpListener>> HttpListener::Start(
    const std::string& listen, Pages pages) {
  auto state = std::make_unique<State>(std::move(pages));
  RETURN_IF_ERROR(state->Listen(listen));
  return std::unique_ptr<HttpListener>(new HttpListener(std::move(state)));
}

int HttpListener::port() const { return state_->port(); }

}  // namespace bootseal::metrics
