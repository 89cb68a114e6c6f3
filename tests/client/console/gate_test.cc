// What no page but ours gets, asked for byte by byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/console/gate.h"
#include "client/console/page.h"
#include "tests/client/console/http_fixture.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

class Gate : public HttpTest {
 protected:
  // Refused with this status and reason, and the server was asked nothing.
  void ExpectRefused(const std::string& reply, int status,
                     const std::string& reason) {
    EXPECT_EQ(StatusOfReply(reply), status) << reply;
    EXPECT_EQ(Member(reply, "reason"), reason) << reply;
    EXPECT_EQ(source_.calls(), 0);
  }
  std::string AskPath() const {
    return absl::StrCat("/api/requests/", source_.subject(), "/confirmation");
  }
  static constexpr char kApprove[] = "{\"verdict\":\"approve\"}";
};

TEST_F(Gate, LetsOurOwnPageIn) {
  EXPECT_EQ(StatusOfReply(Get("/api/requests")), 200);
  EXPECT_EQ(StatusOfReply(Post(AskPath(), kApprove)), 200);
  EXPECT_EQ(source_.calls(), 2);
}

TEST_F(Gate, LetsOurOwnPageInByTheNameLocalhost) {
  const std::string host = absl::StrCat("localhost:", port());
  EXPECT_EQ(StatusOfReply(Post(
                AskPath(), kApprove,
                {{"Host", host}, {"Origin", absl::StrCat("http://", host)}})),
            200);
}

TEST_F(Gate, RefusesACallWithoutTheToken) {
  for (const char* path :
       {"/api/console", "/api/entries", "/api/entries/3", "/api/checkpoint",
        "/api/requests", "/api/confirmations/x"}) {
    ExpectRefused(Get(path, {{console::kTokenHeader, ""}}), 401,
                  "TOKEN_MISSING");
  }
  ExpectRefused(Post(AskPath(), kApprove, {{console::kTokenHeader, ""}}), 401,
                "TOKEN_MISSING");
}

TEST_F(Gate, RefusesATokenThatDiffersInItsLastDigit) {
  std::string token = this->token();
  token.back() = token.back() == '0' ? '1' : '0';
  ExpectRefused(Get("/api/requests", {{console::kTokenHeader, token}}), 401,
                "TOKEN_MISSING");
}

TEST_F(Gate, RefusesThePrefixOfTheToken) {
  ExpectRefused(
      Get("/api/requests", {{console::kTokenHeader, token().substr(0, 63)}}),
      401, "TOKEN_MISSING");
}

TEST_F(Gate, RefusesATokenInACookieOrTheAddress) {
  ExpectRefused(
      Get(absl::StrCat("/api/requests?", console::kTokenHeader, "=", token()),
          {{console::kTokenHeader, ""},
           {"Cookie", absl::StrCat(console::kTokenHeader, "=", token())}}),
      401, "TOKEN_MISSING");
}

TEST_F(Gate, RefusesTheTokenOfAnotherStart) {
  console::Access other;
  ExpectRefused(Get("/api/requests", {{console::kTokenHeader,
                                       *other.Redeem(other.IssueTicket())}}),
                401, "TOKEN_MISSING");
}

// DNS rebinding: evil.example has pointed its name at 127.0.0.1.
TEST_F(Gate, RefusesEveryOtherHost) {
  for (const std::string& host :
       {std::string("evil.example"), absl::StrCat("evil.example:", port()),
        std::string("127.0.0.1"), absl::StrCat("127.0.0.1:", port() + 1),
        absl::StrCat("127.0.0.2:", port()), absl::StrCat("[::1]:", port()),
        absl::StrCat("127.0.0.1:", port(), ".evil.example"),
        absl::StrCat("user@127.0.0.1:", port())}) {
    const HttpHeaders headers{{"Host", host},
                              {"Origin", absl::StrCat("http://", host)}};
    ExpectRefused(Get("/", headers), 421, "WRONG_HOST");
    ExpectRefused(Get("/api/requests", headers), 421, "WRONG_HOST");
    ExpectRefused(Post(AskPath(), kApprove, headers), 421, "WRONG_HOST");
  }
}

