#include "client/witness/http_service.h"

#include <httplib.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/input_file.h"
#include "base/status.h"

namespace bootseal::witness {
namespace {

// 63 hashes and 16 signatures of some kilobytes each.
constexpr std::size_t kMaxBodyBytes = 64 << 10;
constexpr time_t kPatienceSeconds = 5;
constexpr std::size_t kThreads = 16;

struct Place {
  std::string host;
  int port = 0;
};

absl::StatusOr<Place> ParsePlace(const std::string& listen) {
  const std::size_t colon = listen.rfind(':');
  std::uint32_t port = 0;
  if (colon != std::string::npos && colon != 0 &&
      absl::SimpleAtoi(listen.substr(colon + 1), &port) && port <= 65535) {
    absl::string_view host = absl::string_view(listen).substr(0, colon);
    if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
    return Place{std::string(host), static_cast<int>(port)};
  }
  return base::Fail(absl::StatusCode::kInvalidArgument, "LISTEN_INVALID",
                    absl::StrCat("\"", listen,
                                 "\" is no place to listen, expected "
                                 "host:port, for example 127.0.0.1:8440"));
}

absl::StatusOr<std::unique_ptr<httplib::Server>> MakeServer(
    const HttpOptions& options) {
  if (options.certificate_path.empty()) {
    return std::make_unique<httplib::Server>();
  }
  ASSIGN_OR_RETURN(
      const base::InputFile key,
      base::InputFile::Open(options.key_path, base::Accepts::kRegularFile));
  RETURN_IF_ERROR(key.CheckPrivateKey());
  auto server = std::make_unique<httplib::SSLServer>(
      options.certificate_path.c_str(), options.key_path.c_str());
  if (server->is_valid()) return server;
  return base::Precondition(
      "TLS_INVALID",
      absl::StrCat(options.certificate_path, " and ", options.key_path,
                   " are no certificate (PEM) and its private key"));
}

// The library's default would let two witnesses share a port.
void OwnPort(socket_t socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
}

void Give(const Answer& answer, httplib::Response& response) {
  response.status = answer.status;
  response.set_content(answer.body, answer.content_type.c_str());
  response.set_header("Cache-Control", "no-store");
}

void Route(httplib::Server& server, Witness& witness) {
  server.Post("/add-checkpoint", [&witness](const httplib::Request& request,
                                            httplib::Response& response) {
    Give(witness.AddCheckpoint(request.body), response);
  });
  server.Get("/add-checkpoint",
             [](const httplib::Request&, httplib::Response& response) {
               response.set_header("Allow", "POST");
               Give({405, "text/plain", "POST only\n"}, response);
             });
  server.Get(
      "/[0-9a-f]{64}/checkpoint",
      [&witness](const httplib::Request& request, httplib::Response& response) {
        Give(witness.Latest(request.path), response);
      });
}

void Limit(httplib::Server& server) {
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_payload_max_length(kMaxBodyBytes);
  server.set_read_timeout(kPatienceSeconds);
  server.set_write_timeout(kPatienceSeconds);
  server.set_keep_alive_timeout(kPatienceSeconds);
  server.set_socket_options(OwnPort);
}

}  // namespace

class HttpService::State {
 public:
  explicit State(std::unique_ptr<httplib::Server> server)
      : server_(std::move(server)) {}

  absl::Status Bind(const Place& place) {
    if (place.port == 0) {
      port_ = server_->bind_to_any_port(place.host);
    } else if (server_->bind_to_port(place.host, place.port)) {
      port_ = place.port;
    }
    if (port_ > 0) return absl::OkStatus();
    return base::Precondition(
        "CANNOT_LISTEN", absl::StrCat("cannot listen on ", place.host, ":",
                                      place.port, ": ", std::strerror(errno)));
  }

  httplib::Server& server() { return *server_; }
  int port() const { return port_; }

 private:
  std::unique_ptr<httplib::Server> server_;
  int port_ = -1;
};

HttpService::HttpService(std::unique_ptr<State> state)
    : state_(std::move(state)) {}
HttpService::~HttpService() = default;

absl::StatusOr<std::unique_ptr<HttpService>> HttpService::Open(
    Witness& witness, const HttpOptions& options) {
  ASSIGN_OR_RETURN(const Place place, ParsePlace(options.listen));
  ASSIGN_OR_RETURN(auto server, MakeServer(options));
  auto state = std::make_unique<State>(std::move(server));
  Limit(state->server());
  Route(state->server(), witness);
  RETURN_IF_ERROR(state->Bind(place));
  return std::unique_ptr<HttpService>(new HttpService(std::move(state)));
}

int HttpService::port() const { return state_->port(); }

absl::Status HttpService::Serve() {
  if (state_->server().listen_after_bind()) return absl::OkStatus();
  return base::Precondition("CANNOT_LISTEN", "the witness stopped listening");
}

void HttpService::Stop() { state_->server().stop(); }

}  // namespace bootseal::witness
