// Where a command that writes one file and its receipt may write them. For what
// appears whole or not at all.
#ifndef BOOTSEAL_CLIENT_CLI_OUTPUT_PLACES_H_
#define BOOTSEAL_CLIENT_CLI_OUTPUT_PLACES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace bootseal::cli {

struct OutputPlaces {
  std::string what;  // "bundle", for errors
  std::string output;
  std::string receipt;  // empty: not wanted
  std::vector<std::string> inputs;
};

// OK when both are files that may be written, two, and none of the inputs. Ends
// with kUsage: OUTPUT_IS_STREAM, OUTPUT_IS_RECEIPT, OUTPUT_IS_INPUT; and as
// CheckOutput.
absl::Status CheckPlaces(const OutputPlaces& places);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_OUTPUT_PLACES_H_
