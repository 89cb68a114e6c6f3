// A PKCS#11 module with faults: the real one's function list, where chosen
// calls fail or lie.
#ifndef BOOTSEAL_TESTS_SUPPORT_FAULTY_PKCS11_H_
#define BOOTSEAL_TESTS_SUPPORT_FAULTY_PKCS11_H_

#include <p11-kit/pkcs11.h>

#include <functional>
#include <string>

namespace bootseal::tests {

// Calls that can be made to fail, named as in PKCS#11 without the C_.
enum class Call {
  kInitialize,
  kOpenSession,
  kLogin,
  kFindObjectsInit,
  kGenerateKeyPair,
  kSignInit,
  kSign,
};

// One at a time per process (a function list has no room for a context).
// Thread-safe, except for the constructor and destructor.
class FaultyPkcs11 {
 public:
  // Over the module at `path`.
  explicit FaultyPkcs11(const std::string& path);
  ~FaultyPkcs11();
  FaultyPkcs11(const FaultyPkcs11&) = delete;
  FaultyPkcs11& operator=(const FaultyPkcs11&) = delete;

  CK_FUNCTION_LIST& functions() { return faulty_; }

  // The `nth` call from now on (1: the next) gives `result` and does nothing.
  void FailNth(Call call, int nth, CK_RV result);
  // Every call from now on, until Heal().
  void FailAlways(Call call, CK_RV result);
  void Heal();
  // Calls so far, failed ones too.
  int Count(Call call) const;

  // Applied to what C_Sign gives; may change the bytes and the length.
  void TamperWithSignatures(std::function<void(CK_BYTE*, CK_ULONG*)> tamper);
  // Set in what C_GetTokenInfo says of every token, beside what is true.
  void AddTokenFlags(CK_FLAGS flags);
  // C_SignInit takes this key whatever it is asked for, as a session does whose
  // earlier operation was not finished.
  void SignWithKey(CK_OBJECT_HANDLE key);

 private:
  CK_FUNCTION_LIST faulty_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_FAULTY_PKCS11_H_
