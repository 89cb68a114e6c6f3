// Any text as the verdict on a release: what is taken has this one text, and a
// signed envelope of it is none without the key.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "firmware/image/host/dsse.h"
#include "firmware/image/host/release_verdict.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace bootseal::image;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const host::ReleaseTrust nobody{Algorithm::kP256, "no key", ""};
  if (host::OpenVerdict(text, "", nobody).ok()) std::abort();
  const auto verdict = host::ReadVerdict(text);
  if (!verdict.ok()) return 0;
  if (host::WriteVerdict(*verdict) != text || !host::IsVerdict(text)) {
    std::abort();
  }
  const std::string envelope = host::WriteEnvelope(
      {host::kManifestPayloadType, std::string(text), "", "signature"});
  if (host::OpenVerdict(envelope, "", nobody).ok()) std::abort();
  // One statement is one thing.
  if (host::ReadManifest(text).ok()) std::abort();
  return 0;
}
