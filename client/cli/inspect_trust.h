// Policies and certificates as a list of what is in them; a policy is checked,
// a certificate is not.
#ifndef BOOTSEAL_CLIENT_CLI_INSPECT_TRUST_H_
#define BOOTSEAL_CLIENT_CLI_INSPECT_TRUST_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/description.h"

namespace bootseal::cli {

// Text that means something as a policy, whether it is a good one or not.
bool LooksLikePolicy(absl::string_view text);
// INVALID_ARGUMENT (POLICY_INVALID) with every problem.
absl::StatusOr<Description> DescribePolicy(absl::string_view text);

// PEM that begins with a certificate.
bool LooksLikeCertificate(absl::string_view text);
// FAILED_PRECONDITION (CERTIFICATE_INVALID).
absl::StatusOr<Description> DescribeCertificate(absl::string_view pem);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_INSPECT_TRUST_H_
