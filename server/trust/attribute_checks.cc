#include "server/trust/attribute_checks.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "firmware/image/host/uuid.h"
#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::trust {
namespace {

namespace mcuboot = image::mcuboot;

// Of a vendor TLV that is neither out of range nor there already.
void CheckType(std::uint32_t type, std::set<std::uint32_t>& seen,
               const Field& here) {
  if (type < mcuboot::tlv::kVendorFirst || type > mcuboot::tlv::kVendorLast) {
    here.Report(absl::StrFormat("0x%04x, expected 0x%04x to 0x%04x", type,
                                mcuboot::tlv::kVendorFirst,
                                mcuboot::tlv::kVendorLast));
  } else if (!seen.insert(type).second) {
    here.Report(absl::StrFormat("0x%04x is given twice", type));
  }
}

void CheckRequestTlvs(const v1::McubootFormat& format, const Field& here) {
  std::set<std::uint32_t> own;
  for (const v1::VendorTlv& tlv : format.vendor_tlvs()) own.insert(tlv.type());
  std::set<std::uint32_t> seen;
  for (int i = 0; i < format.request_tlvs_size(); ++i) {
    const std::uint32_t type = format.request_tlvs(i);
    const Field field = here.At("request_tlvs", i);
    if (own.count(type) != 0) {
      field.Report(absl::StrFormat(
          "0x%04x is one of vendor_tlvs, which no request replaces", type));
    } else {
      CheckType(type, seen, field);
    }
  }
}

void CheckLoadAddress(const v1::McubootFormat& format, const Field& here) {
  const bool loads = format.strategy() == v1::RAM_LOAD;
  if (loads == (format.load_address() != 0)) return;
  here.At("load_address")
      .Report(loads ? "required by strategy RAM_LOAD"
                    : "expected only with strategy RAM_LOAD");
}

void CheckRomFixed(const v1::McubootFormat& format, const Field& here) {
  if (format.rom_fixed_address() == 0 || format.strategy() == v1::DIRECT_XIP) {
    return;
  }
  here.At("rom_fixed_address")
      .Report(
          "expected only with strategy DIRECT_XIP: others move images from "
          "slot to slot");
}

// Its payload has no vectors to hold against them.
void CheckNonBootable(const v1::McubootFormat& format, const Field& here) {
  if (!format.non_bootable()) return;
  if (format.slot_address() != 0) {
    here.At("slot_address").Report("never used: non_bootable is set");
  }
  if (format.ram_address() != 0) {
    here.At("ram_address").Report("never used: non_bootable is set");
  }
}

void CheckName(const std::string& text, const Field& here) {
  const bool printable = std::all_of(text.begin(), text.end(), [](char c) {
    return !absl::ascii_iscntrl(static_cast<unsigned char>(c));
  });
  if (!printable) here.Report("is neither a UUID nor a printable name");
}

// What lies in the slot is what such a bootloader starts, or verifies.
void CheckIsDecrypted(const v1::McubootFormat& format, const Field& here) {
  if (format.strategy() == v1::DIRECT_XIP) {
    here.At("encryption")
        .Report(
            "never used: with strategy DIRECT_XIP images run where they "
            "lie, and nothing decrypts them");
  }
  if (format.strategy() == v1::UPGRADE_STRATEGY_UNSPECIFIED) {
    here.At("strategy")
        .Report(
            "required by encryption: images are decrypted as they change slots "
            "or are loaded; SINGLE_SLOT only where serial recovery decrypts");
  }
  if (format.pure()) {
    here.At("pure").Report(
        "expected without encryption: the bootloader checks the signature over "
        "what lies in flash, which is the ciphertext");
  }
}

}  // namespace

void CheckVendorTlvs(const v1::McubootFormat& format, const Field& here) {
  std::set<std::uint32_t> seen;
  std::size_t total = 0;
  for (int i = 0; i < format.vendor_tlvs_size(); ++i) {
    const v1::VendorTlv& tlv = format.vendor_tlvs(i);
    total += mcuboot::kTlvHeaderBytes + tlv.value().size();
    CheckType(tlv.type(), seen, here.At("vendor_tlvs", i).At("type"));
  }
  if (total > mcuboot::kMaxTlvAreaBytes) {
    here.At("vendor_tlvs")
        .Report(absl::StrCat("take ", total, " bytes, an area holds ",
                             mcuboot::kMaxTlvAreaBytes));
  }
  CheckRequestTlvs(format, here);
}

// A 32-bit device: nothing of it lies beyond its last address.
void CheckAddresses(const v1::McubootFormat& format, const Field& here) {
  constexpr std::uint64_t kEnd = std::uint64_t{1} << 32;
  CheckLoadAddress(format, here);
  CheckRomFixed(format, here);
  CheckNonBootable(format, here);
  if (format.slot_address() != 0 && format.load_address() != 0) {
    here.At("slot_address")
        .Report(
            "expected only where images run in place, not with strategy "
            "RAM_LOAD");
  }
  if (std::uint64_t{format.slot_address()} + format.slot_size() > kEnd) {
    here.At("slot_address").Report("leaves no room for slot_size");
  }
  if (std::uint64_t{format.rom_fixed_address()} + format.slot_size() > kEnd) {
    here.At("rom_fixed_address").Report("leaves no room for slot_size");
  }
  if (std::uint64_t{format.load_address()} + format.slot_size() > kEnd) {
    here.At("load_address").Report("leaves no room for slot_size");
  }
  if ((format.ram_address() == 0) != (format.ram_size() == 0)) {
    here.At("ram_size").Report("expected together with ram_address");
  }
  if (std::uint64_t{format.ram_address()} + format.ram_size() > kEnd) {
    here.At("ram_size").Report("goes beyond the last address");
  }
}

void CheckIdentity(const v1::McubootFormat& format, const Field& here) {
  CheckName(format.vendor_id(), here.At("vendor_id"));
  CheckName(format.class_id(), here.At("class_id"));
  const bool needs_vendor =
      !format.class_id().empty() && !image::host::ParseUuid(format.class_id());
  if (!needs_vendor || !format.vendor_id().empty()) return;
  here.At("class_id")
      .Report(absl::StrCat("\"", format.class_id(),
                           "\" is a name, which counts within a vendor: give "
                           "vendor_id, or a UUID"));
}

void CheckEncryption(const v1::McubootFormat& format, const Field& here) {
  if (!format.has_encryption()) return;
  const v1::EncryptionFormat& encryption = format.encryption();
  const Field field = here.At("encryption");
  if (encryption.presence() == v1::FORBIDDEN) {
    field.At("presence")
        .Report(
            "FORBIDDEN, expected REQUIRED or OPTIONAL; leave encryption "
            "out of a target whose bootloader decrypts nothing");
  }
  const std::uint32_t bits = encryption.key_bits();
  if (bits != 0 && bits != 128 && bits != 256) {
    field.At("key_bits").Report(absl::StrCat(bits, ", expected 128 or 256"));
  }
  CheckIsDecrypted(format, here);
}

}  // namespace bootseal::trust
