#include "client/imgtool/image.h"

#include <array>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/imgtool/message.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/writer.h"

namespace bootseal::imgtool {
namespace {

namespace mcuboot = image::mcuboot;
using image::Bytes;
using image::host::AsBytes;
using image::host::ToString;

mcuboot::Rules RulesOf(const SignOptions& options, const Signer& signer) {
  mcuboot::Rules rules;
  if (signer.key != nullptr) rules.algorithm = signer.key->signing->algorithm;
  rules.hash = signer.hash;
  rules.key_format = options.key_format;
  rules.public_key = AsBytes(signer.public_key);
  rules.key_hash = AsBytes(signer.key_hash);
  return rules;
}

mcuboot::Vendor View(std::uint16_t type, absl::string_view value) {
  return {type, AsBytes(value)};
}

std::vector<mcuboot::Vendor> VendorTlvs(const SignOptions& options) {
  std::vector<mcuboot::Vendor> tlvs;
  if (!options.vendor_uuid.empty()) {
    tlvs.push_back(View(mcuboot::tlv::kVendorUuid, options.vendor_uuid));
  }
  if (!options.class_uuid.empty()) {
    tlvs.push_back(View(mcuboot::tlv::kClassUuid, options.class_uuid));
  }
  for (const CustomTlv& tlv : options.custom) {
    tlvs.push_back(View(tlv.type, tlv.value));
  }
  return tlvs;
}

absl::StatusOr<std::string> AreaText(const image::Result<Bytes>& area,
                                     absl::string_view name) {
  if (area.ok()) return ToString(*area);
  if (area.error() == image::Error::kTlvLength) {
    return Unfit("AREA_TOO_LARGE", "",
                 absl::StrCat("the TLVs of the ", name, " area take more than ",
                              mcuboot::kMaxTlvAreaBytes, " bytes"));
  }
  return image::host::ToStatus(area.error());
}

std::vector<std::byte> AreaBuffer() {
  return std::vector<std::byte>(mcuboot::kMaxTlvAreaBytes);
}

absl::StatusOr<std::string> WriteProtected(const SignOptions& options,
                                           const Signer& signer,
                                           const Content& content) {
  std::vector<mcuboot::Vendor> decompression;
  for (const CustomTlv& tlv : content.decompression) {
    decompression.push_back(View(tlv.type, tlv.value));
  }
  const auto vendor = VendorTlvs(options);
  mcuboot::ProtectedTlvs tlvs;
  tlvs.has_security_counter = options.security_counter.has_value();
  tlvs.security_counter = options.security_counter.value_or(0);
  tlvs.software_type = AsBytes(options.software_type);
  tlvs.dependencies = options.dependencies;
  tlvs.decompression = decompression;
  tlvs.vendor = vendor;
  std::vector<std::byte> buffer = AreaBuffer();
  return AreaText(mcuboot::WriteProtected(RulesOf(options, signer),
                                          options.version, tlvs, buffer),
                  "protected");
}

std::uint32_t FlagsOf(const SignOptions& options) {
  std::uint32_t flags = 0;
  if (options.load_address != 0) flags |= mcuboot::flags::kRamLoad;
  if (options.rom_fixed != 0) flags |= mcuboot::flags::kRomFixed;
  if (options.non_bootable) flags |= mcuboot::flags::kNonBootable;
  return flags;
}

// Without --pad-header the room in front is the input's own, of zeros.
std::byte HeaderFill(const SignOptions& options) {
  return options.pad_header ? options.erased : std::byte{0};
}

}  // namespace

absl::StatusOr<std::string> WriteRange(const SignOptions& options,
                                       const Signer& signer,
                                       const Content& content) {
  if (content.payload.size() > std::numeric_limits<std::uint32_t>::max()) {
    return base::Invalid("IMAGE_TOO_LARGE", "infile",
                         absl::StrCat("a payload of ", content.payload.size(),
                                      " bytes has no place in a header"));
  }
  ASSIGN_OR_RETURN(const std::string area,
                   WriteProtected(options, signer, content));
  mcuboot::Header header;
  header.load_address =
      options.rom_fixed != 0 ? options.rom_fixed : options.load_address;
  header.header_size = static_cast<std::uint16_t>(options.header_size);
  header.protected_size = static_cast<std::uint16_t>(area.size());
  header.image_size = static_cast<std::uint32_t>(content.payload.size());
  header.flags = FlagsOf(options) | content.flags;
  header.version = options.version;
  std::vector<std::byte> buffer(options.header_size);
  const auto front = mcuboot::WriteHeader(header, HeaderFill(options), buffer);
  if (!front.ok()) return image::host::ToStatus(front.error());
  return absl::StrCat(ToString(*front), content.payload, area);
}

absl::StatusOr<std::string> WriteTail(const SignOptions& options,
                                      const Signer& signer,
                                      absl::string_view range,
                                      absl::string_view signature,
                                      const Encryption* encryption) {
  mcuboot::UnprotectedTlvs tlvs;
  tlvs.signature = AsBytes(signature);
  tlvs.has_key_id = options.key_id.has_value();
  tlvs.key_id = options.key_id.value_or(0);
  tlvs.pure = options.pure;
  if (encryption != nullptr) {
    tlvs.encryption = View(encryption->tlv_type, encryption->tlv_value);
  }
  std::vector<std::byte> buffer = AreaBuffer();
  return AreaText(mcuboot::WriteUnprotected(
                      RulesOf(options, signer),
                      image::HashOf(signer.hash, AsBytes(range)), tlvs, buffer),
                  "unprotected");
}

}  // namespace bootseal::imgtool
