// Capsules in words and as JSON. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_CAPSULE_CAPSULE_WORDS_H_
#define BOOTSEAL_CLIENT_CAPSULE_CAPSULE_WORDS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/json.h"
#include "client/fwu/byte_source.h"
#include "firmware/image/host/capsule.h"

namespace bootseal::capsule {

// Rows for cli::FormatTable.
using Rows = std::vector<std::vector<std::string>>;

struct Description {
  Rows rows;
  cli::JsonObject json;
};

// Nothing is verified.
Description Describe(const image::host::CapsuleFront& front);

// Any of the three kinds, nothing verified. INVALID_ARGUMENT
// (CAPSULE_MALFORMED), (NOT_A_CAPSULE); FILE_*.
absl::StatusOr<Description> DescribeFile(fwu::ByteSource& file);

}  // namespace bootseal::capsule

#endif  // BOOTSEAL_CLIENT_CAPSULE_CAPSULE_WORDS_H_
