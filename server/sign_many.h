// Many small payloads over one stream: workers that take turns at reading, so
// that requests overlap at the HSM and share the log's commits.
#ifndef BOOTSEAL_SERVER_SIGN_MANY_H_
#define BOOTSEAL_SERVER_SIGN_MANY_H_

#include "absl/status/status.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "server/environment.h"

namespace bootseal::server {

using SignManyStream =
    grpc::ServerReaderWriter<v1::SignManyReply, v1::SignManyRequest>;

// Workers of one stream; each takes one of limits.max_concurrent_requests.
inline constexpr std::uint32_t kSignManyWorkers = 32;

// Until the client ends its side, or it makes no progress for
// limits.upload_seconds. A request that is refused is answered in the stream;
// the status is about the stream: RESOURCE_EXHAUSTED (TOO_MANY_REQUESTS),
// UNAUTHENTICATED, UNAVAILABLE (DRAINING).
absl::Status ServeSignMany(const Environment& environment,
                           grpc::ServerContext& context,
                           SignManyStream& stream);

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_SIGN_MANY_H_
