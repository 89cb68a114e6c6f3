// Several bootseal-token at once, as scripts and people start them.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "hsm/pkcs11/module_lock.h"
#include "hsm/signer.h"
#include "tests/hsm/token_tool.h"
#include "tests/support/status_matchers.h"

namespace bootseal::hsm {
namespace {

using pkcs11::ModuleLock;
using std::chrono::milliseconds;
using std::chrono::seconds;
using tests::Outcome;
using tests::SoftHsmToken;
using tests::StatusIs;
using tests::TemporaryFolder;

using Arguments = std::vector<std::string>;

class TokenProcesses : public TokenToolTest {
 protected:
  std::vector<Outcome> AtOnce(const std::vector<Arguments>& commands) const {
    std::vector<Outcome> outcomes(commands.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < commands.size(); ++i) {
      threads.emplace_back([&, i] { outcomes[i] = Tool(commands[i]); });
    }
    for (std::thread& thread : threads) thread.join();
    return outcomes;
  }

  std::size_t KeysInToken() const {
    const std::string lines = Tool({"list"}).out;
    return static_cast<std::size_t>(
        std::count(lines.begin(), lines.end(), '\n'));
  }
};

// One done, all others refused with `reason`.
void ExpectOneDone(const std::vector<Outcome>& outcomes,
                   const std::string& reason) {
  int done = 0;
  for (const Outcome& outcome : outcomes) {
    if (outcome.exit_code == 0) {
      ++done;
    } else {
      ExpectRefusal(outcome, 1, reason);
    }
  }
  EXPECT_EQ(done, 1);
}

TEST_F(TokenProcesses, GenerateTheirKeysOneAfterTheOther) {
  std::vector<Arguments> commands;
  for (int i = 0; i < 8; ++i) {
    commands.push_back({"generate", "--algorithm", i % 2 ? "p256" : "rsa2048",
                        "--label", absl::StrCat("key-", i)});
  }
  for (const Outcome& outcome : AtOnce(commands)) {
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  }
  EXPECT_EQ(KeysInToken(), commands.size());
}

TEST_F(TokenProcesses, NeverMakeTwoKeysWithOneLabel) {
  const Arguments generate = {"generate", "--algorithm", "p256", "--label",
                              "app"};
  ExpectOneDone(AtOnce(std::vector<Arguments>(8, generate)), "KEY_EXISTS");
  EXPECT_EQ(KeysInToken(), 1U);
}

TEST_F(TokenProcesses, NeverImportTwoKeysUnderOneLabel) {
  const std::string pem = MakePem({"-algorithm", "ED25519"});
  const Arguments import = {"import", "--accept-imported", "--label", "app",
                            pem};
  ExpectOneDone(AtOnce(std::vector<Arguments>(8, import)), "KEY_EXISTS");
  EXPECT_EQ(KeysInToken(), 1U);
}

TEST_F(TokenProcesses, NeverMakeTwoTokensWithOneLabel) {
  const std::string pin = Private("new-pin", "12345678\n");
  std::vector<Outcome> outcomes(6);
  std::vector<std::thread> threads;
  for (Outcome& outcome : outcomes) {
    threads.emplace_back([&, this] {
      outcome = tests::Run(
          {BOOTSEAL_TOKEN_PROGRAM, "init", "--label", "second", "--pin-file",
           pin, "--so-pin-file", softhsm_.so_pin_path()},
          softhsm_.environment());
    });
  }
  for (std::thread& thread : threads) thread.join();
  ExpectOneDone(outcomes, "TOKEN_EXISTS");
}

TEST_F(TokenProcesses, ReadWhileAnotherGenerates) {
  std::vector<Arguments> commands(6, Arguments{"list"});
  commands.push_back({"generate", "--algorithm", "p256", "--label", "app"});
  commands.push_back({"generate", "--algorithm", "p384", "--label", "log"});
  for (const Outcome& outcome : AtOnce(commands)) {
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  }
}

TEST_F(TokenProcesses, DoNotKeepALibraryUserFromOpeningTheToken) {
  std::atomic<bool> done{false};
  std::thread others([this, &done] {
    AtOnce(std::vector<Arguments>(40, Arguments{"list"}));
    done = true;
  });
  while (!done) EXPECT_OK(OpenToken(softhsm_.Options()));
  others.join();
}

TEST_F(TokenProcesses, WaitForTheirTurn) {
  auto lock = std::make_unique<absl::StatusOr<ModuleLock>>(
      ModuleLock::Take(SoftHsmToken::module_path(), seconds(20)));
  ASSERT_OK(*lock);
  tests::Background list(
      {BOOTSEAL_TOKEN_PROGRAM, "list", "--pin-file", softhsm_.pin_path()},
      softhsm_.environment(), folder_.File("log"));
  EXPECT_EQ(list.Wait(seconds(1)), -1);
  lock.reset();
  EXPECT_EQ(list.Wait(seconds(20)), 0);
}

TEST(ModuleLock, IsGrantedToOneAtATime) {
  const TemporaryFolder folder;
  const std::string path = folder.File("module.so");
  EXPECT_THAT(
      ModuleLock::Take(path, milliseconds(0)),
      StatusIs(absl::StatusCode::kFailedPrecondition, "MODULE_MISSING"));
  std::ofstream(path) << "a module";
  {
    auto first = ModuleLock::Take(path, milliseconds(0));
    ASSERT_OK(first);
    // Still held when it has moved.
    const ModuleLock moved = *std::move(first);
    EXPECT_THAT(ModuleLock::Take(path, milliseconds(30)),
                StatusIs(absl::StatusCode::kUnavailable, "TOKEN_BUSY"));
  }
  EXPECT_OK(ModuleLock::Take(path, milliseconds(0)));
}

TEST(ModuleLock, EndsWithTheProcessThatHeldIt) {
  const TemporaryFolder folder;
  const std::string path = folder.File("module.so");
  std::ofstream(path) << "a module";
  tests::Background holder({"flock", "--no-fork", path, "sleep", "60"}, {},
                           folder.File("log"));
  const auto deadline = std::chrono::steady_clock::now() + seconds(20);
  while (ModuleLock::Take(path, milliseconds(0)).ok() &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_THAT(ModuleLock::Take(path, milliseconds(0)),
              StatusIs(absl::StatusCode::kUnavailable, "TOKEN_BUSY"));
  holder.Signal(SIGKILL);
  EXPECT_OK(ModuleLock::Take(path, seconds(20)));
}

}  // namespace
}  // namespace bootseal::hsm
