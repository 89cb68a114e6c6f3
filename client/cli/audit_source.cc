#include "client/cli/audit_source.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "bootseal/v1/audit.grpc.pb.h"
#include "firmware/image/host/convert.h"

namespace bootseal::cli {
namespace {

namespace transparency = image::transparency;

absl::Status CheckInclusion(const LogKey& key, const v1::LogEntry& entry,
                            const v1::Proof& proof) {
  ASSIGN_OR_RETURN(const TrustedCheckpoint checkpoint,
                   key.Open(proof.checkpoint()));
  ASSIGN_OR_RETURN(const auto hashes, ToHashes(proof));
  const image::Error error = transparency::VerifyInclusion(
      transparency::LeafHash(image::host::AsBytes(entry.entry())),
      entry.index(), checkpoint.size, hashes, checkpoint.root);
  if (error == image::Error::kOk) return absl::OkStatus();
  return base::Precondition(
      "PROOF_INVALID",
      absl::StrCat("the log does not prove entry ", entry.index(), " (",
                   image::Text(error), ")"));
}

}  // namespace

absl::StatusOr<std::vector<transparency::TreeHash>> ToHashes(
    const v1::Proof& proof) {
  std::vector<transparency::TreeHash> hashes;
  for (const std::string& bytes : proof.hashes()) {
    transparency::TreeHash hash{};
    if (bytes.size() != hash.size()) {
      return base::Precondition("REPLY_MALFORMED",
                                absl::StrCat("a hash of ", bytes.size(),
                                             " bytes in a proof, expected 32"));
    }
    std::memcpy(hash.data(), bytes.data(), hash.size());
    hashes.push_back(hash);
  }
  return hashes;
}

absl::StatusOr<v1::ListEntriesReply> FetchEntries(
    const Connection& connection, const v1::ListEntriesRequest& request) {
  const auto stub = v1::AuditService::NewStub(connection.channel());
  return connection.Unary(*stub, &v1::AuditService::Stub::ListEntries, request);
}

absl::StatusOr<std::string> FetchProvenEntry(const Connection& connection,
                                             const LogKey& key,
                                             std::uint64_t index) {
  const auto stub = v1::AuditService::NewStub(connection.channel());
  v1::GetEntryRequest entry_request;
  entry_request.set_index(index);
  ASSIGN_OR_RETURN(v1::LogEntry entry,
                   connection.Unary(*stub, &v1::AuditService::Stub::GetEntry,
                                    entry_request));
  v1::InclusionRequest proof_request;
  proof_request.set_index(index);
  ASSIGN_OR_RETURN(
      const v1::Proof proof,
      connection.Unary(*stub, &v1::AuditService::Stub::GetInclusionProof,
                       proof_request));
  entry.set_index(index);  // what was asked for is what must be proven
  RETURN_IF_ERROR(CheckInclusion(key, entry, proof));
  return std::move(*entry.mutable_entry());
}

absl::StatusOr<TrustedCheckpoint> FetchCheckpoint(const Connection& connection,
                                                  const LogKey& key) {
  const auto stub = v1::AuditService::NewStub(connection.channel());
  ASSIGN_OR_RETURN(
      const v1::Checkpoint checkpoint,
      connection.Unary(*stub, &v1::AuditService::Stub::GetCheckpoint,
                       v1::GetCheckpointRequest()));
  return key.Open(checkpoint.note());
}

}  // namespace bootseal::cli
