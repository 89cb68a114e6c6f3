#include "client/cli/range_order.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "client/cli/exit_status.h"
#include "client/cli/release.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/signed_range.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::cli {
namespace {

namespace mcuboot = image::mcuboot;
using image::host::AsBytes;
using image::host::RangeReader;
using image::host::ToString;

absl::StatusOr<RangeReader> ReadRange(absl::string_view range) {
  RangeReader reader;
  absl::Status status =
      reader.Write(range, [](absl::string_view) { return absl::OkStatus(); });
  if (status.ok()) status = reader.Finish();
  if (!status.ok()) return WithExit(status, ExitStatus::kLocalFile);
  return reader;
}

bool IsOwn(const v1::McubootFormat& format, std::uint16_t type) {
  return std::any_of(
      format.vendor_tlvs().begin(), format.vendor_tlvs().end(),
      [type](const v1::VendorTlv& own) { return own.type() == type; });
}

void AddProtected(const mcuboot::Tlv& tlv, const v1::McubootFormat& format,
                  v1::SignHeader& header) {
  if (tlv.type == mcuboot::tlv::kSecurityCounter && tlv.value.size() == 4) {
    header.set_security_counter(image::Reader(tlv.value).U32());
  }
  if (!mcuboot::IsVendor(tlv.type) || IsOwn(format, tlv.type)) return;
  v1::VendorTlv& vendor = *header.add_vendor_tlvs();
  vendor.set_type(tlv.type);
  vendor.set_value(ToString(tlv.value));
}

std::uint32_t PaddingOf(const RangeReader& range) {
  const std::string& bytes = range.header_bytes();
  if (bytes.size() == mcuboot::kHeaderBytes) return 0;
  return static_cast<unsigned char>(bytes[mcuboot::kHeaderBytes]);
}

}  // namespace

absl::Status CheckRange(absl::string_view range) {
  return ReadRange(range).status();
}

absl::StatusOr<Order> MakeRangeOrder(
    v1::SignHeader header, std::string range,
    const std::optional<v1::Profile>& profile) {
  ASSIGN_OR_RETURN(const RangeReader read, ReadRange(range));
  const mcuboot::Header& found = read.header();
  header.set_version(image::host::FormatVersion(found.version));
  header.set_encrypted((found.flags & mcuboot::flags::kEncrypted) != 0);
  header.mutable_signed_range()->set_header_padding(PaddingOf(read));
  const v1::McubootFormat format =
      profile ? profile->target().mcuboot() : v1::McubootFormat();
  for (const mcuboot::Tlv& tlv :
       mcuboot::Tlvs(AsBytes(read.protected_area()))) {
    AddProtected(tlv, format, header);
  }
  std::string payload(
      format.payload_has_header_room() ? format.header_size() : 0, '\0');
  payload.append(range, found.header_size, found.image_size);
  Order order = MakeOrder(std::move(header), SentPayload{std::move(payload)});
  order.range = std::move(range);
  return order;
}

}  // namespace bootseal::cli
