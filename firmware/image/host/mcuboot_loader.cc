#include "firmware/image/host/mcuboot_loader.h"

#include <cstdint>
#include <optional>
#include <span>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/tlv_names.h"
#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::image::host {
namespace {

using mcuboot::Presence;
using mcuboot::Rules;
using mcuboot::Strategy;
using enum LoaderStepId;
namespace flags = mcuboot::flags;
namespace tlv = mcuboot::tlv;

bool Has(const SlotImage& image, std::uint32_t flag) {
  return (image.header().flags & flag) != 0;
}

LoaderVerdict JudgeMagic(const Rules&, const SlotImage& image) {
  if (image.magic() == mcuboot::kHeaderMagic) return std::nullopt;
  return Refused(kMagic, absl::StrFormat("magic 0x%08x at 0x0", image.magic()));
}

LoaderVerdict JudgeBootable(const Rules&, const SlotImage& image) {
  if (!Has(image, flags::kNonBootable)) return std::nullopt;
  return Refused(kBootable, "NON_BOOTABLE is set");
}

LoaderVerdict JudgeSize(const Rules& rules, const SlotImage& image) {
  const std::uint64_t end = image.signed_size();
  if (end < rules.slot_size) return std::nullopt;
  return Refused(kSize, absl::StrFormat("they end at 0x%x, the slot has 0x%x",
                                        end, rules.slot_size));
}

LoaderVerdict JudgeEncryption(const Rules& rules, const SlotImage& image) {
  const bool aes128 = Has(image, flags::kEncryptedAes128);
  const bool aes256 = Has(image, flags::kEncryptedAes256);
  if (!aes128 && !aes256) return std::nullopt;
  if (rules.encryption == Presence::kForbidden) {
    return Refused(kEncryption, "encrypted, MCUBOOT_ENC_IMAGES is off");
  }
  if (aes128 && aes256) return Refused(kEncryption, "both key sizes are said");
  const std::size_t size = mcuboot::EncryptionTlvSize(
      rules.encryption_tlv, rules.encryption_key_bits);
  for (const SlotTlv& each : image.tlvs()) {
    if (each.type != rules.encryption_tlv) continue;
    if (each.value.size() != size) {
      return Refused(kKeyUnwrap,
                     absl::StrFormat("%s of %d bytes at 0x%x, the build takes "
                                     "%d",
                                     DescribeTlv(each.type), each.value.size(),
                                     each.offset, size));
    }
    return LoaderEnd{
        PredictedBoot::kUndecided, kKeyUnwrap,
        "the payload is encrypted: digest and signature are of the "
        "plain one"};
  }
  return Refused(kKeyUnwrap, absl::StrCat("there is no ",
                                          DescribeTlv(rules.encryption_tlv)));
}

LoaderVerdict JudgeCompression(const Rules& rules, const SlotImage& image) {
  const bool lzma1 = Has(image, flags::kCompressedLzma1);
  const bool lzma2 = Has(image, flags::kCompressedLzma2);
  if (!lzma1 && !lzma2) return std::nullopt;
  if (rules.compression == mcuboot::Compression::kNone) {
    return Refused(kCompression,
                   "compressed, MCUBOOT_DECOMPRESS_IMAGES is off");
  }
  if (lzma1 && lzma2) return Refused(kCompression, "LZMA1 and LZMA2 are said");
  return std::nullopt;
}

LoaderVerdict JudgeRomAddress(const Rules& rules, const SlotImage& image) {
  const std::uint32_t expected =
      rules.rom_fixed != 0 ? rules.rom_fixed : rules.slot_address;
  const std::uint32_t found = image.header().load_address;
  if (rules.strategy != Strategy::kDirectXip || expected == 0 ||
      !Has(image, flags::kRomFixed) || found == expected) {
    return std::nullopt;
  }
  return Refused(kRomAddress,
                 absl::StrFormat("built for 0x%x, the target's slot is 0x%x: "
                                 "direct-xip needs one build for each slot",
                                 found, expected));
}

LoaderVerdict JudgeRamLoad(const Rules& rules, const SlotImage& image) {
  if (rules.strategy != Strategy::kRamLoad || Has(image, flags::kRamLoad)) {
    return std::nullopt;
  }
  return Refused(kRamLoad,
                 "RAM_LOAD is not set: the load address is mandatory");
}

LoaderVerdict JudgeDependencies(const Rules& rules, const SlotImage& image) {
  if (rules.image_count < 2) return std::nullopt;
  for (const SlotTlv& each : image.tlvs()) {
    if (!each.is_protected || each.type != tlv::kDependency) continue;
    if (each.value.size() != 12) {
      return Refused(kDependencies,
                     absl::StrFormat("dependency of %d bytes at 0x%x",
                                     each.value.size(), each.offset));
    }
    const auto id = Reader(AsBytes(each.value)).U8();
    if (id < rules.image_count) continue;
    return Refused(kDependencies,
                   absl::StrFormat("image %d at 0x%x, the device has %d", id,
                                   each.offset, rules.image_count));
  }
  return std::nullopt;
}

LoaderVerdict JudgeCounterUpdate(const Rules& rules, const SlotImage& image) {
  if (rules.security_counter != Presence::kRequired) return std::nullopt;
  for (const SlotTlv& each : image.tlvs()) {
    if (!each.is_protected || each.type != tlv::kSecurityCounter) continue;
    const std::uint32_t value = Reader(AsBytes(each.value)).U32();
    const std::uint32_t ceiling = rules.security_counter_ceiling;
    if (ceiling == 0 || value <= ceiling) return std::nullopt;
    return Stopped(kCounterUpdate,
                   absl::StrFormat("SEC_CNT %d at 0x%x passes, and the device "
                                   "cannot store more than %d: after an "
                                   "overwrite it is bricked",
                                   value, each.offset, ceiling));
  }
  return Stopped(kCounterUpdate,
                 "SEC_CNT is in the unprotected area: validation reads it "
                 "there, the update does not");
}

LoaderVerdict JudgeBootRecord(const Rules& rules, const SlotImage& image) {
  if (rules.boot_record != Presence::kRequired) return std::nullopt;
  std::optional<std::size_t> size;
  for (const SlotTlv& each : image.tlvs()) {
    if (each.type == mcuboot::DigestTlv(rules.hash)) break;
    if (each.type == tlv::kBootRecord) size = each.value.size();
  }
  if (!size) {
    return Stopped(kBootRecord,
                   "there is no BOOT_RECORD before the hash TLV, "
                   "MCUBOOT_MEASURED_BOOT wants it");
  }
  if (*size > rules.max_boot_record_size || *size < HashSize(rules.hash)) {
    return Stopped(kBootRecord,
                   absl::StrFormat("BOOT_RECORD of %d bytes, the device takes "
                                   "%d to %d",
                                   *size, HashSize(rules.hash),
                                   rules.max_boot_record_size));
  }
  return std::nullopt;
}

using Judge = LoaderVerdict (*)(const Rules&, const SlotImage&);

LoaderVerdict First(std::span<const Judge> judges, const Rules& rules,
                    const SlotImage& image) {
  for (const Judge judge : judges) {
    if (LoaderVerdict verdict = judge(rules, image)) return verdict;
  }
  return std::nullopt;
}

}  // namespace

LoaderVerdict LoadHeader(const Rules& rules, const SlotImage& image) {
  constexpr Judge kJudges[] = {
      JudgeMagic,       JudgeBootable,   JudgeSize,   JudgeEncryption,
      JudgeCompression, JudgeRomAddress, JudgeRamLoad};
  return First(kJudges, rules, image);
}

LoaderVerdict StartImage(const Rules& rules, const SlotImage& image) {
  constexpr Judge kJudges[] = {JudgeDependencies, JudgeCounterUpdate,
                               JudgeBootRecord};
  return First(kJudges, rules, image);
}

}  // namespace bootseal::image::host
