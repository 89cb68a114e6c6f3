// Many small payloads over one stream, as a pipeline: a few workers take turns
// at reading, sign and seal; the log commits what has gathered; one thread
// releases and writes. Nobody waits for the log, so that its commits grow with
// the load.
#ifndef BOOTSEAL_SERVER_SIGN_MANY_H_
#define BOOTSEAL_SERVER_SIGN_MANY_H_

#include "absl/status/status.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "server/environment.h"

namespace bootseal::server {

using SignManyStream =
    grpc::ServerReaderWriter<v1::SignManyReply, v1::SignManyRequest>;

// Requests of one stream that may be under way. Each takes its place once the
// policy allows it: a stream that sends nothing holds none. One for which no
// place is free waits for those of its own stream, and is answered with
// RESOURCE_EXHAUSTED when there are none to wait for.
inline constexpr std::uint32_t kSignManyRequests = 64;
// Threads of one stream that sign: an HSM on a network needs several to be
// busy.
inline constexpr std::uint32_t kSignManyWorkers = 4;

// Until the client ends its side, or it makes no progress for
// limits.upload_seconds. A request that is refused is answered in the stream;
// the status is about the stream: RESOURCE_EXHAUSTED (TOO_MANY_REQUESTS,
// IDENTITY_BUSY), UNAUTHENTICATED, UNAVAILABLE (DRAINING), and
// PERMISSION_DENIED (WRONG_ROLE) for a caller who may ask for no target.
absl::Status ServeSignMany(const Environment& environment,
                           grpc::ServerContext& context,
                           SignManyStream& stream);

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_SIGN_MANY_H_
