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

std::uint32_t Number32(const Facts& facts, std::uint16_t type) {
  return Reader(FindTlv(facts.protected_area, type).value).U32();
}

// Without what fills the cipher's last block.
absl::StatusOr<std::string> StreamOf(const mcuboot::Reading& reading) {
  constexpr std::size_t kBlockBytes = 16;  // AES
  std::string payload = ToString(reading.payload);
  if ((reading.facts.header.flags & mcuboot::flags::kEncrypted) == 0) {
    return payload;
  }
  const std::uint32_t size = Number32(reading.facts, tlv::kCompressedSize);
  const bool is_padding = size <= payload.size() &&
                          payload.size() - size < kBlockBytes &&
                          payload.find_first_not_of('\0', size) == payload.npos;
  if (is_padding) return payload.substr(0, size);
  return base::Precondition(
      "COMPRESSED_SIZE",
      absl::StrCat("COMP_DEC_SIZE says that ", size, " of the payload's ",
                   payload.size(),
                   " bytes are compressed, expected all but up to ",
                   kBlockBytes - 1, " zeros at the end"));
}

absl::StatusOr<std::string> PayloadOf(const mcuboot::Rules& rules,
                                      const mcuboot::Reading& reading) {
  ASSIGN_OR_RETURN(const Compression compression,
                   CompressionOf(reading.facts.header));
  ASSIGN_OR_RETURN(const std::string stream, StreamOf(reading));
  ASSIGN_OR_RETURN(std::string payload,
                   Decompress(compression, stream, rules.slot_size));
  const std::uint32_t announced =
      Number32(reading.facts, tlv::kDecompressedSize);
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

mcuboot::Rules WithoutReceipt(mcuboot::Rules rules) {
  rules.receipt = nullptr;
  return rules;
}

absl::Status CheckPlainVariant(const mcuboot::Rules& rules, Bytes image) {
  ASSIGN_OR_RETURN(const auto plain, PlainVariantOf(rules, image));
  const mcuboot::Rules inner = WithoutReceipt(rules);
  if (!plain) return absl::OkStatus();
  return base::Annotate(
      ToStatus(mcuboot::Verify(inner, AsBytes(*plain)).error()),
      "once decompressed");
}

}  // namespace bootseal::image::host
