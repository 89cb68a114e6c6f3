#include "client/cli/version.h"

#include <grpcpp/grpcpp.h>
#include <openssl/crypto.h>

#include "absl/strings/str_cat.h"
#include "client/cli/json.h"
#include "client/cli/text.h"

namespace bootseal::cli {

absl::StatusOr<ExitStatus> PrintVersion(Context& context) {
  const char* const openssl = OpenSSL_version(OPENSSL_VERSION_STRING);
  if (context.format() == Format::kJson) {
    PrintResult(JsonObject()
                    .Add("bootseal", Json::Text(BOOTSEAL_VERSION))
                    .Add("grpc", Json::Text(grpc::Version()))
                    .Add("openssl", Json::Text(openssl))
                    .Build()
                    .text() +
                "\n");
  } else {
    PrintResult(absl::StrCat("bootseal ", BOOTSEAL_VERSION, " (gRPC ",
                             grpc::Version(), ", OpenSSL ", openssl, ")\n"));
  }
  return ExitStatus::kDone;
}

Action DeclareVersion(CLI::App&) { return PrintVersion; }

}  // namespace bootseal::cli
