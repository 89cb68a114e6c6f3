// What reader and writer of embedded receipts share.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_RECEIPT_LAYOUT_H_
#define BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_RECEIPT_LAYOUT_H_

#include <cstdint>

namespace bootseal::image::transparency {

inline constexpr std::uint32_t kReceiptMagic = 0x31525342;  // "BSR1"

}  // namespace bootseal::image::transparency

#endif  // BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_RECEIPT_LAYOUT_H_
