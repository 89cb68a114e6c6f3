// AuditService: reading and proving the log.
#ifndef BOOTSEAL_SERVER_AUDIT_SERVICE_H_
#define BOOTSEAL_SERVER_AUDIT_SERVICE_H_

#include "absl/strings/string_view.h"
#include "bootseal/v1/audit.grpc.pb.h"
#include "server/environment.h"

namespace bootseal::server {

// Entries, and what tells of a single one, need the permission READ_LOG.
// Checkpoints and consistency proofs are hashes only, and every identified
// caller gets them: whoever may not read the log can still prove that it only
// grew. Thread-safe, as gRPC calls it.
class AuditService final : public v1::AuditService::Service {
 public:
  explicit AuditService(const Environment& environment)
      : environment_(environment) {}

  grpc::Status GetEntry(grpc::ServerContext* context,
                        const v1::GetEntryRequest* request,
                        v1::LogEntry* reply) override;
  grpc::Status ListEntries(grpc::ServerContext* context,
                           const v1::ListEntriesRequest* request,
                           v1::ListEntriesReply* reply) override;
  // Until the client cancels or the server drains (UNAVAILABLE, DRAINING).
  // RESOURCE_EXHAUSTED: TOO_MANY_REQUESTS, IDENTITY_BUSY.
  grpc::Status Tail(grpc::ServerContext* context,
                    const v1::TailRequest* request,
                    grpc::ServerWriter<v1::LogEntry>* writer) override;
  grpc::Status GetInclusionProof(grpc::ServerContext* context,
                                 const v1::InclusionRequest* request,
                                 v1::Proof* reply) override;
  grpc::Status GetConsistencyProof(grpc::ServerContext* context,
                                   const v1::ConsistencyRequest* request,
                                   v1::Proof* reply) override;
  grpc::Status GetCheckpoint(grpc::ServerContext* context,
                             const v1::GetCheckpointRequest* request,
                             v1::Checkpoint* reply) override;

 private:
  // The caller of a call that begins, who may read the log or who may not.
  absl::StatusOr<v1::Caller> Reader(const grpc::ServerContext& context,
                                    absl::string_view rpc) const;
  absl::StatusOr<v1::Caller> Anyone(const grpc::ServerContext& context,
                                    absl::string_view rpc) const;
  absl::Status MayStillRead(const grpc::ServerContext& context) const;
  absl::StatusOr<v1::ListEntriesReply> List(
      const v1::ListEntriesRequest& request) const;
  absl::Status Follow(grpc::ServerContext& context, std::uint64_t start,
                      grpc::ServerWriter<v1::LogEntry>& writer) const;
  absl::StatusOr<v1::Proof> Inclusion(
      const v1::InclusionRequest& request) const;
  absl::StatusOr<v1::Proof> Consistency(
      const v1::ConsistencyRequest& request) const;

  const Environment& environment_;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_AUDIT_SERVICE_H_
