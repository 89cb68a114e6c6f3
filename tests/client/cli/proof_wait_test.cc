// bootseal when the server has signed, and is then too busy, or gone for a
// moment, to prove that its log goes on.
#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/clock.h"
#include "base/status.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "client/cli/approval_wait.h"
#include "client/cli/connection.h"
#include "tests/client/cli/online_fixture.h"
#include "tests/support/free_port.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

// Of the one identity, which has a call a second and ten at once.
class ProofWait : public OnlineTest {
 protected:
  ProofWait() {
    server_.config().mutable_limits()->set_max_calls_per_second(1);
    server_.config().set_listen(port_.address());
    server_.AddTarget("sealed", "app")
        .mutable_mcuboot()
        ->mutable_encryption()
        ->set_key_exchange(v1::ECIES_P256);
    server_.Start();
    // What the log has to continue.
    EXPECT_EQ(Sign("ci", {"-o", File("first.bin"), "--request-id", "first"})
                  .exit_code,
              0);
  }

  bool IsRefused() {
    grpc::ClientContext context;
    v1::ListTargetsReply reply;
    const auto stub = v1::SigningService::NewStub(channel_);
    return !stub->ListTargets(&context, {}, &reply).ok();
  }
  void UseUpTheRate() {
    channel_ = server_.Channel("ci");
    for (int i = 0; i < 1000; ++i) {
      if (IsRefused()) return;
    }
    FAIL() << "nothing was refused";
  }
  // Until `end` is true no other call of the identity has a chance.
  void TakeEveryCallUntil(const std::function<bool()>& end) {
    while (!end()) IsRefused();
  }
  bool SignsAs(const std::string& id) {
    return server_.WaitForLog(absl::StrCat(" request_id=", id,
                                           " identity=ci target=app "
                                           "decision=allowed"));
  }
  // Of the line with this id that comes last.
  std::string EntryOf(const std::string& id) {
    const std::string log = server_.ServerLog();
    const std::size_t line = log.rfind(absl::StrCat("request_id=", id, " "));
    const std::size_t at = log.find(" entry=", line);
    if (line == std::string::npos || at == std::string::npos) return "";
    return log.substr(at, log.find('\n', at) - at);
  }
  Outcome InShell(const std::string& command) {
    Environment environment = server_.ClientEnvironment("ci");
    environment["BOOTSEAL_STATE"] = state_.path();
    environment["XDG_CONFIG_HOME"] = state_.path();
    return tests::Run({"sh", "-c", command}, environment);
  }

  const FreePort port_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(ProofWait, WaitsAsLongAsTheServerSaysAndWritesTheImage) {
  UseUpTheRate();
  Outcome outcome;
  std::thread client([&] {
    outcome = Sign("ci", {"-o", File("image.bin"), "--request-id", "build-7"});
  });
  EXPECT_TRUE(SignsAs("build-7"));
  const absl::Time end = absl::Now() + absl::Seconds(2);
  TakeEveryCallUntil([end] { return absl::Now() > end; });
  client.join();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("CALL_RATE"));
  EXPECT_THAT(Files(), Contains("image.bin"));
}

TEST_F(ProofWait, OutlastsAServerThatStartsAgain) {
  UseUpTheRate();
  Outcome outcome;
  std::thread client([&] {
    outcome = Sign("ci", {"-o", File("image.bin"), "--request-id", "build-7"});
  });
  EXPECT_TRUE(SignsAs("build-7"));
  server_.Stop();
  server_.Start();
  client.join();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(Files(), Contains("image.bin"));
}

TEST_F(ProofWait, SaysHowToFetchTheImageThatItHadNoTimeFor) {
  UseUpTheRate();
  Outcome outcome;
  std::atomic<bool> over = false;
  std::thread client([&] {
    outcome = Sign("ci", {"-o", File("the image.bin"), "--timeout", "3"});
    over = true;
  });
  EXPECT_TRUE(server_.WaitForLog("request_id=r-"));
  TakeEveryCallUntil([&] { return over.load(); });
  client.join();
  EXPECT_EQ(outcome.exit_code, 4) << outcome.err;
  EXPECT_THAT(
      outcome.err,
      AllOf(
          HasSubstr("bootseal: LOG_PROOF_UNAVAILABLE: "),
          HasSubstr("CALL_RATE"), Not(HasSubstr("auditor")),
          HasSubstr("what you asked for was signed and logged as request r-")));
  EXPECT_THAT(Files(), Not(Contains("the image.bin")));

  const std::size_t told = outcome.err.find("request r-") + 8;
  const std::string id = outcome.err.substr(told, 34);
  const std::string entry = EntryOf(id);
  EXPECT_NE(entry, "");
  const std::size_t begin = outcome.err.find("fetch it again: ") + 16;
  const std::string command =
      outcome.err.substr(begin, outcome.err.find('\n', begin) - begin);
  EXPECT_THAT(command, HasSubstr(absl::StrCat("--request-id ", id)));
  const Outcome again = InShell(command);
  EXPECT_EQ(again.exit_code, 0) << command << again.err;
  EXPECT_THAT(Files(), Contains("the image.bin"));
  EXPECT_EQ(EntryOf(id), entry);
}

