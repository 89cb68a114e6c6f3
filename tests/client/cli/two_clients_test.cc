// Clients that run at the same time and remember in one folder.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "base/file.h"
#include "client/cli/checkpoint_store.h"
#include "client/cli/file_lock.h"
#include "tests/client/cli/online_fixture.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr std::chrono::seconds kLimit(30);

template <typename Condition>
bool Eventually(const Condition& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kLimit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

// Whether a process has a file open, as /proc tells.
bool HasOpen(const Background& process, const std::string& path) {
  std::error_code error;
  const fs::directory_iterator files(
      absl::StrCat("/proc/", process.pid(), "/fd"), error);
  if (error) return false;
  for (const auto& file : files) {
    if (fs::read_symlink(file.path(), error) == path) return true;
  }
  return false;
}

class TwoClients : public OnlineTest {
 protected:
  cli::CheckpointStore Store() {
    return {state_.path(), *cli::LogKey::Read(server_.log_key())};
  }
  std::uint64_t KeptSize() {
    const auto kept = Store().Load();
    EXPECT_OK(kept);
    return kept.ok() && *kept ? (*kept)->size : 0;
  }

  // Until it is given back, clients wait with what their server told them.
  std::optional<cli::FileLock> HoldLock() {
    auto lock = cli::FileLock::Take(Store().lock_path(), absl::ZeroDuration());
    EXPECT_OK(lock);
    if (!lock.ok()) return std::nullopt;
    return *std::move(lock);
  }
  void AwaitAtLock(const Background& client) {
    EXPECT_TRUE(
        Eventually([&] { return HasOpen(client, Store().lock_path()); }));
  }

  // A client that signs into `name`; its words go to `name`.log.
  std::unique_ptr<Background> Start(const std::string& name,
                                    const std::string& server) {
    Environment environment = server_.ClientEnvironment("ci");
    environment["BOOTSEAL_STATE"] = state_.path();
    environment["XDG_CONFIG_HOME"] = state_.path();
    environment["BOOTSEAL_SERVER"] = server;
    return std::make_unique<Background>(
        std::vector<std::string>{BOOTSEAL_PROGRAM, "sign", "--target", "app",
                                 "--version", "1", "-o", File(name),
                                 File("app.bin")},
        environment, File(name + ".log"));
  }

  // A second server with the token, the policy and the log key of the first,
  // and a log of its own: what an operator could show to somebody else.
  std::unique_ptr<Background> StartTwin() {
    const std::string config = server_.folder().File("twin.textproto");
    const auto text =
        base::ReadFile(server_.folder().File("server.textproto"), 1 << 16);
    EXPECT_OK(text);
    EXPECT_OK(base::WriteFileAtomically(
        config, absl::StrReplaceAll(*text, {{"log.sqlite", "twin.sqlite"},
                                            {"\"port\"", "\"twin-port\""}})));
    auto twin = std::make_unique<Background>(
        std::vector<std::string>{ServerFixture::program(), "--config", config},
        server_.token().environment(), server_.folder().File("twin.log"));
    EXPECT_TRUE(Eventually([this] { return !TwinPort().empty(); }));
    return twin;
  }
  std::string TwinPort() {
    const auto port =
        base::ReadFile(server_.folder().File("twin-port"), 1 << 10);
    return port.ok() ? std::string(absl::StripSuffix(*port, "\n")) : "";
  }
  std::string TwinAddress() { return absl::StrCat("127.0.0.1:", TwinPort()); }
};

// Both know nothing yet, and both have what their server says when the first
// of them may go on.
TEST_F(TwoClients, ThatAreShownTwoLogsDoNotBothBelieve) {
  server_.Start();
  const auto twin = StartTwin();
  // The second log is the longer one: it would replace the first.
  ASSERT_EQ(Sign("ci", {"-o", File("before")},
                 {{"BOOTSEAL_SERVER", TwinAddress()},
                  {"BOOTSEAL_STATE", File("elsewhere")}})
                .exit_code,
            0);
  auto lock = HoldLock();
  const auto one = Start("one", server_.address());
  const auto other = Start("other", TwinAddress());
  AwaitAtLock(*one);
  AwaitAtLock(*other);
  lock.reset();
  const int first = one->Wait(kLimit);
  const int second = other->Wait(kLimit);
  EXPECT_EQ(first + second, 1) << Read("one.log") << Read("other.log");
  EXPECT_EQ(fs::exists(File("one")), first == 0);
  EXPECT_EQ(fs::exists(File("other")), second == 0);
  EXPECT_THAT(Read(first == 0 ? "other.log" : "one.log"),
              HasSubstr("one seen before"));
  EXPECT_EQ(KeptSize(), first == 0 ? 3U : 4U);
}

TEST_F(TwoClients, OfOneLogAllSucceedAndTheLargestIsKept) {
  server_.Start();
  auto lock = HoldLock();
  std::vector<std::unique_ptr<Background>> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(Start(absl::StrCat("out-", i), server_.address()));
  }
  for (const auto& client : clients) {
    AwaitAtLock(*client);
  }
  lock.reset();
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(clients[static_cast<std::size_t>(i)]->Wait(kLimit), 0)
        << Read(absl::StrCat("out-", i, ".log"));
  }
  // Start, policy, and six releases, the last of which has the largest tree.
  EXPECT_EQ(KeptSize(), 8U);
  const Outcome audit = Bootseal("auditor", {"audit", "verify"});
  EXPECT_EQ(audit.exit_code, 0) << audit.err;
}

// A checkpoint of another tree, kept between what one read and what it writes.
TEST_F(TwoClients, DoNotReplaceWhatWasKeptWhileOneWasUnderWay) {
  server_.Start();
  const auto twin = StartTwin();
  auto lock = HoldLock();
  const auto late = Start("late", server_.address());
  AwaitAtLock(*late);
  // Another client's checkpoint, as it would be kept.
  ASSERT_EQ(Sign("ci", {"-o", File("first")},
                 {{"BOOTSEAL_SERVER", TwinAddress()},
                  {"BOOTSEAL_STATE", File("elsewhere")}})
                .exit_code,
            0);
  const cli::CheckpointStore elsewhere(File("elsewhere"),
                                       *cli::LogKey::Read(server_.log_key()));
  fs::copy_file(elsewhere.path(), Store().path());
  const auto kept = base::ReadFile(Store().path(), 1 << 16);
  lock.reset();
  EXPECT_EQ(late->Wait(kLimit), 1);
  EXPECT_THAT(Read("late.log"), HasSubstr("two roots of one size"));
  EXPECT_FALSE(fs::exists(File("late")));
  EXPECT_EQ(*base::ReadFile(Store().path(), 1 << 16), *kept);
}

}  // namespace
}  // namespace bootseal::tests
