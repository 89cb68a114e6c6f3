#include "client/package/sealed_first_stage.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "firmware/image/crypto.h"
#include "firmware/image/der.h"
#include "firmware/image/host/convert.h"
#include "server/trust/first_stage_format.h"
#include "server/trust/package_profile.h"

namespace bootseal::package {
namespace {

namespace stm32 = image::stm32;
using image::host::AsBytes;
using image::host::ToString;
using release::ExpectBytesInReceipt;
using release::ExpectInReceipt;

absl::Status NotBootable(image::Error error) {
  return base::Annotate(image::host::ToStatus(error), "not bootable");
}

absl::Status ExpectNumber(absl::string_view what, std::uint32_t found,
                          std::uint32_t expected) {
  if (found == expected) return absl::OkStatus();
  return base::Precondition(
      "FIRST_STAGE_OF_ANOTHER",
      absl::StrFormat("%s is 0x%x, the target's 0x%x", what, found, expected));
}

absl::Status CheckIsOfTarget(const v1::Stm32HeaderFormat& format,
                             const stm32::Header& header) {
  const auto expected = trust::DescriptionOf(format, header.image_version);
  RETURN_IF_ERROR(ExpectNumber("the entry point", header.entry_point,
                               expected.entry_point));
  RETURN_IF_ERROR(ExpectNumber("the load address", header.load_address,
                               expected.load_address));
  return ExpectNumber("the binary type", header.binary_type,
                      expected.binary_type);
}

// What a closed chip of the target has at least.
std::uint32_t LowestVersion(const v1::Stm32HeaderFormat& format) {
  return format.open_chips() ? 0 : 1;
}

// r || s, out of the log's DER.
std::string RawSignature(const std::string& der, std::size_t half) {
  const auto read = image::ReadEcdsaSignature(AsBytes(der), half);
  if (!read.ok()) return "";
  const auto padded = [half](image::Bytes number) {
    return std::string(half - number.size(), '\0') + ToString(number);
  };
  return padded(read->r) + padded(read->s);
}

absl::Status CheckDigest(const v1::SignedDigest& digest,
                         const stm32::Header& header, absl::string_view image,
                         const std::string& key_hash) {
  const image::Digest computed =
      image::HashOf(stm32::SignedHash(header.algorithm),
                    *stm32::SignedRange(header, AsBytes(image)));
  RETURN_IF_ERROR(ExpectBytesInReceipt("the receipt's digest", digest.digest(),
                                       ToString(computed.bytes())));
  RETURN_IF_ERROR(ExpectBytesInReceipt("the receipt's key hash",
                                       digest.key_hash(), key_hash));
  const std::size_t size = stm32::PointBytes(header.algorithm);
  return ExpectBytesInReceipt(
      "the receipt's signature", RawSignature(digest.signature(), size / 2),
      ToString(image::Bytes(header.signature).first(size)));
}

}  // namespace

absl::StatusOr<stm32::Header> VerifyFirstStage(const v1::Profile& profile,
                                               absl::string_view image) {
  ASSIGN_OR_RETURN(const auto made, trust::FirstStageProfile::Make(profile));
  const image::Bytes bytes = AsBytes(image);
  const auto expected = trust::DescriptionOf(made->format(), 0);
  const stm32::Chip chip{expected.version, true,
                         image::Digest(AsBytes(made->fused_hash())),
                         LowestVersion(made->format())};
  const stm32::RomDecision decision = stm32::RomCheck(chip, bytes);
  if (!decision.starts) return NotBootable(decision.reason);
  const auto header = stm32::ReadHeader(bytes);
  if (!header.ok()) return NotBootable(header.error());
  const image::Error trailing = stm32::CheckTrailing(*header, bytes);
  if (trailing != image::Error::kOk) return NotBootable(trailing);
  RETURN_IF_ERROR(CheckIsOfTarget(made->format(), *header));
  if (header->image_length > made->format().max_size()) {
    return base::Precondition(
        "PAYLOAD_TOO_LARGE",
        absl::StrCat("payload of ", header->image_length, " bytes, the target ",
                     "has room for ", made->format().max_size()));
  }
  return *header;
}

absl::StatusOr<release::ProvenEntry> CheckFirstStageReceipt(
    const cli::LogKey& key, absl::string_view receipt,
    const v1::Profile& profile, absl::string_view image) {
  ASSIGN_OR_RETURN(release::ProvenEntry proven,
                   release::ProveEntry(key, receipt));
  const v1::SigningEvent& event = proven.entry.signing();
  RETURN_IF_ERROR(ExpectInReceipt("the receipt's target", event.target(),
                                  profile.target().name()));
  ASSIGN_OR_RETURN(const auto made, trust::FirstStageProfile::Make(profile));
  ASSIGN_OR_RETURN(const stm32::Header header,
                   VerifyFirstStage(profile, image));
  RETURN_IF_ERROR(ExpectInReceipt("the receipt's image version",
                                  absl::StrCat(event.security_counter()),
                                  absl::StrCat(header.image_version)));
  RETURN_IF_ERROR(ExpectInReceipt("the receipt's number of digests",
                                  absl::StrCat(event.digests_size()), "1"));
  RETURN_IF_ERROR(
      CheckDigest(event.digests(0), header, image, made->key_hash()));
  return proven;
}

absl::StatusOr<std::vector<image::host::OtpWord>> OtpWordsOf(
    const v1::Profile& profile) {
  ASSIGN_OR_RETURN(const auto made, trust::FirstStageProfile::Make(profile));
  return image::host::OtpWords(trust::DescriptionOf(made->format(), 0).version,
                               made->fused_hash());
}

std::string FormatOtpWords(const std::vector<image::host::OtpWord>& words) {
  std::string text;
  for (const image::host::OtpWord& word : words) {
    absl::StrAppendFormat(&text, "word %u  0x%08x\n", word.number, word.value);
  }
  return text;
}

}  // namespace bootseal::package
