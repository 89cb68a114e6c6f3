// Whether as many bytes come as were announced; declared in mcuboot_sealer.h.
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/sealing/mcuboot_sealer.h"

namespace bootseal::sealing {
namespace {

absl::Status SizeMismatch(std::uint64_t announced, absl::string_view got) {
  return base::Invalid("SIZE_MISMATCH", "header.payload_size",
                       absl::StrCat("payload was announced with ", announced,
                                    " bytes, ", got, " were sent"));
}

}  // namespace

absl::Status CheckNotMore(std::uint64_t announced, std::uint64_t received,
                          std::uint64_t more) {
  if (more <= announced - received) return absl::OkStatus();
  return SizeMismatch(announced, "more");
}

absl::Status CheckNotFewer(std::uint64_t announced, std::uint64_t received) {
  if (received == announced) return absl::OkStatus();
  return SizeMismatch(announced, absl::StrCat("only ", received));
}

}  // namespace bootseal::sealing