TEST_F(ProofWait, TellsAScriptTheRequestAndTheCommand) {
  UseUpTheRate();
  Outcome outcome;
  std::atomic<bool> over = false;
  std::thread client([&] {
    outcome = Sign("ci", {"-o", File("image.bin"), "--timeout", "2",
                          "--request-id", "build-8", "--json"});
    over = true;
  });
  EXPECT_TRUE(SignsAs("build-8"));
  TakeEveryCallUntil([&] { return over.load(); });
  client.join();
  EXPECT_EQ(outcome.exit_code, 4) << outcome.err;
  EXPECT_THAT(
      outcome.err,
      AllOf(HasSubstr("\"reason\":\"LOG_PROOF_UNAVAILABLE\""),
            HasSubstr("\"request_id\":\"build-8\""),
            HasSubstr("\"fetch_command\":\""), HasSubstr("\"exit_status\":4")));
  ASSERT_NE(outcome.err.find("\"fetch_command\":"), std::string::npos);
  // It was named already.
  const std::string command =
      outcome.err.substr(outcome.err.find("\"fetch_command\":"));
  EXPECT_NE(command.find("--request-id"), std::string::npos);
  EXPECT_EQ(command.find("--request-id"), command.rfind("--request-id"));
}

TEST_F(ProofWait, SaysHowToFetchTheImageThatItCouldNotWrite) {
  const Outcome outcome = Sign("ci", {"-o", "/dev/full"});
  EXPECT_EQ(outcome.exit_code, 5) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("was signed and logged as request"),
                                 HasSubstr(" --request-id r-")));
}

TEST_F(ProofWait, SaysItWithTheIdBeforeTheMarkThatFilesComeBehind) {
  const Outcome outcome =
      Bootseal("ci", {"sign", "--target", "app", "--version", "1.2.3", "-o",
                      "/dev/full", "--", File("app.bin")});
  EXPECT_EQ(outcome.exit_code, 5) << outcome.err;
  const std::size_t begin = outcome.err.find("fetch it again: ") + 16;
  const std::string command =
      outcome.err.substr(begin, outcome.err.find('\n', begin) - begin);
  EXPECT_THAT(command, HasSubstr(" --request-id r-"));
  EXPECT_EQ(InShell(command).exit_code, 5) << command;
}

TEST_F(ProofWait, SignsNothingWhereTheTargetCannotBeAskedFor) {
  UseUpTheRate();
  Outcome outcome;
  std::atomic<bool> over = false;
  std::thread client([&] {
    outcome = Sign("ci", {"-o", File("image.bin"), "--compress", "--timeout",
                          "2", "--request-id", "build-9"});
    over = true;
  });
  TakeEveryCallUntil([&] { return over.load(); });
  client.join();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("bootseal: CALL_RATE: "),
                                 Not(HasSubstr("was signed"))));
  EXPECT_FALSE(absl::StrContains(server_.ServerLog(), "build-9"));
}

absl::Status Waits() {
  absl::Status status = base::Precondition("APPROVALS_REQUIRED", "0 of 1");
  status.SetPayload("bootseal/detail/subject",
                    absl::Cord(std::string(64, 'a')));
  return status;
}

absl::Status Busy() {
  absl::Status status = base::Exhausted("IDENTITY_BUSY", "has its share");
  status.SetPayload("bootseal/retry-ms", absl::Cord("1000"));
  return status;
}

// The first answer is that people have to approve.
class PeopleWait : public ProofWait {
 protected:
  absl::StatusOr<v1::SignReply> Ask(const cli::AskForReply& next,
                                    absl::Duration wait) {
    const base::SystemClock clock;
    const auto connection = cli::Connection::Open(
        {server_.address(), server_.ca_path(), server_.certificate_path("ci"),
         server_.key_path("ci"), server_.log_key()},
        clock);
    if (!connection.ok()) return connection.status();
    return cli::AskUntilApproved(
        **connection,
        [&](absl::Duration most) -> absl::StatusOr<v1::SignReply> {
          given_.push_back(most);
          if (given_.size() == 1) return Waits();
          return next(most);
        },
        wait);
  }

