#include "client/cli/sign_header.h"

#include "client/cli/exit_status.h"
#include "client/cli/release.h"
#include "firmware/image/host/convert.h"

namespace bootseal::cli {

absl::StatusOr<v1::SignHeader> BeginHeader(const SignOptions& options) {
  const auto version = image::host::ParseVersion(options.version);
  if (!version.ok()) return WithExit(version.status(), ExitStatus::kUsage);
  v1::SignHeader header;
  header.set_target(options.target);
  header.set_version(options.version);
  if (options.security_counter) {
    header.set_security_counter(*options.security_counter);
  }
  header.set_request_id(options.request_id.empty() ? RandomRequestId()
                                                   : options.request_id);
  return header;
}

}  // namespace bootseal::cli
