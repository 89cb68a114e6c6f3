#include "firmware/image/mcuboot/writer.h"

#include "firmware/image/algorithm.h"
#include "firmware/image/mcuboot/boot_record.h"
#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::image::mcuboot {
namespace {

// Appends TLVs behind an info header whose size is known only at the end.
class AreaWriter {
 public:
  AreaWriter(std::uint16_t magic, MutableBytes buffer)
      : buffer_(buffer), writer_(buffer) {
    writer_.U16(magic);
    writer_.U16(0);
  }

  void Add(std::uint16_t type, Bytes value) {
    Open(type, value.size());
    writer_.Append(value);
  }
  // Starts a TLV; the caller writes its value.
  Writer& Open(std::uint16_t type, std::size_t size) {
    writer_.U16(type);
    writer_.U16(static_cast<std::uint16_t>(size));
    fits_ = fits_ && size <= kMaxTlvAreaBytes;
    return writer_;
  }

  Result<Bytes> Finish() {
    if (!fits_ || writer_.size() > kMaxTlvAreaBytes) return Error::kTlvLength;
    if (!writer_.ok()) return Error::kBufferTooSmall;
    Writer(buffer_.subspan(2)).U16(static_cast<std::uint16_t>(writer_.size()));
    return writer_.written();
  }

 private:
  MutableBytes buffer_;
  Writer writer_;
  bool fits_ = true;
};

Error AddBootRecord(const Rules& rules, const Version& version,
                    Bytes software_type, AreaWriter& area) {
  if (software_type.size() > kMaxSoftwareTypeBytes) return Error::kSoftwareType;
  constexpr std::array<std::byte, kMaxHashSize> kZeros{};
  const VersionText version_text(version);
  const BootRecord record{software_type, version_text.bytes(), rules.key_hash,
                          HashName(rules.hash),
                          Bytes(kZeros).first(HashSize(rules.hash))};
  Writer length({});
  WriteBootRecord(record, length);
  WriteBootRecord(record, area.Open(tlv::kBootRecord, length.size()));
  return Error::kOk;
}

void AddDependency(const Dependency& dependency, AreaWriter& area) {
  constexpr std::size_t kDependencyBytes = 12;
  Writer& writer = area.Open(tlv::kDependency, kDependencyBytes);
  writer.U8(dependency.image_id);
  writer.Repeat(std::byte{0}, 3);
  writer.U8(dependency.minimum.major);
  writer.U8(dependency.minimum.minor);
  writer.U16(dependency.minimum.revision);
  writer.U32(dependency.minimum.build);
}

bool IsEmpty(const ProtectedTlvs& tlvs) {
  return !tlvs.has_security_counter && tlvs.software_type.empty() &&
         tlvs.dependencies.empty() && tlvs.decompression.empty() &&
         tlvs.vendor.empty();
}

Error AddVendor(std::span<const Vendor> tlvs, bool (*is_allowed)(std::uint16_t),
                AreaWriter& area) {
  for (const Vendor& tlv : tlvs) {
    if (!is_allowed(tlv.type)) return Error::kTlvNotAllowed;
    area.Add(tlv.type, tlv.value);
  }
  return Error::kOk;
}

void AddKey(const Rules& rules, const UnprotectedTlvs& tlvs, AreaWriter& area) {
  if (tlvs.has_key_id) {
    area.Open(tlv::kKeyId, 4).U32(tlvs.key_id);
  } else if (rules.key_format == KeyFormat::kFull) {
    area.Add(tlv::kPublicKey, rules.public_key);
  } else {
    area.Add(tlv::kKeyHash, rules.key_hash);
  }
}

Error AddSignature(const Rules& rules, const UnprotectedTlvs& tlvs,
                   AreaWriter& area) {
  const AlgorithmTraits* traits = TraitsOf(rules.algorithm);
  const bool full = rules.key_format == KeyFormat::kFull;
  const Bytes key = full ? rules.public_key : rules.key_hash;
  if (traits == nullptr || key.empty()) return Error::kRules;
  constexpr std::array<std::byte, 1> kTrue{std::byte{1}};
  if (tlvs.pure) area.Add(tlv::kSignaturePure, kTrue);
  AddKey(rules, tlvs, area);
  area.Add(traits->signature_tlv, tlvs.signature);
  return Error::kOk;
}

}  // namespace

Result<Bytes> WriteHeader(const Header& header, std::byte padding,
                          MutableBytes buffer) {
  if (header.header_size < kHeaderBytes) return Error::kHeaderSize;
  Writer writer(buffer);
  writer.U32(kHeaderMagic);
  writer.U32(header.load_address);
  writer.U16(header.header_size);
  writer.U16(header.protected_size);
  writer.U32(header.image_size);
  writer.U32(header.flags);
  writer.U8(header.version.major);
  writer.U8(header.version.minor);
  writer.U16(header.version.revision);
  writer.U32(header.version.build);
  writer.U32(0);
  writer.Repeat(padding, header.header_size - kHeaderBytes);
  if (!writer.ok()) return Error::kBufferTooSmall;
  return writer.written();
}

Result<Bytes> WriteProtected(const Rules& rules, const Version& version,
                             const ProtectedTlvs& tlvs, MutableBytes buffer) {
  if (IsEmpty(tlvs)) return Bytes();
  AreaWriter area(kProtectedMagic, buffer);
  if (tlvs.has_security_counter) {
    area.Open(tlv::kSecurityCounter, 4).U32(tlvs.security_counter);
  }
  if (!tlvs.software_type.empty()) {
    BOOTSEAL_TRY(AddBootRecord(rules, version, tlvs.software_type, area));
  }
  for (const Dependency& dependency : tlvs.dependencies) {
    AddDependency(dependency, area);
  }
  BOOTSEAL_TRY(AddVendor(tlvs.decompression, IsDecompression, area));
  BOOTSEAL_TRY(AddVendor(tlvs.vendor, IsOpaqueProtected, area));
  return area.Finish();
}

Result<Bytes> WriteUnprotected(const Rules& rules, const Digest& digest,
                               const UnprotectedTlvs& tlvs,
                               MutableBytes buffer) {
  if (digest.size() != HashSize(rules.hash)) return Error::kRules;
  AreaWriter area(kUnprotectedMagic, buffer);
  area.Add(DigestTlv(rules.hash), digest.bytes());
  if (!tlvs.signature.empty()) BOOTSEAL_TRY(AddSignature(rules, tlvs, area));
  if (!tlvs.receipt.empty()) area.Add(tlv::kReceipt, tlvs.receipt);
  if (tlvs.encryption.type != 0) {
    area.Add(tlvs.encryption.type, tlvs.encryption.value);
  }
  return area.Finish();
}

Result<Bytes> WriteUnprotected(const Rules& rules, const Digest& digest,
                               Bytes signature, MutableBytes buffer) {
  if (signature.empty()) return Error::kSignatureLength;
  UnprotectedTlvs tlvs;
  tlvs.signature = signature;
  return WriteUnprotected(rules, digest, tlvs, buffer);
}

}  // namespace bootseal::image::mcuboot
