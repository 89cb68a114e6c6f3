#include "client/cli/encrypted_image.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/device_key.h"
#include "firmware/image/host/attribute_words.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/explain.h"
#include "firmware/image/host/plain_variant.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/verifier.h"
#include "server/trust/format.h"
#include "server/trust/profile.h"

namespace bootseal::cli {
namespace {

namespace mcuboot = image::mcuboot;
using image::host::AsBytes;
using image::host::ToString;

constexpr std::size_t kBlockBytes = 16;  // AES

mcuboot::Rules RulesOf(const v1::Profile& profile) {
  return trust::RulesOf(profile.target().mcuboot(), profile.algorithm());
}

std::string U16(std::size_t value) {
  std::array<std::byte, 2> bytes{};
  image::Writer(bytes).U16(static_cast<std::uint16_t>(value));
  return ToString(bytes);
}

// The unprotected area ends with the image: one TLV more there.
std::string WithTlv(std::string image, const mcuboot::Header& header,
                    const imgtool::Encryption& encryption) {
  constexpr std::size_t kSizeOffset = 2;  // behind the magic
  const std::size_t area = mcuboot::SignedSize(header);
  absl::StrAppend(&image, U16(encryption.tlv_type),
                  U16(encryption.tlv_value.size()), encryption.tlv_value);
  const std::string size = U16(image.size() - area);
  return image.replace(area + kSizeOffset, size.size(), size);
}

// The fill gives way to the TLV.
absl::StatusOr<AssembledImage> Laid(const AssembledImage& accepted,
                                    std::string image, char erased) {
  AssembledImage laid = accepted;
  const std::string trailer = accepted.bytes.substr(accepted.trailer_begin);
  laid.image_end = image.size();
  laid.bytes = std::move(image);
  if (trailer.empty()) {
    laid.trailer_begin = laid.image_end;
    return laid;
  }
  if (laid.image_end > laid.trailer_begin) {
    return base::Precondition(
        "IMAGE_TOO_LARGE",
        absl::StrCat("image with content key ends at ", laid.image_end,
                     ", the slot's trailer starts at ", laid.trailer_begin));
  }
  laid.bytes.resize(laid.trailer_begin, erased);
  laid.bytes += trailer;
  return laid;
}

// Of the unencrypted twin: what the device judges after it decrypted.
absl::Status CheckTwin(const v1::Profile& profile, const std::string& image) {
  RETURN_IF_ERROR(JudgeFile(profile, image).status());
  const mcuboot::Rules rules = RulesOf(profile);
  const mcuboot::Reading reading =
      mcuboot::ReadImage(AsBytes(image), rules.hash);
  if (image::host::IsEncryptedForDevice(rules, reading.facts)) {
    return absl::OkStatus();
  }
  return base::Precondition("ENCRYPTION_FAILED",
                            "the image does not say that it is encrypted, or "
                            "has no content key");
}

// With the device's key where we have it.
absl::Status CheckCipher(const imgtool::DeviceKey& device,
                         const imgtool::Encryption& encryption,
                         absl::string_view payload) {
  std::string opened(payload);
  if (device.can_decrypt()) {
    ASSIGN_OR_RETURN(opened,
                     device.Decrypt(encryption.tlv_type, encryption.tlv_value,
                                    encryption.payload));
  }
  const bool same_size = encryption.payload.size() == payload.size();
  if (same_size && opened == payload) return absl::OkStatus();
  return base::Precondition("ENCRYPTION_FAILED",
                            "the payload does not decrypt to what was signed");
}

}  // namespace

mcuboot::Rules RulesOfFile(mcuboot::Rules rules) {
  rules.encryption_tlv_required = true;
  return rules;
}

std::size_t PaddedSize(std::size_t bytes) {
  return (bytes + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
}

SentPayload PaddedForCipher(const v1::McubootFormat& format,
                            SentPayload payload) {
  const std::size_t in_front =
      format.header_size() - trust::HeaderRoom(format, payload.compression);
  const std::size_t size = PaddedSize(in_front + payload.bytes.size());
  payload.bytes.resize(size - in_front, '\0');
  return payload;
}

absl::StatusOr<AssembledImage> EncryptImage(const AssembledImage& accepted,
                                            const v1::SignReply& reply,
                                            const imgtool::DeviceKey& device,
                                            PayloadForm form) {
  const v1::Profile& profile = reply.profile();
  RETURN_IF_ERROR(CheckFits(profile.target(), device));
  std::string image = accepted.bytes.substr(0, accepted.image_end);
  const mcuboot::Reading reading =
      mcuboot::ReadImage(AsBytes(image), RulesOf(profile).hash);
  RETURN_IF_ERROR(image::host::ToStatus(reading.error));
  const std::string payload = ToString(reading.payload);
  ASSIGN_OR_RETURN(const imgtool::Encryption encryption,
                   device.Encrypt(EncryptionOf(profile.target()), payload));
  RETURN_IF_ERROR(CheckCipher(device, encryption, payload));
  const std::size_t at = reading.header.size();
  image = WithTlv(std::move(image), reading.facts.header, encryption);
  ASSIGN_OR_RETURN(AssembledImage laid,
                   Laid(accepted, std::move(image),
                        static_cast<char>(reply.fill().erased_byte())));
  RETURN_IF_ERROR(CheckTwin(profile, laid.bytes));
  if (form == PayloadForm::kEncrypted) {
    laid.bytes.replace(at, payload.size(), encryption.payload);
  }
  return laid;
}

absl::StatusOr<image::Verified> JudgeFile(const v1::Profile& profile,
                                          absl::string_view image) {
  ASSIGN_OR_RETURN(const auto made, trust::McubootProfile::Make(profile));
  const mcuboot::Rules rules = RulesOfFile(made->rules());
  const auto verdict = mcuboot::Verify(rules, AsBytes(image));
  if (verdict.ok() && verdict->intact()) {
    RETURN_IF_ERROR(base::Annotate(
        image::host::CheckPlainVariant(rules, AsBytes(image)), "not bootable"));
    return *verdict;
  }
  const mcuboot::Reading reading =
      mcuboot::ReadImage(AsBytes(image), rules.hash);
  if (verdict.error() != image::Error::kDigestMismatch ||
      !image::host::IsEncryptedForDevice(rules, reading.facts)) {
    return base::Annotate(image::host::ToStatus(verdict.error()),
                          "not bootable");
  }
  const image::Error refused =
      image::host::Explain(rules, AsBytes(image)).verdict;
  if (refused == image::Error::kOk) {
    return base::Precondition(
        "PAYLOAD_ENCRYPTED",
        "the payload is encrypted, and digest and signature cover its "
        "plaintext: without the device's key it cannot be judged");
  }
  return base::Annotate(image::host::ToStatus(refused), "not bootable");
}

}  // namespace bootseal::cli
