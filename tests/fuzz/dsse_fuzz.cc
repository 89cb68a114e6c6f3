// Any text as an envelope: what is read is read again as it was written, and
// nobody has the key.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "firmware/image/host/dsse.h"
#include "firmware/image/host/release_manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace bootseal::image::host;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (OpenRelease(text, text, {}).ok()) std::abort();
  const auto envelope = ReadEnvelope(text);
  if (!envelope.ok()) return 0;
  const auto again = ReadEnvelope(WriteEnvelope(*envelope));
  if (!again.ok() || again->payload_type != envelope->payload_type ||
      again->payload != envelope->payload || again->keyid != envelope->keyid ||
      again->signature != envelope->signature) {
    std::abort();
  }
  return 0;
}
