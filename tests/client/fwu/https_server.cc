#include "tests/client/fwu/https_server.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "tests/support/status_matchers.h"

namespace bootseal::fwu {

// Of one connection.
struct HttpsServer::Given {
  std::size_t bytes = 0;
  std::size_t limit = 0;
};

HttpsServer::HttpsServer(std::string served)
    : content(std::move(served)), authority_("update CA") {
  tests::CertificateRequest request;
  request.common_name = "server";
  request.addresses = {"127.0.0.1"};
  const auto credential = authority_.Issue(request);
  EXPECT_OK(base::WriteFileAtomically(ca_path(), authority_.certificate_pem()));
  EXPECT_OK(base::WriteFileAtomically(folder_.File("cert"),
                                      credential.certificate_pem));
  EXPECT_OK(base::WriteFileAtomically(folder_.File("key"), credential.key_pem));
  server_ = std::make_unique<httplib::SSLServer>(folder_.File("cert").c_str(),
                                                 folder_.File("key").c_str());
  AddRoutes();
  port_ = server_->bind_to_any_port("127.0.0.1");
  thread_ = std::thread([this] { server_->listen_after_bind(); });
  for (int i = 0; i < 500 && !server_->is_running(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

HttpsServer::~HttpsServer() {
  ending_ = true;
  server_->stop();
  thread_.join();
}

void HttpsServer::AddRoutes() {
  using httplib::Request;
  using httplib::Response;
  server_->Get("/bundle", [this](const Request& request, Response& response) {
    Serve(request, response);
  });
  for (const char* path : {"/stream", "/no-content-range"}) {
    server_->Get(path, [this](const Request& request, Response& response) {
      Stream(request, response);
    });
  }
  server_->Get("/endless", [this](const Request& request, Response& response) {
    Endless(request, response);
  });
  server_->Get("/moved", [](const Request&, Response& response) {
    response.set_redirect("/bundle");
  });
  server_->Get("/broken", [this](const Request&, Response& response) {
    ++requests;
    response.status = 503;
  });
}

std::string HttpsServer::Url(const std::string& path) const {
  return absl::StrCat("https://127.0.0.1:", port_, path);
}

DownloadOptions HttpsServer::Options(const std::string& path) const {
  DownloadOptions options;
  options.url = Url(path);
  options.ca_path = ca_path();
  options.attempts = 3;
  options.pause = absl::Milliseconds(1);
  options.patience = absl::Seconds(2);
  return options;
}

// The connection ends when the provider says so.
bool HttpsServer::Give(std::size_t offset, std::size_t length, Given& given,
                       httplib::DataSink& sink) {
  if (given.bytes >= given.limit) {
    for (int i = 0; stalls && !ending_ && i < 3000; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
  const std::size_t count =
      std::min({length, given.limit - given.bytes, std::size_t{4096}});
  given.bytes += count;
  return sink.write(content.data() + offset, count);
}

void HttpsServer::Serve(const httplib::Request& request,
                        httplib::Response& response) {
  const int number = ++requests;
  on_request(number);
  if (!request.ranges.empty()) ++ranges;
  if (!request.ranges.empty() && request.has_header("If-Range")) {
    EXPECT_FALSE(request.get_header_value("If-Range").empty());
  }
  if (!etag.empty()) response.set_header("ETag", etag);
  auto given = std::make_shared<Given>();
  given->limit =
      std::min(bytes_per_connection,
               number == 1 ? first_connection : std::size_t{1} << 30);
  response.set_content_provider(
      content.size(), "application/x-tar",
      [this, given](std::size_t offset, std::size_t length,
                    httplib::DataSink& sink) {
        return Give(offset, length, *given, sink);
      });
}

void HttpsServer::Stream(const httplib::Request& request,
                         httplib::Response& response) {
  const int number = ++requests;
  if (request.path == "/stream") response.status = 200;
  const std::size_t limit = number < 3 ? bytes_per_connection : 1 << 30;
  response.set_chunked_content_provider(
      "application/x-tar",
      [this, limit](std::size_t offset, httplib::DataSink& sink) {
        if (offset >= content.size()) {
          sink.done();
          return true;
        }
        if (offset >= limit) return false;
        return sink.write(content.data() + offset,
                          std::min<std::size_t>(4096, content.size() - offset));
      });
}

void HttpsServer::Endless(const httplib::Request&,
                          httplib::Response& response) {
  ++requests;
  response.set_chunked_content_provider(
      "application/x-tar", [this](std::size_t offset, httplib::DataSink& sink) {
        if (ending_) return false;
        if (offset == 0) return sink.write(content.data(), content.size());
        const std::string zeros(64 << 10, '\0');
        return sink.write(zeros.data(), zeros.size());
      });
}

}  // namespace bootseal::fwu
