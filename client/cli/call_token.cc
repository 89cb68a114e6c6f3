#include "client/cli/call_token.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "base/status.h"
#include "client/cli/exit_status.h"
#include "client/token/github_actions.h"
#include "grpcpp/security/credentials.h"

namespace bootseal::cli {
namespace {

absl::Status AtItsPlace(const absl::Status& status) {
  const std::string reason = base::ReasonOf(status);
  if (reason == "TOKEN_FETCH_FAILED") {
    return WithExit(status, ExitStatus::kUnreachable);
  }
  const bool local = reason == "TOKEN_INVALID" || reason == "TOKEN_EXPIRED" ||
                     absl::StartsWith(reason, "FILE_");
  if (!local) return status;
  return WithExit(base::Annotate(status, "no call was made"),
                  ExitStatus::kLocalFile);
}

}  // namespace

absl::StatusOr<std::unique_ptr<token::Source>> OpenTokenSource(
    const Settings& settings, const base::Clock& clock) {
  if (!settings.token.empty()) {
    return token::FromText(settings.token, "BOOTSEAL_TOKEN", clock);
  }
  if (!settings.token_file.empty()) {
    return token::FromFile(settings.token_file, clock);
  }
  if (settings.token_audience.empty()) return nullptr;
  auto actions = token::FindGithubActions();
  if (!actions.ok()) return WithExit(actions.status(), ExitStatus::kUsage);
  return token::FromGithubActions(*std::move(actions), settings.token_audience,
                                  clock);
}

absl::Status AddToken(token::Source& source, grpc::ClientContext& context) {
  auto token = source.Fetch();
  if (!token.ok()) return AtItsPlace(token.status());
  context.set_credentials(
      grpc::AccessTokenCredentials(std::string(token->Reveal())));
  return absl::OkStatus();
}

}  // namespace bootseal::cli
