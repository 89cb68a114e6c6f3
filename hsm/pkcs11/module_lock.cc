#include "hsm/pkcs11/module_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "hsm/pkcs11/module.h"

namespace bootseal::hsm::pkcs11 {
namespace {

constexpr std::chrono::milliseconds kPollInterval{10};

}  // namespace

absl::StatusOr<ModuleLock> ModuleLock::Take(
    const std::string& module_path, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  const int descriptor = open(module_path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return MissingModule(module_path);
  ModuleLock lock(descriptor);
  while (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return base::Internal(absl::StrCat("cannot lock ", module_path, ": ",
                                         std::strerror(errno)));
    }
    if (std::chrono::steady_clock::now() >= deadline) {
      return base::Unavailable(
          "TOKEN_BUSY",
          absl::StrCat("another process has been at work with ", module_path,
                       " for ", patience.count(),
                       " ms; lslocks shows which, try again when it is done"));
    }
    std::this_thread::sleep_for(kPollInterval);
  }
  return lock;
}

ModuleLock::ModuleLock(ModuleLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

ModuleLock::~ModuleLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace bootseal::hsm::pkcs11