TEST_F(Gate, RefusesARequestWithoutAHost) {
  ExpectRefused(Get("/api/requests", {{"Host", ""}}), 421, "WRONG_HOST");
}

TEST_F(Gate, RefusesTwoHosts) {
  ExpectRefused(
      Exchange(absl::StrCat("GET /api/requests HTTP/1.1\r\nHost: ", Host(),
                            "\r\nHost: evil.example\r\n", console::kTokenHeader,
                            ": ", token(), "\r\n\r\n")),
      400, "HEADER_TWICE");
}

TEST_F(Gate, RefusesAForeignOrigin) {
  for (const std::string& origin :
       {std::string("http://evil.example"), std::string("null"),
        absl::StrCat("https://", Host()),
        absl::StrCat("http://localhost:", port()),
        absl::StrCat("http://127.0.0.1:", port() + 1),
        std::string("http://127.0.0.1")}) {
    ExpectRefused(Post(AskPath(), kApprove, {{"Origin", origin}}), 403,
                  "FOREIGN_ORIGIN");
    ExpectRefused(Get("/api/requests", {{"Origin", origin}}), 403,
                  "FOREIGN_ORIGIN");
  }
}

TEST_F(Gate, RefusesAChangeWithoutAnOrigin) {
  ExpectRefused(Post(AskPath(), kApprove, {{"Origin", ""}}), 403,
                "FOREIGN_ORIGIN");
}

TEST_F(Gate, RefusesWhatTheBrowserSaysAnotherSiteSent) {
  for (const char* site : {"cross-site", "same-site", "unheard-of"}) {
    const HttpHeaders headers{{"Sec-Fetch-Site", site}};
    ExpectRefused(Get("/", headers), 403, "CROSS_SITE");
    ExpectRefused(Get("/app.js", headers), 403, "CROSS_SITE");
    ExpectRefused(Get("/api/requests", headers), 403, "CROSS_SITE");
    ExpectRefused(Post(AskPath(), kApprove, headers), 403, "CROSS_SITE");
  }
}

TEST_F(Gate, OpensForAnAddressThatWasTypedButChangesNothingByIt) {
  const HttpHeaders typed{{"Sec-Fetch-Site", "none"}};
  EXPECT_EQ(StatusOfReply(Get("/", typed)), 200);
  ExpectRefused(Post(AskPath(), kApprove, typed), 403, "CROSS_SITE");
}

// What a form or fetch() without asking can send.
// As a browser asks that follows our own file.
HttpHeaders FromElsewhere() {
  return {{"Sec-Fetch-Site", "cross-site"},
          {"Sec-Fetch-Mode", "navigate"},
          {"Sec-Fetch-Dest", "document"},
          {console::kTokenHeader, ""}};
}

TEST_F(Gate, LetsOurOwnFileLeadToThePage) {
  const std::string ticket = access_.IssueTicket();
  const std::string reply = Get("/open/" + ticket, FromElsewhere());
  EXPECT_EQ(StatusOfReply(reply), 200) << reply;
  EXPECT_THAT(reply, HasSubstr("Refresh: 0;url=/#ticket=" + ticket));
  EXPECT_THAT(reply, HasSubstr("frame-ancestors 'none'"));
  EXPECT_OK(access_.Redeem(ticket));
}

TEST_F(Gate, RefusesWhoLeadsThereWithoutTheTicketThatIsOpen) {
  const std::string used = access_.IssueTicket();
  ASSERT_OK(access_.Redeem(used));
  const std::string earlier = access_.IssueTicket();
  const std::string ticket = access_.IssueTicket();
  for (const std::string& path :
       {std::string("/open/"), "/open/" + used, "/open/" + earlier,
        "/open/" + ticket.substr(1), "/open/" + ticket + "0",
        "/open/" + token(), "/" + ticket, std::string("/"),
        "/open/" + ticket + "/../../"}) {
    const std::string reply = Get(path, FromElsewhere());
    EXPECT_EQ(StatusOfReply(reply), 403) << path;
    EXPECT_THAT(reply, Not(HasSubstr("Refresh"))) << path;
  }
  EXPECT_EQ(StatusOfReply(Get("/open/" + used)), 404);
}

