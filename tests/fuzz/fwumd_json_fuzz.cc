// Any text as the JSON of metadata: what is taken can be issued, and is read
// again as it was written.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "firmware/image/host/fwumd_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace bootseal::image;
  const auto metadata = host::ReadMetadataJson(
      absl::string_view(reinterpret_cast<const char*>(data), size));
  if (!metadata.ok()) return 0;
  std::array<std::byte, 2048> buffer;
  if (!fwu::WriteMetadata(*metadata, {}, buffer).ok()) std::abort();
  const auto again = host::ReadMetadataJson(host::WriteMetadataJson(*metadata));
  if (!again.ok() || *again != *metadata) std::abort();
  return 0;
}
