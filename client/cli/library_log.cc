#include "client/cli/library_log.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>

#include "client/cli/settings.h"

namespace bootseal::cli {

void QuietLibraries() {
  if (!FromEnvironment("GRPC_VERBOSITY").empty()) return;
  gpr_set_log_function([](gpr_log_func_args*) {});
  google::protobuf::SetLogHandler(nullptr);
}

}  // namespace bootseal::cli
