#include "client/cli/vector_table.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "firmware/image/bytes.h"
#include "firmware/image/host/convert.h"

namespace bootseal::cli {
namespace {

constexpr std::size_t kVectorBytes = 8;
constexpr char kFix[] = "sign the raw bytes that start with the vector table";

bool StartsWithHeaderRoom(absl::string_view payload, std::size_t header_size) {
  const absl::string_view front = payload.substr(0, header_size);
  return front.size() == header_size &&
         std::all_of(front.begin(), front.end(),
                     [](char c) { return c == '\0'; });
}

std::string RoomWarning(const v1::Target& target) {
  const std::uint32_t size = target.mcuboot().header_size();
  return absl::StrCat(
      "the payload starts with ", size,
      " zero bytes, as if it had room for the header, but target ",
      target.name(), " puts a header of ", size,
      " bytes in front: a Cortex-M core would take stack pointer and reset "
      "vector from the zeros; link the payload without room, or set "
      "payload_has_header_room to true in the policy");
}

std::vector<std::string> WordWarnings(absl::string_view vectors) {
  image::Reader reader(image::host::AsBytes(vectors));
  const std::uint32_t stack = reader.U32();
  const std::uint32_t reset = reader.U32();
  std::vector<std::string> warnings;
  if (stack == 0 || stack == 0xffffffff) {
    warnings.push_back(absl::StrFormat(
        "the payload's first word, a Cortex-M core's initial stack pointer, is "
        "0x%08x, expected an address in RAM; %s",
        stack, kFix));
  }
  if ((reset & 1) == 0) {
    warnings.push_back(absl::StrFormat(
        "the payload's second word, a Cortex-M core's reset vector, is 0x%08x, "
        "expected an odd number: the address of Thumb code plus 1; %s",
        reset, kFix));
  }
  return warnings;
}

}  // namespace

std::vector<std::string> VectorTableWarnings(const v1::Target& target,
                                             absl::string_view payload) {
  const v1::McubootFormat& format = target.mcuboot();
  const bool judged = format.slot_address() != 0 || format.load_address() != 0;
  if (!target.has_mcuboot() || judged) return {};
  if (format.payload_has_header_room()) {
    payload.remove_prefix(
        std::min<std::size_t>(payload.size(), format.header_size()));
  } else if (StartsWithHeaderRoom(payload, format.header_size())) {
    return {RoomWarning(target)};
  }
  if (payload.size() < kVectorBytes) return {};
  return WordWarnings(payload);
}

}  // namespace bootseal::cli
