// Any text as a receipt, a checkpoint and a key.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "firmware/image/transparency/note.h"
#include "firmware/image/transparency/text.h"

namespace {

using namespace bootseal::image::transparency;

VerifierKey LogKey() {
  return *ParseVerifierKey(
      "fwsign.example/audit+fd33bb95+"
      "AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // Only the vector's own entry can be proved, and nobody has the log's key.
  if (VerifyReceipt(text, {}, LogKey()) == bootseal::image::Error::kOk) {
    std::abort();
  }
  (void)OpenCheckpoint(text, LogKey());
  (void)ParseVerifierKey(text);
  std::array<std::byte, 64> buffer;
  (void)DecodeBase64(text, buffer);
  (void)IsNoteText(text);
  return 0;
}
