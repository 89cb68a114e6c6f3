// One agent at a time: an advisory lock on a file, given back with the object
// or with the process. Move-only.
#ifndef BOOTSEAL_CLIENT_FWU_INSTANCE_LOCK_H_
#define BOOTSEAL_CLIENT_FWU_INSTANCE_LOCK_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "client/fwu/descriptor.h"

namespace bootseal::fwu {

class InstanceLock {
 public:
  // Makes the file. FAILED_PRECONDITION: INSTANCE_RUNNING when another holds
  // it, FILE_UNWRITABLE.
  static absl::StatusOr<InstanceLock> Take(const std::string& path);

 private:
  explicit InstanceLock(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_INSTANCE_LOCK_H_
