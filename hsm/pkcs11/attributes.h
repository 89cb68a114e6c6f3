// Templates and attributes of PKCS#11 objects (2.40 section 4).
#ifndef BOOTSEAL_HSM_PKCS11_ATTRIBUTES_H_
#define BOOTSEAL_HSM_PKCS11_ATTRIBUTES_H_

#include <p11-kit/pkcs11.h>

#include <deque>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "hsm/pkcs11/session_pool.h"

namespace bootseal::hsm::pkcs11 {

// A template that owns its values and wipes them. Not thread-safe.
class Template {
 public:
  Template() = default;
  Template(Template&&) = default;
  Template& operator=(Template&&) = delete;
  ~Template();

  Template& Flag(CK_ATTRIBUTE_TYPE type, CK_BBOOL value);
  Template& Number(CK_ATTRIBUTE_TYPE type, CK_ULONG value);
  Template& Bytes(CK_ATTRIBUTE_TYPE type, absl::string_view value);

  CK_ATTRIBUTE* data() { return attributes_.data(); }
  CK_ULONG size() const { return attributes_.size(); }
  void Remove(CK_ATTRIBUTE_TYPE type);

 private:
  std::deque<std::string> values_;  // addresses stay
  std::vector<CK_ATTRIBUTE> attributes_;
};

// Attribute of an object. Errors as in error.h; a module that lacks the
// attribute gives INTERNAL (CKR_ATTRIBUTE_TYPE_INVALID).
absl::StatusOr<std::string> ReadBytes(const Session& session,
                                      CK_OBJECT_HANDLE object,
                                      CK_ATTRIBUTE_TYPE type);
absl::StatusOr<CK_ULONG> ReadNumber(const Session& session,
                                    CK_OBJECT_HANDLE object,
                                    CK_ATTRIBUTE_TYPE type);

enum class Flag { kFalse, kTrue, kUnknown };
// kUnknown when the module does not tell.
absl::StatusOr<Flag> ReadFlag(const Session& session, CK_OBJECT_HANDLE object,
                              CK_ATTRIBUTE_TYPE type);

// All objects that match, at most 4096.
absl::StatusOr<std::vector<CK_OBJECT_HANDLE>> FindObjects(
    const Session& session, Template& wanted);

}  // namespace bootseal::hsm::pkcs11

#endif  // BOOTSEAL_HSM_PKCS11_ATTRIBUTES_H_
