// Return values of PKCS#11 (2.40 section 5.1, 3.0 section 5.1) as statuses,
// and what helps against each.
#ifndef BOOTSEAL_HSM_PKCS11_ERROR_H_
#define BOOTSEAL_HSM_PKCS11_ERROR_H_

#include <p11-kit/pkcs11.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace bootseal::hsm::pkcs11 {

enum class Remedy {
  kNewSession,    // UNAVAILABLE, SESSION_LOST: once more on a fresh session
  kReinitialise,  // UNAVAILABLE, TOKEN_LOST: the library must start anew
  kLater,         // UNAVAILABLE, TOKEN_BUSY
  kOperator,      // FAILED_PRECONDITION, PIN_...: no machine may try again
  kNone,          // INTERNAL, the CKR name: a fault of ours or the module's
};

// "CKR_PIN_INCORRECT"; "CKR_VENDOR_0x80000001" or "CKR_0x999" when unknown.
std::string NameOf(CK_RV result);
Remedy RemedyFor(CK_RV result);

// `function` is the call that failed, for example "C_Sign". Never called with
// CKR_OK.
absl::Status ToStatus(absl::string_view function, CK_RV result);

// Whether the status of a PKCS#11 call asks for that remedy.
bool IsSessionLost(const absl::Status& status);
bool IsTokenLost(const absl::Status& status);

}  // namespace bootseal::hsm::pkcs11

#endif  // BOOTSEAL_HSM_PKCS11_ERROR_H_
