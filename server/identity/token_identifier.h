// From a token to a caller that the policy knows.
#ifndef BOOTSEAL_SERVER_IDENTITY_TOKEN_IDENTIFIER_H_
#define BOOTSEAL_SERVER_IDENTITY_TOKEN_IDENTIFIER_H_

#include <memory>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "bootseal/v1/entry.pb.h"
#include "server/identity/recently_known.h"
#include "server/identity/token.h"
#include "server/trust/policy.h"

namespace bootseal::identity {

// One per policy, which has its issuers' keys. Thread-safe.
class TokenIdentifier {
 public:
  explicit TokenIdentifier(std::shared_ptr<const trust::Policy> policy);

  // `token` is verified once and then known until it is no longer valid. The
  // caller is told with the claims that the policy's rules speak of and those
  // that tell the job, each cut at 512 bytes.
  //
  // UNAUTHENTICATED as ReadToken, PERMISSION_DENIED as
  // trust::FindPersonByClaims.
  absl::StatusOr<v1::Caller> Identify(absl::string_view token, absl::Time now);

 private:
  absl::StatusOr<Known> Examine(absl::string_view token, absl::Time now) const;
  void AddClaims(const Token& token, v1::Caller& caller) const;

  const std::shared_ptr<const trust::Policy> policy_;
  std::set<std::string> recorded_;  // names of claims
  RecentlyKnown known_;             // by the token's SHA-256
};

}  // namespace bootseal::identity

#endif  // BOOTSEAL_SERVER_IDENTITY_TOKEN_IDENTIFIER_H_
