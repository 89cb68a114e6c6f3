// The rpcs of AuditService as the audit commands need them.
#ifndef BOOTSEAL_CLIENT_CLI_AUDIT_SOURCE_H_
#define BOOTSEAL_CLIENT_CLI_AUDIT_SOURCE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bootseal/v1/audit.pb.h"
#include "bootseal/v1/entry.pb.h"
#include "client/cli/connection.h"
#include "client/cli/log_key.h"
#include "firmware/image/transparency/merkle.h"

namespace bootseal::cli {

absl::StatusOr<v1::ListEntriesReply> FetchEntries(
    const Connection& connection, const v1::ListEntriesRequest& request);

struct ProvenEntry {
  std::uint64_t index = 0;
  std::string bytes;
  v1::Entry entry;
  std::vector<image::transparency::TreeHash> path;
  TrustedCheckpoint checkpoint;
};

// The entry with its proof against a checkpoint that our key signed.
// FAILED_PRECONDITION: as LogKey::Open, or PROOF_INVALID; as
// trust::DecodeEntry.
absl::StatusOr<ProvenEntry> FetchProvenEntry(const Connection& connection,
                                             const LogKey& key,
                                             std::uint64_t index);

// RFC 6962 audit path in the tree of `size` leaves, not verified.
absl::StatusOr<std::vector<image::transparency::TreeHash>> FetchInclusionProof(
    const Connection& connection, std::uint64_t index, std::uint64_t size);

// The checkpoint that `proof` leads to from the entry at its index. Errors as
// FetchProvenEntry.
absl::StatusOr<TrustedCheckpoint> CheckInclusion(const LogKey& key,
                                                 const v1::LogEntry& entry,
                                                 const v1::Proof& proof);

// The newest checkpoint, signed by our key.
absl::StatusOr<TrustedCheckpoint> FetchCheckpoint(const Connection& connection,
                                                  const LogKey& key);

// FAILED_PRECONDITION (REPLY_MALFORMED) for a hash that is not 32 bytes.
absl::StatusOr<std::vector<image::transparency::TreeHash>> ToHashes(
    const v1::Proof& proof);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_AUDIT_SOURCE_H_
