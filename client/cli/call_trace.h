// The trace that this process is part of, in the metadata of its calls.
#ifndef BOOTSEAL_CLIENT_CLI_CALL_TRACE_H_
#define BOOTSEAL_CLIENT_CLI_CALL_TRACE_H_

#include "grpcpp/client_context.h"

namespace bootseal::cli {

// Adds what the environment variables TRACEPARENT and TRACESTATE say, as CI
// systems with OpenTelemetry set them. What is no trace context is said once on
// standard error and not sent; without TRACEPARENT there is no trace. The
// environment is read at the first call. Thread-safe.
void AddTrace(grpc::ClientContext& context);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_CALL_TRACE_H_
