// Any bytes as an image: nothing is read beyond them, explain agrees with the
// verifier, and what was read is written again as it was.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "firmware/image/host/convert.h"
#include "firmware/image/host/explain.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/verifier.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using image::Bytes;
using image::Error;
using image::host::Outcome;
using image::host::ToString;
using namespace image::mcuboot;

void Require(bool holds) {
  if (!holds) std::abort();
}

const Rules& FuzzRules() {
  static const auto* target =
      new TestTarget(SharedKey(image::Algorithm::kEd25519));
  return target->rules;
}

void RequireAgreement(Bytes image) {
  const auto explanation = image::host::Explain(FuzzRules(), image);
  for (const auto& finding : explanation.findings) {
    if (finding.outcome != Outcome::kFail) continue;
    Require(finding.code == explanation.verdict);
    return;
  }
  Require(explanation.verdict == Error::kOk);
}

void RequireRoundTrip(Bytes image) {
  const Reading reading = ReadImage(image, FuzzRules().hash);
  if (reading.error != Error::kOk) return;
  ImageParts parts;
  parts.header = reading.facts.header;
  parts.payload = ToString(reading.payload);
  parts.protected_area = ToString(reading.facts.protected_area);
  for (const Tlv& tlv : Tlvs(reading.facts.unprotected_area)) {
    parts.unprotected.push_back({tlv.type, ToString(tlv.value)});
  }
  std::string again = Join(parts);
  // The header's padding is free.
  const std::string padding = ToString(reading.header).substr(kHeaderBytes);
  again.replace(kHeaderBytes, padding.size(), padding);
  Require(again == ToString(image.first(image.size() - reading.rest.size())));
}

}  // namespace
}  // namespace bootseal::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const bootseal::image::Bytes image = std::as_bytes(std::span(data, size));
  bootseal::tests::RequireAgreement(image);
  bootseal::tests::RequireRoundTrip(image);
  return 0;
}
