// One process at a time for a PKCS#11 module: key generation and logins do not
// survive others beside them. SoftHSM rewrites the token at every login, and
// whoever starts meanwhile finds no token there.
#ifndef BOOTSEAL_HSM_PKCS11_MODULE_LOCK_H_
#define BOOTSEAL_HSM_PKCS11_MODULE_LOCK_H_

#include <chrono>
#include <string>

#include "absl/status/statusor.h"

namespace bootseal::hsm::pkcs11 {

// Movable. Held until it is destroyed or the process ends, however it ends. The
// library's own file is what is locked (flock), so that nothing is left behind
// and all users of this machine share it; other programs do not know of it.
class ModuleLock {
 public:
  // Waits for at most `patience`. FAILED_PRECONDITION (MODULE_MISSING);
  // UNAVAILABLE (TOKEN_BUSY) when another process keeps it; also this process,
  // which must not take it twice.
  static absl::StatusOr<ModuleLock> Take(const std::string& module_path,
                                         std::chrono::milliseconds patience);
  ModuleLock(ModuleLock&& other) noexcept;
  ModuleLock& operator=(ModuleLock&&) = delete;
  ~ModuleLock();

 private:
  explicit ModuleLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace bootseal::hsm::pkcs11

#endif  // BOOTSEAL_HSM_PKCS11_MODULE_LOCK_H_
