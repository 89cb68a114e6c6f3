// A session with the console: requests, a line "---" between, each of a line
// "METHOD PATH", headers and, behind an empty line, a body. Nobody can guess
// its secrets; what stands for them is $TICKET, $TOKEN, $ID and $CODE.
#include <httplib.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/console/api.h"
#include "client/console/gate.h"
#include "tests/client/console/memory_source.h"
#include "tests/fuzz/quiet.h"
#include "tests/fuzz/shown.h"

namespace bootseal::tests {
namespace {

constexpr int kPort = 4000;
constexpr char kHost[] = "127.0.0.1:4000";
constexpr std::size_t kMostRequests = 32;

// What stands behind `name` up to `end`; the last one, or nothing.
std::string Last(const std::string& text, absl::string_view name, char end) {
  const std::size_t at =
      text.rfind(name.data(), std::string::npos, name.size());
  if (at == std::string::npos) return "";
  const std::size_t begin = at + name.size();
  return text.substr(begin, text.find(end, begin) - begin);
}

httplib::Request ReadRequest(const std::string& text) {
  const std::pair<std::string, std::string> head_and_body =
      absl::StrSplit(text, absl::MaxSplits("\n\n", 1));
  std::vector<std::string> lines = absl::StrSplit(head_and_body.first, '\n');
  const std::pair<std::string, std::string> line =
      absl::StrSplit(lines[0], absl::MaxSplits(' ', 1));
  const std::pair<std::string, std::string> target =
      absl::StrSplit(line.second, absl::MaxSplits('?', 1));
  httplib::Request request;
  request.method = line.first;
  request.path = target.first;
  request.body = head_and_body.second;
  for (const absl::string_view pair : absl::StrSplit(target.second, '&')) {
    request.params.insert(std::pair<std::string, std::string>(
        absl::StrSplit(pair, absl::MaxSplits('=', 1))));
  }
  lines.erase(lines.begin());
  for (const std::string& each : lines) {
    request.headers.insert(std::pair<std::string, std::string>(
        absl::StrSplit(each, absl::MaxSplits(": ", 1))));
  }
  return request;
}

class Session {
 public:
  Session()
      : screen_(open_memstream(&shown_, &shown_size_)),
        terminal_(console::Voice::kText, screen_),
        api_(source_, access_, confirmations_, terminal_),
        gate_(kPort, access_),
        ticket_(access_.IssueTicket()) {}
  ~Session() {
    std::fclose(screen_);
    RequirePrintable({shown_, shown_size_});
    Require(source_.signed_statements().size() <= codes_given_);
    std::free(shown_);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void Send(const std::string& text) {
    const bool gives_code = absl::StrContains(text, "$CODE");
    const httplib::Request request = ReadRequest(
        absl::StrReplaceAll(text, {{"$TICKET", ticket_},
                                   {"$TOKEN", token_.empty() ? "none" : token_},
                                   {"$ID", id_.empty() ? "none" : id_},
                                   {"$CODE", CodeShown()}}));
    if (gate_.Judge(request)) return;
    RequireOurs(request);
    if (gives_code) ++codes_given_;
    httplib::Response response;
    api_.Answer(request, response);
    RequireJson(response.body);
    Require(response.status >= 200 && response.status <= 503);
    Require((response.status == 200) !=
            absl::StartsWith(response.body, "{\"error\":"));
    Learn(response.body);
    RequireSaneFilter();
  }

 private:
  void RequireOurs(const httplib::Request& request) const {
    const std::string host = request.get_header_value("Host");
    Require(host == kHost || host == "localhost:4000");
    if (request.method == "POST") {
      Require(request.get_header_value("Origin") ==
              absl::StrCat("http://", host));
    }
    if (!absl::StartsWith(request.path, "/api/")) return;
    Require(request.path == "/api/session" ||
            (!token_.empty() &&
             request.get_header_value(console::kTokenHeader) == token_));
  }

  void Learn(const std::string& reply) {
    if (const auto token = Last(reply, "{\"token\":\"", '"'); !token.empty()) {
      token_ = token;
    }
    if (const auto id = Last(reply, "{\"id\":\"", '"'); !id.empty()) id_ = id;
  }

  std::string CodeShown() {
    std::fflush(screen_);
    return Last(std::string(shown_, shown_size_), "type the code ", ' ');
  }

  void RequireSaneFilter() const {
    const v1::ListEntriesRequest filter = source_.last_filter();
    Require(filter.limit() <= 200);
    Require(filter.from_unix_ms() >= 0 && filter.until_unix_ms() >= 0);
  }

  char* shown_ = nullptr;
  std::size_t shown_size_ = 0;
  std::FILE* screen_;
  const base::SystemClock clock_;
  MemorySource source_;
  console::Access access_;
  console::Confirmations confirmations_{clock_};
  console::Terminal terminal_;
  console::Api api_;
  const console::Gate gate_;
  const std::string ticket_;
  std::string token_;
  std::string id_;
  std::size_t codes_given_ = 0;
};

}  // namespace
}  // namespace bootseal::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace bootseal::tests;
  SilenceProtobuf();
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> requests = absl::StrSplit(text, "\n---\n");
  if (requests.size() > kMostRequests) requests.resize(kMostRequests);
  Session session;
  for (const std::string& request : requests) session.Send(request);
  return 0;
}
