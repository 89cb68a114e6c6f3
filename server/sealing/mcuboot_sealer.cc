#include "server/sealing/mcuboot_sealer.h"

#include <algorithm>
#include <array>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/algorithm.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/plain_variant.h"
#include "firmware/image/mcuboot/expected_header.h"
#include "firmware/image/mcuboot/tlv_types.h"
#include "firmware/image/mcuboot/trailer.h"
#include "firmware/image/mcuboot/writer.h"

namespace bootseal::sealing {
namespace {

using image::host::AsBytes;
using image::host::ToStatus;
using image::host::ToString;
namespace mcuboot = image::mcuboot;

constexpr std::size_t kMagicBytes = 4;
// More than digest, key and signature take.
constexpr std::size_t kUnprotectedBytes = 4096;

// Room for the protected area: what the vendor TLVs take, and more than enough
// for all others.
std::vector<std::byte> ProtectedBuffer(
    const v1::McubootFormat& format,
    const std::vector<mcuboot::Vendor>& vendor) {
  std::size_t size = 1024;
  size += static_cast<std::size_t>(format.dependencies_size()) * 16;
  for (const mcuboot::Vendor& each : vendor) {
    size += mcuboot::kTlvHeaderBytes + each.value.size();
  }
  return std::vector<std::byte>(size);
}

// Largest unprotected area that this target's images have: digest, key,
// signature, each behind its TLV header.
std::uint64_t MaxUnprotectedBytes(const mcuboot::Rules& rules) {
  const std::size_t key = rules.key_format == mcuboot::KeyFormat::kFull
                              ? rules.public_key.size()
                              : image::HashSize(rules.hash);
  const std::size_t pure = rules.pure ? mcuboot::kTlvHeaderBytes + 1 : 0;
  return mcuboot::kTlvInfoBytes + 3 * mcuboot::kTlvHeaderBytes + pure +
         image::HashSize(rules.hash) + key +
         image::TraitsOf(rules.algorithm)->max_signature_size;
}

std::byte ErasedByte(const v1::McubootFormat& format) {
  return format.erased_zero() ? std::byte{0x00} : std::byte{0xff};
}

absl::StatusOr<std::vector<mcuboot::Dependency>> Dependencies(
    const v1::McubootFormat& format) {
  std::vector<mcuboot::Dependency> dependencies;
  if (format.dependency() == v1::FORBIDDEN) return dependencies;
  for (const v1::Dependency& each : format.dependencies()) {
    ASSIGN_OR_RETURN(const mcuboot::Version minimum,
                     image::host::ParseVersion(each.minimum_version()));
    dependencies.push_back(
        {static_cast<std::uint8_t>(each.image_id()), minimum});
  }
  return dependencies;
}

mcuboot::Vendor View(const v1::VendorTlv& tlv) {
  return {static_cast<std::uint16_t>(tlv.type()), AsBytes(tlv.value())};
}

// UUIDs, the target's own, the request's: imgtool's order.
std::vector<mcuboot::Vendor> VendorTlvs(const trust::McubootProfile& profile,
                                        const Request& request) {
  const mcuboot::Rules& rules = profile.rules();
  std::vector<mcuboot::Vendor> vendor;
  if (!rules.vendor_uuid.empty()) {
    vendor.push_back({mcuboot::tlv::kVendorUuid, rules.vendor_uuid});
  }
  if (!rules.class_uuid.empty()) {
    vendor.push_back({mcuboot::tlv::kClassUuid, rules.class_uuid});
  }
  for (const v1::VendorTlv& each : profile.format().vendor_tlvs()) {
    vendor.push_back(View(each));
  }
  for (const v1::VendorTlv& each : request.vendor_tlvs) {
    vendor.push_back(View(each));
  }
  return vendor;
}

std::uint32_t HeaderRoom(const v1::McubootFormat& format,
                         const Request& request) {
  const bool has_room = format.payload_has_header_room() &&
                        request.compression == mcuboot::Compression::kNone;
  return has_room ? format.header_size() : 0;
}

using Number32 = std::array<std::byte, 4>;

Number32 Written(std::uint32_t number) {
  Number32 bytes{};
  image::Writer(bytes).U32(number);
  return bytes;
}

// The numbers that the TLVs about decompression point to.
struct Sizes {
  Number32 decompressed;
  Number32 compressed;
};

// In the order of imgtool. The values point into `request` and `sizes`.
std::vector<mcuboot::Vendor> DecompressionTlvs(const Request& request,
                                               const Sizes& sizes) {
  if (!request.decompressed) return {};
  const Decompressed& decompressed = *request.decompressed;
  std::vector<mcuboot::Vendor> tlvs{
      {mcuboot::tlv::kDecompressedSize, sizes.decompressed},
      {mcuboot::tlv::kDecompressedDigest, AsBytes(decompressed.digest)},
      {mcuboot::tlv::kDecompressedSignature, AsBytes(decompressed.signature)}};
  if (request.encrypted) {
    tlvs.push_back({mcuboot::tlv::kCompressedSize, sizes.compressed});
  }
  return tlvs;
}

}  // namespace

McubootSealer::McubootSealer(
    std::shared_ptr<const trust::McubootProfile> profile,
    const Request& request)
    : profile_(std::move(profile)),
      announced_(request.payload_size),
      encrypted_(request.encrypted),
      carries_receipt_(request.carries_receipt),
      rules_(image::host::WithoutReceipt(profile_->rules())),
      header_room_(HeaderRoom(profile_->format(), request)),
      payload_hash_(image::HashAlgorithm::kSha256),
      verifier_(rules_) {}

std::uint32_t McubootSealer::receipt_tlv_bytes() const {
  if (!carries_receipt_) return 0;
  return static_cast<std::uint32_t>(mcuboot::kTlvHeaderBytes) +
         trust::MaxReceiptBytes(profile_->format().receipt());
}

std::uint32_t McubootSealer::encryption_tlv_bytes() const {
  if (!encrypted_) return 0;
  const mcuboot::Rules& rules = profile_->rules();
  return static_cast<std::uint32_t>(mcuboot::kTlvHeaderBytes) +
         mcuboot::EncryptionTlvSize(rules.encryption_tlv,
                                    rules.encryption_key_bits);
}

absl::StatusOr<std::unique_ptr<McubootSealer>> McubootSealer::Start(
    std::shared_ptr<const trust::McubootProfile> profile,
    const Request& request) {
  std::unique_ptr<McubootSealer> sealer(
      new McubootSealer(std::move(profile), request));
  if (request.payload_size == 0) {
    return base::Invalid("EMPTY_PAYLOAD", "header.payload_size",
                         "payload is empty");
  }
  if (request.payload_size <= sealer->header_room()) {
    return base::Invalid(
        "PAYLOAD_WITHOUT_HEADER_ROOM", "header.payload_size",
        absl::StrCat("payload has ", request.payload_size,
                     " bytes, but the target expects it to start with ",
                     sealer->header_room(), " bytes of room for the header"));
  }
  RETURN_IF_ERROR(sealer->MakeProtected(request));
  RETURN_IF_ERROR(sealer->CheckFits());
  RETURN_IF_ERROR(sealer->MakeHeader(request));
  RETURN_IF_ERROR(ToStatus(sealer->verifier_.Header(AsBytes(sealer->header_))));
  sealer->StartRange();
  return sealer;
}

void McubootSealer::StartRange() {
  if (!profile_->rules().pure) return;
  range_.reserve(header_.size() + static_cast<std::size_t>(announced_) +
                 protected_.size());
  range_ = header_;
}

absl::Status McubootSealer::MakeProtected(const Request& request) {
  const v1::McubootFormat& format = profile_->format();
  ASSIGN_OR_RETURN(const auto dependencies, Dependencies(format));
  const auto vendor = VendorTlvs(*profile_, request);
  mcuboot::ProtectedTlvs tlvs;
  tlvs.has_security_counter = request.security_counter.has_value();
  tlvs.security_counter = request.security_counter.value_or(0);
  if (format.boot_record() != v1::FORBIDDEN) {
    tlvs.software_type = AsBytes(format.software_type());
  }
  tlvs.dependencies = dependencies;
  const Decompressed decompressed =
      request.decompressed.value_or(Decompressed());
  const Sizes sizes{Written(decompressed.size),
                    Written(decompressed.compressed_size)};
  const auto decompression = DecompressionTlvs(request, sizes);
  tlvs.decompression = decompression;
  tlvs.vendor = vendor;
  auto buffer = ProtectedBuffer(format, vendor);
  const auto written =
      mcuboot::WriteProtected(profile_->rules(), request.version, tlvs, buffer);
  RETURN_IF_ERROR(ToStatus(written.error()));
  protected_ = ToString(*written);
  return absl::OkStatus();
}

absl::Status McubootSealer::CheckFits() const {
  const mcuboot::Rules& rules = profile_->rules();
  const std::uint64_t around = rules.header_size - header_room() +
                               protected_.size() + MaxUnprotectedBytes(rules) +
                               encryption_tlv_bytes() + receipt_tlv_bytes();
  const std::uint64_t room = mcuboot::MaxImageEnd(rules);
  const std::uint64_t most = room > around ? room - around : 0;
  if (announced_ <= most) return absl::OkStatus();
  return base::Invalid(
      "PAYLOAD_TOO_LARGE", "header.payload_size",
      absl::StrCat(
          "payload has ", announced_, " bytes, at most ", most,
          " fit: of the slot's ", rules.slot_size, " bytes an image may fill ",
          room, ", and header and TLVs ", "take ", around,
          carries_receipt_ ? absl::StrCat(", of which ", receipt_tlv_bytes(),
                                          " are kept for the receipt")
                           : ""));
}

absl::Status McubootSealer::MakeHeader(const Request& request) {
  const mcuboot::Rules& rules = profile_->rules();
  mcuboot::Header header;
  header.load_address = mcuboot::ExpectedAddress(rules);
  header.header_size = static_cast<std::uint16_t>(rules.header_size);
  header.protected_size = static_cast<std::uint16_t>(protected_.size());
  header.image_size = static_cast<std::uint32_t>(announced_ - header_room());
  header.flags = mcuboot::ExpectedFlags(rules);
  if (encrypted_) header.flags |= mcuboot::EncryptionFlag(rules);
  if (request.decompressed) {
    header.flags |= mcuboot::CompressionFlags(request.compression);
  }
  header.version = request.version;
  // Room that the payload brings is zero, before it is compressed too; padding
  // of our own is erased flash.
  const std::byte padding = profile_->format().payload_has_header_room()
                                ? std::byte{0}
                                : ErasedByte(profile_->format());
  std::vector<std::byte> buffer(rules.header_size);
  const auto written = mcuboot::WriteHeader(
      header, request.header_padding.value_or(padding), buffer);
  RETURN_IF_ERROR(ToStatus(written.error()));
  header_ = ToString(*written);
  return absl::OkStatus();
}

absl::Status McubootSealer::Payload(absl::string_view chunk) {
  RETURN_IF_ERROR(CheckNotMore(announced_, received_, chunk.size()));
  RETURN_IF_ERROR(LookForMagic(chunk));
  payload_hash_.Update(AsBytes(chunk));
  RETURN_IF_ERROR(TakeHeaderRoom(chunk));
  received_ += chunk.size();
  if (chunk.empty()) return absl::OkStatus();
  if (!range_.empty()) absl::StrAppend(&range_, chunk);
  return ToStatus(verifier_.Payload(AsBytes(chunk)));
}

absl::Status McubootSealer::LookForMagic(absl::string_view chunk) {
  if (start_.size() == kMagicBytes) return absl::OkStatus();
  absl::StrAppend(&start_, chunk.substr(0, kMagicBytes - start_.size()));
  if (start_.size() < kMagicBytes) return absl::OkStatus();
  if (image::Reader(AsBytes(start_)).U32() != mcuboot::kHeaderMagic) {
    return absl::OkStatus();
  }
  return base::Invalid(
      "ALREADY_AN_IMAGE", "payload",
      "payload starts with MCUboot's header magic: it is an "
      "image already; send what the build made before signing");
}

absl::Status McubootSealer::TakeHeaderRoom(absl::string_view& chunk) {
  if (received_ >= header_room()) return absl::OkStatus();
  const std::uint64_t left = header_room() - received_;
  const absl::string_view room =
      chunk.substr(0, static_cast<std::size_t>(left));
  const std::size_t used = room.find_first_not_of('\0');
  if (used != absl::string_view::npos) {
    return base::Invalid(
        "HEADER_ROOM_NOT_ZERO", "payload",
        absl::StrCat("payload byte ", received_ + used,
                     " is not zero; the target expects ", header_room(),
                     " zero bytes of header room (link the application behind "
                     "them, or use a target that adds the header)"));
  }
  received_ += room.size();
  chunk.remove_prefix(room.size());
  return absl::OkStatus();
}

absl::StatusOr<std::string> McubootSealer::EndOfPayload() {
  RETURN_IF_ERROR(CheckNotFewer(announced_, received_));
  payload_sha256_ = ToString(payload_hash_.Finish().bytes());
  RETURN_IF_ERROR(ToStatus(verifier_.Protected(AsBytes(protected_))));
  if (!range_.empty()) absl::StrAppend(&range_, protected_);
  return ToString(verifier_.digest().bytes());
}

Signable McubootSealer::signable() const {
  return {ToString(verifier_.digest().bytes()), range_};
}

v1::Preimage McubootSealer::preimage() const {
  v1::Preimage preimage;
  preimage.set_header(header_.substr(0, mcuboot::kHeaderBytes));
  const std::string padding = header_.substr(mcuboot::kHeaderBytes);
  preimage.set_padding_bytes(static_cast<std::uint32_t>(padding.size()));
  if (!padding.empty()) {
    preimage.set_padding_byte(static_cast<unsigned char>(padding.front()));
  }
  preimage.set_protected_tlvs(protected_);
  return preimage;
}

absl::StatusOr<SealedImage> McubootSealer::Seal(
    absl::string_view signature) const {
  return SealBy(rules_, signature, "");
}

absl::StatusOr<SealedImage> McubootSealer::SealWithReceipt(
    absl::string_view signature, absl::string_view receipt) const {
  const std::uint32_t most = receipt_tlv_bytes();
  if (mcuboot::kTlvHeaderBytes + receipt.size() > most) {
    return base::Precondition(
        "RECEIPT_TOO_LARGE",
        absl::StrCat("receipt takes ",
                     mcuboot::kTlvHeaderBytes + receipt.size(),
                     " bytes of the image, ", most,
                     " were kept for it; raise max_entry_bytes of the target's "
                     "receipt"));
  }
  return SealBy(profile_->rules(), signature, receipt);
}

absl::StatusOr<SealedImage> McubootSealer::SealBy(
    const mcuboot::Rules& rules, absl::string_view signature,
    absl::string_view receipt) const {
  std::vector<std::byte> buffer(kUnprotectedBytes + receipt.size());
  mcuboot::UnprotectedTlvs tlvs;
  tlvs.signature = AsBytes(signature);
  tlvs.pure = rules.pure;
  tlvs.receipt = AsBytes(receipt);
  const auto unprotected =
      mcuboot::WriteUnprotected(rules, verifier_.digest(), tlvs, buffer);
  RETURN_IF_ERROR(ToStatus(unprotected.error()));
  mcuboot::Verifier verifier(verifier_, rules);
  const auto verified = verifier.Finish(*unprotected, AsBytes(range_));
  RETURN_IF_ERROR(ToStatus(verified.error()));
  SealedImage sealed;
  sealed.header = header_;
  sealed.tlvs = absl::StrCat(protected_, ToString(*unprotected));
  ASSIGN_OR_RETURN(sealed.fill,
                   MakeFill(verified->end() + encryption_tlv_bytes()));
  sealed.verified = *verified;
  return sealed;
}

absl::StatusOr<v1::Fill> McubootSealer::MakeFill(
    std::uint32_t image_end) const {
  v1::Fill fill;
  const v1::McubootFormat& format = profile_->format();
  fill.set_erased_byte(static_cast<std::uint32_t>(ErasedByte(format)));
  if (format.padding() != v1::PAD && format.padding() != v1::CONFIRM) {
    return fill;
  }
  std::array<std::byte, 128> buffer;
  const auto trailer = mcuboot::WriteTrailer(
      profile_->rules(),
      format.padding() == v1::CONFIRM ? mcuboot::TrailerKind::kConfirm
                                      : mcuboot::TrailerKind::kPad,
      ErasedByte(format), buffer);
  RETURN_IF_ERROR(ToStatus(trailer.error()));
  if (image_end > format.slot_size() ||
      trailer->size() > format.slot_size() - image_end) {
    return base::Precondition(
        "IMAGE_TOO_LARGE",
        absl::StrCat("image ends at ", image_end, " and leaves no room for ",
                     trailer->size(), " bytes of trailer in a slot of ",
                     format.slot_size()));
  }
  fill.set_file_size(format.slot_size());
  fill.set_trailer(ToString(*trailer));
  return fill;
}

}  // namespace bootseal::sealing
