// What bytes are by their own account, whatever their file is called.
// Thread-safe: free functions without state.
#ifndef BOOTSEAL_CLIENT_CLI_LOOKALIKE_H_
#define BOOTSEAL_CLIENT_CLI_LOOKALIKE_H_

#include "absl/strings/string_view.h"

namespace bootseal::cli {

// A form that a payload does not have when it is signed as raw bytes.
struct Lookalike {
  absl::string_view name;  // "an ELF file"
  absl::string_view fix;
  bool (*recognise)(absl::string_view bytes);
};

// nullptr when `bytes` are none of those known: Intel HEX, Motorola S-records,
// ELF, UF2.
const Lookalike* FindLookalike(absl::string_view bytes);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_LOOKALIKE_H_
