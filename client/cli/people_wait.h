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

// Says on standard error that the request waits, and who has approved as they
// do; calls `ask` when that may bring something new, until it is true or time
// is over. An interrupt meanwhile prints the id and how to go on.
void AwaitPeople(const Connection& connection, const WaitingRequest& request,
                 absl::Duration wait, const std::function<bool()>& ask);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_PEOPLE_WAIT_H_
