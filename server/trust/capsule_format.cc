#include "server/trust/capsule_format.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "firmware/image/bytes.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/guid.h"
#include "firmware/image/host/signed_data.h"

namespace bootseal::trust {
namespace {

using image::host::AsBytes;
using image::host::CapsuleCertificate;
using image::host::CapsuleHeader;
using image::host::ToString;

constexpr std::uint32_t kMaxIndex = 255;
// Leaves room for the headers and a certificate in a size of 32 bits.
constexpr std::uint64_t kMaxFirmwareBytes = 0xff000000;
constexpr std::size_t kSha256Bytes = 32;
constexpr std::size_t kCountBytes = 8;

std::string Sha256(absl::string_view text) {
  return ToString(
      image::HashOf(image::HashAlgorithm::kSha256, AsBytes(text)).bytes());
}

void CheckImageType(const std::string& text, const Field& field) {
  if (text.empty()) return field.Report("required");
  const auto guid = image::host::ParseGuid(text);
  if (!guid) {
    return field.Report(absl::StrCat("\"", text,
                                     "\" is no GUID, expected one like "
                                     "19d5df83-11b0-457b-be2c-7559c13142a5"));
  }
  if (guid->zero()) field.Report("is all zeros");
}

void CheckCertificate(const std::string& pem, const Field& field) {
  if (pem.empty()) {
    return field.Report(
        "required: the certificate of the key, which devices hold; "
        "bootseal-token certificate makes one");
  }
  const auto certificate = CapsuleCertificate::Parse(pem);
  if (!certificate.ok()) field.Report(certificate.status().message());
}

void CheckVersions(const v1::CapsuleFormat& format, const Field& here) {
  if (format.lowest_supported_version() == 0 || format.with_version()) return;
  here.At("lowest_supported_version")
      .Report("never used: with_version is not set");
}

void CheckSize(std::uint64_t size, const Field& field) {
  if (size == 0) return field.Report("required: bytes of the largest firmware");
  if (size <= kMaxFirmwareBytes) return;
  field.Report(absl::StrCat(size, ", expected at most ", kMaxFirmwareBytes,
                            ": a capsule's sizes have 32 bits"));
}

absl::Status Differs(absl::string_view what, absl::string_view found,
                     absl::string_view expected) {
  return base::Precondition("CAPSULE_OF_ANOTHER",
                            absl::StrCat("the capsule's ", what, " is ", found,
                                         ", the target's ", expected));
}

absl::Status Expect(absl::string_view what, absl::string_view found,
                    absl::string_view expected) {
  if (found == expected) return absl::OkStatus();
  return Differs(what, found, expected);
}

std::string VersionWords(const CapsuleHeader& header) {
  if (!header.version) return "none";
  return absl::StrCat("with ", header.version->lowest_supported,
                      " as the lowest");
}

absl::Status Mismatch(absl::string_view message) {
  return base::Precondition(
      "CAPSULE_MISMATCH",
      absl::StrCat("the request contradicts itself: ", message));
}

absl::StatusOr<CapsuleHeader> ReadSigned(const v1::Preimage& preimage) {
  CapsuleHeader header;
  image::Reader behind(AsBytes(preimage.protected_tlvs()));
  header.monotonic_count = behind.U64();
  if (!behind.done()) {
    return Mismatch(absl::StrCat("its monotonic count has ",
                                 preimage.protected_tlvs().size(),
                                 " bytes, expected ", kCountBytes));
  }
  if (preimage.header().empty()) return header;
  image::Reader front(AsBytes(preimage.header()));
  front.U64();
  image::host::CapsuleVersion version;
  version.version = front.U32();
  version.lowest_supported = front.U32();
  header.version = version;
  if (front.done() && image::host::SignedInFront(header) == preimage.header()) {
    return header;
  }
  return Mismatch("its payload header cannot be read");
}

absl::Status CheckCounters(const CapsuleHeader& header,
                           const v1::SigningEvent& signing) {
  const std::uint32_t counter = signing.security_counter();
  if (header.monotonic_count == counter &&
      (!header.version || header.version->version == counter)) {
    return absl::OkStatus();
  }
  return Mismatch(absl::StrCat(
      "monotonic count ", header.monotonic_count.value_or(0),
      header.version
          ? absl::StrCat(" and firmware version ", header.version->version)
          : "",
      " get signed, and its security counter is ", counter));
}

bool HasNothingElse(const v1::Preimage& preimage) {
  return preimage.padding_bytes() == 0 && preimage.padding_byte() == 0 &&
         preimage.payload_padding_bytes() == 0;
}

}  // namespace

void CheckCapsule(const v1::CapsuleFormat& format, v1::Algorithm algorithm,
                  const Field& here) {
  CheckImageType(format.image_type_guid(), here.At("image_type_guid"));
  if (format.image_index() > kMaxIndex) {
    here.At("image_index")
        .Report(
            absl::StrCat(format.image_index(), ", expected 1 to ", kMaxIndex));
  }
  CheckCertificate(format.certificate_pem(), here.At("certificate_pem"));
  CheckVersions(format, here);
  CheckSize(format.max_size(), here.At("max_size"));
  if (algorithm != v1::RSA2048 && algorithm != v1::RSA3072 &&
      algorithm != v1::ALGORITHM_UNSPECIFIED) {
    here.Report(absl::StrCat("needs a key of RSA2048 or RSA3072, U-Boot ",
                             "verifies no other; the key is ",
                             v1::Algorithm_Name(algorithm)));
  }
}

void CheckCertificateIsOf(const v1::CapsuleFormat& format,
                          absl::string_view public_key_sha256,
                          const Field& field) {
  const auto certificate = CapsuleCertificate::Parse(format.certificate_pem());
  if (!certificate.ok()) return;
  const std::string found =
      absl::BytesToHexString(Sha256(certificate->public_key()));
  if (absl::EqualsIgnoreCase(found, public_key_sha256)) return;
  field.Report(absl::StrCat("is of the key with public_key_sha256 ", found,
                            ", the target's key has ", public_key_sha256));
}

CapsuleHeader CapsuleHeaderOf(const v1::CapsuleFormat& format,
                              std::uint32_t security_counter) {
  CapsuleHeader header;
  header.image_type =
      image::host::ParseGuid(format.image_type_guid()).value_or(image::Guid());
  header.image_index = static_cast<std::uint8_t>(
      format.image_index() == 0 ? 1 : format.image_index());
  header.hardware_instance = format.hardware_instance();
  header.oem_flags =
      format.must_be_accepted() ? image::host::kMustBeAccepted : 0;
  header.monotonic_count = security_counter;
  if (format.with_version()) {
    header.version = {security_counter, format.lowest_supported_version()};
  }
  return header;
}

absl::Status CheckIsOfTarget(const v1::CapsuleFormat& format,
                             const CapsuleHeader& header) {
  const CapsuleHeader expected =
      CapsuleHeaderOf(format, header.version ? header.version->version : 0);
  RETURN_IF_ERROR(Expect("image type GUID",
                         image::host::FormatGuid(header.image_type),
                         image::host::FormatGuid(expected.image_type)));
  RETURN_IF_ERROR(Expect("image index", absl::StrCat(header.image_index),
                         absl::StrCat(expected.image_index)));
  RETURN_IF_ERROR(Expect("hardware instance",
                         absl::StrCat(header.hardware_instance),
                         absl::StrCat(expected.hardware_instance)));
  RETURN_IF_ERROR(Expect("flags", absl::StrFormat("0x%04x", header.oem_flags),
                         absl::StrFormat("0x%04x", expected.oem_flags)));
  return Expect("payload header", VersionWords(header), VersionWords(expected));
}

absl::StatusOr<CapsuleRequest> OpenCapsuleMessage(
    const v1::SigningEvent& signing) {
  if (signing.digests_size() != 1 || !signing.digests(0).has_preimage()) {
    return Mismatch(
        absl::StrCat("it has ", signing.digests_size(),
                     " digests, expected one with what it is over"));
  }
  const v1::SignedDigest& digest = signing.digests(0);
  const v1::Preimage& preimage = digest.preimage();
  const std::string& message = preimage.message();
  CapsuleRequest request;
  if (message.size() > kSha256Bytes) {
    request.content_sha256 = message.substr(message.size() - kSha256Bytes);
  }
  if (message != image::host::SignedAttributes(request.content_sha256) ||
      !HasNothingElse(preimage)) {
    return Mismatch("what gets signed is not a capsule's");
  }
  if (Sha256(message) != digest.digest() || digest.pure()) {
    return Mismatch("its digest is not that of what gets signed");
  }
  ASSIGN_OR_RETURN(request.header, ReadSigned(preimage));
  RETURN_IF_ERROR(CheckCounters(request.header, signing));
  return request;
}

bool IsCapsuleMessage(const v1::Preimage& preimage) {
  constexpr char kSetOf = 0x31;
  return !preimage.message().empty() && preimage.message()[0] == kSetOf;
}

}  // namespace bootseal::trust
