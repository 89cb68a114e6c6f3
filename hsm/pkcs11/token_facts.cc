#include "hsm/pkcs11/token_facts.h"

#include "absl/strings/str_cat.h"
#include "hsm/pkcs11/error.h"
#include "hsm/pkcs11/module.h"

namespace bootseal::hsm::pkcs11 {
namespace {

std::string Text(const CK_VERSION& version) {
  return absl::StrCat(version.major, ".", version.minor);
}

}  // namespace

absl::StatusOr<TokenFacts> ReadTokenFacts(const Session& session) {
  const CK_FUNCTION_LIST& functions = *session.functions;
  CK_INFO library{};
  CK_RV result = functions.C_GetInfo(&library);
  if (result != CKR_OK) return ToStatus("C_GetInfo", result);
  CK_SESSION_INFO here{};
  result = functions.C_GetSessionInfo(session.handle, &here);
  if (result != CKR_OK) return ToStatus("C_GetSessionInfo", result);
  CK_TOKEN_INFO token{};
  result = functions.C_GetTokenInfo(here.slotID, &token);
  if (result != CKR_OK) return ToStatus("C_GetTokenInfo", result);
  return TokenFacts{Unpadded(library.manufacturerID),
                    Unpadded(library.libraryDescription),
                    Text(library.libraryVersion),
                    Unpadded(token.manufacturerID),
                    Unpadded(token.model),
                    Unpadded(token.serialNumber),
                    Unpadded(token.label),
                    Text(token.hardwareVersion),
                    Text(token.firmwareVersion)};
}

}  // namespace bootseal::hsm::pkcs11
