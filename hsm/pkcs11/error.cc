#include "hsm/pkcs11/error.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::hsm::pkcs11 {
namespace {

struct Row {
  CK_RV result;
  const char* name;
  Remedy remedy;
};

#define BOOTSEAL_CKR(name, remedy) \
  { CKR_##name, "CKR_" #name, Remedy::remedy }

constexpr Row kRows[] = {
    BOOTSEAL_CKR(CANCEL, kNewSession),
    BOOTSEAL_CKR(HOST_MEMORY, kLater),
    BOOTSEAL_CKR(SLOT_ID_INVALID, kReinitialise),
    BOOTSEAL_CKR(GENERAL_ERROR, kNewSession),
    BOOTSEAL_CKR(FUNCTION_FAILED, kNewSession),
    BOOTSEAL_CKR(ARGUMENTS_BAD, kNone),
    BOOTSEAL_CKR(NEED_TO_CREATE_THREADS, kNone),
    BOOTSEAL_CKR(CANT_LOCK, kNone),
    BOOTSEAL_CKR(ATTRIBUTE_READ_ONLY, kNone),
    BOOTSEAL_CKR(ATTRIBUTE_SENSITIVE, kNone),
    BOOTSEAL_CKR(ATTRIBUTE_TYPE_INVALID, kNone),
    BOOTSEAL_CKR(ATTRIBUTE_VALUE_INVALID, kNone),
    BOOTSEAL_CKR(ACTION_PROHIBITED, kNone),
    BOOTSEAL_CKR(DATA_INVALID, kNone),
    BOOTSEAL_CKR(DATA_LEN_RANGE, kNone),
    BOOTSEAL_CKR(DEVICE_ERROR, kReinitialise),
    BOOTSEAL_CKR(DEVICE_MEMORY, kLater),
    BOOTSEAL_CKR(DEVICE_REMOVED, kReinitialise),
    BOOTSEAL_CKR(FUNCTION_CANCELED, kNewSession),
    BOOTSEAL_CKR(FUNCTION_NOT_SUPPORTED, kNone),
    BOOTSEAL_CKR(KEY_HANDLE_INVALID, kReinitialise),
    BOOTSEAL_CKR(KEY_SIZE_RANGE, kNone),
    BOOTSEAL_CKR(KEY_TYPE_INCONSISTENT, kNone),
    BOOTSEAL_CKR(KEY_FUNCTION_NOT_PERMITTED, kNone),
    BOOTSEAL_CKR(MECHANISM_INVALID, kNone),
    BOOTSEAL_CKR(MECHANISM_PARAM_INVALID, kNone),
    BOOTSEAL_CKR(OBJECT_HANDLE_INVALID, kReinitialise),
    BOOTSEAL_CKR(OPERATION_ACTIVE, kNewSession),
    BOOTSEAL_CKR(OPERATION_NOT_INITIALIZED, kNewSession),
    BOOTSEAL_CKR(PIN_INCORRECT, kOperator),
    BOOTSEAL_CKR(PIN_INVALID, kOperator),
    BOOTSEAL_CKR(PIN_LEN_RANGE, kOperator),
    BOOTSEAL_CKR(PIN_EXPIRED, kOperator),
    BOOTSEAL_CKR(PIN_LOCKED, kOperator),
    BOOTSEAL_CKR(SESSION_CLOSED, kNewSession),
    BOOTSEAL_CKR(SESSION_COUNT, kLater),
    BOOTSEAL_CKR(SESSION_HANDLE_INVALID, kNewSession),
    BOOTSEAL_CKR(SESSION_PARALLEL_NOT_SUPPORTED, kNone),
    BOOTSEAL_CKR(SESSION_READ_ONLY, kNone),
    BOOTSEAL_CKR(SESSION_EXISTS, kNone),
    BOOTSEAL_CKR(SESSION_READ_ONLY_EXISTS, kNone),
    BOOTSEAL_CKR(SESSION_READ_WRITE_SO_EXISTS, kNone),
    BOOTSEAL_CKR(TEMPLATE_INCOMPLETE, kNone),
    BOOTSEAL_CKR(TEMPLATE_INCONSISTENT, kNone),
    BOOTSEAL_CKR(TOKEN_NOT_PRESENT, kReinitialise),
    BOOTSEAL_CKR(TOKEN_NOT_RECOGNIZED, kReinitialise),
    BOOTSEAL_CKR(TOKEN_WRITE_PROTECTED, kNone),
    BOOTSEAL_CKR(USER_ALREADY_LOGGED_IN, kNone),
    BOOTSEAL_CKR(USER_NOT_LOGGED_IN, kReinitialise),
    BOOTSEAL_CKR(USER_PIN_NOT_INITIALIZED, kOperator),
    BOOTSEAL_CKR(USER_TYPE_INVALID, kNone),
    BOOTSEAL_CKR(USER_ANOTHER_ALREADY_LOGGED_IN, kNone),
    BOOTSEAL_CKR(USER_TOO_MANY_TYPES, kNone),
    BOOTSEAL_CKR(RANDOM_NO_RNG, kNone),
    BOOTSEAL_CKR(DOMAIN_PARAMS_INVALID, kNone),
    BOOTSEAL_CKR(CURVE_NOT_SUPPORTED, kNone),
    BOOTSEAL_CKR(BUFFER_TOO_SMALL, kNone),
    BOOTSEAL_CKR(CRYPTOKI_NOT_INITIALIZED, kReinitialise),
    BOOTSEAL_CKR(CRYPTOKI_ALREADY_INITIALIZED, kNone),
    BOOTSEAL_CKR(FIPS_SELF_TEST_FAILED, kNone),
    BOOTSEAL_CKR(LIBRARY_LOAD_FAILED, kNone),
    BOOTSEAL_CKR(PIN_TOO_WEAK, kOperator),
    BOOTSEAL_CKR(PUBLIC_KEY_INVALID, kNone),
    BOOTSEAL_CKR(FUNCTION_REJECTED, kNone),
};

#undef BOOTSEAL_CKR

constexpr char kSessionLost[] = "SESSION_LOST";
constexpr char kTokenLost[] = "TOKEN_LOST";

const Row* Find(CK_RV result) {
  for (const Row& row : kRows) {
    if (row.result == result) return &row;
  }
  return nullptr;
}

// Reason and fix for the operator.
struct Advice {
  CK_RV result;
  const char* reason;
  const char* text;
};

constexpr Advice kAdvice[] = {
    {CKR_PIN_INCORRECT, "PIN_INCORRECT",
     "the token refuses this PIN; it is not tried again, check the PIN file"},
    {CKR_PIN_LOCKED, "PIN_LOCKED",
     "the PIN is locked; the security officer must set a new one"},
    {CKR_PIN_EXPIRED, "PIN_EXPIRED",
     "the PIN has expired; set a new one with the vendor's tool"},
    {CKR_PIN_LEN_RANGE, "PIN_INCORRECT",
     "the PIN has a length that the token does not take"},
    {CKR_PIN_INVALID, "PIN_INCORRECT",
     "the PIN has characters that the token does not take"},
    {CKR_PIN_TOO_WEAK, "PIN_TOO_WEAK", "the token asks for a stronger PIN"},
    {CKR_USER_PIN_NOT_INITIALIZED, "USER_PIN_NOT_SET",
     "the token has no user PIN; set one with bootseal-token init"},
};

}  // namespace

std::string NameOf(CK_RV result) {
  if (const Row* row = Find(result)) return row->name;
  if ((result & CKR_VENDOR_DEFINED) != 0) {
    return absl::StrCat("CKR_VENDOR_0x", absl::Hex(result));
  }
  return absl::StrCat("CKR_0x", absl::Hex(result));
}

Remedy RemedyFor(CK_RV result) {
  const Row* row = Find(result);
  return row ? row->remedy : Remedy::kNone;
}

absl::Status ToStatus(absl::string_view function, CK_RV result) {
  const std::string what = absl::StrCat(function, " gave ", NameOf(result));
  for (const Advice& advice : kAdvice) {
    if (advice.result != result) continue;
    return base::Precondition(advice.reason,
                              absl::StrCat(what, ": ", advice.text));
  }
  switch (RemedyFor(result)) {
    case Remedy::kNewSession:
      return base::Unavailable(kSessionLost, what);
    case Remedy::kReinitialise:
      return base::Unavailable(kTokenLost, what);
    case Remedy::kLater:
      return base::Unavailable("TOKEN_BUSY", what);
    case Remedy::kOperator:
    case Remedy::kNone:
      break;
  }
  return base::Fail(absl::StatusCode::kInternal, NameOf(result), what);
}

bool IsSessionLost(const absl::Status& status) {
  return base::ReasonOf(status) == kSessionLost;
}

bool IsTokenLost(const absl::Status& status) {
  return base::ReasonOf(status) == kTokenLost;
}

}  // namespace bootseal::hsm::pkcs11