TEST_F(Gate, LeadsNoFrameNoFetchAndNoFormThere) {
  const std::string path = "/open/" + access_.IssueTicket();
  for (const HttpHeaders& change : {HttpHeaders{{"Sec-Fetch-Dest", "iframe"}},
                                    HttpHeaders{{"Sec-Fetch-Dest", ""}},
                                    HttpHeaders{{"Sec-Fetch-Mode", "no-cors"}},
                                    HttpHeaders{{"Sec-Fetch-Mode", ""}}}) {
    HttpHeaders headers = FromElsewhere();
    for (const auto& [name, value] : change) headers[name] = value;
    EXPECT_EQ(StatusOfReply(Get(path, headers)), 403);
  }
  EXPECT_EQ(StatusOfReply(Post(path, "{}", FromElsewhere())), 403);
}

TEST_F(Gate, RefusesEveryContentTypeButJson) {
  for (const char* type :
       {"text/plain", "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x", "text/plain; application/json",
        "application/json; charset=utf-8", ""}) {
    ExpectRefused(Post(AskPath(), kApprove, {{"Content-Type", type}}), 415,
                  "NOT_JSON");
  }
}

TEST_F(Gate, RefusesEveryMethodButGetAndPost) {
  for (const char* method :
       {"OPTIONS", "HEAD", "PUT", "PATCH", "DELETE", "TRACE"}) {
    const std::string reply =
        Send(method, "/api/requests", "",
             {{"Host", Host()},
              {"Origin", "http://evil.example"},
              {"Access-Control-Request-Method", "POST"},
              {"Access-Control-Request-Headers", console::kTokenHeader},
              {console::kTokenHeader, token()}},
             {});
    EXPECT_EQ(StatusOfReply(reply), 405) << method;
    EXPECT_THAT(absl::AsciiStrToLower(reply), Not(HasSubstr("access-control")));
    EXPECT_EQ(source_.calls(), 0);
  }
}

TEST_F(Gate, AnswersNoForeignOriginWithACorsHeader) {
  for (const std::string& reply :
       {Get("/"), Get("/api/requests"), Get("/nothing"),
        Get("/api/requests", {{"Origin", "http://evil.example"}})}) {
    EXPECT_THAT(absl::AsciiStrToLower(reply), Not(HasSubstr("access-control")));
  }
}

TEST_F(Gate, RefusesAHugeBodyByItsHead) {
  ExpectRefused(
      Post(AskPath(), kApprove,
           {{"Content-Length", absl::StrCat(console::kMaxBodyBytes + 1)}}),
      413, "BODY_TOO_LARGE");
  ExpectRefused(
      Post(AskPath(), kApprove, {{"Content-Length", "99999999999999999999"}}),
      413, "BODY_TOO_LARGE");
  ExpectRefused(Post(AskPath(), kApprove, {{"Content-Length", "-1"}}), 413,
                "BODY_TOO_LARGE");
}

TEST_F(Gate, OutlivesAHugeBodyThatIsSent) {
  Post(AskPath(), std::string(8 << 20, ' '));
  EXPECT_EQ(source_.calls(), 0);
  EXPECT_EQ(StatusOfReply(Get("/")), 200);
}

TEST_F(Gate, RefusesABodyThatDoesNotSayItsLength) {
  ExpectRefused(
      Post(AskPath(), "5\r\n{\"a\":\r\n0\r\n\r\n",
           {{"Content-Length", ""}, {"Transfer-Encoding", "chunked"}}),
      411, "BODY_TOO_LARGE");
}

// The body of a refused request is a good one; it must not be heard.
TEST_F(Gate, TakesNoSecondRequestFromTheBodyOfARefusedOne) {
  const std::string second =
      absl::StrCat("GET /api/requests HTTP/1.1\r\nHost: ", Host(), "\r\n",
                   console::kTokenHeader, ": ", token(), "\r\n\r\n");
  const std::string reply =
      Post(AskPath(), second,
           {{"Content-Type", "text/plain"}, {"Connection", "keep-alive"}});
  ExpectRefused(reply, 415, "NOT_JSON");
}

