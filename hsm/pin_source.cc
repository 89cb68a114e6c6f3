#include "hsm/pin_source.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::hsm {

absl::Status WithPinSource(const absl::Status& status,
                           absl::string_view source) {
  if (source.empty()) return status;
  if (!absl::StartsWith(base::ReasonOf(status), "PIN_")) return status;
  return base::Annotate(status, absl::StrCat("PIN of ", source));
}

}  // namespace bootseal::hsm
