#include "firmware/image/host/mcuboot_validation.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "firmware/image/algorithm.h"
#include "firmware/image/der.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/tlv_names.h"
#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/mcuboot/tlv_types.h"
#include "firmware/image/mcuboot/trailer.h"

namespace bootseal::image::host {
namespace {

using mcuboot::KeyFormat;
using mcuboot::Presence;
using mcuboot::Rules;
using enum LoaderStepId;
namespace tlv = mcuboot::tlv;

LoaderVerdict JudgePure(const Rules& rules, const SlotImage& image) {
  if (!rules.pure) return std::nullopt;
  for (const SlotTlv& each : image.tlvs()) {
    if (each.type != tlv::kSignaturePure) continue;
    if (each.value == std::string(1, '\1')) return std::nullopt;
    return Refused(kPure, "SIG_PURE is not the one byte 1");
  }
  return Refused(kPure, "there is no SIG_PURE, MCUBOOT_SIGN_PURE wants it");
}

LoaderVerdict JudgeAreas(const Rules& rules, const SlotImage& image) {
  if (!image.area_problem().empty()) {
    return Refused(kTlvInfo, image.area_problem());
  }
  const std::uint32_t limit = mcuboot::MaxImageEnd(rules);
  if (limit != 0 && image.end() > limit) {
    return Refused(kImageEnd,
                   absl::StrFormat("the TLVs end at 0x%x, the slot of 0x%x "
                                   "allows 0x%x",
                                   image.end(), rules.slot_size, limit));
  }
  return std::nullopt;
}

bool InAllowList(const Rules& rules, std::uint16_t type) {
  constexpr std::uint16_t kAllowed[] = {0x01, 0x02, 0x10, 0x11, 0x12,
                                        0x20, 0x21, 0x22, 0x23, 0x24,
                                        0x30, 0x31, 0x32};
  constexpr std::uint16_t kX25519 = 0x33;
  constexpr std::uint16_t kX25519Sha512 = 0x34;
  if (type == tlv::kSignaturePure) return rules.pure;
  if (type == kX25519) return rules.encryption_tlv != kX25519Sha512;
  if (type == kX25519Sha512) return rules.encryption_tlv == kX25519Sha512;
  return std::count(std::begin(kAllowed), std::end(kAllowed), type) != 0;
}

// What a walk over the TLVs carries along.
class Walk {
 public:
  Walk(const Rules& rules, const SlotImage& image, CryptoLibrary library)
      : rules_(rules), image_(image), library_(library) {}

  LoaderVerdict Run();

 private:
  LoaderVerdict Judge(const SlotTlv& each);
  LoaderVerdict JudgeHash(const SlotTlv& each);
  LoaderVerdict JudgeKey(const SlotTlv& each);
  LoaderVerdict JudgeSignature(const SlotTlv& each);
  LoaderVerdict JudgeCounter(const SlotTlv& each);
  LoaderVerdict JudgeUuid(const SlotTlv& each, Bytes wanted, LoaderStepId step,
                          bool& seen);
  LoaderVerdict JudgeEnd() const;
  bool KeyIsKnown(const std::string& value) const;
  std::size_t KeyBuffer() const;

  const Rules& rules_;
  const SlotImage& image_;
  CryptoLibrary library_;

