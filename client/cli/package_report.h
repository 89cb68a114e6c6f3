// What a device says of a package or a first stage, rule by rule, as text and
// as JSON. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_CLI_PACKAGE_REPORT_H_
#define BOOTSEAL_CLIENT_CLI_PACKAGE_REPORT_H_

#include <string>

#include "client/cli/report.h"
#include "firmware/image/host/explain_package.h"
#include "firmware/image/stm32/rom_check.h"

namespace bootseal::cli {

std::string FormatPackageReport(const image::host::PackageReport& report,
                                Format format);

struct FirstStageReport {
  image::stm32::RomDecision decision;
  std::string text;  // as the format has it, a newline at its end
};
// Every rule of the ROM, asked of this image; `fix` says what helps.
FirstStageReport ExplainFirstStage(const image::stm32::Chip& chip,
                                   absl::string_view image, Format format);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_PACKAGE_REPORT_H_
