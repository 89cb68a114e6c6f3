#include "client/console/server.h"

#include <httplib.h>
#include <sys/socket.h>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/json.h"
#include "client/console/page.h"

namespace bootseal::console {
namespace {

using Handled = httplib::Server::HandlerResponse;

constexpr std::size_t kThreads = 8;
constexpr time_t kPatienceSeconds = 5;

// Without SO_REUSEPORT, which the library sets: another process of the same
// user could share the port with us.
void KeepPortToOurselves(socket_t socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
}

void SetError(httplib::Response& response, const Refusal& refusal) {
  response.status = refusal.status;
  response.set_content(
      cli::JsonObject()
          .Add("error", cli::JsonObject()
                            .Add("reason", cli::Json::Text(refusal.reason))
                            .Add("message", cli::Json::Text(refusal.message))
                            .Build())
          .Build()
          .text(),
      "application/json");
}

void ServePageFile(const httplib::Request& request,
                   httplib::Response& response) {
  const PageFile* const file = FindPageFile(request.path);
  if (!file) {
    SetError(response, {404, "NO_SUCH_FILE", "the console has no such file"});
    return;
  }
  response.set_content(file->content.data(), file->content.size(),
                       std::string(file->content_type));
}

// From our own page on the browser goes to the page itself, which another one
// could not have led it to.
void LeadToPage(const httplib::Request& request, httplib::Response& response,
                const Access& access) {
  const std::string ticket = request.path.substr(sizeof(kOpenPath) - 1);
  if (!access.IsOpen(ticket)) {
    SetError(response,
             {404, "TICKET_INVALID",
              "this address was used already, or is of an earlier start; press "
              "Enter in the terminal for a new one"});
    return;
  }
  response.set_header("Refresh", absl::StrCat("0;url=/#ticket=", ticket));
  response.set_content("<!DOCTYPE html><title>Bootseal console</title>\n",
                       "text/html; charset=utf-8");
}

httplib::Headers SecurityHeaders() {
  httplib::Headers headers;
  for (const auto& [name, value] : kSecurityHeaders) {
    headers.emplace(name, value);
  }
  return headers;
}

void SetLimits(httplib::Server& http) {
  http.set_address_family(AF_INET);
  http.set_socket_options(KeepPortToOurselves);
  http.set_payload_max_length(kMaxBodyBytes);
  // A refused body is never read, so nothing of it may pass for a next request.
  http.set_keep_alive_max_count(1);
  http.set_read_timeout(kPatienceSeconds);
  http.set_write_timeout(kPatienceSeconds);
  http.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  http.set_default_headers(SecurityHeaders());
}

// What the library refuses by itself, in our form.
void DescribeError(const httplib::Request&, httplib::Response& response) {
  if (!response.body.empty()) return;
  SetError(response, {response.status, "BAD_REQUEST",
                      absl::StrCat("HTTP status ", response.status)});
}

void HideException(const httplib::Request&, httplib::Response& response,
                   const std::exception_ptr&) {
  SetError(response, {500, "INTERNAL", "the console failed"});
}

}  // namespace

Server::Server() : http_(std::make_unique<httplib::Server>()) {}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(int port, Api& api,
                                                      const Access& access) {
  std::unique_ptr<Server> server(new Server());
  SetLimits(*server->http_);
  const bool bound =
      port == 0
          ? (server->port_ = server->http_->bind_to_any_port("127.0.0.1")) > 0
          : server->http_->bind_to_port("127.0.0.1", server->port_ = port);
  if (!bound) {
    return base::Unavailable(
        "PORT_IN_USE", absl::StrCat("127.0.0.1:", port,
                                    " cannot be had; leave out --port for a "
                                    "free one"));
  }
  server->gate_ = std::make_unique<Gate>(server->port_, access);
  server->Route(api, access);
  server->thread_ =
      std::thread([http = server->http_.get()] { http->listen_after_bind(); });
  while (!server->http_->is_running()) std::this_thread::yield();
  return server;
}

void Server::Route(Api& api, const Access& access) {
  http_->set_pre_routing_handler(
      [this](const httplib::Request& request, httplib::Response& response) {
        const std::optional<Refusal> refusal = gate_->Judge(request);
        if (!refusal) return Handled::Unhandled;
        SetError(response, *refusal);
        return Handled::Handled;
      });
  const auto serve = [&api, &access](const httplib::Request& request,
                                     httplib::Response& response) {
    if (absl::StartsWith(request.path, "/api/")) {
      return api.Answer(request, response);
    }
    if (request.method == "GET" && absl::StartsWith(request.path, kOpenPath)) {
      return LeadToPage(request, response, access);
    }
    ServePageFile(request, response);
  };
  http_->Get(".*", serve);
  http_->Post(".*", serve);
  http_->set_error_handler(httplib::Server::Handler(DescribeError));
  http_->set_exception_handler(HideException);
}

Server::~Server() {
  http_->stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace bootseal::console
