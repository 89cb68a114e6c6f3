#include "server/metrics/answers.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace bootseal::metrics {
namespace {

using Handled = httplib::Server::HandlerResponse;

constexpr char kPlain[] = "text/plain; charset=utf-8";

// Where the library reads a request and writes its answer.
class Memory final : public httplib::Stream {
 public:
  explicit Memory(std::string request) : request_(std::move(request)) {}

  const std::string& answer() const { return answer_; }

  bool is_readable() const override { return next_ < request_.size(); }
  bool is_writable() const override { return true; }
  ssize_t read(char* to, std::size_t size) override {
    const std::size_t given = request_.copy(to, size, next_);
    next_ += given;
    return static_cast<ssize_t>(given);
  }
  ssize_t write(const char* from, std::size_t size) override {
    answer_.append(from, size);
    return static_cast<ssize_t>(size);
  }
  // Nobody is told who asked.
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return 0; }

 private:
  const std::string request_;
  std::size_t next_ = 0;
  std::string answer_;
};

void Fill(httplib::Response& response, const Page& page) {
  response.status = page.status;
  response.set_content(page.body, page.content_type.c_str());
}

void Answer(const Pages& pages, const httplib::Request& request,
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

}  // namespace

Answers::Answers(Pages pages) : pages_(std::move(pages)) {
  set_pre_routing_handler(
      [this](const httplib::Request& request, httplib::Response& response) {
        Answer(pages_, request, response);
        return Handled::Handled;
      });
}

std::string Answers::To(std::string request) {
  Memory memory(std::move(request));
  bool closed = false;
  process_request(memory, /*close_connection=*/true, closed, nullptr);
  return memory.answer();
}

}  // namespace bootseal::metrics
