#include "server/open_token.h"

#include <utility>

#include "base/status.h"
#include "hsm/pin_source.h"
#include "server/pin.h"

namespace bootseal::server {

absl::StatusOr<std::shared_ptr<hsm::Token>> OpenToken(const v1::Hsm& hsm) {
  switch (hsm.backend_case()) {
    case v1::Hsm::kPkcs11: {
      hsm::TokenOptions options;
      options.uri = hsm.pkcs11().uri();
      options.max_sessions = hsm.pkcs11().max_sessions();
      ASSIGN_OR_RETURN(options.pin, ReadPin(hsm.pkcs11().pin_path()));
      auto token = hsm::OpenToken(std::move(options));
      if (token.ok()) return token;
      return hsm::WithPinSource(token.status(), hsm.pkcs11().pin_path());
    }
    case v1::Hsm::BACKEND_NOT_SET:
      break;
  }
  return base::Invalid("CONFIG_INVALID", "hsm", "hsm: no backend");
}

}  // namespace bootseal::server
