#include "tests/client/console/http_fixture.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <regex>

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

int Connect(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  const timeval patience{10, 0};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(
      connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)),
      0);
  return socket;
}

std::string ReadAll(int socket) {
  std::string reply;
  char block[4096];
  for (;;) {
    const ssize_t count = recv(socket, block, sizeof(block), 0);
    if (count <= 0) return reply;
    reply.append(block, static_cast<std::size_t>(count));
  }
}

std::string LastMatch(const std::string& text, const std::regex& pattern) {
  std::string last;
  for (std::sregex_iterator it(text.begin(), text.end(), pattern), end;
       it != end; ++it) {
    last = (*it)[1];
  }
  return last;
}

}  // namespace

HttpTest::HttpTest()
    : screen_(std::tmpfile()),
      terminal_(console::Voice::kText, screen_),
      api_(source_, access_, confirmations_, terminal_) {
  auto server = console::Server::Start(0, api_, access_);
  EXPECT_OK(server);
  server_ = *std::move(server);
  token_ = *access_.Redeem(access_.IssueTicket());
}

HttpTest::~HttpTest() {
  server_.reset();
  std::fclose(screen_);
}

std::string HttpTest::Host() const {
  return absl::StrCat("127.0.0.1:", port());
}

std::string HttpTest::Exchange(const std::string& bytes) const {
  const int socket = Connect(port());
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t count =
        send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) break;  // refused before its end
    sent += static_cast<std::size_t>(count);
  }
  std::string reply = ReadAll(socket);
  close(socket);
  return reply;
}

std::string HttpTest::Send(const std::string& method, const std::string& path,
                           const std::string& body, HttpHeaders headers,
                           const HttpHeaders& changes) const {
  for (const auto& [name, value] : changes) headers[name] = value;
  std::string bytes = absl::StrCat(method, " ", path, " HTTP/1.1\r\n");
  for (const auto& [name, value] : headers) {
    if (!value.empty()) absl::StrAppend(&bytes, name, ": ", value, "\r\n");
  }
  return Exchange(absl::StrCat(bytes, "\r\n", body));
}

std::string HttpTest::Get(const std::string& path,
                          const HttpHeaders& changes) const {
  return Send("GET", path, "",
              {{"Host", Host()},
               {"Sec-Fetch-Site", "same-origin"},
               {console::kTokenHeader, token_}},
              changes);
}

std::string HttpTest::Post(const std::string& path, const std::string& body,
                           const HttpHeaders& changes) const {
  return Send("POST", path, body,
              {{"Host", Host()},
               {"Origin", absl::StrCat("http://", Host())},
               {"Sec-Fetch-Site", "same-origin"},
               {"Content-Type", "application/json"},
               {"Content-Length", absl::StrCat(body.size())},
               {console::kTokenHeader, token_}},
              changes);
}

std::string HttpTest::Ask(const std::string& subject,
                          const std::string& verdict) {
  const std::string reply =
      Post(absl::StrCat("/api/requests/", subject, "/confirmation"),
           absl::StrCat("{\"verdict\":\"", verdict, "\",\"reason\":\"why\"}"));
  EXPECT_EQ(StatusOfReply(reply), 200) << reply;
  return Member(reply, "id");
}

std::string HttpTest::Answer(const std::string& id,
                             const std::string& code) const {
  return Post(absl::StrCat("/api/confirmations/", id),
              absl::StrCat("{\"code\":\"", code, "\"}"));
}

std::string HttpTest::Shown() const {
  std::string text(static_cast<std::size_t>(std::ftell(screen_)), '\0');
  const ssize_t count = pread(fileno(screen_), text.data(), text.size(), 0);
  text.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  return text;
}

std::string HttpTest::CodeShown() const {
  static const std::regex kCode("the code ([0-9]{6}) into");
  return LastMatch(Shown(), kCode);
}

std::string HttpTest::WrongCode() const {
  std::string code = CodeShown();
  code[0] = code[0] == '9' ? '0' : static_cast<char>(code[0] + 1);
  return code;
}

int StatusOfReply(const std::string& reply) {
  return reply.size() > 12 ? std::atoi(reply.substr(9, 3).c_str()) : 0;
}

std::string Member(const std::string& reply, const std::string& name) {
  return LastMatch(reply,
                   std::regex(absl::StrCat("\"", name, "\":\"?([^\",}]*)")));
}

}  // namespace bootseal::tests
