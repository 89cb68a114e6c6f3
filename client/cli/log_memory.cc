#include "client/cli/log_memory.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "bootseal/v1/audit.grpc.pb.h"
#include "client/cli/report.h"
#include "client/cli/rpc_status.h"

namespace bootseal::cli {

namespace {

// No call is made when nothing is left: its error would tell of a server.
template <typename Fetch>
auto FetchWithin(absl::Time deadline, const Fetch& fetch)
    -> decltype(fetch(absl::Duration())) {
  const absl::Duration left = deadline - absl::Now();
  if (left > absl::ZeroDuration()) return fetch(left);
  return base::Fail(absl::StatusCode::kDeadlineExceeded, "NO_TIME_LEFT",
                    "the time for proofs of the log is over; give more with "
                    "--timeout, or ask again later");
}

ConsistencyProof ProofsOf(const Connection& connection, absl::Time deadline) {
  return [&connection, deadline](std::uint64_t first, std::uint64_t second) {
    return FetchWithin(deadline, [&](absl::Duration left) {
      return FetchConsistencyProof(connection, first, second, left);
    });
  };
}

absl::StatusOr<TrustedCheckpoint> FetchNewest(const Connection& connection,
                                              const LogKey& key,
                                              absl::Duration limit) {
  v1::Checkpoint checkpoint;
  RETURN_IF_ERROR(connection.Call(
      limit, [&](grpc::ClientContext& context, const Channel& channel) {
        checkpoint.Clear();
        return v1::AuditService::NewStub(channel)->GetCheckpoint(
            &context, v1::GetCheckpointRequest(), &checkpoint);
      }));
  return key.Open(checkpoint.note());
}

}  // namespace

absl::StatusOr<LogMemory> LogMemory::Open(const LogKey& key) {
  LogMemory memory(key);
  const std::string folder = CheckpointStore::DefaultFolder();
  if (folder.empty()) {
    Warn("no folder to remember the log's checkpoint in; set BOOTSEAL_STATE");
    return memory;
  }
  memory.store_.emplace(folder, key);
  ASSIGN_OR_RETURN(memory.seen_, memory.store_->Load());
  return memory;
}

absl::Status LogMemory::Accept(const Connection& connection,
                               const TrustedCheckpoint& now,
                               absl::Duration limit) const {
  if (!store_) return absl::OkStatus();
  const absl::Time deadline = absl::Now() + limit;
  absl::Status kept =
      store_->Advance(seen_, now, ProofsOf(connection, deadline));
  if (base::ReasonOf(kept) == "LOG_WENT_BACK") {
    kept = AcceptOlder(connection, now, deadline, kept);
  }
  if (base::ReasonOf(kept) != "FILE_UNWRITABLE") return kept;
  Warn(
      absl::StrCat("the log's checkpoint is not remembered: ", kept.message()));
  return absl::OkStatus();
}

absl::Status LogMemory::AcceptOlder(const Connection& connection,
                                    const TrustedCheckpoint& now,
                                    absl::Time deadline,
                                    const absl::Status& went_back) const {
  const ConsistencyProof proof = ProofsOf(connection, deadline);
  absl::Status unasked;
  for (std::size_t i = 0; i < connection.servers(); ++i) {
    const auto newest = FetchWithin(deadline, [&](absl::Duration left) {
      return FetchNewest(connection, key_, left);
    });
    if (newest.ok() && newest->size >= seen_->size) {
      RETURN_IF_ERROR(CheckContinuity(now, *newest, proof));
      return store_->Advance(seen_, *newest, proof);
    }
    // The first: it may have left no time for the others.
    if (MayPass(newest.status())) unasked.Update(newest.status());
    connection.TurnToNext();
  }
  if (unasked.ok()) return went_back;
  const absl::Status unproven = ProofUnavailable(unasked);
  return WithMessage(
      unproven, absl::StrCat(unproven.message(), "\n", went_back.message()));
}

absl::StatusOr<std::vector<std::string>> FetchConsistencyProof(
    const Connection& connection, std::uint64_t first, std::uint64_t second,
    absl::Duration limit) {
  v1::ConsistencyRequest request;
  request.set_first_size(first);
  request.set_second_size(second);
  v1::Proof proof;
  RETURN_IF_ERROR(connection.Call(
      limit, [&](grpc::ClientContext& context, const Channel& channel) {
        proof.Clear();
        return v1::AuditService::NewStub(channel)->GetConsistencyProof(
            &context, request, &proof);
      }));
  return std::vector<std::string>(proof.hashes().begin(), proof.hashes().end());
}

}  // namespace bootseal::cli