  std::vector<absl::Duration> given_;
};

TEST_F(PeopleWait, GoesOnWhenTheServerIsBusyOrItsLogAway) {
  std::vector<absl::Status> answers{
      Busy(), base::Unavailable("LOG_STORE", "not for now")};
  const auto reply = Ask(
      [&](absl::Duration) -> absl::StatusOr<v1::SignReply> {
        if (answers.empty()) return v1::SignReply();
        const absl::Status next = answers.back();
        answers.pop_back();
        return next;
      },
      absl::Seconds(30));
  EXPECT_OK(reply);
  EXPECT_TRUE(answers.empty());
}

TEST_F(PeopleWait, EndsWithWhatNoTimeMends) {
  for (const absl::Status& each :
       {base::Unavailable("LOG_STOPPED", "nothing is released"),
        base::Unavailable("TOKEN_LOST", "nobody is logged in"),
        base::Exhausted("TOO_MANY_PENDING", "have some denied"),
        base::Exhausted("UPLOAD_TOO_LARGE", "too many bytes"),
        base::Precondition("TOKEN_MISSING", "no such token")}) {
    given_.clear();
    const auto reply = Ask(
        [&](absl::Duration) -> absl::StatusOr<v1::SignReply> { return each; },
        absl::Seconds(30));
    EXPECT_EQ(reply.status(), each);
    EXPECT_EQ(given_.size(), 2u) << each;
  }
}

TEST_F(PeopleWait, SaysAtItsEndWhyTheLastQuestionHadNoAnswer) {
  const auto reply = Ask(
      [&](absl::Duration) -> absl::StatusOr<v1::SignReply> {
        return base::Unavailable("LOG_STORE", "not for now");
      },
      absl::Seconds(1));
  EXPECT_THAT(reply.status(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                       "APPROVALS_REQUIRED"));
  EXPECT_THAT(reply.status(), MessageHas("bootseal approvals approve "));
  EXPECT_THAT(reply.status(), MessageHas("LOG_STORE: not for now"));
}

TEST_F(PeopleWait, SaysNothingOfAFailureThatHasPassed) {
  const auto reply = Ask(
      [&](absl::Duration) -> absl::StatusOr<v1::SignReply> {
        if (given_.size() == 2) return base::Unavailable("LOG_STORE", "away");
        return Waits();
      },
      absl::Seconds(2));
  EXPECT_GT(given_.size(), 2u);
  EXPECT_THAT(reply.status(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                       "APPROVALS_REQUIRED"));
  EXPECT_THAT(std::string(reply.status().message()),
              Not(HasSubstr("LOG_STORE")));
}

TEST_F(PeopleWait, GivesNoQuestionMoreTimeThanIsLeft) {
  const auto reply = Ask(
      [&](absl::Duration) -> absl::StatusOr<v1::SignReply> { return Waits(); },
      absl::Seconds(3));
  ASSERT_GT(given_.size(), 2u);
  EXPECT_EQ(given_[0], absl::InfiniteDuration());
  for (std::size_t i = 1; i < given_.size(); ++i) {
    EXPECT_LE(given_[i], absl::Seconds(3));
    EXPECT_GT(given_[i], absl::ZeroDuration());
    EXPECT_LE(given_[i], given_[i - 1]);
  }
}

// A server that is gone would be waited for 15 seconds.
TEST_F(PeopleWait, EndsInTimeThoughNobodyCanBeAskedWhoApproved) {
  server_.Stop();
  const absl::Time start = absl::Now();
  const auto reply = Ask(
      [&](absl::Duration) -> absl::StatusOr<v1::SignReply> { return Waits(); },
      absl::Seconds(1));
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
  EXPECT_THAT(reply.status(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                       "APPROVALS_REQUIRED"));
}

// A pipe gives its content once.
TEST_F(ProofWait, ReadsTheKeyOfTheDeviceOnceAndBeforeItSigns) {
  for (const char* const kind :
       {"openssl ecparam -name prime256v1 -genkey -noout | openssl ec -pubout",
        "openssl ecparam -name prime256v1 -genkey -noout"}) {
    const std::string image = File("sealed.bin");
    const Outcome outcome = InShell(absl::StrCat(
        kind, " 2>/dev/null | ", BOOTSEAL_PROGRAM,
        " sign --target sealed --version 1.2.3 --encrypt /dev/stdin -o ", image,
        " ", File("app.bin")));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(Files(), Contains("sealed.bin"));
  }
}

}  // namespace
}  // namespace bootseal::tests
