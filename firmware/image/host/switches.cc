#include "firmware/image/host/switches.h"

#include "absl/strings/str_cat.h"

namespace bootseal::image::host {
namespace {

using mcuboot::KeyFormat;
using mcuboot::Presence;
using mcuboot::Rules;
using mcuboot::Strategy;

std::string SwitchOf(Strategy strategy) {
  switch (strategy) {
    case Strategy::kSingleSlot:
      return "MCUBOOT_SINGLE_APPLICATION_SLOT";
    case Strategy::kOverwriteOnly:
      return "MCUBOOT_OVERWRITE_ONLY";
    case Strategy::kSwapScratch:
      return "MCUBOOT_SWAP_USING_SCRATCH";
    case Strategy::kSwapMove:
      return "MCUBOOT_SWAP_USING_MOVE";
    case Strategy::kSwapOffset:
      return "MCUBOOT_SWAP_USING_OFFSET";
    case Strategy::kDirectXip:
      return "MCUBOOT_DIRECT_XIP";
    case Strategy::kRamLoad:
      return "MCUBOOT_RAM_LOAD";
  }
  return "";
}

}  // namespace

std::string StrategySwitch(const Rules& rules) {
  return SwitchOf(rules.strategy);
}

std::string SignatureSwitch(const Rules& rules) {
  switch (rules.algorithm) {
    case Algorithm::kRsa2048:
      return "MCUBOOT_SIGN_RSA, MCUBOOT_SIGN_RSA_LEN 2048";
    case Algorithm::kRsa3072:
      return "MCUBOOT_SIGN_RSA, MCUBOOT_SIGN_RSA_LEN 3072";
    case Algorithm::kP256:
      return "MCUBOOT_SIGN_EC256";
    case Algorithm::kP384:
      return "MCUBOOT_SIGN_EC384";
    case Algorithm::kEd25519:
      return "MCUBOOT_SIGN_ED25519";
    case Algorithm::kBrainpoolP256t1:
      break;
  }
  return "";
}

std::string HashSwitch(const Rules& rules) {
  if (rules.hash == HashAlgorithm::kSha512) return "MCUBOOT_SHA512";
  return rules.hash == HashAlgorithm::kSha384 ? "MCUBOOT_SIGN_EC384" : "";
}

std::string KeySwitch(const Rules& rules) {
  return rules.key_format == KeyFormat::kFull ? "MCUBOOT_HW_KEY" : "";
}

std::string AllowListSwitch(const Rules& rules) {
  return rules.allow_list ? "MCUBOOT_USE_TLV_ALLOW_LIST" : "";
}

std::string RollbackSwitch(const Rules& rules) {
  return rules.security_counter == Presence::kRequired
             ? "MCUBOOT_HW_ROLLBACK_PROT"
             : "";
}

std::string MeasuredSwitch(const Rules& rules) {
  return rules.boot_record == Presence::kRequired ? "MCUBOOT_MEASURED_BOOT"
                                                  : "";
}

std::string RecordSizeSwitch(const Rules& rules) {
  return rules.boot_record == Presence::kRequired ? "MAX_BOOT_RECORD_SZ" : "";
}

std::string DependencySwitch(const Rules& rules) {
  return rules.image_count > 1
             ? absl::StrCat("MCUBOOT_IMAGE_NUMBER ", rules.image_count)
             : "";
}

std::string EncryptionSwitch(const Rules& rules) {
  return rules.encryption == Presence::kForbidden ? "MCUBOOT_ENC_IMAGES (off)"
                                                  : "MCUBOOT_ENC_IMAGES";
}

std::string VendorSwitch(const Rules& rules) {
  return rules.vendor_uuid.empty() ? "" : "MCUBOOT_UUID_VID";
}

std::string ClassSwitch(const Rules& rules) {
  return rules.class_uuid.empty() ? "" : "MCUBOOT_UUID_CID";
}

std::string CompressionSwitch(const Rules& rules) {
  return rules.compression == mcuboot::Compression::kNone
             ? "MCUBOOT_DECOMPRESS_IMAGES (off)"
             : "MCUBOOT_DECOMPRESS_IMAGES";
}

std::string PureSwitch(const Rules& rules) {
  return rules.pure ? "MCUBOOT_SIGN_PURE" : "";
}

}  // namespace bootseal::image::host
