// `bootseal approvals`: what waits for people, and what they say.
#ifndef BOOTSEAL_CLIENT_CLI_APPROVALS_H_
#define BOOTSEAL_CLIENT_CLI_APPROVALS_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareApprovalsList(CLI::App& app);
Action DeclareApprovalsShow(CLI::App& app);
// approvals_answer.cc
Action DeclareApprovalsApprove(CLI::App& app);
Action DeclareApprovalsDeny(CLI::App& app);
Action DeclareApprovalsSubmit(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_APPROVALS_H_
