// `bootseal verify` and `bootseal explain` for targets whose devices are an
// STM32MP: packages and first stages.
#ifndef BOOTSEAL_CLIENT_CLI_STM32_VERDICT_H_
#define BOOTSEAL_CLIENT_CLI_STM32_VERDICT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/policy.pb.h"
#include "client/cli/context.h"
#include "client/cli/exit_status.h"

namespace bootseal::cli {

bool IsForStm32(const v1::Target& target);

struct JudgedFile {
  std::string path;
  absl::string_view bytes;
  std::string receipt;  // path; empty: none
  // Of the device: its NV counter, or its counter in OTP.
  std::optional<std::uint32_t> device_counter;
};

// Prints the verdict; with a receipt, demands that it proves this very file.
absl::StatusOr<ExitStatus> VerifyForStm32(Context& context,
                                          const JudgedFile& file,
                                          const v1::Profile& profile);

// Prints every rule.
absl::StatusOr<ExitStatus> ExplainForStm32(Context& context,
                                           const JudgedFile& file,
                                           const v1::Profile& profile);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_STM32_VERDICT_H_
