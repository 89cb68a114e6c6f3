// Bootloaders that trust several keys, while one takes another's place: those
// of a target with overlap_keys. firmware/provision links this where a rules.cc
// has kOverlapKeys, and no other bootloader has any of it.
//
// Which key an image is judged by, the image says: any of them is trusted, so
// whoever lies about it has chosen the key that refuses the image. The rules
// are the verifier's own; key and hash in them are the chosen one's.
#ifndef BOOTSEAL_FIRMWARE_BOOT_OVERLAP_KEYS_H_
#define BOOTSEAL_FIRMWARE_BOOT_OVERLAP_KEYS_H_

#include <cstddef>
#include <span>

#include "firmware/image/crypto.h"
#include "firmware/image/mcuboot/found.h"
#include "firmware/image/mcuboot/header.h"
#include "firmware/image/mcuboot/rules.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/verifier.h"

namespace bootseal::boot {

// Beside the key in the rules. As in these: with KeyFormat::kFull without
// public_key.
struct TrustedKey {
  image::Bytes public_key;
  image::Bytes key_hash;
};

// Of one image. `rules` may be copied for it, key_hash points where it did.
struct TrustedKeys {
  const image::mcuboot::Rules* rules;
  std::span<const TrustedKey> beside;
};

// The linker has every call of image::mcuboot::Verify lead to the first, and
// the second to that function (--wrap). Neither is called by name, and a name
// that is not the function's does not link.
#define BOOTSEAL_VERIFY                      \
  "_ZN8bootseal5image7mcuboot6VerifyERKNS1_" \
  "5RulesESt4spanIKSt4byteLj4294967295EE"
image::Result<image::Verified> VerifyByTheKeyItNames(
    const image::mcuboot::Rules& rules,
    image::Bytes slot) asm("__wrap_" BOOTSEAL_VERIFY);
image::Result<image::Verified> VerifyByTheRules(
    const image::mcuboot::Rules& rules,
    image::Bytes slot) asm("__real_" BOOTSEAL_VERIFY);
#undef BOOTSEAL_VERIFY

// What the image's key TLV says; empty when there is none. Nothing of it is
// trusted.
inline image::Bytes NamedKey(image::Bytes slot) {
  const image::Result<image::mcuboot::Header> header =
      image::mcuboot::ReadHeader(slot);
  if (!header.ok()) return {};
  const std::uint64_t end = image::mcuboot::SignedSize(*header);
  if (end > slot.size()) return {};
  const image::Bytes rest = slot.subspan(static_cast<std::size_t>(end));
  const image::Result<image::mcuboot::AreaInfo> info =
      image::mcuboot::ReadAreaInfo(rest);
  if (!info.ok() || info->size > rest.size()) return {};
  const image::Bytes area = rest.first(info->size);
  if (image::mcuboot::CheckArea(area, image::mcuboot::kUnprotectedMagic) !=
      image::Error::kOk) {
    return {};
  }
  return image::mcuboot::FindTlvs({}, area)
      .of(image::mcuboot::Kind::kKey)
      .value;
}

inline image::Result<image::Verified> VerifyByOneOf(
    std::span<const TrustedKeys> trusted, const image::mcuboot::Rules& rules,
    image::Bytes slot) {
  const image::Bytes named = NamedKey(slot);
  const bool full = rules.key_format == image::mcuboot::KeyFormat::kFull;
  const image::Digest hash =
      full ? image::HashOf(rules.hash, named) : image::Digest(named);
  for (const TrustedKeys& keys : trusted) {
    if (keys.rules->key_hash.data() != rules.key_hash.data()) continue;
    for (const TrustedKey& key : keys.beside) {
      if (!image::Equal(hash.bytes(), key.key_hash)) continue;
      image::mcuboot::Rules chosen = rules;
      chosen.public_key = key.public_key;
      chosen.key_hash = key.key_hash;
      return VerifyByTheRules(chosen, slot);
    }
  }
  return VerifyByTheRules(rules, slot);
}

}  // namespace bootseal::boot

// Once in a program: {&kRules, kOverlapKeys} of each image that has some.
#define BOOTSEAL_DEFINE_OVERLAP_KEYS(...)                      \
  namespace bootseal::boot {                                   \
  image::Result<image::Verified> VerifyByTheKeyItNames(        \
      const image::mcuboot::Rules& rules, image::Bytes slot) { \
    static constexpr TrustedKeys kTrusted[] = {__VA_ARGS__};   \
    return VerifyByOneOf(kTrusted, rules, slot);               \
  }                                                            \
  } /* namespace bootseal::boot */

#endif  // BOOTSEAL_FIRMWARE_BOOT_OVERLAP_KEYS_H_
