// Raw flash as Linux shows it: an MTD character device, or a file that behaves
// like one. A block is erased to 0xff before it is programmed.
#ifndef BOOTSEAL_CLIENT_FWU_RAW_FLASH_STORAGE_H_
#define BOOTSEAL_CLIENT_FWU_RAW_FLASH_STORAGE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/fwu/descriptor.h"
#include "client/fwu/storage.h"

namespace bootseal::fwu {

// `erase_block`: bytes; of an MTD device it must be the device's own. A bad
// block of NAND is an error where it is read or written (STORAGE_READ,
// STORAGE_WRITE): the offsets are fixed, so nothing is moved around it.
// INVALID_ARGUMENT (UNIT_INVALID), FILE_NOT_FOUND, FILE_UNREADABLE.
absl::StatusOr<std::unique_ptr<Storage>> OpenRawFlashStorage(
    const std::string& path, std::uint32_t erase_block, Access access);

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_RAW_FLASH_STORAGE_H_
