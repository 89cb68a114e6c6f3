// The voices of the libraries under us.
#ifndef BOOTSEAL_CLIENT_CLI_LIBRARY_LOG_H_
#define BOOTSEAL_CLIENT_CLI_LIBRARY_LOG_H_

namespace bootseal::cli {

// gRPC and protobuf say nothing on standard error from now on: what matters
// comes back as a status, and whoever reads ours in JSON could not read it any
// more. With GRPC_VERBOSITY set they speak as they like. Call it before either
// is used.
void QuietLibraries();

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_LIBRARY_LOG_H_
