#include "firmware/image/host/mcuboot_step.h"

#include <iterator>

namespace bootseal::image::host {
namespace {

constexpr char kLoader[] = "boot_validate_slot";
constexpr char kValidate[] = "bootutil_img_validate";

constexpr LoaderStep kSteps[] = {
    {"MAGIC", kLoader, "the header starts with 0x96f3b83d"},
    {"BOOTABLE", kLoader, "the flag NON_BOOTABLE is not set"},
    {"SIZE", kLoader, "header, payload and protected TLVs end before the slot"},
    {"ENCRYPTION", kLoader, "encryption is built in, and one key size is said"},
    {"COMPRESSION", kLoader, "decompression is built in, and one kind is said"},
    {"ROM_ADDRESS", "boot_rom_address_check",
     "an image with ROM_FIXED is in the slot that it names"},
    {"RAM_LOAD", "boot_load_image_to_sram", "the flag RAM_LOAD is set"},
    {"KEY_UNWRAP", "boot_enc_load", "the device's key unwraps the ENC TLV"},
    {"SIG_PURE", kValidate, "the TLV SIG_PURE is there, one byte, 1"},
    {"TLV_INFO", "bootutil_tlv_iter_begin",
     "TLV areas have their magic, the protected one the header's size"},
    {"IMAGE_END", kValidate, "the TLVs end where the slot allows"},
    {"TLV_BOUNDS", "bootutil_tlv_iter_next", "every TLV fits its area"},
    {"ALLOW_LIST", kValidate, "every unprotected TLV is in the allow list"},
    {"HASH_TLV", kValidate,
     "every hash TLV of the build's type equals the digest, one is there"},
    {"KEY_TLV", kValidate, "the key TLV is not longer than its buffer"},
    {"SIGNATURE", kValidate,
     "the last signature after a key that is known verifies"},
    {"SECURITY_COUNTER", kValidate,
     "every SEC_CNT has four bytes and is not below the device's, one is "
     "there"},
    {"VENDOR_ID", kValidate, "UUID_VID is there and the device's"},
    {"CLASS_ID", kValidate, "UUID_CID is there and the device's"},
    {"DEPENDENCIES", "boot_verify_slot_dependencies",
     "dependencies have 12 bytes and name an image of the device"},
    {"COUNTER_UPDATE", "boot_nv_security_counter_update",
     "a protected SEC_CNT is there, and the device can store it"},
    {"BOOT_RECORD", "boot_save_boot_status",
     "a boot record that fits comes before the hash TLV"},
};
static_assert(std::size(kSteps) ==
              static_cast<std::size_t>(LoaderStepId::kBootRecord) + 1);

}  // namespace

std::span<const LoaderStep> LoaderSteps() { return kSteps; }

}  // namespace bootseal::image::host
