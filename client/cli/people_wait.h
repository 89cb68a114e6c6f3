// Waiting for people, for whatever has to be approved.
#ifndef BOOTSEAL_CLIENT_CLI_PEOPLE_WAIT_H_
#define BOOTSEAL_CLIENT_CLI_PEOPLE_WAIT_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/cli/connection.h"

namespace bootseal::cli {

// "30m", "1h30m", "90s"; a plain number is seconds. INVALID_ARGUMENT
// (WAIT_INVALID) unless it is above zero and at most 90 days.
absl::StatusOr<absl::Duration> ParseWait(const std::string& text);

// What --wait says, or without it BOOTSEAL_WAIT; zero: not at all. As
// ParseWait.
absl::StatusOr<absl::Duration> WaitOf(const std::string& option);

// The id by which people name a request: the first digits of its subject.
std::string ShortId(absl::string_view subject_hex);

struct WaitingRequest {
  std::string subject;   // 64 hexadecimal digits
  std::string progress;  // ", 0 of 2"; empty: not known yet
  std::string later;     // what the same command brings: "gets the image"
};

// Asks again, within `left`, which is above zero; true ends the waiting.
using AskAgain = std::function<bool(absl::Duration left)>;

// Says on standard error that the request waits, and who has approved as they
// do; calls `ask` when that may bring something new, until it is true or `wait`
// is over. The last look and the last question get a second each, though `wait`
// ends meanwhile. An interrupt prints the id and how to go on.
void AwaitPeople(const Connection& connection, const WaitingRequest& request,
                 absl::Duration wait, const AskAgain& ask);

// Whether asking again, later, may get another answer than `why` though nobody
// does anything about it: a server that is gone, silent, or busy and says for
// how long. Not so where it takes no more (TOO_MANY_PENDING), where its log has
// stopped, or its token is lost: somebody has to mend that first.
bool MayPassMeanwhile(const absl::Status& why);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_PEOPLE_WAIT_H_
