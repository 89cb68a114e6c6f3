#include "client/cli/output_places.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/exit_status.h"
#include "client/cli/output.h"

namespace bootseal::cli {

absl::Status CheckPlaces(const OutputPlaces& places) {
  if (IsStandardOutput(places.output) || IsStandardOutput(places.receipt)) {
    return UsageError("OUTPUT_IS_STREAM",
                      absl::StrCat("a ", places.what,
                                   " appears whole or not at all; give -o and "
                                   "--receipt the names of files"));
  }
  if (IsSamePath(places.output, places.receipt)) {
    return UsageError("OUTPUT_IS_RECEIPT",
                      absl::StrCat(places.what, " and receipt would both be ",
                                   places.output, "; give two names"));
  }
  for (const std::string& input : places.inputs) {
    for (const std::string& output : {places.output, places.receipt}) {
      if (!IsSamePath(output, input)) continue;
      return UsageError(
          "OUTPUT_IS_INPUT",
          absl::StrCat("output ", output, " would replace its input"));
    }
  }
  RETURN_IF_ERROR(CheckOutput(places.output));
  return places.receipt.empty() ? absl::OkStatus()
                                : CheckOutput(places.receipt);
}

}  // namespace bootseal::cli
