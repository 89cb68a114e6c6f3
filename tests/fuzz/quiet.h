// For targets that read messages: protobuf reports text that is not UTF-8 once
// more, on the terminal, for every input.
#ifndef BOOTSEAL_TESTS_FUZZ_QUIET_H_
#define BOOTSEAL_TESTS_FUZZ_QUIET_H_

#include "google/protobuf/stubs/logging.h"

namespace bootseal::tests {

inline void SilenceProtobuf() {
  static auto* const silenced = google::protobuf::SetLogHandler(nullptr);
  (void)silenced;
}

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FUZZ_QUIET_H_
