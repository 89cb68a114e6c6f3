// Which backend of image/crypto.h a program was linked with.
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_BACKEND_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_BACKEND_H_

namespace bootseal::crypto {

// As in boot-<board>-<name>.elf.
extern const char kName[];

}  // namespace bootseal::crypto

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_BACKEND_H_
