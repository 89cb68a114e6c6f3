#include "client/cli/approval_wait.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "bootseal/v1/approvals.grpc.pb.h"
#include "client/cli/exit_status.h"
#include "client/cli/release.h"
#include "client/cli/report.h"
#include "client/cli/rpc_status.h"
#include "client/cli/text.h"

namespace bootseal::cli {
namespace {

constexpr char kRequired[] = "APPROVALS_REQUIRED";
constexpr std::size_t kIdDigits = 16;
constexpr absl::Duration kLongestWait = absl::Hours(24 * 90);
constexpr absl::Duration kFirstPause = absl::Milliseconds(500);
constexpr absl::Duration kLongestPause = absl::Seconds(10);

// What an interrupt says: written before the handler may run, read in it.
std::array<char, 256> farewell{};
struct sigaction before {};

// Only what POSIX allows in a signal handler.
void OnInterrupt(int number) {
  std::size_t size = 0;
  while (size < farewell.size() && farewell[size] != '\0') ++size;
  [[maybe_unused]] const auto written =
      write(STDERR_FILENO, farewell.data(), size);
  sigaction(number, &before, nullptr);
  raise(number);
}

// While it lives, an interrupt tells the id of what waits.
class Farewell {
 public:
  explicit Farewell(const std::string& id) {
    const std::string text =
        absl::StrCat("\nbootseal: request ", id,
                     " goes on waiting; the same command later gets it\n");
    std::copy_n(text.begin(), std::min(text.size(), farewell.size() - 1),
                farewell.begin());
    struct sigaction action {};
    action.sa_handler = OnInterrupt;
    sigaction(SIGINT, &action, &before);
  }
  Farewell(const Farewell&) = delete;
  Farewell& operator=(const Farewell&) = delete;
  ~Farewell() { sigaction(SIGINT, &before, nullptr); }
};

bool Waits(const absl::Status& status) {
  return base::ReasonOf(status) == kRequired;
}

// With what whoever reads it can do.
absl::Status Explained(const absl::Status& status) {
  const std::string id = ApprovalIdOf(status);
  if (id.empty()) return status;
  absl::Status full = base::Precondition(
      kRequired,
      absl::StrCat(status.message(), "\nrequest ", id,
                   " waits; approvers run: bootseal approvals approve ", id,
                   "\nthen give the same command again, or --wait DURATION to "
                   "wait for them"));
  status.ForEachPayload(
      [&full](absl::string_view url, const absl::Cord& value) {
        full.SetPayload(url, value);
      });
  return full;
}

// What people said so far, told as it changes.
class Watch {
 public:
  Watch(const Connection& connection, const absl::Status& waiting)
      : connection_(connection),
        stub_(v1::ApprovalService::NewStub(connection.channel())) {
    request_.set_id(DetailOf(waiting, "subject"));
  }

  // Whether asking for the signature again may bring something new.
  bool IsWorthAsking() {
    const auto found = connection_.Unary(
        *stub_, &v1::ApprovalService::Stub::GetRequest, request_);
    if (!found.ok()) return !Unreachable(found.status());
    Tell(*found);
    return found->state() != v1::WAITING;
  }

 private:
  static bool Unreachable(const absl::Status& status) {
    return ExitStatusOf(status) == ExitStatus::kUnreachable;
  }

  void Tell(const v1::ApprovalRequest& request) {
    const std::set<std::string> people(request.counted().begin(),
                                       request.counted().end());
    if (people == told_) return;
    told_ = people;
    Warn(absl::StrCat("approved by ",
                      people.empty() ? "nobody" : absl::StrJoin(people, ", "),
                      " (", people.size(), " of ", request.needed(), ")"));
  }

  const Connection& connection_;
  const std::unique_ptr<v1::ApprovalService::Stub> stub_;
  v1::GetRequestRequest request_;
  std::set<std::string> told_;
};

void TellWaiting(const absl::Status& status, absl::Duration wait) {
  const std::string id = ApprovalIdOf(status);
  Warn(absl::StrCat("request ", id, " waits for approvals, ",
                    DetailOf(status, "approvals_counted"), " of ",
                    DetailOf(status, "approvals_needed"), ", for at most ",
                    absl::FormatDuration(wait),
                    "; approvers run: bootseal approvals approve ", id));
}

}  // namespace

absl::StatusOr<absl::Duration> ParseWait(const std::string& text) {
  absl::Duration wait;
  double seconds = 0;
  if (absl::SimpleAtod(text, &seconds)) {
    wait = absl::Seconds(seconds);
  } else if (!absl::ParseDuration(text, &wait)) {
    wait = absl::ZeroDuration();
  }
  if (wait > absl::ZeroDuration() && wait <= kLongestWait) return wait;
  return UsageError("WAIT_INVALID",
                    absl::StrCat("wait is \"", Printable(text),
                                 "\", expected a duration of at most 90 days, "
                                 "for example 30m or 1h30m"));
}

std::string ApprovalIdOf(const absl::Status& status) {
  if (!Waits(status)) return {};
  return DetailOf(status, "subject").substr(0, kIdDigits);
}

absl::StatusOr<v1::SignReply> AskUntilApproved(const Connection& connection,
                                               const AskForReply& ask,
                                               absl::Duration wait) {
  auto reply = ask();
  if (!Waits(reply.status())) return reply;
  if (wait == absl::ZeroDuration() || ApprovalIdOf(reply.status()).empty()) {
    return Explained(reply.status());
  }
  // Before anything is said: whoever reads it may interrupt.
  const Farewell farewell_of(ApprovalIdOf(reply.status()));
  TellWaiting(reply.status(), wait);
  const absl::Time end = absl::Now() + wait;
  Watch watch(connection, reply.status());
  absl::Duration pause = kFirstPause;
  while (absl::Now() < end) {
    absl::SleepFor(std::min(pause, end - absl::Now()));
    pause = std::min(pause * 1.5, kLongestPause);
    if (!watch.IsWorthAsking()) continue;
    auto next = ask();
    const bool gone = ExitStatusOf(next.status()) == ExitStatus::kUnreachable;
    if (!gone && !Waits(next.status())) return next;
    if (!gone) reply = std::move(next);
  }
  return Explained(reply.status());
}

absl::StatusOr<v1::SignReply> RequestApprovedSignature(
    const Connection& connection, const Order& order, absl::Duration limit,
    absl::Duration wait) {
  return AskUntilApproved(
      connection, [&] { return RequestSignature(connection, order, limit); },
      wait);
}

}  // namespace bootseal::cli
