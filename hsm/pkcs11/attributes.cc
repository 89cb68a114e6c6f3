#include "hsm/pkcs11/attributes.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "hsm/pkcs11/error.h"

namespace bootseal::hsm::pkcs11 {
namespace {

constexpr CK_ULONG kMaxAttributeBytes = 1 << 20;
constexpr std::size_t kMaxObjects = 4096;

bool IsAbsent(CK_RV result) {
  return result == CKR_ATTRIBUTE_TYPE_INVALID ||
         result == CKR_ATTRIBUTE_SENSITIVE;
}

}  // namespace

Template::~Template() {
  for (std::string& value : values_) {
    OPENSSL_cleanse(value.data(), value.size());
  }
}

Template& Template::Flag(CK_ATTRIBUTE_TYPE type, CK_BBOOL value) {
  return Bytes(type, absl::string_view(reinterpret_cast<const char*>(&value),
                                       sizeof(value)));
}

Template& Template::Number(CK_ATTRIBUTE_TYPE type, CK_ULONG value) {
  return Bytes(type, absl::string_view(reinterpret_cast<const char*>(&value),
                                       sizeof(value)));
}

Template& Template::Bytes(CK_ATTRIBUTE_TYPE type, absl::string_view value) {
  std::string& copy = values_.emplace_back(value);
  attributes_.push_back({type, copy.data(), copy.size()});
  return *this;
}

void Template::Remove(CK_ATTRIBUTE_TYPE type) {
  std::erase_if(attributes_, [type](const CK_ATTRIBUTE& attribute) {
    return attribute.type == type;
  });
}

absl::StatusOr<std::string> ReadBytes(const Session& session,
                                      CK_OBJECT_HANDLE object,
                                      CK_ATTRIBUTE_TYPE type) {
  CK_ATTRIBUTE attribute{type, nullptr, 0};
  CK_RV result = session.functions->C_GetAttributeValue(session.handle, object,
                                                        &attribute, 1);
  if (result != CKR_OK) return ToStatus("C_GetAttributeValue", result);
  if (attribute.ulValueLen == CK_UNAVAILABLE_INFORMATION) {
    return ToStatus("C_GetAttributeValue", CKR_ATTRIBUTE_TYPE_INVALID);
  }
  if (attribute.ulValueLen > kMaxAttributeBytes) {
    return base::Internal(absl::StrCat("attribute 0x", absl::Hex(type), " has ",
                                       attribute.ulValueLen, " bytes"));
  }
  std::string value(attribute.ulValueLen, '\0');
  attribute.pValue = value.data();
  result = session.functions->C_GetAttributeValue(session.handle, object,
                                                  &attribute, 1);
  if (result != CKR_OK) return ToStatus("C_GetAttributeValue", result);
  value.resize(std::min<std::size_t>(value.size(), attribute.ulValueLen));
  return value;
}

absl::StatusOr<CK_ULONG> ReadNumber(const Session& session,
                                    CK_OBJECT_HANDLE object,
                                    CK_ATTRIBUTE_TYPE type) {
  CK_ULONG value = 0;
  CK_ATTRIBUTE attribute{type, &value, sizeof(value)};
  const CK_RV result = session.functions->C_GetAttributeValue(
      session.handle, object, &attribute, 1);
  if (result != CKR_OK) return ToStatus("C_GetAttributeValue", result);
  if (attribute.ulValueLen != sizeof(value)) {
    return base::Internal(
        absl::StrCat("attribute 0x", absl::Hex(type), " is no number"));
  }
  return value;
}

absl::StatusOr<Flag> ReadFlag(const Session& session, CK_OBJECT_HANDLE object,
                              CK_ATTRIBUTE_TYPE type) {
  CK_BBOOL value = CK_FALSE;
  CK_ATTRIBUTE attribute{type, &value, sizeof(value)};
  const CK_RV result = session.functions->C_GetAttributeValue(
      session.handle, object, &attribute, 1);
  if (IsAbsent(result)) return Flag::kUnknown;
  if (result != CKR_OK) return ToStatus("C_GetAttributeValue", result);
  if (attribute.ulValueLen != sizeof(value)) return Flag::kUnknown;
  return value == CK_FALSE ? Flag::kFalse : Flag::kTrue;
}

absl::StatusOr<std::vector<CK_OBJECT_HANDLE>> FindObjects(
    const Session& session, Template& wanted) {
  const CK_FUNCTION_LIST& functions = *session.functions;
  CK_RV result =
      functions.C_FindObjectsInit(session.handle, wanted.data(), wanted.size());
  if (result != CKR_OK) return ToStatus("C_FindObjectsInit", result);
  std::vector<CK_OBJECT_HANDLE> objects;
  while (objects.size() < kMaxObjects) {
    std::array<CK_OBJECT_HANDLE, 64> some{};
    CK_ULONG count = 0;
    result = functions.C_FindObjects(session.handle, some.data(), some.size(),
                                     &count);
    if (result != CKR_OK) return ToStatus("C_FindObjects", result);
    if (count == 0) break;
    objects.insert(objects.end(), some.begin(), some.begin() + count);
  }
  result = functions.C_FindObjectsFinal(session.handle);
  if (result != CKR_OK) return ToStatus("C_FindObjectsFinal", result);
  return objects;
}

}  // namespace bootseal::hsm::pkcs11
