#include "firmware/image/mcuboot/reader.h"

#include "firmware/image/mcuboot/header.h"
#include "firmware/image/mcuboot/tlv.h"

namespace bootseal::image::mcuboot {
namespace {

Error ReadSigned(Reader& reader, Reading& reading) {
  const Bytes start = reader.rest();
  const Result<Header> header = ReadHeader(start);
  if (!header.ok()) return header.error();
  reading.facts.header = *header;
  if (header->header_size < kHeaderBytes) return Error::kHeaderSize;
  reading.header = reader.Take(header->header_size);
  reading.payload = reader.Take(header->image_size);
  const Bytes area = reader.Take(header->protected_size);
  if (!reader.ok()) return Error::kTruncated;
  if (!area.empty()) BOOTSEAL_TRY(CheckProtectedArea(area));
  reading.facts.protected_area = area;
  reading.facts.signed_range = start.first(start.size() - reader.rest().size());
  return Error::kOk;
}

Error ReadUnprotected(Reader& reader, Reading& reading) {
  const Result<AreaInfo> info = ReadAreaInfo(reader.rest());
  if (!info.ok()) return info.error();
  if (info->magic != kUnprotectedMagic) return Error::kTlvMagic;
  const Bytes area = reader.Take(info->size);
  if (!reader.ok()) return Error::kTruncated;
  if (area.size() < kTlvInfoBytes) return Error::kTlvLength;
  BOOTSEAL_TRY(CheckArea(area, kUnprotectedMagic));
  reading.facts.unprotected_area = area;
  reading.rest = reader.rest();
  return Error::kOk;
}

Error ReadAll(Bytes image, Reading& reading) {
  Reader reader(image);
  BOOTSEAL_TRY(ReadSigned(reader, reading));
  return ReadUnprotected(reader, reading);
}

}  // namespace

Reading ReadImage(Bytes image, HashAlgorithm hash) {
  Reading reading;
  reading.error = ReadAll(image, reading);
  if (reading.error != Error::kOk) return reading;
  Reader vectors(reading.payload);
  reading.facts.initial_stack = vectors.U32();
  reading.facts.reset_vector = vectors.U32();
  reading.facts.digest = Hash(hash)
                             .Update(reading.header)
                             .Update(reading.payload)
                             .Update(reading.facts.protected_area)
                             .Finish();
  return reading;
}

}  // namespace bootseal::image::mcuboot
