// A loaded PKCS#11 library.
//
// A module is global to the process: one Token uses it at a time. The library
// is never unloaded, and C_Finalize is called by Shutdown() or the destructor,
// which must run before main returns: SoftHSM crashes in an exit handler.
#ifndef BOOTSEAL_HSM_PKCS11_MODULE_H_
#define BOOTSEAL_HSM_PKCS11_MODULE_H_

#include <p11-kit/pkcs11.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hsm/pkcs11/uri.h"

namespace bootseal::hsm::pkcs11 {

struct Slot {
  CK_SLOT_ID id = 0;
  CK_TOKEN_INFO token{};
};

// Not thread-safe; Functions() may be shared.
class Module {
 public:
  // Loads and initialises. FAILED_PRECONDITION: MODULE_MISSING when there is no
  // such file, MODULE_UNUSABLE when it is no PKCS#11 library, MODULE_BUSY when
  // this process uses it already.
  static absl::StatusOr<std::unique_ptr<Module>> Load(const std::string& path);

  // The same from a function list that outlives the module.
  static absl::StatusOr<std::unique_ptr<Module>> FromFunctions(
      CK_FUNCTION_LIST& functions);

  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  // C_Finalize and C_Initialize: every session, handle and login is gone.
  absl::Status Reinitialise();
  // Finalises once; nothing but the destructor may follow.
  void Shutdown();

  CK_FUNCTION_LIST& functions() const { return functions_; }
  // Slots with a token, initialised or not.
  absl::StatusOr<std::vector<Slot>> Slots() const;

 private:
  explicit Module(CK_FUNCTION_LIST& functions) : functions_(functions) {}
  absl::Status Initialise();

  CK_FUNCTION_LIST& functions_;
  bool initialised_ = false;
  bool registered_ = false;
};

// FAILED_PRECONDITION (MODULE_MISSING): there is no such file.
absl::Status MissingModule(const std::string& path);

// Where a module of that name (RFC 7512 module-name: "softhsm2" for
// libsofthsm2.so) is installed. FAILED_PRECONDITION (MODULE_MISSING).
absl::StatusOr<std::string> FindModule(const std::string& name);

// Of the module that `uri` names, by path or by name; SoftHSM's when by none.
absl::StatusOr<std::string> FindModule(const Uri& uri);

// A blank-padded field of PKCS#11 as text.
template <std::size_t kSize>
std::string Unpadded(const unsigned char (&field)[kSize]) {
  std::string text(reinterpret_cast<const char*>(field), kSize);
  text.erase(text.find_last_not_of(std::string(" \0", 2)) + 1);
  return text;
}

}  // namespace bootseal::hsm::pkcs11

#endif  // BOOTSEAL_HSM_PKCS11_MODULE_H_
