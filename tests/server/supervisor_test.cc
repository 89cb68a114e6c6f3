// What the service manager is told, and when: by the real program over a real
// socket.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/server/generic_call.h"
#include "tests/support/busy_token.h"
#include "tests/support/notify_socket.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

constexpr char kReady[] = "READY=1";
constexpr char kTick[] = "WATCHDOG=1";

// For processes that are started while it exists.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    setenv(name, value.c_str(), 1);
  }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* const name_;
};

absl::Status SignOnce(const ServerFixture& server, const std::string& target) {
  const std::string payload = TestPayload(5000);
  v1::SignHeader header = HeaderFor(payload);
  header.set_target(target);
  return Sign(server.Channel("ci"), header, payload).status();
}

std::size_t Count(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + 1)) {
    ++count;
  }
  return count;
}

// No sign of life for longer than the watchdog waits.
bool FallsSilent(NotifySocket& socket) {
  for (int messages = 0; messages < 50; ++messages) {
    if (!socket.Next(milliseconds(2500))) return true;
  }
  return false;
}

TEST(Supervisor, IsToldOnceThePortAnswersAndNotBefore) {
  NotifySocket socket;
  ServerFixture server;
  // The server's start waits for its token.
  std::optional<BusyToken> busy(std::in_place, server.token().objects_path());
  auto early = std::async(std::launch::async, [&] {
    const auto message = socket.Next(milliseconds(500));
    busy.reset();
    return message;
  });
  server.Start();
  EXPECT_EQ(early.get(), std::nullopt);
  const std::string ready = socket.WaitFor(kReady);
  const std::string address = server.address();
  EXPECT_THAT(address, Not(testing::EndsWith(":")));
  EXPECT_THAT(
      ready, HasSubstr(absl::StrCat("STATUS=serves on port ",
                                    address.substr(10), ", policy version 1")));
  EXPECT_EQ(Health(server.Channel("ci")), kServing);
}

TEST(Supervisor, IsToldNothingByAServerThatCannotStart) {
  NotifySocket socket;
  ServerFixture server;
  server.policy().mutable_targets(0)->set_key("unknown-key");
  EXPECT_EQ(server.StartAndFail(), 1);
  EXPECT_EQ(socket.Next(milliseconds(0)), std::nullopt);
}

TEST(Supervisor, IsToldWhenAReloadBeginsAndEnds) {
  NotifySocket socket;
  ServerFixture server;
  server.Start();
  ASSERT_NE(socket.WaitFor(kReady), "");
  server.policy().set_version(2);
  server.WritePolicy();
  server.process().Signal(SIGHUP);
  const auto begins = socket.Next(std::chrono::seconds(10));
  EXPECT_THAT(begins.value_or(""), HasSubstr("RELOADING=1\nMONOTONIC_USEC="));
  const auto ends = socket.Next(std::chrono::seconds(10));
  EXPECT_THAT(ends.value_or(""), HasSubstr(kReady));
  EXPECT_THAT(ends.value_or(""), HasSubstr("policy version 2"));
}

TEST(Supervisor, IsToldThatAPolicyWasRefused) {
  NotifySocket socket;
  ServerFixture server;
  server.Start();
  server.WritePolicyText("nonsense");
  server.process().Signal(SIGHUP);
  ASSERT_NE(socket.WaitFor(kReady), "");
  const std::string ends = socket.WaitFor(kReady);
  EXPECT_THAT(ends, HasSubstr("policy version 1; refused the policy file"));
}

TEST(Supervisor, IsToldThatTheServerDrains) {
  NotifySocket socket;
  ServerFixture server;
  server.Start();
  server.process().Signal(SIGTERM);
  EXPECT_NE(socket.WaitFor("STOPPING=1"), "");
  EXPECT_EQ(server.process().Wait(std::chrono::seconds(20)), 0);
}

TEST(Supervisor, IsToldThatTheLogTakesNothing) {
  NotifySocket socket;
  ServerFixture server;
  server.Start();
  ASSERT_OK(SignOnce(server, "app"));
  struct stat wal {};
  ASSERT_EQ(stat(server.folder().File("log.sqlite-wal").c_str(), &wal), 0);
  const auto size = static_cast<rlim_t>(wal.st_size);
  const rlimit full{size, size};
  ASSERT_EQ(prlimit(server.process().pid(), RLIMIT_FSIZE, &full, nullptr), 0);
  EXPECT_EQ(SignOnce(server, "app").code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(socket.WaitFor(absl::StrCat(
                "STATUS=the audit log takes nothing: releases nothing on port ",
                server.address().substr(10), ", policy version 1")),
            "");
}

TEST(Watchdog, GetsASignOfLifeInEachInterval) {
  const Variable interval("WATCHDOG_USEC", "4000000");
  NotifySocket socket;
  ServerFixture server;
  server.Start();
  ASSERT_NE(socket.WaitFor(kTick), "");
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(socket.Next(milliseconds(4000)).value_or(""), kTick) << i;
  }
}

