// A block device, or an image of one in a file.
#ifndef BOOTSEAL_CLIENT_FWU_FILE_STORAGE_H_
#define BOOTSEAL_CLIENT_FWU_FILE_STORAGE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/fwu/descriptor.h"
#include "client/fwu/storage.h"

namespace bootseal::fwu {

// `unit`: 512 or 4096, INVALID_ARGUMENT (UNIT_INVALID) else, and when the size
// of what is there is no multiple of it. FILE_NOT_FOUND, FILE_UNREADABLE.
absl::StatusOr<std::unique_ptr<Storage>> OpenFileStorage(
    const std::string& path, std::uint32_t unit, Access access);

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_FILE_STORAGE_H_
