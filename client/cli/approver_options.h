// With which key, and in whose name, an approver signs.
#ifndef BOOTSEAL_CLIENT_CLI_APPROVER_OPTIONS_H_
#define BOOTSEAL_CLIENT_CLI_APPROVER_OPTIONS_H_

#include <string>

#include "client/approval/signer.h"

namespace CLI {
class App;
}  // namespace CLI

namespace bootseal::cli {

struct ApproverOptions {
  approval::KeySource key;
  std::string name;
};

// --key, --pin-file, --ssh-key and --approver; `options` must outlive `app`.
void DeclareApproverOptions(CLI::App& app, ApproverOptions& options);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_APPROVER_OPTIONS_H_
