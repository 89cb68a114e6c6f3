#include "client/cli/approver_options.h"

#include <CLI/CLI.hpp>

#include "client/cli/arguments.h"

namespace bootseal::cli {

void DeclareApproverOptions(CLI::App& app, ApproverOptions& options) {
  app.add_option("--key", options.key.key,
                 "the approver's: PEM file, or pkcs11:...")
      ->check(NotEmpty());
  app.add_option("--pin-file", options.key.pin_path,
                 "of the token, mode 0600; default: asked for")
      ->check(NotEmpty());
  app.add_option("--ssh-key", options.key.ssh_key,
                 "the approver's, for ssh-keygen; the public file of one that "
                 "an agent or a token has")
      ->check(NotEmpty());
  app.add_option("--approver", options.name,
                 "name in the policy; default: who we are to the server")
      ->check(PlainText());
}

}  // namespace bootseal::cli