  std::optional<std::string> key_;  // DER; nothing: none is current
  bool hash_seen_ = false;
  bool counter_seen_ = false;
  bool vendor_seen_ = false;
  bool class_seen_ = false;
  std::optional<bool> signature_;  // of the last one that was looked at
  std::string about_signatures_ = "no signature was looked at";
};

std::size_t Walk::KeyBuffer() const {
  constexpr std::size_t kMargin = 24;
  const AlgorithmTraits* traits = TraitsOf(rules_.algorithm);
  if (rules_.key_format == KeyFormat::kHash) return HashSize(rules_.hash);
  if (CoordinateSize(rules_.algorithm) != 0) return 128 + kMargin;
  return (traits == nullptr ? 0 : traits->max_signature_size) + kMargin;
}

// KEYHASH is compared over its own length: a prefix matches, and nothing at all
// does, too.
bool Walk::KeyIsKnown(const std::string& value) const {
  if (rules_.key_format == KeyFormat::kHash) {
    return Equal(
        rules_.key_hash.first(std::min(value.size(), rules_.key_hash.size())),
        AsBytes(value));
  }
  return Equal(HashOf(rules_.hash, AsBytes(value)).bytes(), rules_.key_hash);
}

LoaderVerdict Walk::JudgeHash(const SlotTlv& each) {
  if (each.value.size() != HashSize(rules_.hash)) {
    return Refused(kHash, absl::StrFormat("hash TLV of %d bytes at 0x%x",
                                          each.value.size(), each.offset));
  }
  if (!Equal(AsBytes(each.value), image_.digest(rules_.hash).bytes())) {
    return Refused(
        kHash,
        absl::StrFormat("the hash TLV at 0x%x is not the digest", each.offset));
  }
  hash_seen_ = true;
  return std::nullopt;
}

LoaderVerdict Walk::JudgeKey(const SlotTlv& each) {
  if (each.value.size() > KeyBuffer()) {
    return Refused(kKeyLength,
                   absl::StrFormat("%s of %d bytes at 0x%x, the buffer has %d",
                                   DescribeTlv(each.type), each.value.size(),
                                   each.offset, KeyBuffer()));
  }
  key_.reset();
  if (!KeyIsKnown(each.value)) {
    about_signatures_ = absl::StrFormat(
        "the key named at 0x%x is not known, its signature is "
        "not looked at",
        each.offset);
    return std::nullopt;
  }
  key_ = rules_.key_format == KeyFormat::kHash ? ToString(rules_.public_key)
                                               : each.value;
  return std::nullopt;
}

LoaderVerdict Walk::JudgeSignature(const SlotTlv& each) {
  if (!key_) return std::nullopt;
  const bool ecdsa = CoordinateSize(rules_.algorithm) != 0;
  const std::size_t size = each.value.size();
  const AlgorithmTraits* traits = TraitsOf(rules_.algorithm);
  if (ecdsa ? size > 128 : size != traits->max_signature_size) {
    return Refused(kSignature, absl::StrFormat("signature of %d bytes at 0x%x",
                                               size, each.offset));
  }
  const std::string message =
      rules_.pure ? ToString(image_.signed_range())
                  : ToString(image_.digest(rules_.hash).bytes());
  signature_ = Accepts(library_, rules_.algorithm, AsBytes(*key_),
                       AsBytes(message), AsBytes(each.value));
  about_signatures_ = absl::StrFormat(
      "the signature at 0x%x does not verify, and the last one counts",
      each.offset);
  key_.reset();
  return std::nullopt;
}

LoaderVerdict Walk::JudgeCounter(const SlotTlv& each) {
  if (each.value.size() != 4) {
    return Refused(kCounter, absl::StrFormat("SEC_CNT of %d bytes at 0x%x",
                                             each.value.size(), each.offset));
  }
  const std::uint32_t value = Reader(AsBytes(each.value)).U32();
  if (value < rules_.minimum_security_counter) {
    return Refused(kCounter, absl::StrFormat(
                                 "SEC_CNT %d at 0x%x, the device has %d", value,
                                 each.offset, rules_.minimum_security_counter));
  }
  counter_seen_ = true;
  return std::nullopt;
}

LoaderVerdict Walk::JudgeUuid(const SlotTlv& each, Bytes wanted,
                              LoaderStepId step, bool& seen) {
  if (wanted.empty()) return std::nullopt;
  seen = Equal(AsBytes(each.value), wanted);
  if (seen) return std::nullopt;
  return Refused(step, absl::StrFormat("another one at 0x%x", each.offset));
}

LoaderVerdict Walk::Judge(const SlotTlv& each) {
  const AlgorithmTraits* traits = TraitsOf(rules_.algorithm);
  const std::uint16_t key_type =
      rules_.key_format == KeyFormat::kFull ? tlv::kPublicKey : tlv::kKeyHash;
  if (rules_.allow_list && !each.is_protected &&
      !InAllowList(rules_, each.type)) {
    return Refused(
        kAllowList,
        absl::StrFormat("%s at 0x%x", DescribeTlv(each.type), each.offset));
  }
  if (!rules_.pure && each.type == mcuboot::DigestTlv(rules_.hash)) {
    return JudgeHash(each);
  }
  if (each.type == key_type) return JudgeKey(each);
  if (traits != nullptr && each.type == traits->signature_tlv) {
    return JudgeSignature(each);
  }
  if (each.type == tlv::kSecurityCounter &&
      rules_.security_counter == Presence::kRequired) {
    return JudgeCounter(each);
  }
  if (each.type == tlv::kVendorUuid) {
    return JudgeUuid(each, rules_.vendor_uuid, kVendorId, vendor_seen_);
  }
  if (each.type == tlv::kClassUuid) {
    return JudgeUuid(each, rules_.class_uuid, kClassId, class_seen_);
  }
  return std::nullopt;
}

LoaderVerdict Walk::JudgeEnd() const {
  if (!rules_.pure && !hash_seen_) {
    return Refused(kHash,
                   absl::StrCat("there is no ",
                                DescribeTlv(mcuboot::DigestTlv(rules_.hash))));
  }
  if (!signature_.value_or(false))
    return Refused(kSignature, about_signatures_);
  if (rules_.security_counter == Presence::kRequired && !counter_seen_) {
    return Refused(kCounter, "there is no SEC_CNT");
  }
  if (!rules_.vendor_uuid.empty() && !vendor_seen_) {
    return Refused(kVendorId, "there is none");
  }
  if (!rules_.class_uuid.empty() && !class_seen_) {
    return Refused(kClassId, "there is none");
  }
  return std::nullopt;
}

LoaderVerdict Walk::Run() {
  for (const SlotTlv& each : image_.tlvs()) {
    if (LoaderVerdict verdict = Judge(each)) return verdict;
  }
  if (!image_.tlv_problem().empty()) {
    return Refused(kTlvBounds, image_.tlv_problem());
  }
  return JudgeEnd();
}

}  // namespace

LoaderVerdict ValidateImage(const Rules& rules, const SlotImage& image,
                            CryptoLibrary library) {
  if (LoaderVerdict verdict = JudgePure(rules, image)) return verdict;
  if (LoaderVerdict verdict = JudgeAreas(rules, image)) return verdict;
  return Walk(rules, image, library).Run();
}

}  // namespace bootseal::image::host
