#include "client/cli/release_request.h"

#include <algorithm>
#include <cstdint>

#include "base/status.h"
#include "bootseal/v1/fwu.grpc.pb.h"
#include "client/cli/progress.h"
#include "server/trust/request_id.h"

namespace bootseal::cli {
namespace {

constexpr std::uint64_t kChunkBytes = 256 * 1024;

class Upload {
 public:
  Upload(grpc::ClientWriter<v1::SignRequest>& writer,
         const v1::SignHeader& header)
      : writer_(writer), progress_("upload", header.payload_size()) {
    *request_.mutable_header() = header;
  }

  // The server may answer before it has all; Finish then tells what it said.
  absl::Status Send(const std::vector<NamedFile>& files) {
    for (const NamedFile& each : files) {
      RETURN_IF_ERROR(SendFile(*each.file));
    }
    if (open_) writer_.WritesDone();
    return absl::OkStatus();
  }

 private:
  absl::Status SendFile(release::UnchangedFile& file) {
    std::string chunk;
    for (std::uint64_t offset = 0; open_ && offset < file.size();) {
      chunk.resize(std::min(kChunkBytes, file.size() - offset));
      RETURN_IF_ERROR(file.ReadAt(
          offset, {reinterpret_cast<std::byte*>(chunk.data()), chunk.size()}));
      request_.set_chunk(chunk);
      open_ = writer_.Write(request_);
      request_.clear_header();
      offset += chunk.size();
      sent_ += chunk.size();
      progress_.Show(sent_);
    }
    return absl::OkStatus();
  }

  grpc::ClientWriter<v1::SignRequest>& writer_;
  v1::SignRequest request_;
  Progress progress_;
  std::uint64_t sent_ = 0;
  bool open_ = true;
};

using Stub = v1::FwuService::Stub;
using Writer = std::unique_ptr<grpc::ClientWriter<v1::SignRequest>>;
using Start = Writer (Stub::*)(grpc::ClientContext*, v1::SignReply*);

absl::StatusOr<v1::SignReply> RequestWith(Start start,
                                          const Connection& connection,
                                          const v1::SignHeader& header,
                                          const std::vector<NamedFile>& files,
                                          absl::Duration limit) {
  v1::SignReply reply;
  absl::Status local;
  const absl::Status status = connection.Call(
      limit, [&](grpc::ClientContext& context, const Channel& channel) {
        reply.Clear();
        context.AddMetadata(trust::kRequestIdMetadata, header.request_id());
        const auto stub = v1::FwuService::NewStub(channel);
        const Writer writer = (stub.get()->*start)(&context, &reply);
        local = Upload(*writer, header).Send(files);
        if (!local.ok()) context.TryCancel();
        return writer->Finish();
      });
  RETURN_IF_ERROR(local);
  RETURN_IF_ERROR(status);
  return reply;
}

}  // namespace

absl::StatusOr<v1::SignReply> RequestRelease(
    const Connection& connection, const v1::SignHeader& header,
    const std::vector<NamedFile>& files, absl::Duration limit) {
  return RequestWith(&Stub::Release, connection, header, files, limit);
}

absl::StatusOr<v1::SignReply> RequestCapsule(
    const Connection& connection, const v1::SignHeader& header,
    const std::shared_ptr<release::UnchangedFile>& firmware,
    absl::Duration limit) {
  return RequestWith(&Stub::Capsule, connection, header,
                     {{"firmware", firmware}}, limit);
}

}  // namespace bootseal::cli
