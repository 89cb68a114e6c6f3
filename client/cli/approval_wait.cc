#include "client/cli/approval_wait.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/checkpoint_store.h"
#include "client/cli/people_wait.h"
#include "client/cli/release.h"
#include "client/cli/rpc_status.h"

namespace bootseal::cli {
namespace {

constexpr char kRequired[] = "APPROVALS_REQUIRED";

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
  auto reply = ask();
  if (!Waits(reply.status())) return reply;
  if (wait == absl::ZeroDuration() || ApprovalIdOf(reply.status()).empty()) {
    return Explained(reply.status());
  }
  const WaitingRequest request{
      DetailOf(reply.status(), "subject"),
      absl::StrCat(", ", DetailOf(reply.status(), "approvals_counted"), " of ",
                   DetailOf(reply.status(), "approvals_needed")),
      "gets the image"};
  AwaitPeople(connection, request, wait, [&] {
    auto next = ask();
    // People are slower than whatever is in the way of the server.
    if (MayPass(next.status())) return false;
    reply = std::move(next);
    return !Waits(reply.status());
  });
  if (Waits(reply.status())) return Explained(reply.status());
  return reply;
}

absl::StatusOr<v1::SignReply> RequestApprovedSignature(
    const Connection& connection, const Order& order, absl::Duration limit,
    absl::Duration wait) {
  return AskUntilApproved(
      connection, [&] { return RequestSignature(connection, order, limit); },
      wait);
}

}  // namespace bootseal::cli
