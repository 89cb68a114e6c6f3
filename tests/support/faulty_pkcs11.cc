#include "tests/support/faulty_pkcs11.h"

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <vector>

#include "base/mutex.h"

namespace bootseal::tests {
namespace {

struct Fault {
  int calls_left;
  CK_RV result;
};

struct Faults {
  CK_FUNCTION_LIST* real = nullptr;
  base::Mutex mutex;
  std::map<Call, std::vector<Fault>> planned ABSL_GUARDED_BY(mutex);
  std::map<Call, CK_RV> always ABSL_GUARDED_BY(mutex);
  std::map<Call, int> counts ABSL_GUARDED_BY(mutex);
  std::function<void(CK_BYTE*, CK_ULONG*)> tamper ABSL_GUARDED_BY(mutex);
  std::optional<CK_OBJECT_HANDLE> key ABSL_GUARDED_BY(mutex);
  CK_FLAGS token_flags ABSL_GUARDED_BY(mutex) = 0;
};

Faults* faults = nullptr;

// CKR_OK when the call is to be made.
CK_RV Planned(Call call) {
  base::MutexLock lock(faults->mutex);
  ++faults->counts[call];
  if (const auto found = faults->always.find(call);
      found != faults->always.end()) {
    return found->second;
  }
  CK_RV result = CKR_OK;
  std::vector<Fault>& planned = faults->planned[call];
  std::erase_if(planned, [&result](Fault& fault) {
    if (--fault.calls_left > 0) return false;
    result = fault.result;
    return true;
  });
  return result;
}

CK_RV Initialize(void* arguments) {
  const CK_RV planned = Planned(Call::kInitialize);
  return planned == CKR_OK ? faults->real->C_Initialize(arguments) : planned;
}

CK_RV GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO* info) {
  const CK_RV result = faults->real->C_GetTokenInfo(slot, info);
  base::MutexLock lock(faults->mutex);
  if (result == CKR_OK) info->flags |= faults->token_flags;
  return result;
}

CK_RV OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, void* application,
                  CK_NOTIFY notify, CK_SESSION_HANDLE* session) {
  const CK_RV planned = Planned(Call::kOpenSession);
  if (planned != CKR_OK) return planned;
  return faults->real->C_OpenSession(slot, flags, application, notify, session);
}

CK_RV Login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_BYTE* pin,
            CK_ULONG size) {
  const CK_RV planned = Planned(Call::kLogin);
  if (planned != CKR_OK) return planned;
  return faults->real->C_Login(session, user, pin, size);
}

CK_RV FindObjectsInit(CK_SESSION_HANDLE session, CK_ATTRIBUTE* wanted,
                      CK_ULONG count) {
  const CK_RV planned = Planned(Call::kFindObjectsInit);
  if (planned != CKR_OK) return planned;
  return faults->real->C_FindObjectsInit(session, wanted, count);
}

CK_RV GenerateKeyPair(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism,
                      CK_ATTRIBUTE* public_half, CK_ULONG public_count,
                      CK_ATTRIBUTE* private_half, CK_ULONG private_count,
                      CK_OBJECT_HANDLE* public_key,
                      CK_OBJECT_HANDLE* private_key) {
  const CK_RV planned = Planned(Call::kGenerateKeyPair);
  if (planned == CKR_ATTRIBUTE_TYPE_INVALID) return planned;
  const CK_RV made = faults->real->C_GenerateKeyPair(
      session, mechanism, public_half, public_count, private_half,
      private_count, public_key, private_key);
  if (planned == CKR_OK) return made;
  // What SoftHSM does at its worst: an error, and half a pair left behind.
  faults->real->C_DestroyObject(session, *private_key);
  return planned;
}

CK_RV SignInit(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism,
               CK_OBJECT_HANDLE key) {
  const CK_RV planned = Planned(Call::kSignInit);
  if (planned != CKR_OK) return planned;
  {
    base::MutexLock lock(faults->mutex);
    key = faults->key.value_or(key);
  }
  return faults->real->C_SignInit(session, mechanism, key);
}

CK_RV Sign(CK_SESSION_HANDLE session, CK_BYTE* data, CK_ULONG size,
           CK_BYTE* signature, CK_ULONG* signature_size) {
  const CK_RV planned = Planned(Call::kSign);
  if (planned != CKR_OK) return planned;
  const CK_RV result =
      faults->real->C_Sign(session, data, size, signature, signature_size);
  base::MutexLock lock(faults->mutex);
  if (result == CKR_OK && faults->tamper) {
    faults->tamper(signature, signature_size);
  }
  return result;
}

CK_FUNCTION_LIST* Load(const std::string& path) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  CK_FUNCTION_LIST* functions = nullptr;
  const auto get_list = library ? reinterpret_cast<CK_C_GetFunctionList>(
                                      dlsym(library, "C_GetFunctionList"))
                                : nullptr;
  if (!get_list || get_list(&functions) != CKR_OK) {
    std::fprintf(stderr, "no PKCS#11 module at %s\n", path.c_str());
    std::abort();
  }
  return functions;
}

}  // namespace

FaultyPkcs11::FaultyPkcs11(const std::string& path) {
  if (faults) std::abort();
  faults = new Faults;
  faults->real = Load(path);
  faulty_ = *faults->real;
  faulty_.C_Initialize = Initialize;
  faulty_.C_GetTokenInfo = GetTokenInfo;
  faulty_.C_OpenSession = OpenSession;
  faulty_.C_Login = Login;
  faulty_.C_FindObjectsInit = FindObjectsInit;
  faulty_.C_GenerateKeyPair = GenerateKeyPair;
  faulty_.C_SignInit = SignInit;
  faulty_.C_Sign = Sign;
}

FaultyPkcs11::~FaultyPkcs11() {
  delete faults;
  faults = nullptr;
}

void FaultyPkcs11::FailNth(Call call, int nth, CK_RV result) {
  base::MutexLock lock(faults->mutex);
  faults->planned[call].push_back({nth, result});
}

void FaultyPkcs11::FailAlways(Call call, CK_RV result) {
  base::MutexLock lock(faults->mutex);
  faults->always[call] = result;
}

void FaultyPkcs11::Heal() {
  base::MutexLock lock(faults->mutex);
  faults->planned.clear();
  faults->always.clear();
  faults->tamper = nullptr;
  faults->key.reset();
  faults->token_flags = 0;
}

int FaultyPkcs11::Count(Call call) const {
  base::MutexLock lock(faults->mutex);
  return faults->counts[call];
}

void FaultyPkcs11::TamperWithSignatures(
    std::function<void(CK_BYTE*, CK_ULONG*)> tamper) {
  base::MutexLock lock(faults->mutex);
  faults->tamper = std::move(tamper);
}

void FaultyPkcs11::AddTokenFlags(CK_FLAGS flags) {
  base::MutexLock lock(faults->mutex);
  faults->token_flags |= flags;
}

void FaultyPkcs11::SignWithKey(CK_OBJECT_HANDLE key) {
  base::MutexLock lock(faults->mutex);
  faults->key = key;
}

}  // namespace bootseal::tests
