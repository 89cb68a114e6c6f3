#include "client/cli/people_wait.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "bootseal/v1/approvals.grpc.pb.h"
#include "client/cli/exit_status.h"
#include "client/cli/report.h"
#include "client/cli/retry.h"
#include "client/cli/text.h"

namespace bootseal::cli {
namespace {

constexpr std::size_t kIdDigits = 16;
constexpr absl::Duration kLongestWait = absl::Hours(24 * 90);
constexpr absl::Duration kFirstPause = absl::Milliseconds(500);
constexpr absl::Duration kLongestPause = absl::Seconds(10);
constexpr absl::Duration kLongestLook = absl::Seconds(30);
constexpr absl::Duration kLeastForCall = absl::Seconds(1);

// UNAVAILABLE until somebody mends the server.
constexpr absl::string_view kToBeMended[] = {"LOG_STOPPED", "TOKEN_LOST",
                                             "TOKEN_MISSING"};

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
  explicit Farewell(const WaitingRequest& request) {
    const std::string text = absl::StrCat(
        "\nbootseal: request ", ShortId(request.subject),
        " goes on waiting; the same command later ", request.later, "\n");
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

// What people said so far, told as it changes.
class Watch {
 public:
  Watch(const Connection& connection, const std::string& subject)
      : connection_(connection) {
    request_.set_id(subject);
  }

  // Whether asking for the signature again may bring something new.
  bool IsWorthAsking(absl::Duration limit) {
    v1::ApprovalRequest found;
    const absl::Status status = connection_.Call(
        limit, [&](grpc::ClientContext& context, const Channel& channel) {
          found.Clear();
          return v1::ApprovalService::NewStub(channel)->GetRequest(
              &context, request_, &found);
        });
    if (!status.ok()) return !Unreachable(status);
    Tell(found);
    return found.state() != v1::WAITING;
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
  v1::GetRequestRequest request_;
  std::set<std::string> told_;
};

void TellWaiting(const WaitingRequest& request, absl::Duration wait) {
  const std::string id = ShortId(request.subject);
  Warn(absl::StrCat("request ", id, " waits for approvals", request.progress,
                    ", for at most ", absl::FormatDuration(wait),
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

absl::StatusOr<absl::Duration> WaitOf(const std::string& option) {
  if (!option.empty()) return ParseWait(option);
  const char* const set = std::getenv("BOOTSEAL_WAIT");
  if (set == nullptr || *set == '\0') return absl::ZeroDuration();
  return ParseWait(set);
}

std::string ShortId(absl::string_view subject_hex) {
  return std::string(subject_hex.substr(0, kIdDigits));
}

void AwaitPeople(const Connection& connection, const WaitingRequest& request,
                 absl::Duration wait, const AskAgain& ask) {
  // Before anything is said: whoever reads it may interrupt.
  const Farewell farewell_of(request);
  TellWaiting(request, wait);
  const absl::Time end = absl::Now() + wait;
  const auto left = [end] {
    return std::max(end - absl::Now(), kLeastForCall);
  };
  Watch watch(connection, request.subject);
  absl::Duration pause = kFirstPause;
  while (absl::Now() < end) {
    absl::SleepFor(std::min(pause, end - absl::Now()));
    pause = std::min(pause * 1.5, kLongestPause);
    if (watch.IsWorthAsking(std::min(left(), kLongestLook)) && ask(left())) {
      return;
    }
  }
}

bool MayPassMeanwhile(const absl::Status& why) {
  if (absl::IsDeadlineExceeded(why)) return true;
  return WorthRetrying(why) &&
         std::find(std::begin(kToBeMended), std::end(kToBeMended),
                   base::ReasonOf(why)) == std::end(kToBeMended);
}

}  // namespace bootseal::cli
