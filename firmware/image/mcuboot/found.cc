#include "firmware/image/mcuboot/found.h"

#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::image::mcuboot {
namespace {

struct Row {
  std::uint16_t first;
  std::uint16_t last;
  Kind kind;
  std::uint8_t length;  // 0: any, or no constant
};

constexpr Row kProtected[] = {
    {tlv::kDependency, tlv::kDependency, Kind::kDependency, 12},
    {tlv::kSecurityCounter, tlv::kSecurityCounter, Kind::kSecurityCounter, 4},
    {tlv::kBootRecord, tlv::kBootRecord, Kind::kBootRecord, 0},
    {tlv::kDecompressedSize, tlv::kDecompressedSize, Kind::kDecompressedSize,
     4},
    {tlv::kDecompressedDigest, tlv::kDecompressedDigest,
     Kind::kDecompressedDigest, 0},
    {tlv::kDecompressedSignature, tlv::kDecompressedSignature,
     Kind::kDecompressedSignature, 0},
    {tlv::kCompressedSize, tlv::kCompressedSize, Kind::kCompressedSize, 4},
    {tlv::kVendorUuid, tlv::kVendorUuid, Kind::kVendorUuid, kUuidBytes},
    {tlv::kClassUuid, tlv::kClassUuid, Kind::kClassUuid, kUuidBytes},
    {tlv::kVendorFirst, tlv::kVendorLast, Kind::kProtectedVendor, 0},
};

constexpr Row kUnprotected[] = {
    {tlv::kKeyHash, tlv::kPublicKey, Kind::kKey, 0},
    {tlv::kSha256, tlv::kSha256, Kind::kDigest, 32},
    {tlv::kSha384, tlv::kSha384, Kind::kDigest, 48},
    {tlv::kSha512, tlv::kSha512, Kind::kDigest, 64},
    {tlv::kRsa2048Pss, tlv::kRsa2048Pss, Kind::kSignature, 0},
    {tlv::kEcdsa, tlv::kEd25519, Kind::kSignature, 0},
    {tlv::kSignaturePure, tlv::kSignaturePure, Kind::kSignaturePure, 1},
    {tlv::kEncryptionRsa2048, tlv::kEncryptionX25519Sha512, Kind::kEncryption,
     0},
    {tlv::kVendorFirst, tlv::kVendorLast, Kind::kUnprotectedVendor, 0},
};

void Note(Found& found, const Row& row, const Tlv& tlv) {
  const std::uint32_t bit = Bits(row.kind);
  const bool fits = row.length == 0 || tlv.value.size() == row.length;
  if (!fits) found.wrong_length |= bit;
  if ((found.seen & bit) != 0) {
    found.seen_again |= bit;
  } else {
    found.first[static_cast<std::size_t>(row.kind)] = tlv;
  }
  found.seen |= bit;
  if (row.kind != Kind::kDependency || tlv.value.empty()) return;
  const auto images = static_cast<std::uint32_t>(tlv.value.front()) + 1;
  if (images > found.images_named) found.images_named = images;
}

void Walk(Found& found, Bytes area, std::span<const Row> rows) {
  for (const Tlv& tlv : Tlvs(area)) {
    const Row* row = rows.data();
    const Row* const end = row + rows.size();
    while (row != end && (tlv.type < row->first || tlv.type > row->last)) ++row;
    if (row == end) {
      ++found.unknown;
    } else {
      Note(found, *row, tlv);
    }
  }
}

}  // namespace

Found FindTlvs(Bytes protected_area, Bytes unprotected_area) {
  Found found;
  Walk(found, protected_area, kProtected);
  Walk(found, unprotected_area, kUnprotected);
  return found;
}

std::uint32_t SecurityCounterOf(const Found& found) {
  const Bytes counter = found.of(Kind::kSecurityCounter).value;
  return counter.size() < 4 ? 0 : Little32(counter.data());
}

}  // namespace bootseal::image::mcuboot
