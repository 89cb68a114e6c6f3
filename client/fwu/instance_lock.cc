#include "client/fwu/instance_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::fwu {

absl::StatusOr<InstanceLock> InstanceLock::Take(const std::string& path) {
  Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600), path);
  if (file.number() >= 0 && flock(file.number(), LOCK_EX | LOCK_NB) == 0) {
    return InstanceLock(std::move(file));
  }
  if (file.number() >= 0 && errno == EWOULDBLOCK) {
    return base::Precondition(
        "INSTANCE_RUNNING",
        absl::StrCat("another bootseal-fwu holds ", path, "; let it end"));
  }
  return base::Precondition(
      "FILE_UNWRITABLE",
      absl::StrCat("cannot lock ", path, ": ", std::strerror(errno)));
}

}  // namespace bootseal::fwu
