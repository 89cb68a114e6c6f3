// What the security officer does: a new token, and a new PIN for its user.
#ifndef BOOTSEAL_HSM_PKCS11_INITIALISE_H_
#define BOOTSEAL_HSM_PKCS11_INITIALISE_H_

#include <string>

#include "absl/status/status.h"
#include "base/secret.h"
#include "hsm/pkcs11/module.h"

namespace bootseal::hsm::pkcs11 {

// Takes the first slot whose token is not initialised; an initialised token is
// never touched. INVALID_ARGUMENT (TOKEN_LABEL: label.h),
// FAILED_PRECONDITION: TOKEN_EXISTS when one has that label, NO_FREE_SLOT;
// errors of C_InitToken and C_InitPIN as in error.h.
absl::Status InitialiseToken(const Module& module, const std::string& label,
                             const base::Secret& security_officer_pin,
                             const base::Secret& pin);

// Of the token with that label, for a PIN that was lost or locked: its keys
// stay. FAILED_PRECONDITION: TOKEN_MISSING, TOKEN_AMBIGUOUS, PIN_LENGTH; errors
// of C_Login and C_InitPIN as in error.h (a refused PIN is not sent again).
absl::Status SetUserPin(const Module& module, const std::string& label,
                        const base::Secret& security_officer_pin,
                        const base::Secret& pin);

}  // namespace bootseal::hsm::pkcs11

#endif  // BOOTSEAL_HSM_PKCS11_INITIALISE_H_