// The log's thread waits for the token, which signs the checkpoint; everything
// else of the server runs.
TEST(Watchdog, GetsNoneWhileTheLogHangsAndOneWhenItGoesOn) {
  const Variable interval("WATCHDOG_USEC", "2000000");
  NotifySocket socket;
  ServerFixture server;
  server.Start();
  ASSERT_NE(socket.WaitFor(kTick), "");
  std::future<absl::Status> refused;
  {
    const BusyToken busy(server.token().objects_path());
    refused = std::async(std::launch::async,
                         [&] { return SignOnce(server, "nowhere"); });
    EXPECT_TRUE(FallsSilent(socket));
    EXPECT_EQ(Health(server.Channel("ci")), kServing);
  }
  EXPECT_NE(socket.WaitFor(kTick), "");
  EXPECT_THAT(refused.get(),
              StatusIs(absl::StatusCode::kNotFound, "UNKNOWN_TARGET"));
}

// A restart is no cure for a full disk, and reading goes on.
TEST(Watchdog, GetsASignOfLifeFromALogThatStopped) {
  const Variable interval("WATCHDOG_USEC", "2000000");
  NotifySocket socket;
  ServerFixture server;
  server.Start();
  const rlimit full{0, 0};
  ASSERT_EQ(prlimit(server.process().pid(), RLIMIT_FSIZE, &full, nullptr), 0);
  EXPECT_EQ(SignOnce(server, "app").code(), absl::StatusCode::kUnavailable);
  ASSERT_NE(socket.WaitFor(kTick), "");
  for (int i = 0; i < 2; ++i) EXPECT_NE(socket.WaitFor(kTick), "") << i;
}

TEST(Watchdog, LeavesNothingInTheLog) {
  const Variable interval("WATCHDOG_USEC", "200000");
  NotifySocket socket;
  ServerFixture server;
  server.Start();
  const auto before = Sign(server.Channel("ci"), HeaderFor(TestPayload(5000)),
                           TestPayload(5000));
  ASSERT_OK(before);
  for (int i = 0; i < 5; ++i) ASSERT_NE(socket.WaitFor(kTick), "");
  ASSERT_OK(SignOnce(server, "app"));
  const std::string log = server.ServerLog();
  const std::size_t first = log.find(" entry=");
  const std::size_t second = log.find(" entry=", first + 1);
  ASSERT_NE(second, std::string::npos);
  EXPECT_EQ(std::stoi(log.substr(second + 7)),
            std::stoi(log.substr(first + 7)) + 1);
}

TEST(Watchdog, OfAnotherProcessGetsNone) {
  const Variable interval("WATCHDOG_USEC", "200000");
  const Variable process("WATCHDOG_PID", absl::StrCat(getpid()));
  NotifySocket socket;
  ServerFixture server;
  server.Start();
  ASSERT_NE(socket.WaitFor(kReady), "");
  EXPECT_EQ(socket.Next(milliseconds(600)), std::nullopt);
}

// One of a microsecond would have it do nothing else, and one of centuries is
// before now once it is nanoseconds.
TEST(Watchdog, WithAnIntervalThatIsNoneIsAWarning) {
  for (const char* value :
       {"soon", "", "0", "1", "79999", "9223372036854775000"}) {
    const Variable interval("WATCHDOG_USEC", value);
    NotifySocket socket;
    ServerFixture server;
    server.Start();
    EXPECT_THAT(server.ServerLog(),
                HasSubstr(absl::StrCat(" no-watchdog message=\"WATCHDOG_USEC "
                                       "is \\\"",
                                       value,
                                       "\\\" and WATCHDOG_PID is not "
                                       "set, expected microseconds")));
    EXPECT_OK(SignOnce(server, "app"));
    server.Stop();
    while (const auto message = socket.Next(milliseconds(0))) {
      EXPECT_THAT(*message, Not(HasSubstr(kTick))) << value;
    }
  }
}

TEST(Watchdog, OfAProcessThatIsNoneIsAWarning) {
  const Variable interval("WATCHDOG_USEC", "2000000");
  const Variable process("WATCHDOG_PID", "self");
  ServerFixture server;
  server.Start();
  EXPECT_THAT(server.ServerLog(), HasSubstr("WATCHDOG_PID is \\\"self\\\""));
}

TEST(Supervisor, IsNotMissedWithoutASocket) {
  const Variable interval("WATCHDOG_USEC", "200000");
  ServerFixture server;
  server.Start();
  EXPECT_OK(SignOnce(server, "app"));
  server.Stop();
  EXPECT_THAT(server.ServerLog(), Not(HasSubstr("supervisor")));
}

TEST(Supervisor, WhoseSocketIsNoneIsNamedOnceAndNoReasonToStop) {
  for (const char* path : {"/nowhere/notify", "relative", "/dev/null"}) {
    const Variable socket("NOTIFY_SOCKET", path);
    ServerFixture server;
    server.Start();
    server.process().Signal(SIGHUP);
    EXPECT_TRUE(server.WaitForLog("policy-unchanged"));
    EXPECT_OK(SignOnce(server, "app"));
    server.Stop();
    EXPECT_EQ(Count(server.ServerLog(), " supervisor-not-told "), 1u) << path;
    EXPECT_THAT(
        server.ServerLog(),
        HasSubstr(absl::StrCat("NOTIFY_SOCKET is \\\"", path, "\\\": ")));
  }
}

}  // namespace
}  // namespace bootseal::tests
