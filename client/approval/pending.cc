#include "client/approval/pending.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/header.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"
#include "server/trust/approval.h"
#include "server/trust/entry.h"
#include "server/trust/first_stage_format.h"
#include "server/trust/key_transcript.h"
#include "server/trust/release_format.h"
#include "server/trust/verdict_rules.h"

namespace bootseal::approval {
namespace {

namespace mcuboot = image::mcuboot;
using image::host::AsBytes;

constexpr std::size_t kHeaderBytes = 32;

absl::Status Mismatch(absl::string_view message) {
  return base::Precondition(
      "PENDING_MISMATCH",
      absl::StrCat("the server's pending entry contradicts itself: ", message));
}

absl::Status Expect(absl::string_view what, absl::string_view signed_bytes,
                    absl::string_view entry) {
  if (signed_bytes == entry) return absl::OkStatus();
  return Mismatch(absl::StrCat(what, " is ", signed_bytes,
                               " in the bytes that get signed, and ", entry,
                               " in the entry"));
}

absl::Status CheckSubject(const std::string& computed,
                          const std::string& stated) {
  return Expect("the subject", absl::BytesToHexString(computed),
                absl::BytesToHexString(stated));
}

absl::StatusOr<mcuboot::Header> ReadHeader(const v1::Preimage& preimage) {
  const auto header = mcuboot::ReadHeader(AsBytes(preimage.header()));
  if (!header.ok() || preimage.header().size() != kHeaderBytes) {
    return Mismatch(absl::StrCat("its header of ", preimage.header().size(),
                                 " bytes is no MCUboot header"));
  }
  if (preimage.padding_byte() > 0xff) {
    return Mismatch(
        absl::StrCat("its padding byte is ", preimage.padding_byte()));
  }
  return *header;
}

absl::Status CheckVersion(const mcuboot::Header& header,
                          const std::string& version) {
  const auto stated = image::host::ParseVersion(version);
  if (!stated.ok()) {
    return Mismatch(absl::StrCat("its version \"", absl::CHexEscape(version),
                                 "\" is none"));
  }
  return Expect("the version", image::host::FormatVersion(header.version),
                image::host::FormatVersion(*stated));
}

absl::Status CheckProtected(const mcuboot::Header& header,
                            const std::string& area) {
  RETURN_IF_ERROR(Expect("the protected area's size",
                         absl::StrCat(header.protected_size),
                         absl::StrCat(area.size())));
  if (area.empty() ||
      mcuboot::CheckProtectedArea(AsBytes(area)) == image::Error::kOk) {
    return absl::OkStatus();
  }
  return Mismatch("its protected TLVs cannot be read");
}

// Little-endian, of four bytes; none when the area has no counter.
absl::StatusOr<std::optional<std::uint32_t>> CounterOf(
    const std::string& area) {
  const mcuboot::Tlv tlv =
      mcuboot::FindTlv(AsBytes(area), mcuboot::tlv::kSecurityCounter);
  if (tlv.type == 0) return std::optional<std::uint32_t>();
  image::Reader reader(tlv.value);
  const std::uint32_t counter = reader.U32();
  if (!reader.done()) return Mismatch("its security counter is malformed");
  return std::optional<std::uint32_t>(counter);
}

// Sets where the payload lies in the image.
absl::StatusOr<Image> WithSizes(Image image, const v1::SigningEvent& signing,
                                const v1::Preimage& preimage) {
  const std::uint64_t held = image.header.image_size;
  const std::uint64_t padding = preimage.payload_padding_bytes();
  if (padding > held) {
    return Mismatch(
        absl::StrCat("it pads a payload of ", held, " bytes with ", padding));
  }
  const std::uint64_t plain = held - padding;
  if (signing.payload_size() == plain) return image;
  if (signing.payload_size() == plain + image.header.header_size) {
    image.room = image.header.header_size;
    return image;
  }
  if (signing.payload_size() < plain) {
    image.compressed = true;
    return image;
  }
  return Expect("the payload's size", absl::StrCat(plain),
                absl::StrCat(signing.payload_size()));
}

absl::StatusOr<Image> ReadImage(const v1::SigningEvent& signing) {
  if (signing.digests_size() != 1 || !signing.digests(0).has_preimage()) {
    return Mismatch(
        absl::StrCat("it has ", signing.digests_size(),
                     " digests, expected one with what it is over"));
  }
  const v1::Preimage& preimage = signing.digests(0).preimage();
  Image image;
  ASSIGN_OR_RETURN(image.header, ReadHeader(preimage));
  RETURN_IF_ERROR(CheckVersion(image.header, signing.version()));
  RETURN_IF_ERROR(
      Expect("the header's size", absl::StrCat(image.header.header_size),
             absl::StrCat(kHeaderBytes + preimage.padding_bytes())));
  RETURN_IF_ERROR(CheckProtected(image.header, preimage.protected_tlvs()));
  ASSIGN_OR_RETURN(image.security_counter,
                   CounterOf(preimage.protected_tlvs()));
  RETURN_IF_ERROR(Expect("the security counter",
                         absl::StrCat(image.security_counter.value_or(0)),
                         absl::StrCat(signing.security_counter())));
  image.vendor_tlvs = VendorTlvsOf(preimage.protected_tlvs());
  return WithSizes(std::move(image), signing, preimage);
}

bool IsCapsule(const v1::SigningEvent& signing) {
  return !signing.digests().empty() &&
         trust::IsCapsuleMessage(signing.digests(0).preimage());
}

bool IsFirstStage(const v1::SigningEvent& signing) {
  return !signing.digests().empty() &&
         trust::IsFirstStageMessage(signing.digests(0).preimage());
}

absl::Status CheckDigestSize(const v1::SignedDigest& digest) {
  const std::size_t size = digest.digest().size();
  const bool good =
      digest.pure() ? size == 64 : size == 32 || size == 48 || size == 64;
  if (good) return absl::OkStatus();
  return Mismatch(absl::StrCat("its digest has ", size, " bytes"));
}

}  // namespace

absl::StatusOr<Pending> ReadPending(const v1::LogEntry& entry) {
  Pending pending;
  pending.index = entry.index();
  ASSIGN_OR_RETURN(pending.entry, trust::DecodeEntry(entry.entry()));
  const std::string& requester = pending.entry.caller().identity();
  if (pending.entry.has_signing() &&
      pending.entry.signing().decision() == v1::PENDING) {
    const v1::SigningEvent& signing = pending.entry.signing();
    pending.subject = trust::SubjectOf(requester, signing);
    RETURN_IF_ERROR(CheckSubject(pending.subject, signing.subject_sha256()));
    if (signing.has_verdict()) {
      ASSIGN_OR_RETURN(pending.verdict, trust::OpenVerdictMessage(signing));
    } else if (trust::IsPackage(signing)) {
      ASSIGN_OR_RETURN(pending.package, trust::OpenPackageMessage(signing));
    } else if (!signing.components().empty()) {
      ASSIGN_OR_RETURN(pending.release, trust::OpenReleaseMessage(signing));
    } else if (IsCapsule(signing)) {
      ASSIGN_OR_RETURN(pending.capsule, trust::OpenCapsuleMessage(signing));
    } else if (IsFirstStage(signing)) {
      ASSIGN_OR_RETURN(pending.first_stage,
                       trust::OpenFirstStageMessage(signing));
    } else {
      ASSIGN_OR_RETURN(pending.image, ReadImage(signing));
    }
    RETURN_IF_ERROR(CheckDigestSize(signing.digests(0)));
    return pending;
  }
  if (pending.entry.has_key() &&
      pending.entry.key().decision() == v1::PENDING) {
    const v1::KeyEvent& key = pending.entry.key();
    pending.subject = trust::SubjectOf(requester, key.change());
    RETURN_IF_ERROR(CheckSubject(pending.subject, key.subject_sha256()));
    RETURN_IF_ERROR(trust::CheckTranscript(key));
    return pending;
  }
  return Mismatch("it is no request that waits");
}

const v1::SignedDigest& DigestOf(const Pending& pending) {
  return pending.entry.signing().digests(0);
}

std::vector<v1::VendorTlv> VendorTlvsOf(const std::string& protected_area) {
  std::vector<v1::VendorTlv> found;
  for (const mcuboot::Tlv& tlv : mcuboot::Tlvs(AsBytes(protected_area))) {
    if (!mcuboot::IsVendor(tlv.type)) continue;
    v1::VendorTlv& added = found.emplace_back();
    added.set_type(tlv.type);
    added.set_value(image::host::ToString(tlv.value));
  }
  return found;
}

}  // namespace bootseal::approval
