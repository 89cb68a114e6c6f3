// A stream that uploads what is to be signed: SigningService.Sign,
// FwuService.Release and FwuService.Capsule.
#ifndef BOOTSEAL_SERVER_UPLOAD_H_
#define BOOTSEAL_SERVER_UPLOAD_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "server/environment.h"
#include "server/signing_flow.h"

namespace bootseal::server {

// Largest `chunk` or `payload` in one message.
inline constexpr std::size_t kMaxChunkBytes = 1 << 20;

// Reads the stream to its end and answers it; one line of the server's log
// names `method`.
grpc::Status ServeUpload(const Environment& environment, Makes makes,
                         absl::string_view method, grpc::ServerContext& context,
                         grpc::ServerReader<v1::SignRequest>& reader,
                         v1::SignReply& reply);

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_UPLOAD_H_
