#include "client/capsule/capsule_words.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "client/capsule/capsule_check.h"
#include "client/capsule/firmware_version.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/guid.h"
#include "firmware/image/host/signed_data.h"

namespace bootseal::capsule {
namespace {

using cli::Json;
using cli::JsonObject;
using image::host::CapsuleFront;
using image::host::CapsuleHeader;
using image::host::CapsuleKind;

constexpr std::uint64_t kMarkBytes = 1 << 10;

std::string TypeWords(const image::Guid& type) {
  const std::string text = image::host::FormatGuid(type);
  const std::string name = image::host::NameOfGuid(type);
  return name == text ? text : absl::StrCat(name, " (", text, ")");
}

std::string FlagWords(std::uint16_t flags) {
  return absl::StrFormat(
      "0x%04x%s", flags,
      flags & image::host::kMustBeAccepted ? ", must be accepted" : "");
}

std::string SignatureWords(const CapsuleFront& front) {
  if (front.signed_data.empty()) return "none";
  const auto certificate = image::host::CertificateIn(front.signed_data);
  if (!certificate.ok()) {
    return absl::StrCat("cannot be read: ", certificate.status().message());
  }
  const image::Digest digest = image::HashOf(
      image::HashAlgorithm::kSha256, image::host::AsBytes(*certificate));
  return absl::StrCat(
      "by the key of the certificate with sha256 ",
      absl::BytesToHexString(image::host::ToString(digest.bytes())),
      "; not verified here");
}

void AddVersion(const CapsuleHeader& header, Description& description) {
  description.json.Add(
      "firmware_version",
      header.version ? Json::Number(header.version->version) : Json::Null());
  description.json.Add("lowest_supported_version",
                       header.version
                           ? Json::Number(header.version->lowest_supported)
                           : Json::Null());
  if (!header.version) {
    description.rows.push_back({"version", "none"});
    return;
  }
  description.rows.push_back(
      {"version", FirmwareVersionWords(header.version->version)});
  description.rows.push_back(
      {"lowest supported",
       FirmwareVersionWords(header.version->lowest_supported)});
}

Description DescribeAccept(const image::Guid& type) {
  Description made;
  made.rows = {{"kind", "accept"},
               {"image type", TypeWords(type)},
               {"signature", "none: nothing of it is signed"}};
  made.json.Add("kind", Json::Text("accept"))
      .Add("image_type_guid", Json::Text(image::host::FormatGuid(type)));
  return made;
}

Description DescribeRevert() {
  Description made;
  made.rows = {{"kind", "revert"},
               {"signature", "none: nothing of it is signed"}};
  made.json.Add("kind", Json::Text("revert"));
  return made;
}

}  // namespace

Description Describe(const CapsuleFront& front) {
  const CapsuleHeader& header = front.header;
  Description made;
  made.rows = {{"kind", "firmware"},
               {"image type", TypeWords(header.image_type)},
               {"image index", absl::StrCat(header.image_index)},
               {"hardware instance", absl::StrCat(header.hardware_instance)},
               {"flags", FlagWords(header.oem_flags)},
               {"firmware", absl::StrCat(front.firmware_size, " bytes at ",
                                         absl::StrFormat("0x%x", front.size))}};
  made.json.Add("kind", Json::Text("firmware"))
      .Add("image_type_guid",
           Json::Text(image::host::FormatGuid(header.image_type)))
      .Add("image_index", Json::Number(header.image_index))
      .Add("hardware_instance", Json::Number(header.hardware_instance))
      .Add("oem_flags", Json::Number(header.oem_flags))
      .Add("firmware_offset", Json::Number(front.size))
      .Add("firmware_size", Json::Number(front.firmware_size));
  AddVersion(header, made);
  if (header.monotonic_count) {
    made.rows.push_back(
        {"monotonic count", absl::StrCat(*header.monotonic_count)});
  }
  made.rows.push_back({"signature", SignatureWords(front)});
  made.json
      .Add("monotonic_count", header.monotonic_count
                                  ? Json::Number(*header.monotonic_count)
                                  : Json::Null())
      .Add("is_signed", Json::Truth(!front.signed_data.empty()));
  return made;
}

absl::StatusOr<Description> DescribeFile(fwu::ByteSource& file) {
  std::string start(std::min(kMarkBytes, file.size()), '\0');
  RETURN_IF_ERROR(file.ReadAt(
      0, {reinterpret_cast<std::byte*>(start.data()), start.size()}));
  const std::optional<CapsuleKind> kind = image::host::FindCapsuleKind(start);
  if (!kind) {
    return base::Invalid("NOT_A_CAPSULE", "file",
                         "it begins with no GUID of a firmware, accept or "
                         "revert capsule");
  }
  switch (*kind) {
    case CapsuleKind::kAccept: {
      ASSIGN_OR_RETURN(const image::Guid type,
                       image::host::ReadAcceptCapsule(start));
      return DescribeAccept(type);
    }
    case CapsuleKind::kRevert:
      RETURN_IF_ERROR(image::host::CheckRevertCapsule(start));
      return DescribeRevert();
    case CapsuleKind::kFirmware:
      break;
  }
  ASSIGN_OR_RETURN(const Parts parts, SplitFile(file));
  ASSIGN_OR_RETURN(const CapsuleFront front,
                   image::host::ReadCapsuleFront(parts.front, file.size()));
  return Describe(front);
}

}  // namespace bootseal::capsule
