#include "client/cli/approval_wait.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/people_wait.h"
#include "client/cli/release.h"
#include "client/cli/rpc_status.h"

namespace bootseal::cli {
namespace {

constexpr char kRequired[] = "APPROVALS_REQUIRED";

bool Waits(const absl::Status& status) {
  return base::ReasonOf(status) == kRequired;
}

// Everybody may have approved since: nobody could be asked.
absl::Status WithLastFailure(const absl::Status& status,
                             const absl::Status& failure) {
  if (failure.ok()) return status;
  return WithMessage(
      status, absl::StrCat(status.message(),
                           "\nthe last time it was asked for, "
                           "the answer was ",
                           base::ReasonOf(failure), ": ", failure.message()));
}

// With what whoever reads it can do.
absl::Status Explained(const absl::Status& status) {
  const std::string id = ApprovalIdOf(status);
  if (id.empty()) return status;
  absl::Status full = base::Precondition(
      kRequired,
      absl::StrCat(status.message(), "\nrequest ", id,
                   " waits; approvers run: bootseal approvals approve ", id,
                   "\nthen give the same command again, or wait for "
                   "them with --wait DURATION or BOOTSEAL_WAIT=DURATION"));
  status.ForEachPayload(
      [&full](absl::string_view url, const absl::Cord& value) {
        full.SetPayload(url, value);
      });
  return full;
}

}  // namespace

std::string ApprovalIdOf(const absl::Status& status) {
  return Waits(status) ? ShortId(DetailOf(status, "subject")) : "";
}

absl::StatusOr<v1::SignReply> AskUntilApproved(const Connection& connection,
                                               const AskForReply& ask,
                                               absl::Duration wait) {
  auto reply = ask(absl::InfiniteDuration());
  if (!Waits(reply.status())) return reply;
  if (wait == absl::ZeroDuration() || ApprovalIdOf(reply.status()).empty()) {
    return Explained(reply.status());
  }
  const WaitingRequest request{
      DetailOf(reply.status(), "subject"),
      absl::StrCat(", ", DetailOf(reply.status(), "approvals_counted"), " of ",
                   DetailOf(reply.status(), "approvals_needed")),
      "gets the image"};
  absl::Status failure;
  AwaitPeople(connection, request, wait, [&](absl::Duration left) {
    auto next = ask(left);
    // People are slower than whatever is in the way of the server.
    failure = MayPassMeanwhile(next.status()) ? next.status() : absl::Status();
    if (!failure.ok()) return false;
    reply = std::move(next);
    return !Waits(reply.status());
  });
  if (!Waits(reply.status())) return reply;
  return WithLastFailure(Explained(reply.status()), failure);
}

absl::StatusOr<v1::SignReply> RequestApprovedSignature(
    const Connection& connection, const Order& order, absl::Duration limit,
    absl::Duration wait) {
  return AskUntilApproved(
      connection,
      [&](absl::Duration most) {
        return RequestSignature(connection, order, std::min(limit, most));
      },
      wait);
}

}  // namespace bootseal::cli
