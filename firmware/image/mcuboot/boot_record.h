// The boot record TLV: a CBOR map that the bootloader completes with the digest
// of what it started and hands on to attestation. Facts: mcuboot 1.10.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_BOOT_RECORD_H_
#define BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_BOOT_RECORD_H_

#include <array>
#include <cstddef>

#include "firmware/image/crypto.h"
#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/result.h"

namespace bootseal::image::mcuboot {

inline constexpr std::size_t kMaxSoftwareTypeBytes = 12;

// In the order of the map: the measurement is last, because the bootloader
// overwrites the last bytes of the TLV.
struct BootRecord {
  Bytes software_type;  // ASCII, 1 to 12 bytes
  Bytes version;        // ASCII "major.minor.revision"
  Bytes signer;         // hash of the signer's public key
  Bytes hash_name;      // ASCII "SHA256", "SHA384" or "SHA512"
  Bytes measurement;    // zeros, as long as a digest
};

// The same, as a device has it: without a copy.
Error ReadBootRecord(Bytes value, BootRecord& record);

// Takes only the one encoding that signers write: these five pairs in this
// order, shortest lengths, a measurement of zeros, nothing after it.
// kBootRecordFormat.
inline Result<BootRecord> ReadBootRecord(Bytes value) {
  BootRecord record;
  const Error error = ReadBootRecord(value, record);
  if (error != Error::kOk) return error;
  return record;
}

// Appends the map; the writer's count says how many bytes it takes.
void WriteBootRecord(const BootRecord& record, Writer& writer);

// "SHA256" for kSha256; empty for a value outside the enumeration.
Bytes HashName(HashAlgorithm algorithm);

// "1.2.3" for 1.2.3+4: the record drops the build number.
class VersionText {
 public:
  explicit VersionText(const Version& version);
  Bytes bytes() const { return Bytes(text_).first(size_); }

 private:
  void Append(std::uint32_t number);

  std::array<std::byte, sizeof("255.255.65535") - 1> text_{};
  std::size_t size_ = 0;
};

}  // namespace bootseal::image::mcuboot

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_BOOT_RECORD_H_
