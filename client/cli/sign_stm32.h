// `bootseal sign` for an STM32MP: packages out of their images, and first
// stages.
#ifndef BOOTSEAL_CLIENT_CLI_SIGN_STM32_H_
#define BOOTSEAL_CLIENT_CLI_SIGN_STM32_H_

#include <CLI/CLI.hpp>
#include <optional>

#include "absl/status/statusor.h"
#include "bootseal/v1/signing.pb.h"
#include "client/cli/acceptance.h"
#include "client/cli/connection.h"
#include "client/cli/context.h"
#include "client/cli/exit_status.h"
#include "client/cli/log_key.h"
#include "client/cli/log_memory.h"
#include "client/cli/sign_options.h"

namespace bootseal::cli {

void DeclarePackageOptions(CLI::App& app, SignOptions& options);

// The whole of it: reads the images, asks, assembles, proves, writes. Ends with
// kUsage: COMPONENT_INVALID, COMPONENT_UNKNOWN, COMPONENT_TWICE,
// OUTPUT_MISSING, OPTION_NOT_OF_PACKAGE, VALID_FROM_INVALID.
absl::StatusOr<ExitStatus> SignPackage(Context& context,
                                       const SignOptions& options);

// The rest, once the server has answered: assembles, proves, writes.
struct FirstStageReply {
  const SignOptions& options;
  const Order& order;
  const v1::SignReply& reply;
  const std::optional<v1::Profile>& pinned;
};
absl::StatusOr<ExitStatus> KeepFirstStage(Context& context,
                                          const Connection& connection,
                                          const LogMemory& memory,
                                          const LogKey& key,
                                          const FirstStageReply& answered);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_SIGN_STM32_H_
