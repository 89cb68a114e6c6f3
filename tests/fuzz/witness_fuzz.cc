// Any text as what a log sends its witness, and as what a witness shows.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "firmware/image/host/add_checkpoint.h"
#include "firmware/image/host/cosignature.h"

namespace {

using namespace bootseal::image::host;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  static const CosignerKey key =
      *CosignerKey::Make("witness.example/w2", std::string(32, 'k'));
  if (OpenCosigned(text, key).ok()) std::abort();  // nobody has that key
  (void)CosignerKey::Parse(text);
  (void)NoteText(text);
  const auto request = ReadAddCheckpoint(text);
  if (request.ok() && WriteAddCheckpoint(*request) != text) std::abort();
  return 0;
}
