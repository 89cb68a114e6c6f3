// Any text as a release manifest: what is taken has this one text, and its
// metadata can be read.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "firmware/image/fwu/metadata.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/release_manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace bootseal::image;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto manifest = host::ReadManifest(text);
  if (!manifest.ok()) return 0;
  if (host::WriteManifest(*manifest) != text) std::abort();
  const fwu::Geometry geometry{
      static_cast<std::uint8_t>(manifest->banks),
      static_cast<std::uint16_t>(manifest->images.size())};
  if (!fwu::ReadMetadata(host::AsBytes(manifest->metadata), geometry).ok()) {
    std::abort();
  }
  return 0;
}
