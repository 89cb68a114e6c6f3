// Any bytes as a signature or a key: what is accepted has only one form.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "firmware/image/der.h"
#include "firmware/image/mcuboot/boot_record.h"

namespace {

using namespace bootseal::image;

void WriteInteger(Bytes magnitude, Writer& writer) {
  const bool pad = (magnitude[0] & std::byte{0x80}) != std::byte{0};
  writer.U8(0x02);
  writer.U8(static_cast<std::uint8_t>(magnitude.size() + (pad ? 1 : 0)));
  if (pad) writer.U8(0);
  writer.Append(magnitude);
}

void RequireOneForm(Bytes der) {
  const Result<EcdsaSignature> signature = ReadEcdsaSignature(der, 48);
  if (!signature.ok()) return;
  std::array<std::byte, 128> body;
  Writer inner(body);
  WriteInteger(signature->r, inner);
  WriteInteger(signature->s, inner);
  std::array<std::byte, 130> buffer;
  Writer outer(buffer);
  outer.U8(0x30);
  outer.U8(static_cast<std::uint8_t>(inner.size()));
  outer.Append(inner.written());
  if (!Equal(outer.written(), der)) std::abort();
}

void RequireRecordRoundTrip(Bytes value) {
  const Result<mcuboot::BootRecord> record = mcuboot::ReadBootRecord(value);
  if (!record.ok()) return;
  std::array<std::byte, 2048> buffer;
  Writer writer(buffer);
  mcuboot::WriteBootRecord(*record, writer);
  if (!Equal(writer.written(), value)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const Bytes bytes = std::as_bytes(std::span(data, size));
  RequireOneForm(bytes);
  RequireRecordRoundTrip(bytes);
  for (const Algorithm algorithm :
       {Algorithm::kRsa2048, Algorithm::kRsa3072, Algorithm::kP256,
        Algorithm::kP384, Algorithm::kEd25519}) {
    (void)ReadRsaPublicKey(algorithm, bytes);
    (void)ReadRawPublicKey(algorithm, bytes);
  }
  return 0;
}
