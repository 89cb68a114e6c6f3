#include "firmware/image/host/tlv_names.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::image::host {
namespace {

struct Name {
  std::uint16_t type;
  absl::string_view name;
};

constexpr Name kNames[] = {
    {0x01, "KEYHASH"},
    {0x02, "PUBKEY"},
    {0x03, "KEYID"},
    {0x10, "SHA256"},
    {0x11, "SHA384"},
    {0x12, "SHA512"},
    {0x20, "RSA2048_PSS"},
    {0x21, "ECDSA224"},
    {0x22, "ECDSA_SIG"},
    {0x23, "RSA3072_PSS"},
    {0x24, "ED25519"},
    {0x25, "SIG_PURE"},
    {0x30, "ENC_RSA2048"},
    {0x31, "ENC_KW"},
    {0x32, "ENC_EC256"},
    {0x33, "ENC_X25519"},
    {0x34, "ENC_X25519_SHA512"},
    {0x40, "DEPENDENCY"},
    {0x50, "SEC_CNT"},
    {0x60, "BOOT_RECORD"},
    {0x70, "DECOMP_SIZE"},
    {0x71, "DECOMP_SHA"},
    {0x72, "DECOMP_SIGNATURE"},
    {0x73, "COMP_DEC_SIZE"},
    {0x74, "UUID_VID"},
    {0x75, "UUID_CID"},
    {mcuboot::tlv::kReceipt, "RECEIPT"},
};

}  // namespace

absl::string_view NameOfTlv(std::uint16_t type) {
  for (const Name& name : kNames) {
    if (name.type == type) return name.name;
  }
  return mcuboot::IsVendor(type) ? "VENDOR" : "UNKNOWN";
}

std::string DescribeTlv(std::uint16_t type) {
  return absl::StrFormat("%s TLV (0x%02x)", NameOfTlv(type), type);
}

}  // namespace bootseal::image::host
