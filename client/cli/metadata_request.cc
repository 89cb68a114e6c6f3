#include "client/cli/metadata_request.h"

#include <optional>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "bootseal/v1/fwu.grpc.pb.h"
#include "client/cli/release.h"
#include "client/cli/signed_already.h"
#include "client/release/metadata_order.h"
#include "firmware/image/host/fwumd_json.h"
#include "server/trust/entry.h"
#include "server/trust/release_format.h"

namespace bootseal::cli {
namespace {

constexpr absl::Duration kLimit = absl::Seconds(30);

absl::StatusOr<std::string> Expected(const v1::ReleaseFormat& format,
                                     const v1::IssueMetadataRequest& request) {
  if (request.has_json()) {
    ASSIGN_OR_RETURN(const auto metadata,
                     image::host::ReadMetadataJson(request.json()));
    return trust::WriteReadable(format, metadata);
  }
  ASSIGN_OR_RETURN(const auto metadata,
                   trust::MetadataOf(format, request.has_provisioning()
                                                 ? &request.provisioning()
                                                 : nullptr));
  return trust::WriteReadable(format, metadata);
}

absl::Status CheckIsAsked(const std::optional<v1::Profile>& profile,
                          const v1::IssueMetadataRequest& request,
                          const std::string& metadata) {
  if (!profile || !profile->target().has_release()) {
    return base::Precondition("REPLY_MISMATCH",
                              "the server issued metadata of a target that it "
                              "does not show");
  }
  ASSIGN_OR_RETURN(const std::string expected,
                   Expected(profile->target().release(), request));
  if (metadata == expected) return absl::OkStatus();
  return base::Precondition(
      "REPLY_MISMATCH",
      absl::StrCat("the metadata is ", absl::BytesToHexString(metadata),
                   ", expected ", absl::BytesToHexString(expected)));
}

absl::StatusOr<TrustedCheckpoint> CheckReceiptOfMetadata(
    const LogKey& key, const v1::IssueMetadataRequest& request,
    const v1::IssueMetadataReply& reply) {
  ASSIGN_OR_RETURN(const std::string bytes, EntryOfReceipt(reply.receipt()));
  ASSIGN_OR_RETURN(TrustedCheckpoint checkpoint,
                   key.OpenReceipt(reply.receipt(), bytes));
  ASSIGN_OR_RETURN(const v1::Entry entry, trust::DecodeEntry(bytes));
  if (entry.has_metadata() && entry.metadata().target() == request.target() &&
      entry.metadata().metadata() == reply.metadata()) {
    return checkpoint;
  }
  return base::Precondition("RECEIPT_MISMATCH",
                            "the receipt's entry is not about this metadata");
}

}  // namespace

absl::StatusOr<v1::IssueMetadataReply> RequestMetadata(
    const Connection& connection, const v1::IssueMetadataRequest& request,
    const LogKey& key, const LogMemory& memory) {
  // First, so that nothing is issued by a server too busy to be checked.
  ASSIGN_OR_RETURN(const std::optional<v1::Profile> profile,
                   AskForProfile(connection, request.target(), kLimit));
  const auto stub = v1::FwuService::NewStub(connection.channel());
  ASSIGN_OR_RETURN(
      v1::IssueMetadataReply reply,
      connection.Unary(*stub, &v1::FwuService::Stub::IssueMetadata, request));
  RETURN_IF_ERROR(CheckIsAsked(profile, request, reply.metadata()));
  ASSIGN_OR_RETURN(const TrustedCheckpoint checkpoint,
                   CheckReceiptOfMetadata(key, request, reply));
  RETURN_IF_ERROR(AfterLogging(memory.Accept(connection, checkpoint),
                               "the metadata",
                               "the same command issues it once more"));
  return reply;
}

}  // namespace bootseal::cli
