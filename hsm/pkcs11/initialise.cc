#include "hsm/pkcs11/initialise.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "hsm/label.h"
#include "hsm/pkcs11/error.h"

namespace bootseal::hsm::pkcs11 {
namespace {

// PKCS#11 takes PINs as non-const pointers and only reads them.
CK_UTF8CHAR* Bytes(const base::Secret& pin) {
  return reinterpret_cast<CK_UTF8CHAR*>(const_cast<char*>(pin.Reveal().data()));
}

absl::Status Refusal(absl::string_view function, CK_RV result) {
  return base::Annotate(ToStatus(function, result),
                        "the token was not made ready");
}

absl::Status SetPinIn(CK_FUNCTION_LIST& functions, CK_SESSION_HANDLE session,
                      const base::Secret& security_officer_pin,
                      const base::Secret& pin) {
  const CK_RV logged_in =
      functions.C_Login(session, CKU_SO, Bytes(security_officer_pin),
                        security_officer_pin.Reveal().size());
  if (logged_in != CKR_OK) return Refusal("C_Login", logged_in);
  const CK_RV set =
      functions.C_InitPIN(session, Bytes(pin), pin.Reveal().size());
  functions.C_Logout(session);
  if (set != CKR_OK) return Refusal("C_InitPIN", set);
  return absl::OkStatus();
}

absl::Status SetPin(CK_FUNCTION_LIST& functions, CK_SLOT_ID slot,
                    const base::Secret& security_officer_pin,
                    const base::Secret& pin) {
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  const CK_RV opened = functions.C_OpenSession(
      slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session);
  if (opened != CKR_OK) return Refusal("C_OpenSession", opened);
  const absl::Status status =
      SetPinIn(functions, session, security_officer_pin, pin);
  functions.C_CloseSession(session);
  return status;
}

absl::StatusOr<CK_SLOT_ID> FreeSlot(const Module& module,
                                    const std::string& label) {
  ASSIGN_OR_RETURN(const auto slots, module.Slots());
  const Slot* free = nullptr;
  for (const Slot& slot : slots) {
    if ((slot.token.flags & CKF_TOKEN_INITIALIZED) == 0) {
      if (!free) free = &slot;
      continue;
    }
    if (Unpadded(slot.token.label) == label) {
      return base::Precondition(
          "TOKEN_EXISTS",
          absl::StrCat(
              "there is a token \"", label,
              "\" already; it is left as it is, choose another label"));
    }
  }
  if (free) return free->id;
  return base::Precondition("NO_FREE_SLOT",
                            "every slot holds an initialised token");
}

absl::StatusOr<CK_SLOT_ID> SlotOf(const Module& module,
                                  const std::string& label) {
  ASSIGN_OR_RETURN(const auto slots, module.Slots());
  const Slot* found = nullptr;
  for (const Slot& slot : slots) {
    if (Unpadded(slot.token.label) != label) continue;
    if (found) {
      return base::Precondition(
          "TOKEN_AMBIGUOUS",
          absl::StrCat("two tokens have the label \"", label, "\""));
    }
    found = &slot;
  }
  if (found) return found->id;
  return base::Precondition("TOKEN_MISSING",
                            absl::StrCat("there is no token \"", label, "\""));
}

// A PIN the token would refuse is found before the token is changed.
absl::Status CheckLength(const Module& module, CK_SLOT_ID slot,
                         const base::Secret& pin, absl::string_view whose) {
  CK_TOKEN_INFO info{};
  const CK_RV result = module.functions().C_GetTokenInfo(slot, &info);
  if (result != CKR_OK) return ToStatus("C_GetTokenInfo", result);
  const std::size_t size = pin.Reveal().size();
  if (size >= info.ulMinPinLen && size <= info.ulMaxPinLen) {
    return absl::OkStatus();
  }
  return base::Precondition(
      "PIN_LENGTH",
      absl::StrCat(whose,
                   " PIN has a length that the token does not take, "
                   "expected ",
                   info.ulMinPinLen, " to ", info.ulMaxPinLen, " characters"));
}

}  // namespace

absl::Status InitialiseToken(const Module& module, const std::string& label,
                             const base::Secret& security_officer_pin,
                             const base::Secret& pin) {
  RETURN_IF_ERROR(CheckTokenLabel(label));
  ASSIGN_OR_RETURN(const CK_SLOT_ID slot, FreeSlot(module, label));
  RETURN_IF_ERROR(CheckLength(module, slot, security_officer_pin,
                              "the security officer's"));
  RETURN_IF_ERROR(CheckLength(module, slot, pin, "the user's"));
  std::array<CK_UTF8CHAR, sizeof(CK_TOKEN_INFO::label)> padded{};
  padded.fill(' ');
  std::copy(label.begin(), label.end(), padded.begin());
  CK_FUNCTION_LIST& functions = module.functions();
  const CK_RV result = functions.C_InitToken(
      slot, Bytes(security_officer_pin), security_officer_pin.Reveal().size(),
      padded.data());
  if (result != CKR_OK) return Refusal("C_InitToken", result);
  return SetPin(functions, slot, security_officer_pin, pin);
}

absl::Status SetUserPin(const Module& module, const std::string& label,
                        const base::Secret& security_officer_pin,
                        const base::Secret& pin) {
  ASSIGN_OR_RETURN(const CK_SLOT_ID slot, SlotOf(module, label));
  RETURN_IF_ERROR(CheckLength(module, slot, pin, "the user's"));
  return SetPin(module.functions(), slot, security_officer_pin, pin);
}

}  // namespace bootseal::hsm::pkcs11
