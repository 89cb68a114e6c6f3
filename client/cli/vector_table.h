// What a payload starts with, when no Cortex-M core could start it.
#ifndef BOOTSEAL_CLIENT_CLI_VECTOR_TABLE_H_
#define BOOTSEAL_CLIENT_CLI_VECTOR_TABLE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "bootseal/v1/policy.pb.h"

namespace bootseal::cli {

// Sentences for people: what was found, what was expected, what to do. None
// where the target says at which address the image runs: the verifier judges
// the vectors then, and refuses. Elsewhere any bytes can be tried, on cores
// without such a table too. None for payloads below 8 bytes. Thread-safe.
std::vector<std::string> VectorTableWarnings(const v1::Target& target,
                                             absl::string_view payload);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_VECTOR_TABLE_H_
