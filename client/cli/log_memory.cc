#include "client/cli/log_memory.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "bootseal/v1/audit.grpc.pb.h"
#include "client/cli/report.h"

namespace bootseal::cli {

absl::StatusOr<LogMemory> LogMemory::Open(const LogKey& key) {
  LogMemory memory;
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
                               const TrustedCheckpoint& now) const {
  if (!store_) return absl::OkStatus();
  const ConsistencyProof proof = [&connection](std::uint64_t first,
                                               std::uint64_t second) {
    return FetchConsistencyProof(connection, first, second);
  };
  const absl::Status kept = store_->Advance(seen_, now, proof);
  if (base::ReasonOf(kept) != "FILE_UNWRITABLE") return kept;
  Warn(
      absl::StrCat("the log's checkpoint is not remembered: ", kept.message()));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> FetchConsistencyProof(
    const Connection& connection, std::uint64_t first, std::uint64_t second) {
  v1::ConsistencyRequest request;
  request.set_first_size(first);
  request.set_second_size(second);
  const auto stub = v1::AuditService::NewStub(connection.channel());
  ASSIGN_OR_RETURN(
      const v1::Proof proof,
      connection.Unary(*stub, &v1::AuditService::Stub::GetConsistencyProof,
                       request));
  return std::vector<std::string>(proof.hashes().begin(), proof.hashes().end());
}

}  // namespace bootseal::cli
