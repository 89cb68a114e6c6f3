#include "client/cli/log_memory.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "bootseal/v1/audit.grpc.pb.h"
#include "client/cli/audit_source.h"
#include "client/cli/report.h"
#include "client/cli/rpc_status.h"

namespace bootseal::cli {

namespace {

ConsistencyProof ProofsOf(const Connection& connection, absl::Time deadline) {
  return [&connection, deadline](std::uint64_t first, std::uint64_t second) {
    return FetchConsistencyProof(connection, first, second,
                                 deadline - absl::Now());
  };
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
  const ConsistencyProof proof = ProofsOf(connection, absl::Now() + limit);
  absl::Status kept = store_->Advance(seen_, now, proof);
  if (base::ReasonOf(kept) == "LOG_WENT_BACK") {
    kept = AcceptOlder(connection, now, proof, kept);
  }
  if (base::ReasonOf(kept) != "FILE_UNWRITABLE") return kept;
  Warn(
      absl::StrCat("the log's checkpoint is not remembered: ", kept.message()));
  return absl::OkStatus();
}

absl::Status LogMemory::AcceptOlder(const Connection& connection,
                                    const TrustedCheckpoint& now,
                                    const ConsistencyProof& proof,
                                    const absl::Status& went_back) const {
  absl::Status unasked;
  for (std::size_t i = 0; i < connection.servers(); ++i) {
    const auto newest = FetchCheckpoint(connection, key_);
    if (newest.ok() && newest->size >= seen_->size) {
      RETURN_IF_ERROR(CheckContinuity(now, *newest, proof));
      return store_->Advance(seen_, *newest, proof);
    }
    if (MayPass(newest.status())) unasked = newest.status();
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
