#include "hsm/pkcs11/module.h"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/mutex.h"
#include "base/status.h"
#include "hsm/pkcs11/error.h"

namespace bootseal::hsm::pkcs11 {
namespace {

// Modules that a Module object of this process stands for. Never destroyed:
// exit handlers may still look.
struct Registry {
  base::Mutex mutex;
  std::set<const CK_FUNCTION_LIST*> used ABSL_GUARDED_BY(mutex);
};

Registry& TheRegistry() {
  static auto* registry = new Registry;
  return *registry;
}

constexpr char kDefaultModule[] = "softhsm2";

constexpr const char* kFolders[] = {
    "/usr/lib/softhsm",
    "/usr/lib/x86_64-linux-gnu/softhsm",
    "/usr/lib/aarch64-linux-gnu/softhsm",
    "/usr/lib/x86_64-linux-gnu/pkcs11",
    "/usr/lib/aarch64-linux-gnu/pkcs11",
    "/usr/lib/pkcs11",
    "/usr/lib64/pkcs11",
    "/usr/lib64/softhsm",
    "/usr/local/lib/softhsm",
    "/usr/local/lib/pkcs11",
};

absl::Status Unusable(const std::string& path, absl::string_view why) {
  return base::Precondition("MODULE_UNUSABLE",
                            absl::StrCat(path, " is no PKCS#11 module: ", why));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Module>> Module::Load(const std::string& path) {
  if (access(path.c_str(), R_OK) != 0) return MissingModule(path);
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) return Unusable(path, dlerror());
  const auto get_list = reinterpret_cast<CK_C_GetFunctionList>(
      dlsym(library, "C_GetFunctionList"));
  if (!get_list) return Unusable(path, "it has no C_GetFunctionList");
  CK_FUNCTION_LIST* functions = nullptr;
  if (const CK_RV result = get_list(&functions);
      result != CKR_OK || !functions) {
    return Unusable(path,
                    absl::StrCat("C_GetFunctionList gave ", NameOf(result)));
  }
  return FromFunctions(*functions);
}

absl::StatusOr<std::unique_ptr<Module>> Module::FromFunctions(
    CK_FUNCTION_LIST& functions) {
  auto module = std::unique_ptr<Module>(new Module(functions));
  {
    Registry& registry = TheRegistry();
    base::MutexLock lock(registry.mutex);
    if (!registry.used.insert(&functions).second) {
      return base::Precondition(
          "MODULE_BUSY",
          "this process uses the PKCS#11 module already; one token at a time");
    }
    module->registered_ = true;
  }
  RETURN_IF_ERROR(module->Initialise());
  return module;
}

Module::~Module() {
  Shutdown();
  if (!registered_) return;
  Registry& registry = TheRegistry();
  base::MutexLock lock(registry.mutex);
  registry.used.erase(&functions_);
}

absl::Status Module::Initialise() {
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  const CK_RV result = functions_.C_Initialize(&arguments);
  // Someone else's C_Initialize serves us too, but is not ours to undo.
  if (result == CKR_CRYPTOKI_ALREADY_INITIALIZED) return absl::OkStatus();
  if (result != CKR_OK) return ToStatus("C_Initialize", result);
  initialised_ = true;
  return absl::OkStatus();
}

absl::Status Module::Reinitialise() {
  Shutdown();
  return Initialise();
}

void Module::Shutdown() {
  if (!initialised_) return;
  functions_.C_Finalize(nullptr);
  initialised_ = false;
}

absl::StatusOr<std::vector<Slot>> Module::Slots() const {
  CK_ULONG count = 0;
  CK_RV result = functions_.C_GetSlotList(CK_TRUE, nullptr, &count);
  if (result != CKR_OK) return ToStatus("C_GetSlotList", result);
  std::vector<CK_SLOT_ID> ids(count);
  result = functions_.C_GetSlotList(CK_TRUE, ids.data(), &count);
  if (result != CKR_OK) return ToStatus("C_GetSlotList", result);
  ids.resize(std::min<std::size_t>(count, ids.size()));
  std::vector<Slot> slots;
  for (const CK_SLOT_ID id : ids) {
    Slot slot{id, {}};
    // A token that cannot be read is as good as absent.
    if (functions_.C_GetTokenInfo(id, &slot.token) == CKR_OK) {
      slots.push_back(slot);
    }
  }
  return slots;
}

absl::Status MissingModule(const std::string& path) {
  return base::Precondition(
      "MODULE_MISSING",
      absl::StrCat("no PKCS#11 module at ", path,
                   "; install it (SoftHSM: package softhsm2) or name "
                   "another with module-path or --module"));
}

absl::StatusOr<std::string> FindModule(const std::string& name) {
  for (const char* folder : kFolders) {
    for (const char* prefix : {"lib", ""}) {
      const std::string path = absl::StrCat(folder, "/", prefix, name, ".so");
      if (access(path.c_str(), R_OK) == 0) return path;
    }
  }
  return base::Precondition(
      "MODULE_MISSING",
      absl::StrCat("no PKCS#11 module named ", name,
                   " in the usual folders; install it (SoftHSM: package "
                   "softhsm2) or give its path"));
}

absl::StatusOr<std::string> FindModule(const Uri& uri) {
  if (std::string path = uri.module_path(); !path.empty()) return path;
  const std::string name = uri.module_name();
  return FindModule(name.empty() ? std::string(kDefaultModule) : name);
}

}  // namespace bootseal::hsm::pkcs11
