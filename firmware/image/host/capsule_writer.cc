#include <array>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/bytes.h"
#include "firmware/image/host/capsule.h"
#include "firmware/image/host/capsule_layout.h"
#include "firmware/image/host/convert.h"

namespace bootseal::image::host {
namespace {

constexpr std::uint64_t kMaxBytes = std::numeric_limits<std::uint32_t>::max();

// What it takes is far below: the PKCS#7 is appended by itself.
using Buffer = std::array<std::byte, 160>;

void WriteHeader(const Guid& kind, std::uint32_t flags, std::uint64_t size,
                 Writer& writer) {
  writer.Append(kind.bytes);
  writer.U32(capsule::kHeaderBytes);
  writer.U32(flags);
  writer.U32(static_cast<std::uint32_t>(size));
}

void WriteFmp(const CapsuleHeader& header, std::uint64_t image_size,
              Writer& writer) {
  writer.U32(capsule::kFmpVersion);
  writer.U16(0);
  writer.U16(1);
  writer.U64(capsule::kItemOffset);
  writer.U32(capsule::kImageVersion);
  writer.Append(header.image_type.bytes);
  writer.U8(header.image_index);
  writer.Repeat(std::byte{0}, 3);
  writer.U32(static_cast<std::uint32_t>(image_size));
  writer.U32(0);  // vendor code
  writer.U64(header.hardware_instance);
  writer.U64(header.monotonic_count ? capsule::kAuthenticated : 0);
}

void WriteCertificateHeader(std::size_t data_size, Writer& writer) {
  writer.U32(capsule::kCertificateBytes +
             static_cast<std::uint32_t>(data_size));
  writer.U16(capsule::kCertificateRevision);
  writer.U16(capsule::kCertificateType);
  writer.Append(capsule::kPkcs7.bytes);
}

absl::Status TooLarge(std::uint64_t firmware_size) {
  return base::Invalid(
      "CAPSULE_TOO_LARGE", "payload_size",
      absl::StrCat("a firmware of ", firmware_size,
                   " bytes fits into no capsule: its sizes have 32 bits"));
}

}  // namespace

absl::StatusOr<std::string> WriteCapsuleFront(const CapsuleHeader& header,
                                              absl::string_view signed_data,
                                              std::uint64_t firmware_size) {
  if (header.monotonic_count.has_value() == signed_data.empty()) {
    return base::Internal("a monotonic count and a signature go together");
  }
  const std::string payload_header = SignedInFront(header);
  const std::uint64_t authentication = header.monotonic_count
                                           ? capsule::kCountBytes +
                                                 capsule::kCertificateBytes +
                                                 signed_data.size()
                                           : 0;
  if (firmware_size > kMaxBytes) return TooLarge(firmware_size);
  const std::uint64_t image_size =
      authentication + payload_header.size() + firmware_size;
  const std::uint64_t size =
      capsule::kHeaderBytes + capsule::kFmpAndImageBytes + image_size;
  if (size > kMaxBytes) return TooLarge(firmware_size);

  Buffer buffer{};
  Writer writer(buffer);
  WriteHeader(capsule::kFirmware,
              capsule::kPersistAcrossReset | header.oem_flags, size, writer);
  WriteFmp(header, image_size, writer);
  if (header.monotonic_count) {
    writer.U64(*header.monotonic_count);
    WriteCertificateHeader(signed_data.size(), writer);
  }
  if (!writer.ok()) return base::Internal("a capsule's front is too long");
  return absl::StrCat(ToString(writer.written()), signed_data, payload_header);
}

std::string SignedInFront(const CapsuleHeader& header) {
  if (!header.version) return "";
  std::array<std::byte, capsule::kPayloadHeaderBytes> buffer{};
  Writer writer(buffer);
  writer.Append(AsBytes(capsule::kPayloadMagic));
  writer.U32(capsule::kPayloadHeaderBytes);
  writer.U32(header.version->version);
  writer.U32(header.version->lowest_supported);
  return ToString(writer.written());
}

std::string SignedBehind(const CapsuleHeader& header) {
  std::array<std::byte, capsule::kCountBytes> buffer{};
  Writer writer(buffer);
  writer.U64(header.monotonic_count.value_or(0));
  return ToString(writer.written());
}

std::string WriteAcceptCapsule(const Guid& image_type) {
  Buffer buffer{};
  Writer writer(buffer);
  WriteHeader(capsule::kAccept, 0, capsule::kHeaderBytes + Guid::kBytes,
              writer);
  writer.Append(image_type.bytes);
  return ToString(writer.written());
}

std::string WriteRevertCapsule() {
  Buffer buffer{};
  Writer writer(buffer);
  WriteHeader(capsule::kRevert, 0, capsule::kHeaderBytes, writer);
  return ToString(writer.written());
}

}  // namespace bootseal::image::host
