#include "firmware/image/host/capsule.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "firmware/image/bytes.h"
#include "firmware/image/host/capsule_layout.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/guid.h"

namespace bootseal::image::host {
namespace {

absl::Status Malformed(absl::string_view message) {
  return base::Invalid("CAPSULE_MALFORMED", "capsule", message);
}

absl::Status Ends(absl::string_view where) {
  return Malformed(absl::StrCat("the file ends within the ", where));
}

absl::Status Expect(absl::string_view what, std::uint64_t found,
                    std::uint64_t expected) {
  if (found == expected) return absl::OkStatus();
  return Malformed(
      absl::StrFormat("%s is 0x%x, expected 0x%x", what, found, expected));
}

struct Outer {
  std::uint32_t flags = 0;
};

absl::StatusOr<Outer> ReadOuter(const Guid& kind, std::uint64_t file_size,
                                Reader& reader) {
  const Guid found = ReadGuid(reader);
  const std::uint32_t header_size = reader.U32();
  const std::uint32_t flags = reader.U32();
  const std::uint32_t size = reader.U32();
  if (!reader.ok()) return Ends("capsule header");
  if (found != kind) {
    return Malformed(absl::StrCat("its GUID is ", FormatGuid(found),
                                  ", expected ", FormatGuid(kind)));
  }
  RETURN_IF_ERROR(
      Expect("the header's size", header_size, capsule::kHeaderBytes));
  RETURN_IF_ERROR(Expect("the capsule's size", size, file_size));
  return Outer{flags};
}

absl::Status ReadFmp(Reader& reader) {
  const std::uint32_t version = reader.U32();
  const std::uint16_t drivers = reader.U16();
  const std::uint16_t items = reader.U16();
  const std::uint64_t offset = reader.U64();
  if (!reader.ok()) return Ends("FMP header");
  RETURN_IF_ERROR(
      Expect("the FMP header's version", version, capsule::kFmpVersion));
  RETURN_IF_ERROR(Expect("the number of drivers", drivers, 0));
  RETURN_IF_ERROR(Expect("the number of items", items, 1));
  return Expect("the item's offset", offset, capsule::kItemOffset);
}

struct Item {
  std::uint64_t size = 0;
  bool is_signed = false;
};

absl::StatusOr<Item> ReadItem(Reader& reader, CapsuleHeader& header) {
  const std::uint32_t version = reader.U32();
  header.image_type = ReadGuid(reader);
  header.image_index = reader.U8();
  const std::uint32_t reserved =
      reader.U8() | static_cast<std::uint32_t>(reader.U16()) << 8;
  const std::uint32_t size = reader.U32();
  const std::uint32_t vendor_code = reader.U32();
  header.hardware_instance = reader.U64();
  const std::uint64_t support = reader.U64();
  if (!reader.ok()) return Ends("image header");
  RETURN_IF_ERROR(
      Expect("the image header's version", version, capsule::kImageVersion));
  RETURN_IF_ERROR(Expect("what is reserved", reserved, 0));
  RETURN_IF_ERROR(Expect("the vendor code's size", vendor_code, 0));
  if (header.image_index == 0) {
    return Malformed("the image index is 0, expected 1 to 255");
  }
  if (support > capsule::kAuthenticated) {
    return Malformed(absl::StrFormat(
        "the image's support is 0x%x, expected 1 (signed) or 0", support));
  }
  return Item{size, support == capsule::kAuthenticated};
}

absl::StatusOr<std::string> ReadAuthentication(Reader& reader,
                                               CapsuleHeader& header) {
  header.monotonic_count = reader.U64();
  const std::uint32_t size = reader.U32();
  const std::uint16_t revision = reader.U16();
  const std::uint16_t type = reader.U16();
  const Guid guid = ReadGuid(reader);
  if (!reader.ok()) return Ends("WIN_CERTIFICATE");
  RETURN_IF_ERROR(Expect("the certificate's revision", revision,
                         capsule::kCertificateRevision));
  RETURN_IF_ERROR(
      Expect("the certificate's type", type, capsule::kCertificateType));
  if (guid != capsule::kPkcs7) {
    return Malformed(absl::StrCat("the certificate's GUID is ",
                                  FormatGuid(guid), ", expected ",
                                  FormatGuid(capsule::kPkcs7), " (PKCS#7)"));
  }
  if (size <= capsule::kCertificateBytes) {
    return Malformed(absl::StrCat("the certificate has ", size,
                                  " bytes, expected more than ",
                                  capsule::kCertificateBytes));
  }
  std::string data = ToString(reader.Take(size - capsule::kCertificateBytes));
  if (!reader.ok()) return Ends("PKCS#7 signature");
  return data;
}

absl::Status ReadVersion(Reader& reader, CapsuleHeader& header) {
  if (!HasPayloadHeader(ToString(reader.rest().first(
          std::min(reader.rest().size(), kPayloadMagicBytes))))) {
    return absl::OkStatus();
  }
  reader.Take(kPayloadMagicBytes);
  const std::uint32_t size = reader.U32();
  CapsuleVersion version;
  version.version = reader.U32();
  version.lowest_supported = reader.U32();
  if (!reader.ok()) return Ends("payload header");
  header.version = version;
  return Expect("the payload header's size", size,
                capsule::kPayloadHeaderBytes);
}

}  // namespace

absl::StatusOr<CapsuleFront> ReadCapsuleFront(absl::string_view front,
                                              std::uint64_t file_size) {
  Reader reader(AsBytes(front));
  CapsuleFront result;
  ASSIGN_OR_RETURN(const Outer outer,
                   ReadOuter(capsule::kFirmware, file_size, reader));
  constexpr std::uint32_t kOemFlags = 0xffff;
  RETURN_IF_ERROR(Expect("the system's flags", outer.flags & ~kOemFlags,
                         capsule::kPersistAcrossReset));
  result.header.oem_flags = static_cast<std::uint16_t>(outer.flags & kOemFlags);
  RETURN_IF_ERROR(ReadFmp(reader));
  ASSIGN_OR_RETURN(const Item item, ReadItem(reader, result.header));
  RETURN_IF_ERROR(
      Expect("the image's size", item.size,
             file_size - capsule::kHeaderBytes - capsule::kFmpAndImageBytes));
  if (item.is_signed) {
    ASSIGN_OR_RETURN(result.signed_data,
                     ReadAuthentication(reader, result.header));
  }
  RETURN_IF_ERROR(ReadVersion(reader, result.header));
  result.size = front.size() - reader.rest().size();
  if (result.size >= file_size) {
    return Malformed("it has no firmware behind its headers");
  }
  result.firmware_size = file_size - result.size;
  return result;
}

std::optional<CapsuleKind> FindCapsuleKind(absl::string_view file) {
  Reader reader(AsBytes(file));
  const Guid kind = ReadGuid(reader);
  if (kind == capsule::kFirmware) return CapsuleKind::kFirmware;
  if (kind == capsule::kAccept) return CapsuleKind::kAccept;
  if (kind == capsule::kRevert) return CapsuleKind::kRevert;
  return std::nullopt;
}

absl::StatusOr<Guid> ReadAcceptCapsule(absl::string_view file) {
  Reader reader(AsBytes(file));
  ASSIGN_OR_RETURN(const Outer outer,
                   ReadOuter(capsule::kAccept, file.size(), reader));
  RETURN_IF_ERROR(Expect("the flags", outer.flags, 0));
  const Guid image_type = ReadGuid(reader);
  if (!reader.ok()) return Ends("image type GUID");
  RETURN_IF_ERROR(Expect("the file's size", file.size(),
                         capsule::kHeaderBytes + Guid::kBytes));
  return image_type;
}

absl::Status CheckRevertCapsule(absl::string_view file) {
  Reader reader(AsBytes(file));
  ASSIGN_OR_RETURN(const Outer outer,
                   ReadOuter(capsule::kRevert, file.size(), reader));
  RETURN_IF_ERROR(Expect("the flags", outer.flags, 0));
  return Expect("the file's size", file.size(), capsule::kHeaderBytes);
}

bool HasPayloadHeader(absl::string_view firmware) {
  return absl::StartsWith(firmware, capsule::kPayloadMagic);
}

}  // namespace bootseal::image::host
