#include "client/cli/assembly.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/exit_status.h"
#include "client/cli/intel_hex.h"
#include "client/cli/text.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/facts.h"
#include "firmware/image/mcuboot/header.h"

namespace bootseal::cli {
namespace {

constexpr std::uint64_t kAddressSpace = std::uint64_t{1} << 32;

absl::Status Malformed(absl::string_view what) {
  return base::Precondition(
      "REPLY_MALFORMED",
      absl::StrCat("the server's reply is malformed: ", what));
}

absl::Status CheckParts(const v1::SignReply& reply, absl::string_view payload) {
  const v1::Target& target = reply.profile().target();
  if (!target.has_mcuboot()) {
    return Malformed("its profile has no MCUboot format");
  }
  const std::size_t header_size = target.mcuboot().header_size();
  if (reply.header().size() != header_size) {
    return Malformed(absl::StrCat("a header of ", reply.header().size(),
                                  " bytes, its profile says ", header_size));
  }
  const bool room = PayloadHasRoom(reply);
  if (room && payload.size() <= header_size) {
    return Malformed(absl::StrCat("a payload of ", payload.size(),
                                  " bytes has no room for a header of ",
                                  header_size));
  }
  const std::uint64_t size = reply.fill().file_size();
  if (size > target.mcuboot().slot_size()) {
    return Malformed(absl::StrCat("a file of ", size, " bytes for a slot of ",
                                  target.mcuboot().slot_size()));
  }
  return absl::OkStatus();
}

absl::Status AppendFill(const v1::Fill& fill, AssembledImage& image) {
  if (fill.file_size() == 0) return absl::OkStatus();
  if (image.bytes.size() + fill.trailer().size() > fill.file_size()) {
    return Malformed(absl::StrCat(
        "an image of ", image.bytes.size(), " bytes and a trailer of ",
        fill.trailer().size(), " in a file of ", fill.file_size()));
  }
  image.trailer_begin = fill.file_size() - fill.trailer().size();
  image.bytes.resize(image.trailer_begin,
                     static_cast<char>(fill.erased_byte()));
  image.bytes += fill.trailer();
  return absl::OkStatus();
}

// Where the first of `bytes` bytes lies, header and trailer included.
absl::StatusOr<std::uint32_t> ImageAddress(std::uint64_t put_in_front,
                                           std::uint64_t bytes,
                                           std::uint32_t payload_address) {
  if (payload_address != 0 && payload_address < put_in_front) {
    return LocalFileError(
        "HEX_ADDRESS",
        absl::StrCat("the payload starts at ", HexNumber(payload_address),
                     ": no room below it for a header of ",
                     HexNumber(put_in_front),
                     "; link it higher or leave room for the header"));
  }
  const std::uint64_t address =
      payload_address == 0 ? 0 : payload_address - put_in_front;
  if (address + bytes > kAddressSpace) {
    return LocalFileError(
        "HEX_ADDRESS",
        absl::StrCat("an image of ", bytes, " bytes from ", HexNumber(address),
                     " leaves the 32-bit address space; give the address of "
                     "the payload's first byte"));
  }
  return static_cast<std::uint32_t>(address);
}

}  // namespace

bool PayloadHasRoom(const v1::SignReply& reply) {
  const auto header =
      image::mcuboot::ReadHeader(image::host::AsBytes(reply.header()));
  const bool compressed = header.ok() && image::mcuboot::IsCompressed(*header);
  return reply.profile().target().mcuboot().payload_has_header_room() &&
         !compressed;
}

absl::StatusOr<AssembledImage> Assemble(const v1::SignReply& reply,
                                        absl::string_view payload) {
  RETURN_IF_ERROR(CheckParts(reply, payload));
  AssembledImage image;
  if (PayloadHasRoom(reply)) payload.remove_prefix(reply.header().size());
  if (!reply.profile().target().mcuboot().payload_has_header_room()) {
    image.put_in_front = reply.header().size();
  }
  image.bytes.reserve(std::max<std::uint64_t>(
      reply.header().size() + payload.size() + reply.tlvs().size(),
      reply.fill().file_size()));
  absl::StrAppend(&image.bytes, reply.header(), payload, reply.tlvs());
  image.image_end = image.bytes.size();
  image.trailer_begin = image.bytes.size();
  RETURN_IF_ERROR(AppendFill(reply.fill(), image));
  return image;
}

absl::Status CheckHexAddress(const v1::McubootFormat& format,
                             std::uint64_t payload_bytes,
                             std::uint32_t payload_address) {
  const std::uint64_t in_front =
      format.payload_has_header_room() ? 0 : format.header_size();
  const bool fills_slot =
      format.padding() == v1::PAD || format.padding() == v1::CONFIRM;
  const std::uint64_t bytes = std::max<std::uint64_t>(
      in_front + payload_bytes, fills_slot ? format.slot_size() : 0);
  return ImageAddress(in_front, bytes, payload_address).status();
}

absl::StatusOr<std::string> ToIntelHex(const AssembledImage& image,
                                       std::uint32_t payload_address) {
  ASSIGN_OR_RETURN(
      const std::uint32_t address,
      ImageAddress(image.put_in_front, image.bytes.size(), payload_address));
  const absl::string_view bytes = image.bytes;
  std::vector<HexSegment> segments{{address, bytes.substr(0, image.image_end)}};
  if (image.trailer_begin < bytes.size()) {
    segments.push_back(
        {address + static_cast<std::uint32_t>(image.trailer_begin),
         bytes.substr(image.trailer_begin)});
  }
  return WriteIntelHex(segments);
}

}  // namespace bootseal::cli
