#include "client/cli/audit_source.h"

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "bootseal/v1/audit.grpc.pb.h"
#include "firmware/image/host/convert.h"
#include "server/trust/entry.h"

namespace bootseal::cli {
namespace transparency = image::transparency;

namespace {

absl::Status CheckInclusion(const ProvenEntry& entry) {
  const image::Error error = transparency::VerifyInclusion(
      transparency::LeafHash(image::host::AsBytes(entry.bytes)), entry.index,
      entry.checkpoint.size, entry.path, entry.checkpoint.root);
  if (error == image::Error::kOk) return absl::OkStatus();
  return base::Precondition(
      "PROOF_INVALID",
      absl::StrCat("the log does not prove entry ", entry.index, " (",
                   image::Text(error), ")"));
}

absl::StatusOr<v1::Proof> FetchProof(const Connection& connection,
                                     std::uint64_t index, std::uint64_t size) {
  v1::InclusionRequest request;
  request.set_index(index);
  request.set_tree_size(size);
  const auto stub = v1::AuditService::NewStub(connection.channel());
  return connection.Unary(*stub, &v1::AuditService::Stub::GetInclusionProof,
                          request);
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

absl::StatusOr<ProvenEntry> FetchProvenEntry(const Connection& connection,
                                             const LogKey& key,
                                             std::uint64_t index) {
  const auto stub = v1::AuditService::NewStub(connection.channel());
  v1::GetEntryRequest request;
  request.set_index(index);
  ASSIGN_OR_RETURN(
      v1::LogEntry entry,
      connection.Unary(*stub, &v1::AuditService::Stub::GetEntry, request));
  ASSIGN_OR_RETURN(const v1::Proof proof, FetchProof(connection, index, 0));
  ProvenEntry proven;
  proven.index = index;  // what was asked for is what must be proven
  proven.bytes = std::move(*entry.mutable_entry());
  ASSIGN_OR_RETURN(proven.path, ToHashes(proof));
  ASSIGN_OR_RETURN(proven.checkpoint, key.Open(proof.checkpoint()));
  RETURN_IF_ERROR(CheckInclusion(proven));
  ASSIGN_OR_RETURN(proven.entry, trust::DecodeEntry(proven.bytes));
  return proven;
}

absl::StatusOr<std::vector<transparency::TreeHash>> FetchInclusionProof(
    const Connection& connection, std::uint64_t index, std::uint64_t size) {
  ASSIGN_OR_RETURN(const v1::Proof proof, FetchProof(connection, index, size));
  return ToHashes(proof);
}

absl::StatusOr<TrustedCheckpoint> CheckInclusion(const LogKey& key,
                                                 const v1::LogEntry& entry,
                                                 const v1::Proof& proof) {
  ProvenEntry proven;
  proven.index = entry.index();
  proven.bytes = entry.entry();
  ASSIGN_OR_RETURN(proven.path, ToHashes(proof));
  ASSIGN_OR_RETURN(proven.checkpoint, key.Open(proof.checkpoint()));
  RETURN_IF_ERROR(CheckInclusion(proven));
  return proven.checkpoint;
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
