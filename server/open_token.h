// The token that the configuration names.
#ifndef BOOTSEAL_SERVER_OPEN_TOKEN_H_
#define BOOTSEAL_SERVER_OPEN_TOKEN_H_

#include <memory>

#include "absl/status/statusor.h"
#include "bootseal/v1/config.pb.h"
#include "hsm/signer.h"

namespace bootseal::server {

// Errors of ReadPin and of hsm::OpenToken; INVALID_ARGUMENT (CONFIG_INVALID)
// without a backend. Thread-safe.
absl::StatusOr<std::shared_ptr<hsm::Token>> OpenToken(const v1::Hsm& hsm);

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_OPEN_TOKEN_H_
