#include "server/early_stop.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>

namespace bootseal::server {
namespace {

using testing::ExitedWithCode;

constexpr int kNothingPending = 99;

sigset_t Blocked() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGHUP, SIGTERM, SIGINT}) {
    sigaddset(&signals, number);
  }
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

// A start that waits for ever and is told `number`.
[[noreturn]] void WaitForEver(int number) {
  Blocked();
  const EarlyStop early_stop;
  kill(getpid(), number);
  poll(nullptr, 0, 10'000);
  std::_Exit(kNothingPending);
}

// A start that ends at once after `number`: what is pending then.
[[noreturn]] void EndAtOnce(int number) {
  const sigset_t signals = Blocked();
  {
    const EarlyStop early_stop;
    if (number != 0) kill(getpid(), number);
  }
  const timespec none{};
  const int pending = sigtimedwait(&signals, nullptr, &none);
  std::_Exit(pending < 0 ? kNothingPending : pending);
}

TEST(EarlyStop, EndsAProcessThatStillWaits) {
  EXPECT_EXIT(WaitForEver(SIGTERM), ExitedWithCode(0), "stopped message=");
  EXPECT_EXIT(WaitForEver(SIGINT), ExitedWithCode(0), "stopped message=");
}

TEST(EarlyStop, LeavesAReloadForLater) {
  EXPECT_EXIT(EndAtOnce(SIGHUP), ExitedWithCode(SIGHUP), "^$");
}

// That start then drains, as if the signal had come a moment later.
TEST(EarlyStop, LeavesTheSignalToAStartThatEndsByItself) {
  EXPECT_EXIT(EndAtOnce(SIGTERM), ExitedWithCode(SIGTERM), "^$");
  EXPECT_EXIT(EndAtOnce(SIGINT), ExitedWithCode(SIGINT), "^$");
}

TEST(EarlyStop, DoesNothingWithoutASignal) {
  EXPECT_EXIT(EndAtOnce(0), ExitedWithCode(kNothingPending), "^$");
}

}  // namespace
}  // namespace bootseal::server
