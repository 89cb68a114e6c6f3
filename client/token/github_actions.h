// The token that GitHub Actions gives a job with `permissions: id-token:
// write`: asked for when it is needed, and again before it ends.
// docs.github.com, "OpenID Connect reference".
#ifndef BOOTSEAL_CLIENT_TOKEN_GITHUB_ACTIONS_H_
#define BOOTSEAL_CLIENT_TOKEN_GITHUB_ACTIONS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/secret.h"
#include "client/token/source.h"

namespace bootseal::token {

struct GithubActions {
  // ACTIONS_ID_TOKEN_REQUEST_URL: https, or http to this machine.
  std::string url;
  // ACTIONS_ID_TOKEN_REQUEST_TOKEN: what the runner lets us ask with.
  base::Secret request_token;
};

// FAILED_PRECONDITION (TOKEN_SOURCE_MISSING) when the environment has not both;
// INVALID_ARGUMENT (TOKEN_SOURCE_INVALID) for another kind of URL.
absl::StatusOr<GithubActions> FindGithubActions();

// A token is kept until a minute before its end. Its Fetch adds UNAVAILABLE
// (TOKEN_FETCH_FAILED) when the service is not reached or has a fault,
// PERMISSION_DENIED (TOKEN_FETCH_REFUSED) when it refuses or its answer is no
// token. `clock` must outlive it.
std::unique_ptr<Source> FromGithubActions(GithubActions actions,
                                          std::string audience,
                                          const base::Clock& clock);

}  // namespace bootseal::token

#endif  // BOOTSEAL_CLIENT_TOKEN_GITHUB_ACTIONS_H_
