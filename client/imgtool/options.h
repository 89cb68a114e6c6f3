// What `sign` is asked for, once its command line is read and judged.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_OPTIONS_H_
#define BOOTSEAL_CLIENT_IMGTOOL_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/imgtool/encryption.h"
#include "firmware/image/crypto.h"
#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/mcuboot/rules.h"
#include "firmware/image/mcuboot/writer.h"

namespace bootseal::imgtool {

// kTest differs from kPad in a HEX file alone, which then says that image_ok is
// erased.
enum class Padding { kNone, kPad, kTest, kConfirm };

// What goes to the output file instead of an image.
enum class Vector { kNone, kRange, kDigest };

using image::mcuboot::Compression;

struct CustomTlv {
  std::uint16_t type = 0;
  std::string value;
  std::string path;  // of the file with the value; empty: `value` counts
};

struct SignOptions {
  std::string input;
  std::string output;
  std::string key;               // PEM; empty: none
  std::string signature;         // file with a ready-made one, in base64
  std::string signature_key;     // PEM of its public key
  std::string signature_output;  // file for the signature in base64

  image::mcuboot::Version version;
  std::uint32_t header_size = 0;  // 32 to 65,535
  bool pad_header = false;        // the input starts with the payload
  std::byte erased{0xff};
  std::uint32_t load_address = 0;  // 0: none
  std::uint32_t rom_fixed = 0;     // 0: none
  bool non_bootable = false;

  std::uint32_t slot_size = 0;  // 0: no check, and no padding
  std::uint32_t align = 1;
  std::uint32_t max_align = 8;
  std::uint32_t max_sectors = 128;
  bool overwrite_only = false;
  // How the bootloader upgrades, when the caller says so: then its own limit
  // for an image counts, with sectors of `sector_size` bytes.
  std::optional<image::mcuboot::Strategy> strategy;
  std::uint32_t sector_size = 0;
  Padding padding = Padding::kNone;
  std::optional<std::uint32_t> hex_address;

  std::optional<std::uint32_t> security_counter;
  std::vector<image::mcuboot::Dependency> dependencies;
  std::string software_type;  // empty: no boot record
  std::string vendor_uuid;    // 16 bytes, or empty
  std::string class_uuid;
  std::vector<CustomTlv> custom;

  image::mcuboot::KeyFormat key_format = image::mcuboot::KeyFormat::kHash;
  // KEYID instead: the number of a key that the device has built in (TF-M).
  std::optional<std::uint32_t> key_id;
  std::optional<image::HashAlgorithm> hash;  // none: the key's
  bool pure = false;
  bool pad_signature = false;
  Vector vector = Vector::kNone;

  std::string encryption_key;  // PEM of the device's; empty: none
  EncryptionOptions encryption;
  bool clear = false;  // encryptable, but in plaintext
  bool save_encryption_tlv = false;
  Compression compression = Compression::kNone;

  bool is_unsigned = false;  // wanted so
  // What imgtool does wrong in silence is done as it does it.
  bool imgtool_compatible = false;
};

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_OPTIONS_H_
