#include "server/trust/request_rules.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "firmware/image/mcuboot/layout.h"
#include "server/trust/format.h"
#include "server/trust/package_rules.h"
#include "server/trust/release_format.h"
#include "server/trust/target_format.h"

namespace bootseal::trust {
namespace {

namespace mcuboot = image::mcuboot;

constexpr std::uint64_t kBlockBytes = 16;  // AES

std::string TypesOf(const v1::McubootFormat& format) {
  std::vector<std::string> types;
  for (const std::uint32_t type : format.request_tlvs()) {
    types.push_back(absl::StrFormat("0x%04x", type));
  }
  return types.empty() ? "none" : absl::StrJoin(types, ", ");
}

bool IsOwn(const v1::McubootFormat& format, std::uint32_t type) {
  return std::any_of(
      format.vendor_tlvs().begin(), format.vendor_tlvs().end(),
      [type](const v1::VendorTlv& own) { return own.type() == type; });
}

bool IsListed(const v1::McubootFormat& format, std::uint32_t type) {
  return std::count(format.request_tlvs().begin(), format.request_tlvs().end(),
                    type) != 0;
}

Answer CheckType(const v1::Target& target, std::uint32_t type) {
  if (IsOwn(target.mcuboot(), type)) {
    return Objection{"VENDOR_TLV_NOT_ALLOWED",
                     absl::StrFormat("vendor TLV 0x%04x is target %s's own; "
                                     "leave it out",
                                     type, target.name())};
  }
  if (IsListed(target.mcuboot(), type)) return {};
  return Objection{
      "VENDOR_TLV_NOT_ALLOWED",
      absl::StrFormat("vendor TLV 0x%04x is none that a request may add to "
                      "target %s; those are: %s",
                      type, target.name(), TypesOf(target.mcuboot()))};
}

std::size_t BytesOf(
    const google::protobuf::RepeatedPtrField<v1::VendorTlv>& tlvs) {
  std::size_t bytes = 0;
  for (const v1::VendorTlv& tlv : tlvs) {
    bytes += mcuboot::kTlvHeaderBytes + tlv.value().size();
  }
  return bytes;
}

std::string NamesOf(const v1::ReleaseFormat& format) {
  std::vector<std::string> names;
  for (const v1::ReleaseImage& image : format.images()) {
    names.push_back(image.name());
  }
  return absl::StrJoin(names, ", ");
}

// -1 when there is none.
int IndexOf(const v1::ReleaseFormat& format, absl::string_view name) {
  for (int i = 0; i < format.images_size(); ++i) {
    if (format.images(i).name() == name) return i;
  }
  return -1;
}

// Of a component that is not the one that belongs there.
Objection Misplaced(const v1::Target& target, const v1::SignHeader& header,
                    int at) {
  const v1::ReleaseFormat& format = target.release();
  const std::string& name = header.components(at).name();
  const int place = IndexOf(format, name);
  const std::string said = absl::StrCat("component ", at + 1, " is \"",
                                        absl::CHexEscape(name), "\"");
  const std::string takes = absl::StrCat("; target ", target.name(), " takes ",
                                         NamesOf(format), ", in this order");
  if (place < 0) {
    return {"COMPONENT_UNKNOWN",
            absl::StrCat(said, ", which the target does not have", takes)};
  }
  if (place < at) {
    return {"COMPONENT_TWICE", absl::StrCat(said, " once more", takes)};
  }
  return {"COMPONENT_ORDER",
          absl::StrCat(said, ", expected \"", format.images(at).name(), "\"",
                       takes)};
}

Answer CheckComponent(const v1::ReleaseImage& image,
                      const v1::Component& component) {
  if (component.size() == 0) {
    return Objection{"COMPONENT_EMPTY",
                     absl::StrCat("component ", image.name(), " has no bytes")};
  }
  if (component.size() <= image.bank_size()) return {};
  return Objection{
      "COMPONENT_TOO_LARGE",
      absl::StrCat("component ", image.name(), " has ", component.size(),
                   " bytes, its bank holds ", image.bank_size())};
}

Answer CheckNamed(const v1::Target& target, const v1::SignHeader& header) {
  const v1::ReleaseFormat& format = target.release();
  for (int i = 0; i < header.components_size(); ++i) {
    if (i >= format.images_size() ||
        header.components(i).name() != format.images(i).name()) {
      return Misplaced(target, header, i);
    }
    if (Answer bad = CheckComponent(format.images(i), header.components(i))) {
      return bad;
    }
  }
  if (header.components_size() == format.images_size()) return {};
  return Objection{
      "COMPONENT_MISSING",
      absl::StrCat("component ", format.images(header.components_size()).name(),
                   " is missing; target ", target.name(), " takes ",
                   NamesOf(format), ", in this order")};
}

absl::string_view NameOf(v1::Compression compression) {
  switch (compression) {
    case v1::COMPRESSION_UNSPECIFIED:
      return "plain";
    case v1::LZMA2:
      return "LZMA2";
    case v1::LZMA2_ARM_THUMB:
      return "LZMA2_ARM_THUMB";
    default:  // of a later client
      return "unknown";
  }
}

bool Decrypts(const v1::McubootFormat& format) {
  return format.has_encryption() &&
         format.encryption().presence() != v1::FORBIDDEN;
}

}  // namespace

Answer CheckVendorTlvs(const v1::Target& target, const v1::SignHeader& header) {
  std::set<std::uint32_t> seen;
  for (const v1::VendorTlv& tlv : header.vendor_tlvs()) {
    if (Answer objection = CheckType(target, tlv.type())) return objection;
    if (seen.insert(tlv.type()).second) continue;
    return Objection{
        "VENDOR_TLV_TWICE",
        absl::StrFormat("vendor TLV 0x%04x is given twice", tlv.type())};
  }
  const std::size_t bytes = mcuboot::kTlvInfoBytes +
                            BytesOf(target.mcuboot().vendor_tlvs()) +
                            BytesOf(header.vendor_tlvs());
  if (bytes <= mcuboot::kMaxTlvAreaBytes || header.vendor_tlvs().empty()) {
    return {};
  }
  return Objection{
      "VENDOR_TLVS_TOO_LARGE",
      absl::StrCat("vendor TLVs take ", bytes, " bytes, those of target ",
                   target.name(), " included; an area holds ",
                   mcuboot::kMaxTlvAreaBytes)};
}

Answer CheckCompression(const v1::Target& target,
                        const v1::SignHeader& header) {
  const v1::Compression found = header.compression();
  const v1::Compression expected = target.mcuboot().compression();
  if (found == v1::COMPRESSION_UNSPECIFIED || found == expected) return {};
  return Objection{
      "COMPRESSION_NOT_OF_TARGET",
      absl::StrCat("payload is compressed as ", NameOf(found), "; target ",
                   target.name(), " takes ",
                   expected == v1::COMPRESSION_UNSPECIFIED ? "" : "plain or ",
                   NameOf(expected), " payloads")};
}

Answer CheckEncryption(const v1::Target& target, const v1::SignHeader& header) {
  const v1::McubootFormat& format = target.mcuboot();
  if (!header.encrypted()) {
    if (format.encryption().presence() != v1::REQUIRED) return {};
    return Objection{
        "ENCRYPTION_REQUIRED",
        absl::StrCat("target ", target.name(),
                     " takes encrypted images alone; give the device's public "
                     "key to encrypt for")};
  }
  if (!Decrypts(format)) {
    return Objection{"ENCRYPTION_NOT_ALLOWED",
                     absl::StrCat("target ", target.name(),
                                  " has a bootloader that decrypts nothing; "
                                  "sign the image plain")};
  }
  const std::uint64_t in_front =
      format.header_size() - HeaderRoom(format, header.compression());
  const std::uint64_t bytes = in_front + header.payload_size();
  if (bytes % kBlockBytes == 0) return {};
  return Objection{
      "PAYLOAD_NOT_PADDED",
      absl::StrCat("header and payload have ", bytes,
                   " bytes, an encrypted image has a multiple of ", kBlockBytes,
                   "; append ", kBlockBytes - bytes % kBlockBytes,
                   " zero bytes to the payload")};
}

Answer CheckSignedRange(const v1::Target& target,
                        const v1::SignHeader& header) {
  if (!header.has_signed_range()) return {};
  if (!target.has_mcuboot()) {
    return Objection{"RANGE_NOT_OF_TARGET",
                     absl::StrCat("a range is of an MCUboot image; target ",
                                  target.name(), " is for ", HowToAsk(target))};
  }
  if (header.compression() != v1::COMPRESSION_UNSPECIFIED) {
    return Objection{"RANGE_COMPRESSED",
                     "a range is signed uncompressed alone, as a compressed "
                     "image needs two signatures; send the payload"};
  }
  const std::uint32_t padding = header.signed_range().header_padding();
  if (padding == 0x00 || padding == 0xff) return {};
  return Objection{"RANGE_HEADER_PADDING",
                   absl::StrFormat("header padding is 0x%02x, expected 0x00 or "
                                   "0xff, what erased flash reads as",
                                   padding)};
}

Answer CheckComponents(const v1::Target& target, const v1::SignHeader& header) {
  if (!target.has_release() && !target.has_fip()) {
    if (header.components().empty()) return {};
    return Objection{"COMPONENTS_NOT_OF_TARGET",
                     absl::StrCat("target ", target.name(),
                                  " is made of one file; send it without "
                                  "components")};
  }
  if (Answer bad = target.has_fip() ? CheckPackageImages(target, header)
                                    : CheckNamed(target, header)) {
    return bad;
  }
  // No overflow: each fits into a bank.
  std::uint64_t sum = 0;
  for (const v1::Component& component : header.components()) {
    sum += component.size();
  }
  if (sum == header.payload_size()) return {};
  return Objection{"COMPONENTS_DIFFER_FROM_SIZE",
                   absl::StrCat("payload has ", header.payload_size(),
                                " bytes, its components together ", sum)};
}

Answer CheckFirmwareSize(const v1::Target& target,
                         const v1::SignHeader& header) {
  const std::uint64_t size = header.payload_size();
  const std::uint64_t most = target.capsule().max_size();
  if (size == 0) {
    return Objection{"EMPTY_PAYLOAD", "a capsule's firmware has 0 bytes"};
  }
  if (size <= most) return {};
  return Objection{
      "PAYLOAD_TOO_LARGE",
      absl::StrCat("firmware has ", size, " bytes, expected at most ", most,
                   ", the max_size of target ", target.name())};
}

Answer CheckFirmwareVersion(const v1::Target& target,
                            std::uint32_t security_counter) {
  const std::uint32_t lowest = target.capsule().lowest_supported_version();
  if (security_counter >= lowest) return {};
  return Objection{
      "VERSION_BELOW_LOWEST",
      absl::StrCat("firmware version ", security_counter, " is below ", lowest,
                   ", the lowest that target ", target.name(),
                   " supports: the capsule would refuse itself")};
}

Answer CheckProvisioning(const v1::Target& target,
                         const v1::SignHeader& header) {
  if (!header.has_provisioning()) return {};
  if (!target.has_release()) {
    return Objection{"PROVISIONING_NOT_OF_TARGET",
                     absl::StrCat("target ", target.name(),
                                  " has no update metadata; leave provisioning "
                                  "out")};
  }
  const auto metadata = MetadataOf(target.release(), &header.provisioning());
  const absl::Status bad =
      metadata.ok() ? WriteReadable(target.release(), *metadata).status()
                    : metadata.status();
  if (bad.ok()) return {};
  return Objection{base::ReasonOf(bad), std::string(bad.message())};
}

}  // namespace bootseal::trust
