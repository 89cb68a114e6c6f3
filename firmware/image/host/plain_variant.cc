#include "firmware/image/host/plain_variant.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "firmware/image/host/compression.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"
#include "firmware/image/mcuboot/verifier.h"

namespace bootseal::image::host {
namespace {

using mcuboot::Compression;
using mcuboot::Facts;
using mcuboot::FindTlv;
using mcuboot::Tlv;
using mcuboot::Tlvs;
namespace tlv = mcuboot::tlv;

absl::StatusOr<Compression> CompressionOf(const mcuboot::Header& header) {
  const std::uint32_t found = header.flags & mcuboot::flags::kCompressed;
  for (const Compression each :
       {Compression::kLzma2, Compression::kLzma2ArmThumb}) {
    if (mcuboot::CompressionFlags(each) == found) return each;
  }
  return base::Precondition(
      "COMPRESSION_UNKNOWN",
      absl::StrFormat("the header's flags 0x%x name no compression that a "
                      "bootloader undoes",
                      header.flags));
}

std::string Number16(std::size_t number) {
  std::array<std::byte, 2> bytes{};
  Writer(bytes).U16(static_cast<std::uint16_t>(number));
  return ToString(bytes);
}

void Append(std::string& tlvs, std::uint16_t type, Bytes value) {
  absl::StrAppend(&tlvs, Number16(type), Number16(value.size()),
                  ToString(value));
}

// Empty when there is no TLV in it.
std::string Area(std::uint16_t magic, const std::string& tlvs) {
  if (tlvs.empty()) return {};
  return absl::StrCat(Number16(magic),
                      Number16(mcuboot::kTlvInfoBytes + tlvs.size()), tlvs);
}

std::string ProtectedOf(const Facts& facts) {
  std::string tlvs;
  for (const Tlv& each : Tlvs(facts.protected_area)) {
    if (mcuboot::IsDecompression(each.type)) continue;
    Append(tlvs, each.type, each.value);
  }
  return Area(mcuboot::kProtectedMagic, tlvs);
}

std::string UnprotectedOf(const Facts& facts) {
  std::string tlvs;
  for (const Tlv& each : Tlvs(facts.unprotected_area)) {
    Bytes value = each.value;
    if (mcuboot::IsDigest(each.type)) {
      value = FindTlv(facts.protected_area, tlv::kDecompressedDigest).value;
    } else if (mcuboot::IsSignature(each.type)) {
      value = FindTlv(facts.protected_area, tlv::kDecompressedSignature).value;
    }
    Append(tlvs, each.type, value);
  }
  return Area(mcuboot::kUnprotectedMagic, tlvs);
}

// With the padding that it has: that is signed too.
std::string HeaderOf(const mcuboot::Reading& reading, std::size_t payload,
                     std::size_t protected_area) {
  constexpr std::size_t kProtectedSizeAt = 0x0a;
  std::string header = ToString(reading.header);
  const mcuboot::Header& old = reading.facts.header;
  Writer writer(std::as_writable_bytes(std::span(header.data(), header.size()))
                    .subspan(kProtectedSizeAt));
  writer.U16(static_cast<std::uint16_t>(protected_area));
  writer.U32(static_cast<std::uint32_t>(payload));
  writer.U32(old.flags & ~mcuboot::flags::kCompressed);
  return header;
}

absl::StatusOr<std::string> PayloadOf(const mcuboot::Rules& rules,
                                      const mcuboot::Reading& reading) {
  const mcuboot::Header& header = reading.facts.header;
  if ((header.flags & mcuboot::flags::kEncrypted) != 0) {
    return base::Precondition("COMPRESSED_AND_ENCRYPTED",
                              "what is compressed is encrypted too: the device "
                              "alone can look into it");
  }
  ASSIGN_OR_RETURN(const Compression compression, CompressionOf(header));
  ASSIGN_OR_RETURN(
      std::string payload,
      Decompress(compression, ToString(reading.payload), rules.slot_size));
  const std::uint32_t announced =
      Reader(
          FindTlv(reading.facts.protected_area, tlv::kDecompressedSize).value)
          .U32();
  if (payload.size() == announced) return payload;
  return base::Precondition(
      "DECOMPRESSED_SIZE",
      absl::StrCat("the payload decompresses to ", payload.size(),
                   " bytes, DECOMP_SIZE says ", announced));
}

}  // namespace

absl::StatusOr<std::optional<std::string>> PlainVariantOf(
    const mcuboot::Rules& rules, Bytes image) {
  const mcuboot::Reading reading = mcuboot::ReadImage(image, rules.hash);
  RETURN_IF_ERROR(ToStatus(reading.error));
  if (!mcuboot::IsCompressed(reading.facts.header)) return std::nullopt;
  ASSIGN_OR_RETURN(const std::string payload, PayloadOf(rules, reading));
  const std::string area = ProtectedOf(reading.facts);
  return absl::StrCat(HeaderOf(reading, payload.size(), area.size()), payload,
                      area, UnprotectedOf(reading.facts));
}

absl::Status CheckPlainVariant(const mcuboot::Rules& rules, Bytes image) {
  ASSIGN_OR_RETURN(const auto plain, PlainVariantOf(rules, image));
  if (!plain) return absl::OkStatus();
  return base::Annotate(
      ToStatus(mcuboot::Verify(rules, AsBytes(*plain)).error()),
      "once decompressed");
}

}  // namespace bootseal::image::host
