#include "tests/bench/raw_signing.h"

#include <dlfcn.h>
#include <p11-kit/pkcs11.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

namespace bootseal::bench {
namespace {

using Time = std::chrono::steady_clock;

void Must(CK_RV rv, const char* what) {
  if (rv == CKR_OK) return;
  std::fprintf(stderr, "bootseal-bench: %s: CKR 0x%lx\n", what, rv);
  std::exit(1);
}

CK_FUNCTION_LIST* Load(const std::string& path) {
  void* module = dlopen(path.c_str(), RTLD_NOW);
  CK_FUNCTION_LIST* functions = nullptr;
  if (module != nullptr) {
    const auto get = reinterpret_cast<CK_C_GetFunctionList>(
        dlsym(module, "C_GetFunctionList"));
    if (get != nullptr) get(&functions);
  }
  if (functions == nullptr) Must(CKR_GENERAL_ERROR, path.c_str());
  return functions;
}

CK_SLOT_ID FindSlot(CK_FUNCTION_LIST* p11, const std::string& label) {
  CK_SLOT_ID slots[16];
  CK_ULONG count = 16;
  Must(p11->C_GetSlotList(CK_TRUE, slots, &count), "C_GetSlotList");
  for (CK_ULONG i = 0; i < count; ++i) {
    CK_TOKEN_INFO info;
    Must(p11->C_GetTokenInfo(slots[i], &info), "C_GetTokenInfo");
    // Labels are padded with spaces.
    if (std::memcmp(info.label, label.data(), label.size()) == 0 &&
        info.label[label.size()] == ' ') {
      return slots[i];
    }
  }
  Must(CKR_TOKEN_NOT_PRESENT, label.c_str());
  return 0;
}

CK_OBJECT_HANDLE FindKey(CK_FUNCTION_LIST* p11, CK_SESSION_HANDLE session,
                         std::string label) {
  CK_OBJECT_CLASS kind = CKO_PRIVATE_KEY;
  CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &kind, sizeof(kind)},
                           {CKA_LABEL, label.data(), label.size()}};
  CK_OBJECT_HANDLE key = 0;
  CK_ULONG count = 0;
  Must(p11->C_FindObjectsInit(session, wanted, 2), "C_FindObjectsInit");
  Must(p11->C_FindObjects(session, &key, 1, &count), "C_FindObjects");
  Must(p11->C_FindObjectsFinal(session), "C_FindObjectsFinal");
  if (count != 1) Must(CKR_OBJECT_HANDLE_INVALID, label.c_str());
  return key;
}

// Signs until the deadline; the number of signatures.
std::uint64_t Loop(CK_FUNCTION_LIST* p11, CK_SLOT_ID slot, const RawKey& key,
                   Time::time_point deadline) {
  CK_SESSION_HANDLE session = 0;
  Must(p11->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session),
       "C_OpenSession");
  const CK_OBJECT_HANDLE handle = FindKey(p11, session, key.label);
  CK_RSA_PKCS_PSS_PARAMS pss{CKM_SHA256, CKG_MGF1_SHA256, 32};
  CK_MECHANISM rsa{CKM_RSA_PKCS_PSS, &pss, sizeof(pss)};
  CK_MECHANISM ecdsa{CKM_ECDSA, nullptr, 0};
  CK_MECHANISM* mechanism = key.algorithm == "p256" ? &ecdsa : &rsa;
  CK_BYTE digest[32] = {1};
  std::uint64_t count = 0;
  while (Time::now() < deadline) {
    CK_BYTE signature[512];
    CK_ULONG size = sizeof(signature);
    Must(p11->C_SignInit(session, mechanism, handle), "C_SignInit");
    Must(p11->C_Sign(session, digest, sizeof(digest), signature, &size),
         "C_Sign");
    ++digest[0];
    ++count;
  }
  return count;
}

}  // namespace

double RawSignaturesPerSecond(const std::string& module_path,
                              const std::string& token_label,
                              const std::string& pin, const RawKey& key,
                              int threads, std::chrono::seconds duration) {
  CK_FUNCTION_LIST* p11 = Load(module_path);
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  Must(p11->C_Initialize(&arguments), "C_Initialize");
  const CK_SLOT_ID slot = FindSlot(p11, token_label);
  CK_SESSION_HANDLE keeper = 0;
  Must(p11->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &keeper),
       "C_OpenSession");
  std::string secret = pin;
  Must(p11->C_Login(keeper, CKU_USER,
                    reinterpret_cast<CK_UTF8CHAR*>(secret.data()),
                    secret.size()),
       "C_Login");
  std::atomic<std::uint64_t> total{0};
  const Time::time_point start = Time::now();
  std::vector<std::thread> workers;
  for (int i = 0; i < threads; ++i) {
    workers.emplace_back(
        [&] { total += Loop(p11, slot, key, start + duration); });
  }
  for (std::thread& worker : workers) worker.join();
  const std::chrono::duration<double> elapsed = Time::now() - start;
  Must(p11->C_Finalize(nullptr), "C_Finalize");
  return static_cast<double>(total.load()) / elapsed.count();
}

}  // namespace bootseal::bench