TEST_F(Gate, ServesNoFileThatIsNotThePages) {
  for (const char* path :
       {"/../gate.cc", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
        "/page/../index.html", "//etc/passwd", "/etc/passwd", "/index.html/",
        "/INDEX.HTML", "/app.js%00.html", "/.git/config"}) {
    const std::string reply = Get(path);
    EXPECT_EQ(StatusOfReply(reply), 404) << path << "\n" << reply;
    EXPECT_EQ(Member(reply, "reason"), "NO_SUCH_FILE") << path;
  }
}

TEST_F(Gate, RefusesALongPath) {
  ExpectRefused(Get("/" + std::string(console::kMaxPathBytes, 'a')), 414,
                "PATH_TOO_LONG");
}

TEST_F(Gate, OutlivesWhatIsNoHttp) {
  for (const std::string& bytes :
       {std::string("\r\n\r\n"), std::string("GET\r\n\r\n"),
        std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15),
        "GET / HTTP/1.1\r\n" + std::string(20000, 'a') + "\r\n\r\n"}) {
    EXPECT_NE(StatusOfReply(Exchange(bytes)), 200);
  }
  EXPECT_EQ(StatusOfReply(Get("/")), 200);
}

TEST_F(Gate, SendsTheSecurityHeadersWithEveryAnswer) {
  for (const std::string& reply :
       {Get("/"), Get("/app.js"), Get("/nothing"), Get("/api/requests"),
        Get("/api/requests", {{console::kTokenHeader, ""}}),
        Get("/", {{"Host", "evil.example"}}),
        Exchange("GET / HTTP/9.9\r\n\r\n")}) {
    for (const auto& [name, value] : console::kSecurityHeaders) {
      EXPECT_THAT(reply, HasSubstr(absl::StrCat(name, ": ", value, "\r\n")));
    }
  }
}

TEST_F(Gate, AllowsThePageNothingButItsOwnFiles) {
  const std::string reply = Get("/");
  for (const char* rule :
       {"default-src 'none'", "script-src 'self'", "style-src 'self'",
        "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'",
        "form-action 'none'"}) {
    EXPECT_THAT(reply, HasSubstr(rule));
  }
  EXPECT_THAT(reply, Not(HasSubstr("unsafe")));
}

TEST_F(Gate, IsHeardOnTheLoopbackOfIpv4Alone) {
  EXPECT_EQ(StatusOfReply(Get("/")), 200);
  std::FILE* const table = std::fopen("/proc/net/tcp6", "r");
  if (!table) GTEST_SKIP() << "no IPv6 here";
  const std::string wanted = absl::StrFormat(":%04X", port());
  char line[512];
  while (std::fgets(line, sizeof(line), table)) {
    const std::string text(line);
    const bool listens = text.find(" 0A ") != std::string::npos;
    EXPECT_FALSE(listens && text.find(wanted + " ") != std::string::npos);
  }
  std::fclose(table);
}

TEST_F(Gate, SharesItsPortWithNobody) {
  console::Terminal terminal(console::Voice::kText);
  console::Api api(source_, access_, confirmations_, terminal);
  const auto second = console::Server::Start(port(), api, access_);
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("--port"));
}

// No resource of others, no code or style outside the files.
TEST(Page, HoldsNothingThatItsPolicyForbids) {
  ASSERT_GT(console::PageFiles().size(), 10U);
  for (const console::PageFile& file : console::PageFiles()) {
    const std::string content(file.content);
    for (const char* word :
         {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write",
          "eval(", "new Function", " style=", "javascript:", "DOMParser",
          "http://", "https://", "localStorage", "document.cookie"}) {
      if (std::string(word) == "http://" && file.path == "/icon.svg") {
        continue;  // the name of SVG's namespace
      }
      EXPECT_THAT(content, Not(HasSubstr(word))) << file.path;
    }
  }
}

}  // namespace
}  // namespace bootseal::tests
