#include "server/supervisor.h"

#include <systemd/sd-daemon.h>
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/log.h"

namespace bootseal::server {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kMaxPatience{1};

// With less it would do nothing else; with much more it is no time any more.
constexpr std::uint64_t kLeastWatchdog = 80'000;
constexpr std::uint64_t kMostWatchdog = 24ULL * 3600 * 1'000'000;

std::string Shown(const char* variable) {
  const char* const value = std::getenv(variable);
  return value == nullptr ? absl::StrCat(variable, " is not set")
                          : absl::StrCat(variable, " is \"", value, "\"");
}

void WarnOfWatchdog(absl::string_view variables) {
  base::Log(
      base::Severity::kWarning, "no-watchdog",
      {{"message", absl::StrCat(variables, ", expected microseconds from ",
                                kLeastWatchdog, " to ", kMostWatchdog,
                                " and a process id; the service manager "
                                "gets no sign of life")}});
}

// What a manager that waits for the end of a reload tells old news from.
std::uint64_t MonotonicMicroseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(
      absl::ToInt64Microseconds(absl::DurationFromTimespec(now)));
}

}  // namespace

Supervisor::Supervisor() : alive_(steady_clock::now()) {
  const std::string variables =
      absl::StrCat(Shown("WATCHDOG_USEC"), " and ", Shown("WATCHDOG_PID"));
  std::uint64_t microseconds = 0;
  const int enabled = sd_watchdog_enabled(1, &microseconds);
  if (enabled == 0) return;
  if (enabled < 0 || microseconds < kLeastWatchdog ||
      microseconds > kMostWatchdog) {
    WarnOfWatchdog(variables);
    return;
  }
  watchdog_ =
      std::chrono::microseconds(static_cast<std::int64_t>(microseconds));
}

void Supervisor::Ready(absl::string_view status) {
  status_ = std::string(status);
  Send(absl::StrCat("READY=1\nSTATUS=", status));
}

void Supervisor::Reloading() {
  Send(absl::StrCat("RELOADING=1\nMONOTONIC_USEC=", MonotonicMicroseconds(),
                    "\nSTATUS=reads the policy again"));
}

void Supervisor::Stopping() { Send("STOPPING=1\nSTATUS=drains"); }

void Supervisor::Status(absl::string_view status) {
  if (status == status_) return;
  status_ = std::string(status);
  Send(absl::StrCat("STATUS=", status));
}

std::chrono::nanoseconds Supervisor::patience() const {
  if (!watchdog_) return kMaxPatience;
  return std::min<std::chrono::nanoseconds>(kMaxPatience, *watchdog_ / 8);
}

bool Supervisor::IsDue() const {
  return watchdog_ && steady_clock::now() - alive_ >= *watchdog_ / 2;
}

void Supervisor::Alive() {
  alive_ = steady_clock::now();
  Send("WATCHDOG=1");
}

void Supervisor::Send(const std::string& message) {
  // The variable stays: sd_notify reads it each time, and no child is started
  // that could speak for this process.
  const int sent = sd_notify(0, message.c_str());
  if (sent >= 0 || warned_) return;
  warned_ = true;
  base::Log(base::Severity::kWarning, "supervisor-not-told",
            {{"message",
              absl::StrCat(Shown("NOTIFY_SOCKET"), ": ", std::strerror(-sent),
                           "; expected the path of a socket, or @ "
                           "and a name; the server goes on")}});
}

}  // namespace bootseal::server
