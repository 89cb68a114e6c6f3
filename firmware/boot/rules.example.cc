// What `bootseal targets export --format c++ TARGET` writes, byte for byte in
// this shape: firmware/provision compiles it into a bootloader. Every field is
// written, in the order of image::mcuboot::Rules; a span without bytes is {}.
// For images that carry their receipt there is a kReceipt before kRules as well
// (image::mcuboot::ReceiptRules), and .receipt = &kReceipt. The key is an
// example: its private half was thrown away.
#include "firmware/boot/rules.h"

namespace bootseal::boot {
namespace {

// KeyFormat::kHash: the key, as the device compares it (DER). KeyFormat::kFull:
// leave kPublicKey out and write .public_key = {}; the image carries the key.
constexpr auto kPublicKey = Hex(
    "3059301306072a8648ce3d020106082a8648ce3d03010703420004fc4a8c677fe7dbde03"
    "91fd13f7b3c2ecc1a92800c4e57ada45f11fe36a17b6759b82171dd519c61e299abc23b1"
    "8c787dce0b2d98247f8327c3ee8fff020a8558");

// kRules.hash over the key.
constexpr auto kKeyHash =
    Hex("7cfeb96e9d6c897636fdc8968142863d6dfbb41080401fcd14371b14c13a549d");

// ASCII; leave it out when any software type will do.
constexpr auto kSoftwareType = Hex("535045");  // SPE

}  // namespace

constinit const image::mcuboot::Rules kRules{
    .algorithm = image::Algorithm::kP256,
    .hash = image::HashAlgorithm::kSha256,
    .key_format = image::mcuboot::KeyFormat::kHash,
    .public_key = kPublicKey,
    .key_hash = kKeyHash,
    .pure = false,
    .header_size = 0x400,
    .slot_size = 0x80000,
    .align = 1,
    .max_align = 8,
    .sector_size = 0,
    .max_sectors = 128,
    .strategy = image::mcuboot::Strategy::kSingleSlot,
    .allow_list = false,
    .security_counter = image::mcuboot::Presence::kRequired,
    .minimum_security_counter = 0,
    .security_counter_ceiling = 0,
    .boot_record = image::mcuboot::Presence::kRequired,
    .software_type = kSoftwareType,
    .max_boot_record_size = 132,
    .dependency = image::mcuboot::Presence::kOptional,
    .image_count = 1,
    .load_address = 0,
    .rom_fixed = 0,
    .non_bootable = false,
    .vendor_uuid = {},
    .class_uuid = {},
    .encryption = image::mcuboot::Presence::kForbidden,
    .encryption_key_bits = 128,
    .encryption_tlv = 0,
    .encryption_tlv_required = false,
    .save_encryption_tlv = false,
    .compression = image::mcuboot::Compression::kNone,
    .slot_address = 0x10100000,
    .ram_address = 0x38000000,
    .ram_size = 0x400000,
    .receipt = nullptr,
};

}  // namespace bootseal::boot
