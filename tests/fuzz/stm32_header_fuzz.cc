// Any bytes as a first stage: what is read is written again as it was, and a
// closed chip starts nothing that its key did not sign.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "firmware/image/stm32/header.h"
#include "firmware/image/stm32/rom_check.h"

namespace {

using namespace bootseal::image;
using namespace bootseal::image::stm32;

// Fused by the owner of signed-v1.0.stm32 and signed-v2.0.stm32 in the corpus,
// and SHA-256 over what is signed of these.
struct Known {
  Version version;
  std::array<std::uint8_t, 32> fused;
  std::array<std::uint8_t, 32> digest;
};
constexpr Known kKnown[] = {
    {Version::kV1,
     {
         0xd2, 0x12, 0x0d, 0x9f, 0x5d, 0x49, 0x3e, 0x0e, 0xfe, 0xb4, 0xa2,
         0xc6, 0x31, 0x1e, 0x4a, 0xc7, 0xc6, 0x90, 0x32, 0xde, 0x37, 0x1e,
         0xe3, 0xa3, 0x1c, 0x41, 0xcb, 0xa4, 0xec, 0xf8, 0xaa, 0x2b,
     },
     {
         0x85, 0x1b, 0x00, 0xdd, 0x6d, 0x45, 0x6e, 0xd5, 0xc2, 0xe7, 0xbd,
         0x14, 0xf1, 0xef, 0xc5, 0x46, 0x2b, 0x4b, 0x47, 0xf8, 0x04, 0xae,
         0xbf, 0x34, 0x3c, 0xd7, 0x43, 0x8f, 0xe1, 0xb3, 0x0d, 0x52,
     }},
    {Version::kV20,
     {
         0xcf, 0x21, 0x97, 0xc4, 0x51, 0x50, 0x32, 0x5d, 0x84, 0xb2, 0x8a,
         0xcf, 0x66, 0x61, 0xc6, 0x3e, 0x45, 0x5f, 0x89, 0xed, 0x6c, 0xe1,
         0x5b, 0xe0, 0xc2, 0x0d, 0x6d, 0x17, 0xe6, 0xb5, 0xa1, 0xe9,
     },
     {
         0xb9, 0x28, 0x8e, 0x15, 0x72, 0xd9, 0x19, 0xaf, 0x0f, 0xcc, 0xe2,
         0xeb, 0xd4, 0x88, 0x40, 0x57, 0x59, 0x51, 0xbe, 0xcb, 0x0f, 0xd1,
         0x4e, 0xe5, 0xdb, 0xab, 0xba, 0x9f, 0xe4, 0x14, 0xcc, 0x3f,
     }},
};

void Demand(bool holds) {
  if (!holds) std::abort();
}

void RequireSame(const Header& header, Bytes image) {
  std::array<std::byte, kMaxHeaderBytes> buffer;
  const auto written = WriteHeader(header, buffer);
  Demand(written.ok() && written->size() == HeaderBytes(header));
  Demand(Equal(*written, image.first(written->size())));
  const auto range = SignedRange(header, image);
  if (range.ok()) {
    Demand(range->data() + range->size() <= image.data() + image.size());
    (void)CheckTrailing(header, image);
  }
}

void RequireSigned(const Known& known, Bytes image) {
  const Digest fused(std::as_bytes(std::span(known.fused)));
  const RomDecision decision = RomCheck({known.version, true, fused, 1}, image);
  Demand(decision.starts == (decision.reason == Error::kOk));
  (void)RomCheck({known.version, false, fused, 1}, image);
  if (!decision.starts) return;
  const auto range = SignedRange(*ReadHeader(image, known.version), image);
  Demand(Equal(HashOf(HashAlgorithm::kSha256, *range).bytes(),
               std::as_bytes(std::span(known.digest))));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const Bytes image = std::as_bytes(std::span(data, size));
  if (const auto header = ReadHeader(image); header.ok()) {
    RequireSame(*header, image);
  }
  for (const Known& known : kKnown) RequireSigned(known, image);
  return 0;
}
