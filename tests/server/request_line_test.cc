// The line that the server's own log has of each request: found by the id that
// the client chose, whatever became of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "tests/support/approver.h"
#include "tests/support/process.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

v1::SignHeader HeaderWith(const std::string& id) {
  v1::SignHeader header = HeaderFor(TestPayload(5000));
  header.set_request_id(id);
  return header;
}

absl::StatusOr<v1::SignReply> Ask(const ServerFixture& server,
                                  const v1::SignHeader& header,
                                  const std::string& caller = "ci") {
  return Sign(server.Channel(caller), header, TestPayload(5000));
}

std::vector<std::string> Lines(const ServerFixture& server) {
  return absl::StrSplit(server.ServerLog(), '\n', absl::SkipEmpty());
}

// The one line that has ` request_id=` and `id`.
std::string LineOf(const ServerFixture& server, const std::string& id) {
  std::vector<std::string> found;
  for (const std::string& line : Lines(server)) {
    if (absl::StrContains(line, absl::StrCat(" request_id=", id, " "))) {
      found.push_back(line);
    }
  }
  EXPECT_EQ(found.size(), 1u) << server.ServerLog();
  return found.empty() ? "" : found.front();
}

TEST(RequestLine, OfAReleaseHasItsEntry) {
  ServerFixture server;
  server.Start();
  const auto reply = Ask(server, HeaderWith("build-1042"));
  ASSERT_OK(reply);
  const std::size_t at = reply->receipt().find("\nindex ");
  ASSERT_NE(at, std::string::npos);
  const std::string index = reply->receipt().substr(
      at + 7, reply->receipt().find('\n', at + 7) - at - 7);
  EXPECT_THAT(LineOf(server, "build-1042"),
              AllOf(StartsWith("I "), HasSubstr(" request method=Sign "),
                    HasSubstr(" identity=ci target=app decision=allowed ms="),
                    testing::EndsWith(absl::StrCat(" entry=", index))));
}

TEST(RequestLine, OfARefusalHasTheReason) {
  ServerFixture server;
  server.Start();
  ASSERT_FALSE(Ask(server, HeaderWith("build-1043"), "developer").ok());
  EXPECT_THAT(
      LineOf(server, "build-1043"),
      AllOf(StartsWith("W "),
            HasSubstr(" identity=developer target=app decision=refused ms="),
            HasSubstr(" reason=WRONG_ROLE message=\""),
            Not(HasSubstr(" entry="))));
}

TEST(RequestLine, OfARequestThatWaitsHasTheEntryThatWaits) {
  ServerFixture server;
  NeedApprovalOf("auditor", server.policy(),
                 *server.policy().mutable_targets(0));
  server.Start();
  const absl::Status waits = Ask(server, HeaderWith("release-7")).status();
  ASSERT_THAT(waits, StatusIs(absl::StatusCode::kFailedPrecondition,
                              "APPROVALS_REQUIRED"));
  EXPECT_THAT(
      LineOf(server, "release-7"),
      AllOf(StartsWith("I "), HasSubstr(" decision=pending "),
            HasSubstr(absl::StrCat(" entry=", DetailOf(waits, "pending_index"),
                                   " reason=APPROVALS_REQUIRED"))));
}

TEST(RequestLine, OfEachRequestOfAStreamHasItsOwnId) {
  ServerFixture server;
  server.Start();
  grpc::ClientContext context;
  const auto stub = v1::SigningService::NewStub(server.Channel("ci"));
  const auto stream = stub->SignMany(&context);
  for (const char* id : {"many-1", "many-2"}) {
    v1::SignManyRequest request;
    *request.mutable_header() = HeaderWith(id);
    request.set_payload(TestPayload(5000));
    ASSERT_TRUE(stream->Write(request));
  }
  stream->WritesDone();
  v1::SignManyReply reply;
  while (stream->Read(&reply)) EXPECT_TRUE(reply.has_reply());
  ASSERT_TRUE(stream->Finish().ok());
  for (const char* id : {"many-1", "many-2"}) {
    EXPECT_THAT(LineOf(server, id),
                AllOf(HasSubstr("method=SignMany"), HasSubstr(" entry=")));
  }
}

// Refused for what it is, and written as one value on one line all the same.
TEST(RequestLine, CannotBeForgedByAnId) {
  ServerFixture server;
  server.Start();
  const std::size_t before = Lines(server).size();
  for (const std::string id :
       {"x decision=allowed", "x\nI 2026-01-01T00:00:00Z request request_id=y ",
        "x\"\n<0>I forged", "x\\\" decision=allowed entry=1", "x\r\t\x1b[2J",
        "x=\xe2\x80\xa8y"}) {
    EXPECT_FALSE(Ask(server, HeaderWith(id)).ok());
  }
  const std::vector<std::string> lines = Lines(server);
  ASSERT_EQ(lines.size(), before + 6);
  for (std::size_t i = before; i < lines.size(); ++i) {
    EXPECT_THAT(lines[i], AllOf(StartsWith("W "), HasSubstr(" request_id=\"x"),
                                HasSubstr("\" identity=ci target=app"),
                                HasSubstr(" decision=refused "),
                                Not(HasSubstr("\x1b")), Not(HasSubstr("\r"))));
  }
}

// What it writes with JOURNAL_STREAM as `stream` has it, to a shell.
std::string ErrorsWith(const std::string& stream) {
  return tests::Run({"sh", "-c",
                     absl::StrCat("JOURNAL_STREAM=", stream, " exec \"$@\""),
                     "sh", ServerFixture::program(), "--config", "/nowhere"})
      .err;
}

TEST(LogLine, BeginsWithItsPriorityWhereTheJournalReads) {
  EXPECT_THAT(ErrorsWith("$(stat -L -c %d:%i /proc/self/fd/2)"),
              AllOf(StartsWith("<6>I 2"), HasSubstr("\n<3>E 2")));
}

TEST(LogLine, HasNoPriorityWhereSomebodyElseReads) {
  for (const char* stream : {"8:1", ""}) {
    EXPECT_THAT(ErrorsWith(stream),
                AllOf(StartsWith("I 2"), HasSubstr("\nE 2")));
  }
}

}  // namespace
}  // namespace bootseal::tests
