// Stands for the backup domain and the fuses of an STM32MP1 where QEMU has
// neither: two pages of RAM that a test keeps in a file. To delete the first
// one's content is to lose the backup domain.
//
//   kBase +0x000  backup registers, 32 bits each, by boards::BackupRegister
//         +0x010  a word of the update agent's
//         +0x014  the counter of both worlds
//         +0x1000 OTP words 24 to 31: the root key's hash, its first four bytes
//                 read big-endian in the first word
#ifndef BOOTSEAL_FIRMWARE_BOARDS_STANDIN_BACKUP_MEMORY_H_
#define BOOTSEAL_FIRMWARE_BOARDS_STANDIN_BACKUP_MEMORY_H_

#include "firmware/boards/registers.h"
#include "firmware/boards/second_stage.h"

namespace bootseal::boards::standin {

template <std::uintptr_t kBase>
class BackupMemory {
 public:
  static volatile std::uint32_t& Of(BackupRegister which) {
    return Register(kBase + 4 * static_cast<std::uintptr_t>(which));
  }
  static volatile std::uint32_t& Counter() { return Register(kBase + 0x14); }

  static image::Error ReadRootKeyHash(image::MutableBytes to) {
    for (std::size_t i = 0; i < to.size(); ++i) {
      const std::uint32_t word = Register(kBase + 0x1000 + i / 4 * 4);
      to[i] = static_cast<std::byte>(word >> (24 - i % 4 * 8) & 0xff);
    }
    return image::Error::kOk;
  }
};

}  // namespace bootseal::boards::standin

#endif  // BOOTSEAL_FIRMWARE_BOARDS_STANDIN_BACKUP_MEMORY_H_
