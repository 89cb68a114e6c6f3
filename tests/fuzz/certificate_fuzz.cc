// Any bytes as a certificate or a key: what is taken has one form.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "firmware/image/certificate/certificate.h"

namespace {

using namespace bootseal::image;
using namespace bootseal::image::certificate;

void Demand(bool holds) {
  if (!holds) std::abort();
}

bool Within(Bytes part, Bytes whole) {
  return part.data() >= whole.data() &&
         part.data() + part.size() <= whole.data() + whole.size();
}

void RequireOneForm(Bytes der) {
  const auto certificate = ReadCertificate(der);
  if (!certificate.ok()) return;
  for (const Bytes part : {certificate->to_be_signed, certificate->serial,
                           certificate->common_name, certificate->key.der,
                           certificate->key_id, certificate->signature}) {
    Demand(!part.empty() && Within(part, der));
  }
  std::array<std::byte, kMaxCertificateBytes> tbs;
  std::array<std::byte, kMaxCertificateBytes> whole;
  const auto to_be_signed = WriteToBeSigned(*certificate, tbs);
  Demand(to_be_signed.ok());
  Demand(Equal(*to_be_signed, certificate->to_be_signed));
  const auto written =
      WriteCertificate(*to_be_signed, certificate->signature, whole);
  Demand(written.ok() && Equal(*written, der));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const Bytes bytes = std::as_bytes(std::span(data, size));
  RequireOneForm(bytes);
  if (const auto key = ReadPublicKey(bytes); key.ok()) {
    Demand(Within(key->point, bytes) && key->point.size() == 64);
  }
  return 0;
}
